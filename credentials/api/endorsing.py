"""Endorsements for the programs of registrars: taken in, given, listed and withdrawn, as on the pages."""

import json
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from credentials import access, endorsing, queries
from credentials.api import files
from credentials.models import Achievement, Endorsement, GivenEndorsement, Issuer
from portal.accounts.signed_in import person_of
from portal.shared.rest import KnownFieldsOnly


class ReceivedEndorsementSerializer(serializers.ModelSerializer[Endorsement]):
    """What a trusted body signed about an achievement or an issuer of ours."""

    issuer = serializers.SlugRelatedField[Issuer](slug_field="slug", read_only=True, allow_null=True)
    achievement = serializers.SlugRelatedField[Achievement](slug_field="slug", read_only=True, allow_null=True)
    by = serializers.CharField(source="trusted.name")

    class Meta:
        model = Endorsement
        fields = (
            "uuid",
            "issuer",
            "achievement",
            "by",
            "scope",
            "comment",
            "begins_at",
            "ends_at",
            "added_at",
            "withdrawn_at",
        )
        read_only_fields = fields


class ReceiveEndorsementSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """A signed EndorsementCredential, as JSON or as a file, about an issuer or about one of its achievements."""

    issuer = serializers.SlugField(required=False)
    achievement = serializers.SlugField(required=False)
    scope = serializers.CharField(max_length=300)
    until = serializers.DateField(required=False, default=None, allow_null=True)
    document = serializers.JSONField(required=False)
    file = files.file_field("The signed document, byte for byte.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        files.one_of(attrs, "issuer", "achievement")
        files.one_of(attrs, "document", "file")
        return attrs


class GivenEndorsementSerializer(serializers.ModelSerializer[GivenEndorsement]):
    """What an issuer of ours says about something elsewhere; `document` is there once it is signed."""

    issuer = serializers.SlugRelatedField[Issuer](slug_field="slug", read_only=True)
    document = serializers.URLField(source="document_url")

    class Meta:
        model = GivenEndorsement
        fields = (
            "uuid",
            "issuer",
            "kind",
            "identifier",
            "name",
            "comment",
            "ends_on",
            "state",
            "asked_at",
            "signed_at",
            "withdrawn_at",
            "document",
        )
        read_only_fields = fields


class GiveEndorsementSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    issuer = serializers.SlugField()
    kind = serializers.ChoiceField(choices=GivenEndorsement.Kind.choices)
    identifier = serializers.CharField(max_length=500)
    name = serializers.CharField(max_length=200)
    comment = serializers.CharField(max_length=2_000)
    ends_on = serializers.DateField()


class WhySerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class ReceivedEndorsements(generics.ListCreateAPIView[Endorsement]):
    """What others signed about the issuers for which whoever asks is registrar, the latest first; and one more."""

    serializer_class = ReceivedEndorsementSerializer
    queryset = Endorsement.objects.none()
    parser_classes = files.PARSERS

    def get_queryset(self) -> QuerySet[Endorsement]:
        if getattr(self, "swagger_fake_view", False):
            return Endorsement.objects.none()
        return queries.endorsements_received(access.issuers_of_registrar(person_of(self.request)))

    @extend_schema(request=ReceiveEndorsementSerializer, responses={201: ReceivedEndorsementSerializer})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answers 201 once its signature, its signer and its dates are found in order; later credentials carry it."""
        by = person_of(request)
        access.issuers_of_registrar(by)
        asked = ReceiveEndorsementSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        endorsed: Achievement | Issuer
        if "achievement" in said:
            endorsed = access.published_achievement_for_registrar(by, said["achievement"])
        else:
            endorsed = access.issuer_for_registrar(by, said["issuer"])
        content = (
            files.content_of(said["file"], endorsing.MAX_BYTES)
            if "file" in said
            else json.dumps(said["document"], ensure_ascii=False).encode()
        )
        made = endorsing.receive(
            content=content, endorsed=endorsed, scope=said["scope"], until=said["until"], by=by, at=timezone.now()
        )
        return Response(ReceivedEndorsementSerializer(made).data, status=HTTPStatus.CREATED)


class GivenEndorsements(generics.ListCreateAPIView[GivenEndorsement]):
    """What those issuers said about others, the latest first; and one more, which a worker signs soon."""

    serializer_class = GivenEndorsementSerializer
    queryset = GivenEndorsement.objects.none()

    def get_queryset(self) -> QuerySet[GivenEndorsement]:
        if getattr(self, "swagger_fake_view", False):
            return GivenEndorsement.objects.none()
        return queries.endorsements_given(access.issuers_of_registrar(person_of(self.request)))

    @extend_schema(request=GiveEndorsementSerializer, responses={201: GivenEndorsementSerializer})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        by = person_of(request)
        access.issuers_of_registrar(by)
        asked = GiveEndorsementSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        said["issuer"] = access.issuer_for_registrar(by, said["issuer"])
        given = endorsing.give(by=by, at=timezone.now(), **said)
        return Response(GivenEndorsementSerializer(given).data, status=HTTPStatus.CREATED)


class WithdrawEndorsement(APIView):
    """Lets no later credential carry what others signed."""

    @extend_schema(request=WhySerializer, responses=ReceivedEndorsementSerializer)
    def post(self, request: Request, uuid: Any) -> Response:
        by = person_of(request)
        endorsement = access.endorsement_for_registrar(by, uuid)
        why = WhySerializer(data=request.data)
        why.is_valid(raise_exception=True)
        endorsing.withdraw(endorsement=endorsement, reason=why.validated_data["reason"], by=by, at=timezone.now())
        endorsement.refresh_from_db(fields=["withdrawn_at"])
        return Response(ReceivedEndorsementSerializer(endorsement).data)


class TakeBackEndorsement(APIView):
    """Stands no more by what was said about others: its address says that it is gone."""

    @extend_schema(request=WhySerializer, responses=GivenEndorsementSerializer)
    def post(self, request: Request, uuid: Any) -> Response:
        by = person_of(request)
        given = access.given_endorsement_for_registrar(by, uuid)
        why = WhySerializer(data=request.data)
        why.is_valid(raise_exception=True)
        taken = endorsing.take_back(given=given, reason=why.validated_data["reason"], by=by, at=timezone.now())
        given.withdrawn_at = taken.withdrawn_at
        return Response(GivenEndorsementSerializer(given).data)

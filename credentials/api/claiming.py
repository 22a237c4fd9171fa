"""Credentials from elsewhere for programs: handed in as one's own, looked at, shown to be one's own, taken back."""

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

from credentials import access, claims, verification
from credentials.api import files
from credentials.models import Claim
from portal.accounts.signed_in import person_of
from portal.shared.rest import KnownFieldsOnly


class ClaimSerializer(serializers.ModelSerializer[Claim]):
    """What was found of a claim; the verdict is empty until a worker has looked. `challenge` is for `key`."""

    part_of = serializers.SlugRelatedField[Claim](slug_field="uuid", read_only=True, allow_null=True)

    class Meta:
        model = Claim
        fields = (
            "uuid",
            "name",
            "part_of",
            "claimed_at",
            "checked_at",
            "verdict",
            "title",
            "reasons",
            "holder",
            "achievement",
            "issuer",
            "issuer_id",
            "subject_id",
            "challenge",
            "awarded_at",
            "valid_until",
        )
        read_only_fields = fields


class HandInSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """A credential as JSON, or the text of a link, a document or a token, or a file: one of them."""

    credential = serializers.JSONField(required=False)
    text = serializers.CharField(required=False, max_length=claims.MAX_TEXT_BYTES)
    file = files.file_field("Badge (PNG, SVG), document (JSON, JWT) or certificate (PDF), up to 5 MB.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        files.one_of(attrs, "credential", "text", "file")
        return attrs


class PresentationSerializer(KnownFieldsOnly, serializers.Serializer[Any]):
    """A presentation signed with the challenge of the claim for this site: JSON, or a token as a text."""

    presentation = serializers.JSONField()


class MyClaims(generics.ListCreateAPIView[Claim]):
    """What whoever asks has handed in from elsewhere, the latest first; and one more, which a worker checks soon."""

    serializer_class = ClaimSerializer
    queryset = Claim.objects.none()
    parser_classes = files.PARSERS

    def get_queryset(self) -> QuerySet[Claim]:
        return access.claims_of(person_of(self.request)).select_related("part_of")

    @extend_schema(request=HandInSerializer, responses={201: ClaimSerializer, 200: ClaimSerializer})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answers 201 with the claim, or 200 with the one that was handed in before and is the same."""
        asked = HandInSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        name, content = "", said.get("text")
        if "file" in said:
            name, content = said["file"].name, files.content_of(said["file"], verification.MAX_FILE_BYTES)
        elif "credential" in said:
            content = json.dumps(said["credential"], ensure_ascii=False)
        made, is_new = claims.claim(learner=person_of(request), content=content, at=timezone.now(), name=name)
        status = HTTPStatus.CREATED if is_new else HTTPStatus.OK
        return Response(ClaimSerializer(made).data, status=status)


class OneClaim(APIView):
    """One claim of whoever asks."""

    @extend_schema(responses=ClaimSerializer)
    def get(self, request: Request, uuid: Any) -> Response:
        return Response(ClaimSerializer(access.claim_for_learner(person_of(request), uuid)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, uuid: Any) -> Response:
        """Takes it back: what was handed in is forgotten, unless something rests on it."""
        claims.drop(claim=access.claim_for_learner(person_of(request), uuid), at=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


class ClaimKey(APIView):
    """Shows with a wallet that a claim was issued to its key."""

    throttle_times = 30

    @extend_schema(request=PresentationSerializer, responses=ClaimSerializer)
    def post(self, request: Request, uuid: Any) -> Response:
        """Answers 200 with the claim, whose holder is `key` from now on, or 422 and why it does not fit."""
        claim = access.claim_for_learner(person_of(request), uuid)
        asked = PresentationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data["presentation"]
        text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
        shown = claims.show_key(claim=claim, presentation=text, at=timezone.now())
        return Response(ClaimSerializer(shown).data)

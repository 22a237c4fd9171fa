"""A learner's own credentials for programs."""

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from credentials import access, queries
from credentials.api.serializers import AskRecordSerializer, CredentialSerializer, RecordSerializer
from credentials.models import Credential, LearnerRecord
from credentials.records import asking
from portal.accounts.signed_in import person_of


class MyCredentials(generics.ListAPIView[Credential]):
    """The credentials of whoever asks, the latest first; unfinished ones too."""

    serializer_class = CredentialSerializer
    queryset = Credential.objects.none()

    def get_queryset(self) -> QuerySet[Credential]:
        return queries.wallet_of(person_of(self.request))


class MyRecords(generics.ListCreateAPIView[LearnerRecord]):
    """The records that whoever asks had made, the latest first; and a new one, which a worker signs soon."""

    serializer_class = RecordSerializer
    queryset = LearnerRecord.objects.none()

    def get_queryset(self) -> QuerySet[LearnerRecord]:
        return queries.records_of(person_of(self.request))

    @extend_schema(request=AskRecordSerializer, responses={201: RecordSerializer})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answers 201 with the record, which is `asked` until it is signed; asked for again it is the same one."""
        asked = AskRecordSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        learner, at = person_of(request), timezone.now()
        qualification = asked.validated_data.get("qualification")
        if qualification is not None:
            credential = access.credential_for_holder(learner, qualification)
            record = asking.ask_for_qualification(credential=credential, at=at)
        else:
            record = asking.ask_for_everything(learner=learner, at=at, only=asked.validated_data.get("credentials"))
        return Response(RecordSerializer(record).data, status=HTTPStatus.CREATED)


class MyRecordDocument(APIView):
    """The signed record of whoever asks, byte for byte; not there before it is signed."""

    @extend_schema(responses={(200, "application/vc"): OpenApiTypes.OBJECT})
    def get(self, request: Request, uuid: Any) -> HttpResponse:
        record = access.record_for_holder(person_of(request), uuid)
        if record.state != LearnerRecord.State.SIGNED:
            raise Http404
        return HttpResponse(record.document, content_type="application/vc")


class MyDocument(APIView):
    """The signed document of one credential of whoever asks, byte for byte."""

    @extend_schema(responses={(200, "application/vc"): OpenApiTypes.OBJECT})
    def get(self, request: Request, uuid: Any) -> HttpResponse:
        credential = access.finished_credential_for_holder(person_of(request), uuid)
        return HttpResponse(credential.document, content_type="application/vc")

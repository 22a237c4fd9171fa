"""A learner's own credentials for programs."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.views import APIView

from credentials import access, queries
from credentials.api.serializers import CredentialSerializer
from credentials.models import Credential
from portal.accounts.signed_in import person_of


class MyCredentials(generics.ListAPIView[Credential]):
    """The credentials of whoever asks, the latest first; unfinished ones too."""

    serializer_class = CredentialSerializer
    queryset = Credential.objects.none()

    def get_queryset(self) -> QuerySet[Credential]:
        return queries.wallet_of(person_of(self.request))


class MyDocument(APIView):
    """The signed document of one credential of whoever asks, byte for byte."""

    @extend_schema(responses={(200, "application/vc"): OpenApiTypes.OBJECT})
    def get(self, request: Request, uuid: Any) -> HttpResponse:
        credential = access.finished_credential_for_holder(person_of(request), uuid)
        return HttpResponse(credential.document, content_type="application/vc")

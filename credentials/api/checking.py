"""Verification for programs: the same checks as the page, as data."""

import json
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from credentials import access, verification
from credentials.api import files
from credentials.api.serializers import (
    CheckLineSerializer,
    ReportSerializer,
    SheetRequestSerializer,
    SheetSerializer,
    VerifySerializer,
)
from credentials.check_sheets import checking, handed_in
from credentials.models import CheckLine
from portal.shared import rate_limit


class Verify(APIView):
    """Checks a credential of ours or of others; nothing that is sent is kept."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    throttle_times = 30
    parser_classes = files.PARSERS

    @extend_schema(request=VerifySerializer, responses=ReportSerializer)
    def post(self, request: Request) -> Response:
        """Answers 200 with a verdict whatever the credential is worth; "could_not_be_checked" is never "valid"."""
        asked = VerifySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said: dict[str, Any] = asked.validated_data
        content: bytes | str = said.get("text", "")
        if "file" in said:
            content = files.content_of(said["file"], verification.MAX_FILE_BYTES)
        elif "credential" in said:
            content = json.dumps(said["credential"], ensure_ascii=False)
        report = verification.verify(content, at=timezone.now(), name_typed=said["name"], sheets_too=True)
        return Response(ReportSerializer(report).data)


class AskForSheet(APIView):
    """Has a list, or a ZIP, checked by a worker; results stay for thirty days at the addresses answered."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    parser_classes = files.PARSERS

    @extend_schema(request=SheetRequestSerializer, responses={201: SheetSerializer})
    def post(self, request: Request) -> Response:
        """Answers 201 with the addresses of the results: lines fill one by one, the signed sheet comes last."""
        # As often as on the page, with which it is counted together.
        allowed = rate_limit.spend("verify many", rate_limit.address_of(request), checking.LIMIT)
        if not allowed.allowed:
            raise Throttled(wait=allowed.retry_after)
        asked = SheetRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        content: bytes | list[tuple[str, str]] = [(line["text"], line["name"]) for line in said.get("lines", [])]
        if "file" in said:
            content = files.content_of(said["file"], handed_in.MAX_BYTES)
        sheet = checking.ask(content=content, language=settings.LANGUAGE_CODE, at=timezone.now())
        places = {
            "page": "check-sheet",
            "lines": "api-check-sheet",
            "table": "check-sheet-table",
            "signed": "check-sheet-signed",
        }
        found = {key: settings.SITE_URL + reverse(name, args=[sheet.code]) for key, name in places.items()}
        return Response(SheetSerializer(found).data, status=HTTPStatus.CREATED)


class SheetLines(generics.ListAPIView[CheckLine]):
    """The lines of a sheet, in the order in which they were handed in."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    serializer_class = CheckLineSerializer
    queryset = CheckLine.objects.none()

    def get_queryset(self) -> QuerySet[CheckLine]:
        if getattr(self, "swagger_fake_view", False):
            return CheckLine.objects.none()
        return access.check_sheet_by_code(self.kwargs["code"]).lines.defer("content")

"""Verification for programs: the same checks as the page, as data."""

import json
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from credentials import verification
from credentials.api.serializers import ReportSerializer, VerifySerializer


class Verify(APIView):
    """Checks a credential of ours or of others; nothing that is sent is kept."""

    permission_classes = (AllowAny,)
    authentication_classes = ()
    throttle_times = 30

    @extend_schema(request=VerifySerializer, responses=ReportSerializer)
    def post(self, request: Request) -> Response:
        """Answers 200 with a verdict whatever the credential is worth; "could_not_be_checked" is never "valid"."""
        asked = VerifySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said: dict[str, Any] = asked.validated_data
        content = json.dumps(said["credential"], ensure_ascii=False) if "credential" in said else said["text"]
        report = verification.verify(content, at=timezone.now(), name_typed=said["name"])
        return Response(ReportSerializer(report).data)

"""The W3C's VC-API (Credentials Community Group, 0.3): credentials and presentations judged, and test suites served."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from credentials import conformance
from credentials.verification import any_credential
from credentials.verification.any_credential import Fault, Outcome, Wishes

Json = dict[str, Any]

_PARSING = "https://www.w3.org/TR/vc-data-model#PARSING_ERROR"
_MALFORMED = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"


class _VcApi(APIView):
    """What the calls share: a body that is an object, and refusals in the form of VC-API."""

    throttle_times = 30
    # What an answer says beside its errors.
    refused: ClassVar[Json] = {}

    def get_throttles(self) -> list[BaseThrottle]:
        # A test suite asks some hundred times in a minute.
        return [] if settings.CONFORMANCE else super().get_throttles()

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, ParseError):
            return _refusal([Fault(_PARSING, _("The body cannot be read."), str(exc.detail))], **self.refused)
        return super().handle_exception(exc)

    def given(self, request: Request, name: str) -> tuple[Any, Json]:
        """The member of that name in the body, and the options."""
        body = request.data
        if not isinstance(body, dict) or name not in body:
            raise ParseError(_("The body must be an object with the member {name}.").format(name=name))
        options = body.get("options")
        if options is not None and not isinstance(options, dict):
            raise ParseError(_("The options must be an object."))
        return body[name], options or {}


class IssueCredential(_VcApi):
    """Signs what test suites send; there is nothing here on a site that others reach."""

    permission_classes = (IsAuthenticated,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not settings.CONFORMANCE:
            raise Http404
        super().initial(request, *args, **kwargs)

    @extend_schema(request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT, 400: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Answers 201 with the signed credential, or 400 with the reasons."""
        credential, options = self.given(request, "credential")
        try:
            signed = conformance.issue(credential, options, at=timezone.now())
        except conformance.NotSigned as refusal:
            return _refusal([Fault(_MALFORMED, problem.words, problem.path) for problem in refusal.problems])
        return Response({"verifiableCredential": signed}, status=HTTPStatus.CREATED)


class _Verify(_VcApi):
    refused: ClassVar[Json] = {"verified": False}
    permission_classes = (AllowAny,)
    authentication_classes = ()

    def wishes(self, options: Json) -> Wishes:
        """The options that are looked at; a wish that is not understood must not count as fulfilled."""
        checks = options.get("checks") or []
        if not isinstance(checks, list) or not all(isinstance(check, str) for check in checks):
            raise ParseError(_("The checks must be a list of texts."))
        texts = {}
        for name, option in (("purpose", "expectedProofPurpose"), ("challenge", "challenge"), ("domain", "domain")):
            texts[name] = "" if options.get(option) is None else options[option]
            if not isinstance(texts[name], str):
                raise ParseError(_("The option {name} must be a text.").format(name=option))
        return Wishes(checks=frozenset(checks), **texts)

    def answer(self, outcome: Outcome) -> Response:
        warnings = {"warnings": _told(outcome.warnings)} if outcome.warnings else {}
        if outcome.verified:
            return Response({"verified": True, **warnings})
        return _refusal(outcome.errors, **self.refused, **warnings)


class VerifyCredential(_Verify):
    """Judges a credential of anybody by its own proofs; who issued it is for the asker to know."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={200: OpenApiTypes.OBJECT, 400: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Answers 200 with `verified` true, or 400 with false and the errors."""
        document, options = self.given(request, "verifiableCredential")
        return self.answer(any_credential.verify_credential(document, self.wishes(options), at=timezone.now()))


class VerifyPresentation(_Verify):
    """Judges a presentation, and each credential in it."""

    @extend_schema(request=OpenApiTypes.OBJECT, responses={200: OpenApiTypes.OBJECT, 400: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        """Answers 200 with `verified` true, or 400 with false and the errors."""
        document, options = self.given(request, "verifiablePresentation")
        return self.answer(any_credential.verify_presentation(document, self.wishes(options), at=timezone.now()))


def _refusal(faults: Sequence[Fault], **members: Any) -> Response:
    return Response({**members, "errors": _told(faults)}, status=HTTPStatus.BAD_REQUEST)


def _told(faults: Sequence[Fault]) -> list[Json]:
    return [{"type": fault.type, "title": str(fault.title), "detail": str(fault.detail)} for fault in faults]

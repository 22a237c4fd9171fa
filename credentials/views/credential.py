"""One credential as strangers see it: its page, a card for other sites, its files and its signed document. Public."""

from http import HTTPStatus
from uuid import UUID

from csp.decorators import csp_replace
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseGone, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from credentials import access, queries, renditions, tokens, verification
from credentials.former_names import bears_former_name
from credentials.models import Credential, Rendition, TokenKey
from credentials.verification import Report, Verdict
from credentials.views import showing
from portal.shared import error_pages, kept_pages

_STATUS = {
    Verdict.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Verdict.WITHDRAWN: HTTPStatus.GONE,
    Verdict.NOT_SHARED: HTTPStatus.FORBIDDEN,
}
_COMPACT_TYPE = "application/vc+jwt"
# The text of Open Badges 3.0 has the second one, which was never registered.
_EMBEDDED_TYPES = ["application/vc", "application/vc+ld+json", "application/ld+json", "application/json"]
_DOCUMENT_TYPES = [*_EMBEDDED_TYPES, "text/html", _COMPACT_TYPE]
_SOON = {"Retry-After": "2", "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}


@require_safe
@kept_pages.keep
def show_credential(request: HttpRequest, code: str) -> HttpResponse:
    """Say what a credential is worth, to anybody while its holder shares it. Public."""
    plain = verification.code_in(code)
    if plain and plain != code:
        return HttpResponseRedirect(reverse("credential", args=[plain]))
    found = _found(code)
    report = _report(request, found)
    context = showing.of_report(report) | {"shared": found is not None and found.shared_at is not None}
    if found is not None:
        context["badge_url"], context["badge_words"] = renditions.badge_shown(found)
        # Sites that show a picture beside a link read no SVG.
        context["picture_url"] = found.page_url + "badge.png"
        context["has_files"] = access.may_have_files(request.user, found)
    if found is not None and report.parts:
        context["records"] = queries.shared_records_of(found.award)
    template = "credentials/not_shown.html" if report.verdict in _STATUS else "credentials/credential.html"
    response = render(request, template, context, status=_STATUS.get(report.verdict, HTTPStatus.OK))
    # T13: shown to whoever has the link, and to no search engine.
    response["X-Robots-Tag"] = "noindex"
    if request.user.is_authenticated or report.verdict in _STATUS:
        add_never_cache_headers(response)
    else:
        # A browser may have it, and asks each time whether it is still the same.
        response["Cache-Control"] = "private, no-cache"
    return response


def _found(code: str) -> Credential | None:
    """The credential of a code; what has not the form of one is not asked of the database."""
    plain = verification.code_in(code)
    return queries.credential_by_code(plain) if plain else None


def _report(request: HttpRequest, found: Credential | None) -> Report:
    at = timezone.now()
    if found is not None and access.may_see_credential(request.user, found):
        return verification.verify_ours(found, at=at)
    return verification.verify_shared(found, at=at)


@never_cache
@require_safe
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@kept_pages.keep
def show_embedded(request: HttpRequest, code: str) -> HttpResponse:
    """The verdict as a small card, the only page that other sites may frame. Public."""
    found = _found(code)
    report = verification.verify_shared(found, at=timezone.now())
    context = showing.of_report(report) | {"code": queries.canonical_code(code)}
    if found is not None and found.shared_at is not None:
        context["badge_url"], _words = renditions.badge_shown(found)
    response = render(request, "credentials/embedded.html", context, status=_STATUS.get(report.verdict, HTTPStatus.OK))
    response["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_safe
def download(request: HttpRequest, code: str, kind: str) -> HttpResponse | FileResponse:
    """The certificate or the badge of a shared credential. Public."""
    credential = _found(code)
    if credential is None or not access.may_have_files(request.user, credential):
        return _not_shown(credential)
    try:
        file, rendition = renditions.open(credential, kind)
    except renditions.NotMadeYet:
        response = error_pages.error_page(
            request,
            HTTPStatus.SERVICE_UNAVAILABLE,
            words=_("This file is still being made. The credential itself can be checked already."),
        )
        response["Retry-After"] = "10"
        return response
    answer = FileResponse(
        file,
        as_attachment=True,
        filename=f"{credential.award.achievement.slug}.{kind}",
        content_type=renditions.CONTENT_TYPES[Rendition.Kind(rendition.kind)],
    )
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_safe
def show_document(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The signed document, byte for byte, to programs; people are sent to its page. Public while it is shared.

    As a token it is signed with ES256, or with RS256 where `?alg=RS256` asks for that.
    """
    wanted = request.get_preferred_type(_DOCUMENT_TYPES) or _DOCUMENT_TYPES[0]
    shared = queries.shared_document(uuid) if wanted not in ("text/html", _COMPACT_TYPE) else None
    if shared is not None:
        document, sha256 = shared
        return showing.document(request, document, wanted, cache="no-cache", etag=f"{sha256}-{wanted}")
    credential = queries.credential_by_uuid(uuid)
    if credential is None or not access.may_see_credential(request.user, credential):
        return _not_shown(credential)
    if wanted == "text/html":
        response: HttpResponse = HttpResponseRedirect(reverse("credential", args=[credential.code]))
        patch_vary_headers(response, ["Accept"])
        return response
    if not access.may_have_files(request.user, credential):
        return _not_shown(credential)
    return _in_form(request, credential, wanted)


def _in_form(request: HttpRequest, credential: Credential, wanted: str) -> HttpResponse:
    # Sharing may end at any moment, so whoever keeps a copy must ask again.
    if wanted == _COMPACT_TYPE:
        return _token(request, credential)
    return showing.document(
        request, credential.document, wanted, cache="no-cache", etag=f"{credential.document_sha256}-{wanted}"
    )


def _token(request: HttpRequest, credential: Credential) -> HttpResponse:
    algorithm = request.GET.get("alg", TokenKey.Algorithm.ES256)
    if algorithm not in TokenKey.Algorithm.values:
        return HttpResponse(status=HTTPStatus.NOT_ACCEPTABLE)
    try:
        return showing.document(request, tokens.text_of(credential, algorithm), _COMPACT_TYPE, cache="no-cache")
    except tokens.NotMadeYet:
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=_SOON)


@require_safe
def show_newest(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The newest edition of a credential, for programs that renew their copy. Public while that one is shared."""
    newest = queries.newest_edition(uuid)
    if newest is None or not access.may_see_credential(request.user, newest):
        # That there is another one is told by its own page, where its holder shares it.
        raise Http404
    wanted = request.get_preferred_type([*_EMBEDDED_TYPES, _COMPACT_TYPE]) or _EMBEDDED_TYPES[0]
    response = _in_form(request, newest, wanted)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def show_derivation(request: HttpRequest, code: str = "", uuid: UUID | None = None) -> HttpResponse:
    """How it was decided, byte for byte the file that the credential vouches for. Public while it is shared."""
    credential = _found(code) if uuid is None else queries.credential_by_uuid(uuid)
    if credential is None or not access.may_see_credential(request.user, credential):
        return _not_shown(credential)
    if not credential.derivation:
        # What people decided follows from no rule.
        raise Http404
    response = showing.document(request, credential.derivation, "application/json", cache="no-cache")
    response["X-Robots-Tag"] = "noindex"
    return response


def _not_shown(credential: Credential | None) -> HttpResponse:
    """410 for what its holder took back or bears a former name, 404 for all else, whether it exists or not (T1)."""
    if credential is not None and credential.shared_at is not None and bears_former_name(credential):
        return HttpResponseGone()
    report = verification.verify_shared(credential, at=timezone.now())
    if report.verdict is Verdict.WITHDRAWN:
        return HttpResponseGone()
    raise Http404

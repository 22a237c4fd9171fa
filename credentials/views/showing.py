"""How verdicts and checks look, and how documents are handed to other programs."""

import hashlib
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag
from django.utils.translation import gettext_lazy as _

from credentials.verification import Report, State, Verdict

# The kinds of the verdict component; nothing but a valid one is green.
KINDS = {
    Verdict.VALID: "valid",
    Verdict.NOT_YET_VALID: "expired",
    Verdict.EXPIRED: "expired",
    Verdict.SUSPENDED: "suspended",
    Verdict.REVOKED: "revoked",
    Verdict.SUPERSEDED: "superseded",
    Verdict.ALTERED: "revoked",
    Verdict.UNKNOWN_ISSUER: "unchecked",
    Verdict.COULD_NOT_BE_CHECKED: "unchecked",
    Verdict.UNREADABLE: "unknown",
    Verdict.NOT_SHARED: "unknown",
    Verdict.WITHDRAWN: "withdrawn",
    Verdict.NOT_FOUND: "unknown",
}

# Tone, mark and word of a check.
STATES = {
    State.PASSED: ("earned", "earned", _("Passed")),
    State.FAILED: ("wrong", "revoked", _("Failed")),
    State.UNKNOWN: ("attention", "unknown", _("Not certain")),
    State.NOT_APPLICABLE: ("not-yet", "not-yet", _("Does not apply")),
}


MOST_TOPICS, LONGEST_TOPIC = 20, 100
# Media types: VC data model 2.0, section 9; VC-JOSE-COSE 1.0, section 6.1.
_JSON, _CREDENTIAL, COMPACT = "application/json", "application/vc", "application/vc+jwt"


def of_report(report: Report) -> dict[str, Any]:
    """What the templates of a report need."""
    return {
        "report": report,
        "kind": KINDS[report.verdict],
        "checks": [(check, *STATES[check.state]) for check in report.checks],
        "believed": report.is_believed,
        "topics": topics_of(report) if report.is_believed else [],
        "stones": [(part.url, 1, "earned" if part.stands else "open") for part in report.parts],
        "inside": [_inside(each) for each in report.inside],
    }


def topics_of(report: Report) -> list[str]:
    """What its achievement is about, as the document says: what it is aligned to, such as skills, then its keywords."""
    subject = (report.document or {}).get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    if not isinstance(achievement, dict):
        return []
    aligned, tags = achievement.get("alignment"), achievement.get("tag")
    named = [each.get("targetName") for each in aligned if isinstance(each, dict)] if isinstance(aligned, list) else []
    words = [*named, *(tags if isinstance(tags, list) else [])]
    found = dict.fromkeys(word[:LONGEST_TOPIC] for word in words if isinstance(word, str) and word.strip())
    return list(found)[:MOST_TOPICS]


# Of a credential inside a record: tone, mark and word; nothing but a valid one is green.
_INSIDE = {
    "valid": ("earned", "earned", _("Valid")),
    "expired": ("attention", "expires-soon", _("Outside its dates")),
    "suspended": ("attention", "suspended", _("Suspended")),
    "revoked": ("wrong", "revoked", _("Does not hold")),
    "superseded": ("attention", "recognised", _("Replaced by a newer one")),
}


def _inside(report: Report) -> dict[str, Any]:
    tone, mark, word = _INSIDE.get(KINDS[report.verdict], ("attention", "unknown", _("Not certain")))
    checks = [(check, *STATES[check.state]) for check in report.checks]
    return {
        "report": report,
        "tone": tone,
        "mark": mark,
        "word": word,
        "checks": checks,
        "believed": report.is_believed,
    }


def document(
    request: HttpRequest, content: str | bytes, content_type: str, *, cache: str, etag: str = ""
) -> HttpResponse:
    """An answer for programs of any site: readable across origins, with its ETag, and 304 for who has it already."""
    body = content.encode("utf-8") if isinstance(content, str) else content
    tag = quote_etag(etag or hashlib.sha256(body).hexdigest())
    response = HttpResponse(body, content_type=content_type)
    conditional = get_conditional_response(request, etag=tag, response=response)
    answer = conditional if isinstance(conditional, HttpResponse) else response
    answer["ETag"] = tag
    answer["Cache-Control"] = cache
    answer["Access-Control-Allow-Origin"] = "*"
    answer["X-Content-Type-Options"] = "nosniff"
    patch_vary_headers(answer, ["Accept"])
    if cache.startswith("public"):
        # Middleware has looked who is asking, but this is the same for everybody, and any cache may keep it for all.
        request.session.accessed = False
    return answer


def status_list(request: HttpRequest, content: str, *, token: str | None = None) -> HttpResponse:
    """A status list: as a credential or a token to whoever asks for one, and as plain JSON to all others.

    Those may know no more. Without a `token` there is no such form; of one that is empty yet, and of a list that is, a
    worker signs the next within seconds.
    """
    offered = [_JSON, _CREDENTIAL] if token is None else [_JSON, _CREDENTIAL, COMPACT]
    wanted = request.get_preferred_type(offered) or _JSON
    body = token if wanted == COMPACT and token is not None else content
    if not body:
        soon = {"Retry-After": "5", "Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"}
        response = HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers=soon)
        patch_vary_headers(response, ["Accept"])
        return response
    tag = f"{hashlib.sha256(body.encode('utf-8')).hexdigest()}-{wanted}"
    # What our own pages say at once, others learn within a minute (I9).
    return document(request, body, wanted, cache="public, max-age=60", etag=tag)

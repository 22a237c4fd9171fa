"""What a learner holds: the wallet, one credential with its making as it happens, sharing, downloads."""

import io
from collections.abc import Mapping
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Case, When
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST

from credentials import renditions, sharing
from credentials.access import credential_for_holder, finished_credential_for_holder
from credentials.models import Achievement, Award, Credential, Rendition
from credentials.queries import Progress, progress_of, standing_of, status_history, wallet_of
from pathways import audit_sheet, guidance
from pathways.audit_sheet import Stone
from pathways.forms.sharing import StopSharingForm
from pathways.holdings import institution_day
from pathways.models import Derivation
from pathways.queries import keys_of
from pathways.views import criteria, files, records
from portal.accounts.signed_in import SignedInRequest
from portal.shared import kept_pages
from portal.shared.pages import page_of, page_or_fragment

# The largest thing first: what the small ones were for.
KINDS = {
    Achievement.Kind.DEGREE: _lazy("Degrees"),
    Achievement.Kind.DIPLOMA: _lazy("Diplomas"),
    Achievement.Kind.CERTIFICATE: _lazy("Certificates"),
    Achievement.Kind.MICRO_CREDENTIAL: _lazy("Micro-credentials"),
}
CREDENTIALS_A_PAGE = 60
# Seconds until the page asks again (ux.md 6).
WAITS = (1, 2, 5, 10)


@login_required
@kept_pages.keep
def show_wallet(request: SignedInRequest) -> HttpResponse:
    at = timezone.now()
    on = institution_day(at)
    kept_pages.until_next_day(at)
    order = Case(*(When(award__achievement__kind=kind, then=place) for place, kind in enumerate(KINDS)))
    held = page_of(
        wallet_of(request.user).order_by(order, "-award__awarded_on", "-id"), request, size=CREDENTIALS_A_PAGE
    )
    stacks = _stacks([each.award.achievement.slug for each in held])
    groups = [
        (
            KINDS[kind],
            [
                {
                    "credential": each,
                    "standing": standing_of(each.award, each, on),
                    "stones": stacks.get(each.award.achievement.slug, ()),
                    "badge_url": renditions.badge_shown(each)[0],
                }
                for each in credentials
            ],
        )
        for kind, credentials in groupby(held, key=lambda each: each.award.achievement.kind)
    ]
    return render(request, "pathways/learning/wallet.html", {"groups": groups, "page": held})


def _stacks(slugs: list[str]) -> dict[str, tuple[Stone, ...]]:
    """The whole cairn of each achievement that has a rule."""
    rules = {slug: rule for slug, rule in guidance.rules_in_force().items() if slug in slugs}
    credits_of = guidance.names_for(keys_of(rules.values())).credits_of if rules else {}
    on = institution_day(timezone.now())
    return {
        slug: tuple((node, weight, "earned") for node, weight, _ in audit_sheet.outline_of(rule, credits_of, on))
        for slug, rule in rules.items()
    }


@login_required
def show_credential(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """One credential; while it is being made, the page asks again by itself and stops when it is done."""
    credential = credential_for_holder(request.user, uuid)
    on = institution_day(timezone.now())
    award = credential.award
    progress = progress_of(credential)
    asked = request.GET.get("asked", "0")
    times = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
    made = {each.kind: each for each in credential.renditions.all()}
    context: dict[str, Any] = {
        "credential": credential,
        "award": award,
        "achievement": award.achievement,
        "standing": standing_of(award, credential, on),
        "progress": progress,
        "steps": [step.name for step in progress.steps],
        "done": sum(1 for step in progress.steps if step.state == "done"),
        "asked": times + 1,
        "wait": WAITS[min(times, len(WAITS) - 1)],
        "is_logged": credential.state == Credential.State.LOGGED,
        "made": made,
        "undrawn": _undrawn(credential, progress, made),
        "was_asked": times > 0,
        "is_update": bool(request.htmx),
        "stopping": StopSharingForm(),
    }
    if not request.htmx:
        context |= _about(credential) | records.about(credential) | criteria.about(credential)
    return page_or_fragment(
        request, "pathways/learning/credential.html", "pathways/learning/_credential_files.html", context
    )


def _undrawn(credential: Credential, progress: Progress, made: Mapping[str, Rendition]) -> str:
    """What no font here draws, asked only where the certificate was tried and is not there."""
    waits = credential.state == Credential.State.LOGGED and Rendition.Kind.PDF not in made
    missing = renditions.undrawn(credential) if waits and any(step.words for step in progress.steps) else ""
    return ", ".join(f"{character} (U+{ord(character):04X})" for character in missing)


def _about(credential: Credential) -> dict[str, Any]:
    award = credential.award
    derivation = Derivation.objects.filter(award=award).select_related("rule_version").order_by("evaluated_at").last()
    counted = _counts_in(award)
    has_counted = {each.achievement_id for each in counted}
    badge_url, badge_words = renditions.badge_shown(credential)
    return {
        "badge_url": badge_url,
        "badge_words": badge_words,
        "derivation": derivation,
        "skills": list(award.achievement.skills.all()),
        "events": list(status_history(credential)),
        "counts_in": counted,
        "counts_towards": [each for each in guidance.counts_towards(award.achievement) if each.pk not in has_counted],
        "superseded_by": credential.superseded_by,
        "name_request": award.name_requests.first(),
    }


def _counts_in(award: Award) -> list[Award]:
    """The learner's other awards that stand on this one."""
    found: dict[int, Award] = {}
    mine = f"award:{award.uuid}"
    derivations = Derivation.objects.filter(award__learner=award.learner_id).exclude(award=award)
    for derivation in derivations.select_related("award__achievement").order_by("evaluated_at", "id"):
        uses = any(taken["holding"] == mine for part in derivation.allocation.values() for taken in part)
        # The latest derivation of an award says what it stands on now.
        found.pop(derivation.award_id, None)
        if uses:
            found[derivation.award_id] = derivation.award
    return list(found.values())


@login_required
@require_POST
def share(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    credential = credential_for_holder(request.user, uuid)
    if "stop" in request.POST:
        why = StopSharingForm(request.POST).said()
        sharing.withdraw(credential=credential, by=request.user, at=timezone.now(), **why)
        messages.success(request, _("Nobody else sees this credential any more."))
    else:
        sharing.share(credential=credential, by=request.user, at=timezone.now())
        messages.success(request, _("Anybody with the link can see and check this credential."))
    return redirect("me-credential", uuid=uuid)


@login_required
def send_rendition(request: SignedInRequest, uuid: UUID, kind: str) -> HttpResponseBase:
    """The certificate, the badge, or the signed document itself, byte for byte."""
    credential = finished_credential_for_holder(request.user, uuid)
    name = slugify(credential.award.achievement.name) or "credential"
    if kind == "json":
        document = io.BytesIO(credential.document.encode())
        return files.download(document, name=f"{name}.json", media_type="application/vc+json")
    if kind not in Rendition.Kind.values:
        raise Http404
    try:
        stream, _rendition = renditions.open(credential, kind)
    except renditions.NotMadeYet:
        messages.info(request, _("This file is still being made. It appears here when it is ready."))
        return redirect("me-credential", uuid=uuid)
    media_type = renditions.CONTENT_TYPES[Rendition.Kind(kind)]
    return files.download(stream, name=f"{name}.{kind}", media_type=media_type)

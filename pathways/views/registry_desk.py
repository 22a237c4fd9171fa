"""The desk of the registry: what waits for a decision, what is not well, what was done, and for whom one may act."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from credentials.models import Issuer, IssuerRole
from pathways import access, desk, judgement
from pathways.models import Ruling
from portal.accounts.signed_in import SignedInRequest
from portal.shared import outbox
from portal.shared.models import Job

SHOWN = 8
# A credential is signed and logged within seconds; one that takes longer waits for something.
LONGEST_WAIT = timedelta(minutes=10)
# Reliability J9: an older job means that the work stands still.
LONGEST_DUE = 60


@login_required
def show_desk(request: SignedInRequest) -> HttpResponse:
    registers, administers = access.registry_of(request.user)
    now = timezone.now()
    drafts = desk.drafts_of_rules(registers)
    context = {
        "drafts": list(drafts[:SHOWN]),
        "drafts_count": drafts.count(),
        "exceptions": judgement.rulings_at(registers, state=Ruling.State.PROPOSED).count(),
        "to_review": desk.to_review(registers).count(),
        **desk.prior_learning(registers),
        "names_asked": desk.names_asked(registers),
        "incomplete": desk.incomplete(registers, at_most=SHOWN),
        "without_rule": list(desk.without_rule(registers)[:SHOWN]),
        "unfinished": desk.unfinished(registers, before=now - LONGEST_WAIT).count(),
        "unprinted": list(desk.unprinted(registers)[:SHOWN]),
        "quarantined": Job.objects.filter(state=Job.State.QUARANTINED).count(),
        "waits_since": seconds if (seconds := outbox.age_of_oldest_due()) > LONGEST_DUE else 0,
        "acts": desk.recent_acts(registers, at_most=12),
        "issuers": _issuers(registers, administers),
        "registers": bool(registers),
        "administers": bool(administers),
    }
    return render(request, "pathways/registry/desk.html", context)


def _issuers(registers: Any, administers: Any) -> list[tuple[Issuer, list[Any]]]:
    """Each issuer with the roles that the reader has for it."""
    registered, administered = (
        set(registers.values_list("pk", flat=True)),
        set(administers.values_list("pk", flat=True)),
    )
    roles = ((registered, IssuerRole.Role.REGISTRAR), (administered, IssuerRole.Role.ADMINISTRATOR))
    return [
        (issuer, [role for ids, role in roles if issuer.pk in ids])
        for issuer in Issuer.objects.filter(pk__in=registered | administered).order_by("name")
    ]


def searched(request: SignedInRequest, name: str = "q") -> str:
    """What was typed into a search field, without what no database can look for."""
    return request.GET.get(name, "").replace("\0", "").strip()[:200]

"""Publishing the rule of an achievement, and reading and comparing its versions."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from credentials.access import issuers_of
from credentials.models import IssuerRole
from pathways import access, desk, proving, rule_findings, rulemaking
from pathways.forms import rule as rule_form
from pathways.holdings import institution_day
from pathways.models import RuleVersion
from pathways.queries import keys_of, names_of_keys
from pathways.rules import examples, explain, notation
from pathways.rules import text as notation_text
from portal.accounts.signed_in import SignedInRequest
from portal.shared.refusals import Refusal

# Learners made up before publishing.
AT_PUBLISHING = 1_000


def _said(version: RuleVersion) -> str:
    """Its sentence in the words of today: what was kept with it may have been said in other words."""
    return rulemaking.sentence_of(notation.from_json(version.document))


@login_required
def publish_rule(request: SignedInRequest, slug: str) -> HttpResponse:
    """What publishing would put in force, and the act, by somebody who did not write it."""
    achievement = access.achievement_for_registrar(request.user, slug)
    versions = achievement.rule_versions.select_related("author")
    draft = get_object_or_404(versions, state=RuleVersion.State.DRAFT)
    status, refused = 200, ""
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            version = rulemaking.publish(
                achievement=achievement,
                approver=request.user,
                at=timezone.now(),
                revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0,
                confirmed=request.POST.getlist("confirmed"),
            )
        except Refusal as refusal:
            status, refused = refusal.status, str(refusal)
        else:
            messages.success(
                request,
                _("Version %(number)s is in force. It is now being asked for every learner.")
                % {"number": version.number},
            )
            return redirect("registry-rule-version", slug, version.number)
    rule = notation.from_json(draft.document)
    in_force = versions.filter(state=RuleVersion.State.PUBLISHED).first()
    at = timezone.now()
    found = rule_findings.findings(achievement, rule)
    # What stands against a rule by itself is mended before anything is proved about it.
    asked = None if found else rule_findings.asked(achievement, rule, at)
    found = found or (asked.findings if asked else [])
    kept = rulemaking.examples_of(draft)
    failing = [rulemaking.failure_in_words(each, rule) for each in examples.failing(rule, kept)]
    before = notation.from_json(in_force.document) if in_force else None
    context = {
        "achievement": achievement,
        "draft": draft,
        "in_force": in_force,
        "sentence": rulemaking.sentence_of(rule),
        "difference": desk.difference(_said(in_force), _said(draft)) if in_force else [],
        "compared": proving.compared(before, rule, institution_day(at), most=AT_PUBLISHING) if before else None,
        "findings": [each for each in found if not each.is_warning],
        "warnings": [each for each in found if each.is_warning],
        "asked": asked,
        "confirmed": request.POST.getlist("confirmed"),
        "examples": kept,
        "failing": failing,
        "needs_another": rulemaking.needs_another(draft, request.user),
        "next_number": 1 + max((each.number or 0 for each in versions), default=0),
        "learners": desk.learners_at(issuers_of(request.user, IssuerRole.Role.REGISTRAR)).count(),
        "refused": refused,
    }
    return render(request, "pathways/registry/rule_publish.html", context, status=status)


@login_required
def show_version(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """A numbered version as it was published; it never changes."""
    achievement = access.achievement_for_registrar(request.user, slug)
    versions = achievement.rule_versions.exclude(state=RuleVersion.State.DRAFT)
    version = get_object_or_404(versions.select_related("author", "approver"), number=number)
    numbers = [each.number or 0 for each in versions.order_by("number")]
    rule = notation.from_json(version.document)
    names = names_of_keys(keys_of([rule]))
    context = {
        "achievement": achievement,
        "version": version,
        "others": [each for each in numbers if each != number],
        "sentence": explain.sentence(rule, names, translation),
        "tree": rule_form.shown(version.document, rule_form.words_for(rule=rule, names=names)),
        "text": notation_text.to_text(rule),
        "json": json.dumps(version.document, ensure_ascii=False, indent=2),
        "examples": rulemaking.examples_of(version),
        "derivations": version.derivations.values("award").distinct().count(),
    }
    return render(request, "pathways/registry/rule_version.html", context)


@login_required
def compare_versions(request: SignedInRequest, slug: str) -> HttpResponse:
    """Two versions, or a version and the draft, as one sentence with what went and what came."""
    achievement = access.achievement_for_registrar(request.user, slug)
    versions = list(achievement.rule_versions.order_by("number").select_related("author", "approver"))
    by_name = {str(each.number or "draft"): each for each in versions}
    ordered = sorted(versions, key=lambda each: each.number or 10**6)
    before = by_name.get(request.GET.get("from", ""), ordered[-2] if len(ordered) > 1 else None)
    after = by_name.get(request.GET.get("to", ""), ordered[-1] if len(ordered) > 1 else None)
    context = {
        "achievement": achievement,
        "versions": ordered,
        "before": before,
        "after": after,
        "difference": desk.difference(_said(before), _said(after)) if before and after else [],
        "same": bool(before and after and before.content_hash == after.content_hash),
        "compared": _compared(before, after) if before and after else None,
    }
    return render(request, "pathways/registry/rule_compare.html", context)


def _compared(before: RuleVersion, after: RuleVersion) -> proving.Compared:
    earlier, later = (notation.from_json(each.document) for each in (before, after))
    return proving.compared(earlier, later, institution_day(timezone.now()))

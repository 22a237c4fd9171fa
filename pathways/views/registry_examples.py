"""The examples in a rule: who must pass and who must not, written, tried, and taken from learners without names."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials.access import issuers_of
from credentials.models import Achievement, IssuerRole
from pathways import access, desk, rule_findings, rulemaking
from pathways.forms.examples import ExampleForm, filled_from
from pathways.holdings import institution_day
from pathways.models import RuleVersion
from pathways.queries import record_of
from pathways.rules import examples
from pathways.rules.examples import Example
from pathways.rules.requirement import Rule
from portal.accounts.signed_in import SignedInRequest
from portal.shared.refusals import Refusal

PAGE = "pathways/registry/rule_examples.html"


class NoSuchLearner(Refusal):
    """Whoever is not at the registrar's issuers is as good as nobody."""

    words: ClassVar = _("Nobody with this address has a record at your issuers. Give the address in full.")
    status: ClassVar = 422


@dataclass(frozen=True)
class Line:
    """An example on the page, and what came out if it is not what was expected."""

    place: int
    example: Example
    wrong: str

    @property
    def learner(self) -> list[str]:
        return list(examples.lines_of(self.example.record))


@login_required
def edit_examples(request: SignedInRequest, slug: str) -> HttpResponse:
    """GET lists them, with one to be written, perhaps begun from a finding (`finding`) or another example (`edit`).

    POST keeps one, takes one out, or begins one from a learner's record without the name.
    """
    achievement = access.achievement_for_registrar(request.user, slug)
    version = _version(achievement)
    status, refused = 200, ""
    form = ExampleForm(initial=_begun(request, achievement, version))
    place = _whole(request.POST.get("place", request.GET.get("edit", "")))
    if request.method == "POST":
        try:
            if "from-learner" in request.POST:
                form = ExampleForm(initial=_from_learner(request))
            elif "drop" in request.POST:
                _drop(request, achievement)
                return redirect("registry-rule-examples", slug)
            else:
                form = ExampleForm(request.POST)
                if place is None and request.POST.get("place"):
                    raise rulemaking.NoSuchExample
                if form.is_valid() and _keep(request, achievement, form, place):
                    return redirect("registry-rule-examples", slug)
                status = 422
        except Refusal as refusal:
            status, refused = refusal.status, str(refusal)
        version = _version(achievement)
    rule = rulemaking.read_rule(version.document) if version else None
    context = {
        "achievement": achievement,
        "version": version,
        "revision": version.revision if version and version.state == RuleVersion.State.DRAFT else 0,
        "lines": _lines(version, rule) if version and rule else [],
        "form": form,
        "place": place,
        "refused": refused,
    }
    return render(request, PAGE, context, status=status)


def _version(achievement: Achievement) -> RuleVersion | None:
    """The draft, or what a draft would begin from."""
    states = (RuleVersion.State.DRAFT, RuleVersion.State.PUBLISHED)
    found = list(achievement.rule_versions.filter(state__in=states).select_related("author"))
    return min(found, key=lambda each: each.state != RuleVersion.State.DRAFT, default=None)


def _whole(said: str) -> int | None:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 5 else None


def _revision(request: SignedInRequest) -> int:
    said = request.POST.get("revision", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


def _lines(version: RuleVersion, rule: Rule) -> list[Line]:
    kept = rulemaking.examples_of(version)
    wrong = {id(each.example): rulemaking.failure_in_words(each, rule) for each in examples.failing(rule, kept)}
    return [Line(place, example, wrong.get(id(example), "")) for place, example in enumerate(kept)]


def _begun(request: SignedInRequest, achievement: Achievement, version: RuleVersion | None) -> dict[str, Any]:
    today = institution_day(timezone.now())
    if version is None:
        return {"on": today}
    place = _whole(request.GET.get("edit", ""))
    kept = rulemaking.examples_of(version)
    if place is not None and place < len(kept):
        return filled_from(kept[place])
    wanted = request.GET.get("finding", "")
    if wanted:
        rule = rulemaking.read_rule(version.document)
        if not rule_findings.findings(achievement, rule):
            for finding in rule_findings.proof(achievement, rule, timezone.now()):
                if finding.key == wanted and finding.learner is not None:
                    return {"met": "yes" if finding.met else "no", "on": finding.on, "learner": finding.text}
    return {"on": today}


def _from_learner(request: SignedInRequest) -> dict[str, Any]:
    """What a learner at my issuers holds, as an example is written: nothing in it says who it is."""
    email = request.POST.get("email", "").replace("\0", "").strip()[:254]
    issuers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    found = desk.learners_at(issuers).filter(email__iexact=email).first() if email else None
    if found is None:
        raise NoSuchLearner
    return {"on": institution_day(timezone.now()), "learner": examples.to_text(record_of(found))}


def _keep(request: SignedInRequest, achievement: Achievement, form: ExampleForm, place: int | None) -> bool:
    given = form.cleaned_data
    try:
        record = rulemaking.read_learner(given["learner"], given["on"])
    except rulemaking.UnreadableExample as wrong:
        form.add_error("learner", str(wrong))
        return False
    example = Example(
        name=given["name"], met=given["met"] == "yes", on=given["on"], record=record, reason=given["reason"]
    )
    rulemaking.keep_example(
        achievement=achievement,
        example=example,
        author=request.user,
        at=timezone.now(),
        place=place,
        revision=_revision(request),
    )
    messages.success(request, gettext("The example is kept with the draft."))
    return True


def _drop(request: SignedInRequest, achievement: Achievement) -> None:
    place = _whole(request.POST["drop"])
    if place is None:
        raise rulemaking.NoSuchExample
    rulemaking.drop_example(
        achievement=achievement, place=place, author=request.user, at=timezone.now(), revision=_revision(request)
    )
    messages.success(request, gettext("The example is taken out."))

"""The rule of an achievement as form, text and sentence; trying it, publishing it, and reading its versions."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from credentials.access import issuers_of
from credentials.models import Achievement, IssuerRole
from pathways import access, desk, guidance, proving, rule_editing, rulemaking
from pathways.audit_sheet import Sheet
from pathways.forms import rule as rule_form
from pathways.holdings import institution_day
from pathways.models import Assessment, RuleVersion
from pathways.queries import names_of_keys
from pathways.rulemaking import Finding
from pathways.rules import examples, explain, notation
from pathways.rules.requirement import Rule
from portal.accounts.models import User
from portal.accounts.signed_in import SignedInRequest
from portal.shared import strict_json
from portal.shared.pages import page_or_fragment
from portal.shared.refusals import Refusal

VIEWS = ("form", "text", "sentence")
MOST_OPTIONS = 400
# Learners made up at each edit; the page that publishes asks about more.
WHILE_EDITING, AT_PUBLISHING = 300, 1_000
LONGEST_LEARNER = 20_000
PAGE, FRAGMENT = "pathways/registry/rule.html", "pathways/registry/_rule_editor.html"


@dataclass
class Desk:
    """What is on the table: the document being edited, how it reads, and what was asked about it."""

    achievement: Achievement
    user: User
    document: Any
    view: str = "form"
    revision: int = 0
    text: str | None = None
    text_wrong: str = ""
    focus: str = ""
    theirs: RuleVersion | None = None
    tried: Sheet | None = None
    tried_on: User | None = None
    try_email: str = ""
    try_learner: str = ""
    try_wrong: str = ""
    saved_is_shown: bool = False
    status: int = 200
    rule: Rule | None = None
    wrong: rulemaking.UnreadableRule | None = None
    findings: list[Finding] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def read(self) -> None:
        """Read the document and judge it; what cannot be read is said with its place."""
        if self.text_wrong:
            return
        if isinstance(self.document, dict):
            self.document = notation.numbered(self.document)
        try:
            self.rule = rulemaking.read_rule(self.document)
        except rulemaking.UnreadableRule as wrong:
            self.wrong = wrong
            self.names = names_of_keys(_keys_in(self.document))
            return
        self.findings = rulemaking.findings(self.achievement, self.rule) or rulemaking.proof(
            self.achievement, self.rule, timezone.now(), most=WHILE_EDITING, most_each=WHILE_EDITING // 10
        )
        self.names = names_of_keys(rulemaking.keys_of(self.rule) | _keys_in(self.document))

    def context(self) -> dict[str, Any]:
        if self.view == "form" and not rule_editing.fits_the_form(self.document):
            self.view = "text"
        path = self.wrong.values["path"] if self.wrong else ""
        findings = list(self.findings)
        if self.wrong and isinstance(self.document, dict):
            findings.append(Finding(str(self.wrong), rule_editing.node_at(self.document, path)))
        versions = list(
            self.achievement.rule_versions.exclude(state=RuleVersion.State.DRAFT).select_related("author", "approver")
        )
        draft = self.achievement.rule_versions.filter(state=RuleVersion.State.DRAFT).select_related("author").first()
        tree = None
        if self.view == "form":
            against = [each for each in findings if not each.is_warning]
            tree = rule_form.shown(self.document, rule=self.rule, names=self.names, findings=against, wrong_path=path)
        return {
            "achievement": self.achievement,
            "view": self.view,
            "views": [("form", _("Form")), ("text", _("Text")), ("sentence", _("Sentence"))],
            "tree": tree,
            "document": json.dumps(self.document, ensure_ascii=False) if self.text is None else "",
            "text": self.text if self.text is not None else json.dumps(self.document, ensure_ascii=False, indent=2),
            "text_wrong": self.text_wrong,
            "wrong": self.wrong,
            "findings": findings,
            "sentence": explain.sentence(self.rule, self.names, gettext) if self.rule else "",
            "revision": self.revision,
            "focus": self.focus,
            "theirs": self.theirs,
            "theirs_text": json.dumps(self.theirs.document, ensure_ascii=False, indent=2) if self.theirs else "",
            "difference": self._difference(),
            "tried": self.tried,
            "tried_on": self.tried_on,
            "try_email": self.try_email,
            "try_learner": self.try_learner,
            "try_wrong": self.try_wrong,
            "palette": rule_editing.PALETTE.items(),
            "achievement_options": _achievement_options() if self.view == "form" else (),
            "assessment_options": _assessment_options(self.user) if self.view == "form" else (),
            "versions": versions,
            "draft": draft,
            "is_saved": self.saved_is_shown,
        }

    def _difference(self) -> list[desk.Piece]:
        if self.theirs is None or self.rule is None:
            return []
        return desk.difference(_said(self.theirs), explain.sentence(self.rule, self.names, gettext))


def _said(version: RuleVersion) -> str:
    """Its sentence in the words of today: what was kept with it may have been said in other words."""
    return rulemaking.sentence_of(notation.from_json(version.document))


def _keys_in(document: Any) -> set[str]:
    """Every name of an achievement or assessment in a document that may not be a rule yet."""
    if not isinstance(document, dict):
        return set()
    keys: set[str] = set()
    for place in rule_editing.places(document):
        for each in rule_editing.FIELDS.get(str(place.node.get("type")), ()):
            if each.kind in {"keys", "key"}:
                said = each.of(place.node)
                # PostgreSQL holds no NUL, and refuses to look for one.
                keys.update(
                    str(key) for key in (said if isinstance(said, list) else [said]) if key and "\0" not in str(key)
                )
    return keys


def _achievement_options() -> list[tuple[str, str]]:
    published = Achievement.objects.exclude(state=Achievement.State.DRAFT).order_by("name")
    return list(published.values_list("slug", "name")[:MOST_OPTIONS])


def _assessment_options(user: User) -> list[tuple[str, str]]:
    issuers = issuers_of(user, IssuerRole.Role.REGISTRAR)
    assessments = Assessment.objects.filter(course__issuer__in=issuers).select_related("course")
    return [
        (each.key, f"{each.title} ({each.course.title})")
        for each in assessments.order_by("course__title", "position")[:MOST_OPTIONS]
    ]


@login_required
def edit_rule(request: SignedInRequest, slug: str) -> HttpResponse:
    """GET shows the draft, or the version in force to start from. POST carries the whole document, saved or not."""
    achievement = access.achievement_for_registrar(request.user, slug)
    table = _posted(request, achievement) if request.method == "POST" else _stored(request, achievement)
    if request.method == "POST" and not table.text_wrong:
        if "act" in request.POST and rule_editing.fits_the_form(table.document):
            table.document, table.focus = rule_editing.changed(table.document, _act(request))
        if request.POST.get("show") in VIEWS:
            table.view = request.POST["show"]
    table.read()
    if request.method == "POST":
        if "save" in request.POST and not table.text_wrong:
            saved = _save(request, table)
            if saved is not None:
                return saved
        if "try" in request.POST:
            _try(request, table)
    return page_or_fragment(request, PAGE, FRAGMENT, table.context(), status=table.status)


def _act(request: SignedInRequest) -> str:
    """The act of the pressed button; what to add is chosen beside its button."""
    act = request.POST["act"]
    name, _colon, node = act.partition(":")
    if name == "add" and ":" not in node:
        return f"add:{request.POST.get(f'{node}.add', '')}:{node}"
    return act


def _stored(request: SignedInRequest, achievement: Achievement) -> Desk:
    versions = achievement.rule_versions.all()
    draft = versions.filter(state=RuleVersion.State.DRAFT).first()
    start = draft or versions.filter(state=RuleVersion.State.PUBLISHED).first()
    view = request.GET.get("view", "form")
    return Desk(
        achievement,
        request.user,
        document=start.document if start else rule_editing.empty(),
        view=view if view in VIEWS else "form",
        revision=draft.revision if draft else 0,
        saved_is_shown=draft is not None,
    )


def _posted(request: SignedInRequest, achievement: Achievement) -> Desk:
    sent = request.POST
    view = sent.get("view", "form")
    revision = sent.get("revision", "0")
    table = Desk(
        achievement,
        request.user,
        document={},
        view=view if view in VIEWS else "form",
        revision=int(revision) if revision.isascii() and revision.isdigit() and len(revision) < 10 else 0,
    )
    typed = sent.get("document", "")
    try:
        table.document = strict_json.loads(typed.encode("utf-8", "surrogatepass"))
    except strict_json.BadJson as bad:
        table.text, table.text_wrong, table.view, table.status = typed, bad.words, "text", 422
        return table
    if table.view == "form" and rule_editing.fits_the_form(table.document):
        table.document = rule_editing.with_fields(table.document, sent, sent.getlist)
    return table


def _save(request: SignedInRequest, table: Desk) -> HttpResponse | None:
    """Keep the draft and answer, or leave on the table why it was not kept."""
    if table.wrong is not None:
        table.status = 422
        return None
    try:
        rulemaking.save_draft(
            achievement=table.achievement,
            document=table.document,
            author=request.user,
            at=timezone.now(),
            revision=table.revision,
        )
    except rulemaking.EditedMeanwhile as refusal:
        table.status = refusal.status
        table.theirs = table.achievement.rule_versions.select_related("author").get(state=RuleVersion.State.DRAFT)
        # Whoever saves again has seen theirs.
        table.revision = table.theirs.revision
        return None
    messages.success(request, _("The draft is saved. Another registrar can now publish it."))
    address = f"{reverse('registry-rule', args=[table.achievement.slug])}?view={table.view}"
    # What stands around the editor speaks of the draft, too.
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", None) else redirect(address)


def _try(request: SignedInRequest, table: Desk) -> None:
    """Judge one learner by the rule on the table; nothing is changed."""
    table.try_email = request.POST.get("learner", "").replace("\0", "").strip()[:254]
    table.try_learner = request.POST.get("holdings", "").replace("\0", "").strip()[:LONGEST_LEARNER]
    if table.rule is None:
        table.try_wrong, table.status = _("The rule must be readable before it can be tried."), 422
        return
    on = institution_day(timezone.now())
    slug = table.achievement.slug
    if table.try_learner and not table.try_email:
        try:
            record = rulemaking.read_learner(table.try_learner, on)
        except rulemaking.UnreadableExample as wrong:
            table.try_wrong, table.status = str(wrong), 422
            return
        table.tried = guidance.sheet_for(request.user, table.rule, on, slug=slug, record=record)
        return
    issuers = issuers_of(request.user, IssuerRole.Role.REGISTRAR)
    found = desk.learners_at(issuers).filter(email__iexact=table.try_email).first() if table.try_email else None
    if found is None:
        table.try_wrong = _("Nobody with this address has a record at your issuers. Give the address in full.")
        table.status = 422
        return
    table.tried_on = found
    table.tried = guidance.sheet_for(found, table.rule, on, slug=slug)


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
    found = rulemaking.findings(achievement, rule) or rulemaking.proof(achievement, rule, at)
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
    names = names_of_keys(rulemaking.keys_of(rule))
    context = {
        "achievement": achievement,
        "version": version,
        "others": [each for each in numbers if each != number],
        "sentence": explain.sentence(rule, names, gettext),
        "tree": rule_form.shown(version.document, rule=rule, names=names, findings=()),
        "text": json.dumps(version.document, ensure_ascii=False, indent=2),
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

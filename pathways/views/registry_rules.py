"""The rule of an achievement as form, text, JSON and sentence: writing it, trying it, and saving the draft."""

import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from credentials.access import issuers_of
from credentials.models import Achievement, IssuerRole
from pathways import access, desk, guidance, proving, rule_findings, rulemaking
from pathways.audit_sheet import Sheet
from pathways.forms import rule as rule_form
from pathways.holdings import institution_day
from pathways.models import Assessment, RuleVersion
from pathways.queries import keys_of, names_of_keys
from pathways.rule_editing import acts
from pathways.rule_editing.fields import CONDITION_PALETTE, PALETTE
from pathways.rule_editing.places import fits_the_form
from pathways.rule_editing.saying import asked_of
from pathways.rule_editing.taking import with_fields
from pathways.rule_findings import Finding
from pathways.rules import examples, explain, notation, tried
from pathways.rules import text as notation_text
from pathways.rules.phrases.language import said_in
from pathways.rules.requirement import Rule
from portal.accounts.models import User
from portal.accounts.signed_in import SignedInRequest
from portal.shared import strict_json
from portal.shared.pages import page_or_fragment

VIEWS = ("form", "text", "json", "sentence")
MOST_OPTIONS = 400
# Learners made up at each edit; the page that publishes asks about more.
WHILE_EDITING = 1_000
LONGEST_LEARNER = 20_000
PAGE, FRAGMENT = "pathways/registry/rule.html", "pathways/registry/_rule_editor.html"


@dataclass
class Desk:
    """What is on the table: the document being edited, how it reads, and what was asked about it.

    `typed` is the text as somebody typed it, with remarks, which is shown again while it says the same as the document.
    `unread` is what stands in the text or the JSON and cannot be read, and `text_wrong` says why.
    """

    achievement: Achievement
    user: User
    document: Any
    view: str = "form"
    came_from: str = "json"
    revision: int = 0
    typed: str = ""
    unread: str | None = None
    text_wrong: str = ""
    excerpt: rule_form.Excerpt | None = None
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
        self.findings = rule_findings.findings(self.achievement, self.rule, trial=tried.WHILE_WRITING) or [
            found
            for found in rule_findings.proof(
                self.achievement, self.rule, timezone.now(), most=WHILE_EDITING, most_each=WHILE_EDITING // 10
            )
            # What so few learners only make likely would be read as said.
            if found.is_proved
        ]
        self.names = names_of_keys(keys_of([self.rule]) | _keys_in(self.document))

    def context(self) -> dict[str, Any]:
        has_no_text = self.view == "text" and self.wrong is not None
        if has_no_text:
            # Only what can be read can be said in lines.
            self.view = self.came_from
        if self.view == "form" and not fits_the_form(self.document):
            self.view = "json" if self.wrong else "text"
        versions = list(
            self.achievement.rule_versions.exclude(state=RuleVersion.State.DRAFT).select_related("author", "approver")
        )
        draft = self.achievement.rule_versions.filter(state=RuleVersion.State.DRAFT).select_related("author").first()
        return {
            "achievement": self.achievement,
            "view": self.view,
            "views": [("form", _("Form")), ("text", _("Text")), ("json", _("JSON")), ("sentence", _("Sentence"))],
            "has_no_text": has_no_text,
            "document": json.dumps(self.document, ensure_ascii=False) if self.unread is None else "",
            "typed": self.typed,
            "text": self._text(),
            "text_wrong": self.text_wrong,
            "excerpt": self.excerpt,
            "wrong": self.wrong,
            "findings": self._against(),
            "sentence": explain.sentence(self.rule, self.names, translation) if self.rule else "",
            "revision": self.revision,
            "focus": self.focus,
            "theirs": self.theirs,
            "theirs_text": notation_text.to_text(notation.from_json(self.theirs.document)) if self.theirs else "",
            "difference": self._difference(),
            "tried": self.tried,
            "tried_on": self.tried_on,
            "try_email": self.try_email,
            "try_learner": self.try_learner,
            "try_wrong": self.try_wrong,
            "is_wrong_holding": bool(self.try_wrong and self.try_learner and not self.try_email),
            "versions": versions,
            "draft": draft,
            "is_saved": self.saved_is_shown,
        } | (self._form() if self.view == "form" else {})

    def _text(self) -> str:
        """What stands in the text or the JSON."""
        if self.unread is not None:
            return self.unread
        if self.view != "text" or self.rule is None:
            return json.dumps(self.document, ensure_ascii=False, indent=2)
        try:
            if self.typed and notation_text.from_text(self.typed) == self.rule:
                return self.typed
        except notation_text.TextError:
            pass
        return notation_text.to_text(self.rule)

    def _form(self) -> dict[str, Any]:
        against = [each for each in self._against() if not each.is_warning]
        words = rule_form.words_for(
            rule=self.rule,
            names=self.names,
            findings=against,
            wrong_path=self.wrong.values["path"] if self.wrong else "",
            expected=self.wrong.values["expected"] if self.wrong else "",
        )
        return {
            "tree": rule_form.shown(self.document, words),
            "whole": rule_form.shown_whole(self.document, words),
            "palette": PALETTE.items(),
            "condition_palette": CONDITION_PALETTE.items(),
            "achievement_options": _achievement_options(),
            "assessment_options": _assessment_options(self.user),
        }

    def _against(self) -> list[Finding]:
        if self.wrong is None or not isinstance(self.document, dict):
            return self.findings
        node, label = rule_form.place_in_words(self.document, self.wrong.values["path"])
        words = str(self.wrong)
        if label and self.view == "form":
            words = _("“%(field)s” cannot be read.") % {"field": label}
        return [*self.findings, Finding(words, node)]

    def _difference(self) -> list[desk.Piece]:
        if self.theirs is None or self.rule is None:
            return []
        theirs = rulemaking.sentence_of(notation.from_json(self.theirs.document))
        return desk.difference(theirs, explain.sentence(self.rule, self.names, translation))


def _keys_in(document: Any) -> set[str]:
    """Every name of an achievement or assessment in a document that may not be a rule yet."""
    if not isinstance(document, dict):
        return set()
    keys: set[str] = set()
    for asked in asked_of(document):
        for each in asked.fields:
            if each.kind in {"keys", "key"}:
                # PostgreSQL holds no NUL, and refuses to look for one.
                keys.update(key for key in asked.words(each) if "\0" not in key)
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
        if "act" in request.POST and fits_the_form(table.document):
            table.document, table.focus = acts.changed(table.document, _act(request))
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
    if name in ("add", "condition") and ":" not in node:
        return f"{name}:{request.POST.get(f'{node}.{name}', '')}:{node}"
    return act


def _stored(request: SignedInRequest, achievement: Achievement) -> Desk:
    versions = achievement.rule_versions.all()
    draft = versions.filter(state=RuleVersion.State.DRAFT).first()
    start = draft or versions.filter(state=RuleVersion.State.PUBLISHED).first()
    view = request.GET.get("view", "form")
    return Desk(
        achievement,
        request.user,
        document=start.document if start else acts.empty(),
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
        typed=sent.get("typed", ""),
    )
    table.came_from = table.view if table.view != "text" else "json"
    if table.view == "text":
        try:
            table.document = notation.to_json(notation_text.from_text(table.typed))
        except notation_text.TextError as wrong:
            table.unread, table.text_wrong, table.status = table.typed, rule_form.unread_words(wrong), 422
            table.excerpt = rule_form.excerpt(table.typed, wrong)
        return table
    sent_json = sent.get("document", "")
    try:
        table.document = strict_json.loads(sent_json.encode("utf-8", "surrogatepass"))
    except strict_json.BadJson as bad:
        table.unread, table.text_wrong, table.view, table.status = sent_json, bad.words, "json", 422
        return table
    if table.view == "form" and fits_the_form(table.document):
        table.document = with_fields(table.document, sent, sent.getlist)
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
            # A slip in a name must not pass for something that does not count.
            record = examples.from_text(table.try_learner, on=on, catalogue=proving.offered(), only_known=True)
        except examples.ExampleError as wrong:
            refusal = rulemaking.UnreadableExample(line=wrong.line, expected=said_in(wrong.expected, translation))
            table.try_wrong, table.status = str(refusal), refusal.status
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

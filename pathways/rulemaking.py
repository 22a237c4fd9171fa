"""Writing rules: a draft that is checked, and publication as a numbered version that never changes."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement
from pathways import proving, rule_findings
from pathways.models import RuleReference, RuleVersion
from pathways.queries import gains_of, keys_of, names_of_keys
from pathways.rules import examples, explain, notation
from pathways.rules.completing import named_by_what_fits
from pathways.rules.examples import Example, ExampleError, Failure
from pathways.rules.made_up import Entry
from pathways.rules.notation import RuleError
from pathways.rules.phrases.language import said_in
from pathways.rules.requirement import Rule
from pathways.versions import put_in_force
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal


class UnreadableRule(Refusal):
    """The document is not a rule."""

    words: ClassVar = _("The rule cannot be read at {path}: expected {expected}.")
    status: ClassVar = 422


class EditedMeanwhile(Refusal):
    """Someone saved a newer draft."""

    words: ClassVar = _("{name} has saved a newer draft meanwhile. Compare it with yours, then save again.")


class NotPublishable(Refusal):
    """The rule has findings that must be mended first."""

    words: ClassVar = _("This rule cannot be published: {findings}")
    status: ClassVar = 422


class NotConfirmed(Refusal):
    """Something about the rule is odd, and nobody has said that it is meant so."""

    words: ClassVar = _("Read this first, and confirm that it is meant so: {findings}")
    status: ClassVar = 422


class ExampleFails(Refusal):
    """The rule decides otherwise than an example in it expects."""

    words: ClassVar = _("An example does not come out as expected: {examples}")
    status: ClassVar = 422


class UnreadableExample(Refusal):
    """The learner of an example cannot be read."""

    words: ClassVar = _("The learner cannot be read in line {line}: expected {expected}.")
    status: ClassVar = 422


class TooManyExamples(Refusal):
    """A version keeps so many examples and no more."""

    words: ClassVar = _("A rule may have at most {most} examples.")


class NoSuchExample(Refusal):
    """Somebody has taken it out meanwhile."""

    words: ClassVar = _("This example is no longer there.")
    status: ClassVar = 409


class NothingToExemplify(Refusal):
    """There is no rule yet."""

    words: ClassVar = _("{name} has no rule yet. Write it first, then its examples.")


class NeedsSecondPerson(Refusal):
    """Author and approver must differ."""

    words: ClassVar = _("You wrote this rule, so another registrar must publish it.")
    status: ClassVar = 403


class NoDraft(Refusal):
    """There is nothing to publish."""

    words: ClassVar = _("{name} has no draft of a rule.")


def read_rule(document: Any) -> Rule:
    """The rule in plain JSON data; parts without an id get one. Raises `UnreadableRule` with the path."""
    try:
        return notation.from_json(notation.numbered(document))
    except RuleError as error:
        raise UnreadableRule(path=error.path, expected=said_in(error.expected, translation)) from error


def sentence_of(rule: Rule) -> str:
    """The rule as one sentence, with the names people know."""
    return explain.sentence(rule, names_of_keys(keys_of([rule])), translation)


@transaction.atomic
def save_draft(
    *, achievement: Achievement, document: Any, author: User, at: datetime, revision: int | None = None
) -> RuleVersion:
    """Keep a draft of the achievement's rule. `revision` is the one the author started from, none for a first draft.

    A first draft takes over the examples of the version in force. Raises `UnreadableRule`, or `EditedMeanwhile` when
    the draft has moved on, or somebody has begun one.
    """
    rule = read_rule(document)
    draft = _draft_to_edit(achievement, revision)
    draft.document = notation.to_json(rule)
    draft.content_hash = notation.content_hash(rule)
    draft.sentence = sentence_of(rule)
    draft.revision += 1
    draft.author = author
    draft.edited_at = at
    draft.save()
    audit.note("save rule draft", draft, actor=author, at=at, content_hash=draft.content_hash)
    return draft


def _draft_to_edit(achievement: Achievement, revision: int | None) -> RuleVersion:
    """The locked draft, or a new one that nobody has begun meanwhile."""
    # Where there is no draft yet there is no row of it to lock, and two may begin one at once.
    list(Achievement.objects.select_for_update(no_key=True).filter(pk=achievement.pk).values_list("pk"))
    # "of": there may be no author, and PostgreSQL locks no row that an outer join may leave out.
    drafts = RuleVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("author")
    draft = drafts.filter(achievement=achievement, state=RuleVersion.State.DRAFT).first()
    if draft is not None and draft.revision != (revision or 0):
        raise EditedMeanwhile(name=str(draft.author))
    if draft is None:
        draft = RuleVersion(achievement=achievement, state=RuleVersion.State.DRAFT, revision=0)
        before = achievement.rule_versions.filter(state=RuleVersion.State.PUBLISHED).first()
        if before is not None:
            draft.examples, draft.on_fall, draft.applies_by = before.examples, before.on_fall, before.applies_by
    return draft


# Examples


def examples_of(version: RuleVersion) -> list[Example]:
    """The examples kept with a version, in order."""
    return [examples.from_json(each) for each in version.examples]


def read_learner(text: str, on: date) -> examples.Record:
    """The learner of an example as it is written; what a line leaves out is as in the catalogue.

    Raises `UnreadableExample` with the line, and of a name that nothing has with the one that comes nearest.
    """
    catalogue = proving.offered()
    try:
        holdings = _read(text, on, catalogue).holdings
        held = {("grade" if each.kind == "grade" else "award", each.key) for each in holdings}
        # What is no longer offered may have been earned once.
        known = {key for _, key in held} - {key for _, key in rule_findings.nowhere_published(held)}
        return _read(text, on, catalogue, known)
    except ExampleError as error:
        raise UnreadableExample(line=error.line, expected=said_in(error.expected, translation)) from error


def _read(text: str, on: date, catalogue: Sequence[Entry], known: Collection[str] | None = None) -> examples.Record:
    return examples.from_text(text, on=on, catalogue=catalogue, only_known=known is not None, known=known or ())


@transaction.atomic
def keep_example(
    *,
    achievement: Achievement,
    example: Example,
    author: User,
    at: datetime,
    place: int | None = None,
    revision: int | None = None,
) -> RuleVersion:
    """Write an example into the draft, in the place of another or as the last; without a draft one is begun.

    `revision` is that of the draft as it was read, none if there was none. Raises `EditedMeanwhile`,
    `TooManyExamples`, `NoSuchExample` or `NothingToExemplify`.
    """
    draft = _draft_for_examples(achievement, revision, author)
    kept = list(draft.examples)
    if place is None:
        if len(kept) >= examples.MOST_EXAMPLES:
            raise TooManyExamples(most=examples.MOST_EXAMPLES)
        kept.append(examples.to_json(example))
    elif place < len(kept):
        kept[place] = examples.to_json(example)
    else:
        raise NoSuchExample
    _keep_examples(draft, kept, at)
    audit.note("write example", draft, actor=author, at=at, example=example.name)
    return draft


@transaction.atomic
def drop_example(
    *, achievement: Achievement, place: int, author: User, at: datetime, revision: int | None = None
) -> RuleVersion:
    """Take an example out of the draft. Raises `EditedMeanwhile`, `NoSuchExample` or `NothingToExemplify`."""
    draft = _draft_for_examples(achievement, revision, author)
    kept = list(draft.examples)
    if place >= len(kept):
        raise NoSuchExample
    gone = kept.pop(place)
    _keep_examples(draft, kept, at)
    audit.note("take out example", draft, actor=author, at=at, example=gone["name"])
    return draft


def _draft_for_examples(achievement: Achievement, revision: int | None, author: User) -> RuleVersion:
    draft = _draft_to_edit(achievement, revision)
    if draft.pk is None:
        before = achievement.rule_versions.filter(state=RuleVersion.State.PUBLISHED).first()
        if before is None:
            raise NothingToExemplify(name=achievement.name)
        draft.document, draft.content_hash, draft.sentence = before.document, before.content_hash, before.sentence
        # Whoever adds examples to the draft of another has not written the rule: its author stays who it was.
        draft.author = author
    return draft


def _keep_examples(draft: RuleVersion, kept: list[Any], at: datetime) -> None:
    draft.examples = kept
    draft.revision += 1
    draft.edited_at = at
    draft.save()


def failing_examples(version: RuleVersion, rule: Rule) -> list[Failure]:
    """The examples of a version on which a rule decides otherwise than they expect."""
    return examples.failing(rule, examples_of(version))


def failure_in_words(failure: Failure, rule: Rule) -> str:
    """What an example expects, and what came out instead."""
    name = failure.example.name
    if failure.evaluation.satisfied:
        return gettext("“{name}” should not meet the rule, and does.").format(name=name)
    names = names_of_keys(keys_of([rule]))
    on = failure.example.on
    fitting = named_by_what_fits(rule, failure.evaluation.missing[:1], gains_of(keys_of([rule]), on), on)
    missing = [explain.completion_sentence(rule, each, names, translation) for each in fitting]
    said = gettext("“{name}” should meet the rule, and does not.").format(name=name)
    return " ".join([said, *missing])


def needs_another(draft: RuleVersion, approver: User) -> bool:
    """Whether somebody else must publish it: author and approver differ, except where a site has one registrar."""
    return draft.author_id == approver.pk and not settings.SINGLE_REGISTRAR


def publish(
    *,
    achievement: Achievement,
    approver: User,
    at: datetime,
    revision: int | None = None,
    confirmed: Collection[str] = (),
) -> RuleVersion:
    """Put the draft in force as the next numbered version, and let a job ask it for every learner.

    `revision` is the one the approver has read, and `confirmed` the keys of the warnings that are meant so. Raises
    `NoDraft`, `EditedMeanwhile`, `NeedsSecondPerson`, `UnreadableRule`, `NotPublishable`, `NotConfirmed` or
    `ExampleFails`; then nothing changes. Awards already made stay; learners bound to the replaced version stay bound,
    and may be awarded by either.
    """
    # What takes long is asked before anything is locked; that the draft is still the same is asked again.
    draft = achievement.rule_versions.filter(state=RuleVersion.State.DRAFT).select_related("author").first()
    draft = _fit(draft, achievement, approver, revision)
    rule = read_rule(draft.document)
    _refuse_unsound(achievement, draft, rule, at, confirmed)
    return _publish(achievement, rule, approver, at, revision=draft.revision)


def _fit(draft: RuleVersion | None, achievement: Achievement, approver: User, revision: int | None) -> RuleVersion:
    """The draft, if it is there, is the one that was read, and this person may publish it."""
    if draft is None:
        raise NoDraft(name=achievement.name)
    if revision is not None and draft.revision != revision:
        raise EditedMeanwhile(name=str(draft.author))
    if needs_another(draft, approver):
        raise NeedsSecondPerson
    return draft


def _refuse_unsound(
    achievement: Achievement, draft: RuleVersion, rule: Rule, at: datetime, confirmed: Collection[str]
) -> None:
    found = rule_findings.findings(achievement, rule) or rule_findings.proof(achievement, rule, at)
    errors = [each for each in found if not each.is_warning]
    if errors:
        raise NotPublishable(findings=" ".join(each.words for each in errors))
    failures = failing_examples(draft, rule)
    if failures:
        raise ExampleFails(examples=" ".join(failure_in_words(each, rule) for each in failures))
    unread = [each for each in found if each.to_confirm and each.key not in confirmed]
    if unread:
        raise NotConfirmed(findings=" ".join(each.words for each in unread))


@transaction.atomic
def _publish(achievement: Achievement, rule: Rule, approver: User, at: datetime, *, revision: int) -> RuleVersion:
    # All of them: two rules published at once could close a ring that neither sees.
    list(Achievement.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    versions = RuleVersion.objects.select_for_update(no_key=True).filter(achievement=achievement)
    draft = next((each for each in versions if each.state == RuleVersion.State.DRAFT), None)
    draft = _fit(draft, achievement, approver, revision)
    found = rule_findings.findings(achievement, rule)
    if found:
        raise NotPublishable(findings=" ".join(each.words for each in found))
    number = 1 + max((each.number or 0 for each in versions), default=0)
    put_in_force(draft, at=at)
    draft.number = number
    draft.approver = approver
    draft.published_at = at
    draft.save()
    RuleReference.objects.bulk_create(
        RuleReference(version=draft, kind=kind, key=key) for kind, key in sorted(notation.references(rule))
    )
    audit.note("publish rule", draft, actor=approver, at=at, number=number, content_hash=draft.content_hash)
    return draft

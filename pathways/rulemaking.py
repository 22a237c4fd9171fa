"""Writing rules: a draft that is checked, and publication as a numbered version that never changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement
from pathways.models import Assessment, RuleReference, RuleVersion
from pathways.queries import names_of_keys
from pathways.rules import cost, explain, notation
from pathways.rules.notation import RuleError
from pathways.rules.requirement import Rule
from portal.accounts.models import User
from portal.shared import audit, outbox
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


class NeedsSecondPerson(Refusal):
    """Author and approver must differ."""

    words: ClassVar = _("You wrote this rule, so another registrar must publish it.")
    status: ClassVar = 403


class NoDraft(Refusal):
    """There is nothing to publish."""

    words: ClassVar = _("{name} has no draft of a rule.")


@dataclass(frozen=True)
class Finding:
    """One reason why a rule cannot be published, and the part it is about."""

    words: str
    node: str = ""


def read_rule(document: Any) -> Rule:
    """The rule in plain JSON data; parts without an id get one. Raises `UnreadableRule` with the path."""
    try:
        return notation.from_json(notation.numbered(document))
    except RuleError as error:
        raise UnreadableRule(path=error.path, expected=error.expected) from error


def sentence_of(rule: Rule) -> str:
    """The rule as one sentence, with the names people know."""
    return explain.sentence(rule, names_of_keys(keys_of(rule)), gettext)


def keys_of(rule: Rule) -> set[str]:
    """The achievements and assessments that the rule names."""
    return {key for kind, key in notation.references(rule) if kind in {"award", "grade"} and key != "*"}


@transaction.atomic
def save_draft(
    *, achievement: Achievement, document: Any, author: User, at: datetime, revision: int | None = None
) -> RuleVersion:
    """Keep a draft of the achievement's rule. `revision` is the one the author started from, none for a first draft.

    Raises `UnreadableRule`, or `EditedMeanwhile` when the draft has moved on.
    """
    rule = read_rule(document)
    # Where there is no draft yet there is no row of it to lock, and two may begin one at once.
    list(Achievement.objects.select_for_update(no_key=True).filter(pk=achievement.pk).values_list("pk"))
    # "of": there may be no author, and PostgreSQL locks no row that an outer join may leave out.
    drafts = RuleVersion.objects.select_for_update(no_key=True, of=("self",)).select_related("author")
    draft = drafts.filter(achievement=achievement, state=RuleVersion.State.DRAFT).first()
    if draft is not None and revision is not None and draft.revision != revision:
        raise EditedMeanwhile(name=str(draft.author))
    if draft is None:
        draft = RuleVersion(achievement=achievement, state=RuleVersion.State.DRAFT, revision=0)
    draft.document = notation.to_json(rule)
    draft.content_hash = notation.content_hash(rule)
    draft.sentence = sentence_of(rule)
    draft.revision += 1
    draft.author = author
    draft.edited_at = at
    draft.save()
    audit.note("save rule draft", draft, actor=author, at=at, content_hash=draft.content_hash)
    return draft


def findings(achievement: Achievement, rule: Rule) -> list[Finding]:
    """Every reason against publishing: of the rule by itself, names that do not exist, and cycles across rules."""
    found = [
        Finding(gettext(cost.TEXTS[each.code]).format(**dict(each.values)), each.node) for each in cost.check(rule)
    ]
    found += _unknown_names(rule)
    cycle = _cycle_through(achievement, rule)
    if cycle:
        path = " → ".join(cycle)
        found.append(Finding(gettext("It would be built on itself: {path}.").format(path=path)))
    return found


def _unknown_names(rule: Rule) -> list[Finding]:
    references = notation.references(rule)
    achievements = {key for kind, key in references if kind == "award" and key != "*"}
    there = Achievement.objects.filter(slug__in=achievements).exclude(state=Achievement.State.DRAFT)
    unknown = achievements - set(there.values_list("slug", flat=True))
    assessments = {key for kind, key in references if kind == "grade"}
    courses = {key.split("/", 1)[0] for key in assessments}
    pairs = Assessment.objects.filter(course__slug__in=courses).values_list("course__slug", "slug")
    unknown |= assessments - {f"{course}/{slug}" for course, slug in pairs}
    words = gettext("There is no published achievement or assessment called “{key}”.")
    return [Finding(words.format(key=key)) for key in sorted(unknown)]


def _cycle_through(achievement: Achievement, rule: Rule) -> list[str]:
    """The names along a ring of rules that this rule would close, or an empty list."""
    needs: dict[str, set[str]] = {}
    in_force = RuleReference.objects.filter(version__state=RuleVersion.State.PUBLISHED, kind="award")
    for slug, key in in_force.values_list("version__achievement__slug", "key"):
        needs.setdefault(slug, set()).add(key)
    needs[achievement.slug] = {key for kind, key in notation.references(rule) if kind == "award"}
    ring = _ring(achievement.slug, needs)
    names = names_of_keys(ring)
    return [names.get(slug, slug) for slug in ring]


def _ring(start: str, needs: Mapping[str, set[str]]) -> list[str]:
    came_from: dict[str, str] = {}
    waiting = [start]
    while waiting:
        here = waiting.pop()
        for there in sorted(needs.get(here, ())):
            if there == start:
                ring = [start, here]
                while ring[-1] != start:
                    ring.append(came_from[ring[-1]])
                return ring[::-1]
            if there not in came_from:
                came_from[there] = here
                waiting.append(there)
    return []


def needs_another(draft: RuleVersion, approver: User) -> bool:
    """Whether somebody else must publish it: author and approver differ, except where a site has one registrar."""
    return draft.author_id == approver.pk and not settings.SINGLE_REGISTRAR


@transaction.atomic
def publish(*, achievement: Achievement, approver: User, at: datetime, revision: int | None = None) -> RuleVersion:
    """Put the draft in force as the next numbered version, and let a job ask it for every learner.

    `revision` is the one the approver has read. Raises `NoDraft`, `EditedMeanwhile`, `NeedsSecondPerson` or
    `NotPublishable`; then nothing changes. Awards already made stay; learners
    bound to the replaced version stay bound, and may be awarded by either.
    """
    # All of them: two rules published at once could close a ring that neither sees.
    list(Achievement.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    versions = RuleVersion.objects.select_for_update(no_key=True).filter(achievement=achievement)
    draft = next((each for each in versions if each.state == RuleVersion.State.DRAFT), None)
    if draft is None:
        raise NoDraft(name=achievement.name)
    if revision is not None and draft.revision != revision:
        raise EditedMeanwhile(name=str(draft.author))
    if needs_another(draft, approver):
        raise NeedsSecondPerson
    rule = notation.from_json(draft.document)
    found = findings(achievement, rule)
    if found:
        raise NotPublishable(findings=" ".join(each.words for each in found))
    number = 1 + max((each.number or 0 for each in versions), default=0)
    RuleVersion.objects.filter(achievement=achievement, state=RuleVersion.State.PUBLISHED).update(
        state=RuleVersion.State.RETIRED
    )
    draft.state = RuleVersion.State.PUBLISHED
    draft.number = number
    draft.approver = approver
    draft.published_at = at
    draft.save()
    RuleReference.objects.bulk_create(
        RuleReference(version=draft, kind=kind, key=key) for kind, key in sorted(notation.references(rule))
    )
    audit.note("publish rule", draft, actor=approver, at=at, number=number, content_hash=draft.content_hash)
    outbox.promise("pathways.apply_rule", draft.pk, queue="bulk")
    return draft

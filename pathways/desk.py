"""Questions of registrars: what waits, who has a record, what was done, how a version differs."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credentials import achievements
from credentials.models import Achievement, Award, Credential, Issuer, SigningKey, StatusEvent
from pathways.models import Derivation, Enrolment, Grade, NameRequest, Pathway, Recognition, RuleVersion
from pathways.queries import FELL, names_of_keys, search_people
from pathways.rules import explain
from pathways.rules.phrases.language import Language
from pathways.rules.requirement import Amount, Requirement, walk
from portal.accounts.models import User
from portal.shared.models import AuditEntry, Job

Issuers = QuerySet[Issuer]
MOST_SUBJECTS = 2_000


# What waits


def drafts_of_rules(issuers: Issuers) -> QuerySet[RuleVersion]:
    """Drafts of rules, oldest edit first."""
    return (
        RuleVersion.objects.filter(achievement__issuer__in=issuers, state=RuleVersion.State.DRAFT)
        .select_related("achievement__issuer", "author")
        .order_by("edited_at")
    )


@dataclass(frozen=True)
class Incomplete:
    """A draft of an achievement, what it still lacks, and how much of it is there."""

    achievement: Achievement
    missing: list[str]


def incomplete(issuers: Issuers, *, at_most: int) -> list[Incomplete]:
    """Achievements in draft with what they lack; the number of queries does not grow with them."""
    drafts = Achievement.objects.filter(issuer__in=issuers, state=Achievement.State.DRAFT)
    found = drafts.select_related("issuer__parent").prefetch_related("skills", "endorsements", "issuer__endorsements")
    shown = found.order_by("name")[:at_most]
    return [Incomplete(each, achievements.missing_for_publication(each)) for each in shown]


def without_rule(issuers: Issuers) -> QuerySet[Achievement]:
    """Published achievements that nothing can award by itself, since no rule of theirs is in force."""
    in_force = RuleVersion.objects.filter(achievement=OuterRef("pk"), state=RuleVersion.State.PUBLISHED)
    published = Achievement.objects.filter(issuer__in=issuers, state=Achievement.State.PUBLISHED)
    return published.exclude(Exists(in_force)).select_related("issuer")


def prior_learning(issuers: Issuers) -> dict[str, int]:
    """How many requests wait, and how many recognitions should be looked at again."""
    asked = Count("pk", filter=Q(state=Recognition.State.ASKED))
    return Recognition.objects.filter(issuer__in=issuers).aggregate(
        recognitions_asked=asked, recognitions_fallen=Count("pk", filter=FELL)
    )


def names_asked(issuers: Issuers) -> int:
    """How many holders wait for another name on a credential."""
    asked = NameRequest.objects.filter(award__achievement__issuer__in=issuers, state=NameRequest.State.ASKED)
    return asked.count()


def unprinted(issuers: Issuers) -> QuerySet[Credential]:
    """Credentials whose certificate was tried and waits for something, mostly for a font that a person installs."""
    waiting = Job.objects.filter(kind="credentials.render_pdf", state=Job.State.PENDING)
    tried = waiting.exclude(last_error="").values("subject_id")
    return Credential.objects.filter(pk__in=tried, issuer__in=issuers).select_related("award").order_by("pk")


def unfinished(issuers: Issuers, *, before: datetime) -> QuerySet[Credential]:
    """Credentials recorded before that moment and still not in the log."""
    return Credential.objects.filter(issuer__in=issuers, issued_at__lt=before).exclude(state=Credential.State.LOGGED)


# What was done

ACTS: Mapping[str, str | Promise] = {
    "create achievement": _("made the achievement"),
    "edit achievement": _("changed the achievement"),
    "publish achievement": _("published the achievement"),
    "withdraw achievement": _("withdrew the achievement"),
    "save rule draft": _("saved a draft of the rule"),
    "publish rule": _("put the rule in force"),
    "write example": _("wrote an example into the rule"),
    "take out example": _("took an example out of the rule"),
    "create pathway": _("made the pathway"),
    "edit pathway": _("changed the pathway"),
    "open pathway": _("opened the pathway"),
    "close pathway": _("closed the pathway"),
    "create issuer": _("made the issuer"),
    "edit issuer": _("changed the issuer"),
    "grant role": _("granted a role"),
    "withdraw role": _("withdrew a role"),
    "award by hand": _("awarded by hand"),
    "award": _("awarded"),
    "revoke award": _("revoked"),
    "suspend award": _("suspended"),
    "reinstate award": _("gave back"),
    "supersede credential": _("issued anew"),
    "ask for key rotation": _("asked for a new key"),
    "mark key as compromised": _("gave a key up"),
    "retire key": _("retired a key"),
    "activate key": _("took a key into use"),
    "make next key": _("made the next key"),
    "retry job": _("tried a job again"),
    "attest fact": _("attested a fact"),
    "sign off part": _("signed off"),
    "propose exception": _("proposed an exception"),
    "approve exception": _("approved an exception"),
    "refuse exception": _("refused an exception"),
    "withdraw decision": _("withdrew a decision"),
    "keep award": _("kept, as its rule says"),
    "recognise prior learning": _("recognised prior learning"),
    "decline another name": _("declined another name"),
    "refuse recognition": _("did not recognise prior learning"),
    "withdraw recognition": _("withdrew a recognition"),
    "let recognition stand": _("let a recognition stand"),
    "save badge draft": _("drafted the badge"),
    "publish badge": _("published the badge"),
    "discard badge draft": _("discarded the draft of the badge"),
    "appoint signatory": _("let sign off"),
    "dismiss signatory": _("lets sign off no longer"),
}


@dataclass(frozen=True)
class Act:
    """One line of what was done: by whom (nobody: by itself), what, to what, when."""

    at: datetime
    actor: User | None
    words: str | Promise
    subject: str
    reason: str = ""


def recent_acts(issuers: Issuers, *, at_most: int) -> list[Act]:
    """What was lately done to the achievements, rules, pathways and awards of these issuers, newest first."""
    subjects: list[tuple[str, QuerySet[Any]]] = [
        ("credentials.achievement", Achievement.objects.filter(issuer__in=issuers).order_by("-id")),
        ("pathways.ruleversion", RuleVersion.objects.filter(achievement__issuer__in=issuers).order_by("-id")),
        ("pathways.pathway", Pathway.objects.filter(issuer__in=issuers).order_by("-id")),
    ]
    ours = Q(pk__in=[])
    for type_, rows in subjects:
        uuids = [str(uuid) for uuid in rows.values_list("uuid", flat=True)[:MOST_SUBJECTS]]
        ours |= Q(subject_type=type_, subject_id__in=uuids)
    lines = AuditEntry.objects.filter(ours).select_related("actor").order_by("-at", "-id")[:at_most]
    changes = StatusEvent.objects.filter(credential__issuer__in=issuers, carries_on__isnull=True).select_related(
        "credential__award__achievement", "credential__award__learner", "by"
    )
    acts = [Act(each.at, each.actor, ACTS.get(each.act, each.act), each.subject_words, each.reason) for each in lines]
    acts += [
        Act(
            each.at,
            each.by,
            ACTS.get(f"{each.act} award", each.get_act_display()),
            str(each.credential.award),
            each.public_note or str(each.get_reason_display()),
        )
        for each in changes.order_by("-at", "-id")[:at_most]
    ]
    return sorted(acts, key=lambda each: each.at, reverse=True)[:at_most]


def acts_on(type_: str, uuid: object) -> QuerySet[AuditEntry]:
    """Everything that was done to one thing, newest first."""
    return AuditEntry.objects.filter(subject_type=type_, subject_id=str(uuid)).select_related("actor", "concerns")


def acts_on_issuer(issuer: Issuer, keys: Iterable[SigningKey]) -> QuerySet[AuditEntry]:
    """Everything that was done to an issuer and to keys of it, newest first."""
    of_issuer = Q(subject_type="credentials.issuer", subject_id=str(issuer.uuid))
    of_keys = Q(subject_type="credentials.signingkey", subject_id__in=[str(key.uuid) for key in keys])
    return AuditEntry.objects.filter(of_issuer | of_keys).select_related("actor", "concerns")


# Who and what


def achievements_of(issuers: Issuers, *, term: str = "", state: str = "", kind: str = "") -> QuerySet[Achievement]:
    """With how many hold each, and whether a rule of it is in force or in draft."""
    rules = RuleVersion.objects.filter(achievement=OuterRef("pk"))
    found = Achievement.objects.filter(issuer__in=issuers).select_related("issuer")
    if term:
        found = found.filter(Q(name__icontains=term) | Q(slug__icontains=term))
    if state in Achievement.State.values:
        found = found.filter(state=state)
    if kind in Achievement.Kind.values:
        found = found.filter(kind=kind)
    return found.annotate(
        holders=Count("awards", filter=Q(awards__standing=Award.Standing.ACTIVE)),
        has_rule=Exists(rules.filter(state=RuleVersion.State.PUBLISHED)),
        has_draft=Exists(rules.filter(state=RuleVersion.State.DRAFT)),
    ).order_by("name", "id")


def awards_at(issuers: Issuers, *, term: str = "", achievement: str = "", standing: str = "") -> QuerySet[Award]:
    """Awards of these issuers, newest first; the term is searched in names, addresses and codes of credentials."""
    found = Award.objects.filter(achievement__issuer__in=issuers).select_related("achievement__issuer", "learner")
    if term:
        people = User.objects.filter(search_people(term))
        found = found.filter(Q(learner__in=people) | Q(credentials__code__iexact=term.replace("-", ""))).distinct()
    if achievement:
        found = found.filter(achievement__slug=achievement)
    if standing in Award.Standing.values:
        found = found.filter(standing=standing)
    return found.order_by("-awarded_at", "-id")


def learners_at(issuers: Issuers) -> QuerySet[User]:
    """People with a record at these issuers: a place in a course, a grade or an award."""
    learner = OuterRef("pk")
    return User.objects.filter(
        Exists(Award.objects.filter(learner=learner, achievement__issuer__in=issuers))
        | Exists(Enrolment.objects.filter(learner=learner, course__issuer__in=issuers))
        | Exists(Grade.objects.filter(learner=learner, assessment__course__issuer__in=issuers))
    )


def to_review(issuers: Issuers) -> QuerySet[Award]:
    """Awards suspended by themselves, because of what happened to their parts; longest waiting first."""
    last = StatusEvent.objects.filter(credential__award=OuterRef("pk")).exclude(act=StatusEvent.Act.SUPERSEDE)
    latest = last.order_by("-id")
    return (
        Award.objects.filter(achievement__issuer__in=issuers, standing=Award.Standing.SUSPENDED)
        .annotate(
            fell_by=Subquery(latest.values("by")[:1]),
            fell_at=Subquery(latest.values("at")[:1]),
            fell_because=Subquery(latest.values("reason")[:1]),
            cause=Subquery(latest.values("because_of__credential__award__achievement__name")[:1]),
        )
        .filter(fell_by__isnull=True)
        .select_related("achievement__issuer", "learner")
        .order_by("fell_at", "id")
    )


# Why an award was made


@dataclass(frozen=True)
class Counted:
    """A holding that counted, in words."""

    name: str
    # In words, where it counted for an amount.
    amount: str
    is_award: bool
    uuid: str


@dataclass(frozen=True)
class Ground:
    """A part of the rule, and what counted there."""

    words: str
    counted: tuple[Counted, ...]


def grounds_of(derivation: Derivation, root: Requirement, language: Language) -> list[Ground]:
    """What counted where, part by part, with the names people know; five queries at the most."""
    parts = {part.id: part for part in walk(root)}
    ids = {taken["holding"] for each in derivation.allocation.values() for taken in each}
    kinds = ("award", "grade", "recognised")
    uuids = {kind: [id_.partition(":")[2] for id_ in ids if id_.startswith(f"{kind}:")] for kind in kinds}
    held = {
        f"award:{award.uuid}": award.achievement.name
        for award in Award.objects.filter(uuid__in=uuids["award"]).select_related("achievement")
    }
    for grade in Grade.objects.filter(uuid__in=uuids["grade"]).select_related("assessment__course"):
        marks = f"{explain.number(grade.marks)}/{explain.number(grade.out_of)}"
        held[f"grade:{grade.uuid}"] = f"{grade.assessment.title} ({grade.assessment.course.title}), {marks}"
    if uuids["recognised"]:
        for each in Recognition.objects.filter(uuid__in=uuids["recognised"]).select_related("claim"):
            held[f"recognised:{each.uuid}"] = _("{name}, recognised").format(name=each.claim)
    speaker = explain.Speaker(names_of_keys(_keys(root)), language)
    grounds = []
    for node, taken in derivation.allocation.items():
        if not taken or node not in parts:
            continue
        phrase = speaker.part(parts[node], inside=False)
        counted = tuple(
            Counted(
                held.get(each["holding"], each["holding"]),
                _amount(parts[node], each["amount"], speaker),
                each["holding"].startswith("award:"),
                each["holding"].partition(":")[2],
            )
            for each in taken
        )
        grounds.append(Ground(phrase[:1].upper() + phrase[1:], counted))
    return grounds


def _amount(part: Requirement, amount: str, speaker: explain.Speaker) -> str:
    return speaker.amount(Decimal(amount), part.unit) if isinstance(part, Amount) else ""


def _keys(root: Requirement) -> set[str]:
    keys: set[str] = set()
    for part in walk(root):
        keys.update(getattr(part, "any_of", ()))
        if assessment := getattr(part, "assessment", ""):
            keys.add(assessment)
        if pool := getattr(part, "pool", None):
            keys.update((*pool.achievements, *pool.without_achievements))
    return keys


# How a sentence differs

Piece = tuple[Literal["same", "gone", "new"], str]


# So few words between two places that changed are not read as having stayed.
ISLAND = 2
# Sentences with more pairs of words than this are compared clause by clause: a long rule is not to keep a page waiting.
MOST_PAIRS = 300_000


def difference(before: str, after: str) -> list[Piece]:
    """Two sentences as one: what stayed, what went, what came; word by word, or by clauses where they are long."""
    old, new = _Pieces(before, r"\w+|[^\w\s]"), _Pieces(after, r"\w+|[^\w\s]")
    is_long = len(old.said) * len(new.said) > MOST_PAIRS
    if is_long:
        old, new = _Pieces(before, r"[^\s,;][^,;]*[,;]*"), _Pieces(after, r"[^\s,;][^,;]*[,;]*")
    matcher = difflib.SequenceMatcher(None, old.said, new.said, autojunk=is_long)
    found: list[Piece] = []
    for stays, (from_, to, since, until) in _runs(matcher.get_opcodes(), old.said, 0 if is_long else ISLAND):
        if stays:
            found.append(("same", new.between(since, until)))
            continue
        if to > from_:
            found.append(("gone", old.between(from_, to)))
        if until > since:
            found.append(("new", new.between(since, until)))
    return found


class _Pieces:
    """The words or clauses of a sentence, each with the blanks after it."""

    def __init__(self, text: str, pattern: str) -> None:
        found = list(re.finditer(pattern, text))
        self.text = text
        self.said = [each[0] for each in found]
        self.starts = [0, *(each.start() for each in found[1:]), len(text)]

    def between(self, since: int, until: int) -> str:
        return self.text[self.starts[since] : self.starts[until]]


_Places = tuple[int, int, int, int]


def _runs(opcodes: Sequence[tuple[str, *_Places]], old: Sequence[str], island: int) -> list[tuple[bool, _Places]]:
    """What stays and what changes in turn; words that stand in both by chance, amid what changed, change with it."""
    runs: list[tuple[bool, _Places]] = []
    for place, (tag, *found) in enumerate(opcodes):
        from_, to, since, until = found
        around = [opcodes[each][0] for each in (place - 1, place + 1) if 0 <= each < len(opcodes)]
        words = sum(word[0].isalnum() for word in old[from_:to])
        # What came or went on both sides of something leaves it standing.
        is_island = len(around) == 2 and around not in (["insert"] * 2, ["delete"] * 2) and words <= island
        if tag == "equal" and not is_island:
            runs.append((True, (from_, to, since, until)))
        elif runs and not runs[-1][0]:
            _stays, (first_old, _to, first_new, _until) = runs.pop()
            runs.append((False, (first_old, to, first_new, until)))
        else:
            runs.append((False, (from_, to, since, until)))
    return runs

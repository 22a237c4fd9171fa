"""Questions about what was decided of learners: what waits, what is in force, about which part, and who may sign."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from credentials.models import Achievement, Issuer
from pathways.models import Enrolment, PathwayEnrolment, RuleVersion, Ruling, Signatory
from pathways.queries import names_of_keys
from pathways.rules import exceptions, explain, notation
from pathways.rules.requirement import Requirement, Rule, SignedOff
from portal.accounts.models import User


def rulings_at(issuers: QuerySet[Issuer], *, state: str = "", kind: str = "", term: str = "") -> QuerySet[Ruling]:
    """Decisions in the name of these issuers, newest first; the term is searched in the names of learners."""
    found = Ruling.objects.filter(issuer__in=issuers).select_related("learner", "achievement", "author", "approver")
    if state in Ruling.State.values:
        found = found.filter(state=state)
    if kind in Ruling.Kind.values:
        found = found.filter(kind=kind)
    if term:
        found = found.filter(Q(learner__name__icontains=term) | Q(learner__email__icontains=term))
    return found.order_by("-proposed_at", "-id")


def by_part(learner: User, achievement: Achievement) -> dict[str, list[Ruling]]:
    """What was decided about the learner's parts of an achievement's rule and not taken back, by part."""
    found: dict[str, list[Ruling]] = defaultdict(list)
    approved = Ruling.objects.filter(learner=learner, achievement=achievement, state=Ruling.State.APPROVED)
    for ruling in approved.select_related("author", "approver"):
        found[ruling.node].append(ruling)
    return found


def rules_in_force(achievement_ids: Collection[int | None]) -> dict[int, Rule]:
    """The rules in force, by achievement; one query."""
    versions = RuleVersion.objects.filter(achievement__in=achievement_ids, state=RuleVersion.State.PUBLISHED)
    return {each.achievement_id: notation.from_json(each.document) for each in versions}


def no_longer_applying(rulings: Iterable[Ruling]) -> set[int]:
    """Those of these about a part that the rule in force no longer has; one query."""
    about = [each for each in rulings if each.achievement_id is not None]
    parts = {id_: exceptions.nodes_of(rule) for id_, rule in rules_in_force({r.achievement_id for r in about}).items()}
    return {each.pk for each in about if each.node not in parts.get(each.achievement_id or 0, {})}


# In words


def words_of(ruling: Ruling, names: dict[str, str] | None = None) -> str:
    """What was decided, in one sentence."""
    terms = ruling.terms
    key = terms.get("key", "")
    values = {**terms, "key": (names or names_of_keys([key] if key else [])).get(key, key)}
    return SENTENCES[ruling.kind]().format(**values)


SENTENCES: dict[str, Callable[[], str]] = {
    Ruling.Kind.FACT: lambda: gettext("Attested: {name} is {value}."),
    Ruling.Kind.SIGN_OFF: lambda: gettext("Signed off as {role}."),
    Ruling.Kind.WAIVER: lambda: gettext("Waived: this need not be met."),
    Ruling.Kind.SUBSTITUTION: lambda: gettext("“{key}” counts in place of what is asked."),
    Ruling.Kind.EXTRA_CHOICE: lambda: gettext("“{key}” counts here as well."),
    Ruling.Kind.CHANGED_LIMIT: lambda: gettext("Another limit: {field} is {value}."),
    Ruling.Kind.EXTENSION: lambda: gettext("Extended: {field} is {value}."),
}


def days_of(ruling: Ruling) -> str:
    """From when to when it holds, in words."""
    since = date_format(ruling.valid_from, "SHORT_DATE_FORMAT")
    if ruling.valid_until is None:
        return gettext("From {since} on.").format(since=since)
    until = date_format(ruling.valid_until, "SHORT_DATE_FORMAT")
    return gettext("From {since} until {until}.").format(since=since, until=until)


@dataclass(frozen=True)
class Part:
    """A part or condition of a rule, as somebody chooses it from a list."""

    node: str
    words: str
    depth: int
    kinds: tuple[str, ...]
    limits: tuple[tuple[str, str], ...] = ()
    times: tuple[tuple[str, str], ...] = ()

    @property
    def steps(self) -> range:
        """One for each part above it."""
        return range(self.depth)


def parts_of(rule: Rule) -> list[Part]:
    """Every part and condition of a rule in written order, each with the exceptions that can be made to it."""
    keys = {key for kind, key in notation.references(rule) if kind in {"award", "grade"} and key != "*"}
    speaker = explain.Speaker(names_of_keys(keys), translation)
    found = []
    parts = {each.id: each for each in exceptions.nodes_of(rule).values()}
    above: dict[str, Requirement] = {}
    for each in parts.values():
        inner = getattr(each, "part", None)
        for below in (*getattr(each, "parts", ()), *getattr(each, "conditions", ()), *([inner] if inner else [])):
            above[below.id] = each  # type: ignore[assignment]
    for node, each in parts.items():
        holder = above.get(node)
        is_part = isinstance(each, Requirement)
        phrase = speaker.part(each, inside=False) if is_part else speaker.condition(each, holder)  # type: ignore[arg-type]
        limits, times = exceptions.limits_of(each), exceptions.times_of(each)
        kinds = [Ruling.Kind.WAIVER]
        kinds += [Ruling.Kind.SUBSTITUTION] if exceptions.can_be_stood_in_for(each) else []
        kinds += [Ruling.Kind.EXTRA_CHOICE] if exceptions.can_be_widened(each) else []
        kinds += [Ruling.Kind.CHANGED_LIMIT] if limits else []
        kinds += [Ruling.Kind.EXTENSION] if times else []
        found.append(
            Part(
                node=node,
                words=phrase[:1].upper() + phrase[1:],
                depth=_depth(node, above),
                kinds=tuple(kinds),
                limits=tuple((name, str(value)) for name, value in limits.items()),
                times=tuple((name, exceptions.time_words(value)) for name, value in times.items()),
            )
        )
    return found


def _depth(node: str, above: dict[str, Requirement]) -> int:
    depth = 0
    while node in above:
        node, depth = above[node].id, depth + 1
    return depth


# Signing off


@dataclass(frozen=True)
class ToSign:
    """A part of a rule in force that the reader may sign off."""

    achievement: Achievement
    node: str
    role: str
    about: str


def parts_to_sign(issuers_by_role: dict[str, set[int]]) -> list[ToSign]:
    """The parts that ask for one of these roles, in the rules of the issuers for which somebody has it."""
    issuers = set().union(*issuers_by_role.values()) if issuers_by_role else set()
    versions = RuleVersion.objects.filter(
        state=RuleVersion.State.PUBLISHED, achievement__issuer__in=issuers, references__kind="sign_off"
    )
    found = []
    for version in versions.select_related("achievement__issuer").order_by("achievement__name").distinct():
        for part in exceptions.nodes_of(notation.from_json(version.document)).values():
            if isinstance(part, SignedOff) and version.achievement.issuer_id in issuers_by_role.get(part.role, ()):
                found.append(ToSign(version.achievement, part.id, part.role, part.about))
    return found


def signatory_issuers(user: User) -> dict[str, set[int]]:
    """For each role that the person signs off as, the issuers for which they do, those below included."""
    granted: dict[str, set[int]] = defaultdict(set)
    for role, issuer in Signatory.objects.filter(user=user).values_list("role", "issuer"):
        granted[role].add(issuer)
    if not granted:
        return {}
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in Issuer.objects.filter(parent__isnull=False).values_list("pk", "parent"):
        children[parent or 0].append(child)
    for reached in granted.values():
        waiting = list(reached)
        while waiting:
            below = set(children[waiting.pop()]) - reached
            reached.update(below)
            waiting += below
    return dict(granted)


def waiting_for(part: ToSign) -> QuerySet[User]:
    """Who is on the way to the achievement and has not been signed off, longest-serving first."""
    learner = OuterRef("pk")
    signed = Ruling.objects.filter(
        learner=learner,
        achievement=part.achievement,
        node=part.node,
        kind=Ruling.Kind.SIGN_OFF,
        state=Ruling.State.APPROVED,
        terms__role=part.role,
    )
    on_pathway = PathwayEnrolment.objects.filter(
        learner=learner, pathway__target=part.achievement, left_at__isnull=True
    )
    in_course = Enrolment.objects.filter(
        learner=learner, course__achievement=part.achievement, state=Enrolment.State.ACTIVE
    )
    on_the_way = User.objects.filter(Exists(on_pathway) | Exists(in_course))
    return on_the_way.filter(~Exists(signed)).order_by("joined_at", "pk")


def is_over(ruling: Ruling, on: date) -> bool:
    return ruling.valid_until is not None and ruling.valid_until < on

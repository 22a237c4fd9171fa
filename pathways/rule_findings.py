"""Says what stands against a rule: by itself, beside the catalogue and other rules, and what the prover finds."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter

from django.utils import translation
from django.utils.translation import gettext, ngettext

from credentials.models import Achievement
from pathways import proving
from pathways.holdings import institution_day
from pathways.models import Assessment, Logbook
from pathways.queries import keys_of, names_of_keys
from pathways.rules import examples, explain, notation, prove, soundness, tried
from pathways.rules.pieces import every_part
from pathways.rules.requirement import Rule, conditions_of, roots


@dataclass(frozen=True)
class Finding:
    """Something found about a rule, and the part it is about: a reason against publishing it, or a warning.

    `learner` is made up and shows it, and `met` is what the rule says of that learner on the day `on`; `text` is the
    same learner as an example is written. `bounds` say what the finding is worth; a warning that is proved has to be
    confirmed, by its `key`.
    """

    words: str
    node: str = ""
    is_warning: bool = False
    is_proved: bool = True
    key: str = ""
    learner: tuple[str, ...] | None = None
    text: str = ""
    met: bool | None = None
    on: date | None = None
    bounds: str = ""

    @property
    def to_confirm(self) -> bool:
        """Whether it stands in the way until somebody says that it is meant so."""
        return self.is_warning and self.is_proved


def findings(achievement: Achievement, rule: Rule, *, trial: int | None = None) -> list[Finding]:
    """Every reason against publishing: of the rule by itself, names that do not exist, and cycles across rules.

    Whether it takes too long to judge is tried whole, or with as much effort as `trial` says.
    """
    found = _against_itself(rule)
    # What is wrong in itself need not be tried as well.
    if not found and (stalling := tried.who_stalls(rule, within=trial)) is not None:
        found.append(_too_slow(stalling))
    found += _unknown_names(rule)
    return found + _rings(achievement, rule)


# A learner who is hard to judge has plenty; so much of it is shown.
MOST_SHOWN = 24


def _too_slow(stalling: tried.Stalling) -> Finding:
    record = stalling.record
    said = proving.in_words(record, names_of_keys(proving.keys_of([record])))
    if len(said) > MOST_SHOWN:
        more = len(said) - MOST_SHOWN
        said = [*said[:MOST_SHOWN], ngettext("and {more} more", "and {more} more", more).format(more=more)]
    return Finding(
        gettext("Some learners would take too long to judge by it. Ask for less at once."),
        learner=tuple(said),
        on=stalling.on,
        bounds=gettext("The learner shown could not be judged within the bound."),
    )


# Of a clause that asks for nothing, whoever is refused has to hear which one it is.
_USELESS = {"always", "always_true", "nothing_asked", "never_decides", "implied"}


def _against_itself(rule: Rule) -> list[Finding]:
    checked = soundness.check(rule)
    if not checked:
        return []
    clauses = _clauses(rule, explain.Speaker(names_of_keys(keys_of([rule])), translation))
    found = []
    for each in checked:
        words = gettext(soundness.TEXTS[each.code]).format(**dict(each.values))
        found.append(Finding(_naming(each, words, clauses), each.node))
    return found


def _clauses(rule: Rule, speaker: explain.Speaker) -> dict[str, str]:
    """The words of every part and condition, by its id."""
    parts = [part for root in roots(rule) for part in every_part(root)]
    said = {part.id: speaker.part(part, inside=False) for part in parts}
    return said | {each.id: speaker.condition(each, part) for part in parts for each in conditions_of(part)}


def _naming(found: soundness.Finding | prove.Finding, words: str, clauses: dict[str, str]) -> str:
    if found.code not in _USELESS or not clauses.get(found.node):
        return words
    return gettext("“{clause}” ({node}): {words}").format(clause=clauses[found.node], node=found.node, words=words)


@dataclass(frozen=True)
class Asked:
    """What the prover found about a rule, and in words whether it could ask all that it asks."""

    findings: list[Finding]
    words: str


def proof(
    achievement: Achievement,
    rule: Rule,
    at: datetime,
    *,
    most: int = prove.MOST_LEARNERS,
    most_each: int = prove.MOST_FOR_ONE,
) -> list[Finding]:
    """What the prover finds about a rule that `findings` has nothing against: reasons against it, and warnings."""
    return asked(achievement, rule, at, most=most, most_each=most_each).findings


def asked(
    achievement: Achievement,
    rule: Rule,
    at: datetime,
    *,
    most: int = prove.MOST_LEARNERS,
    most_each: int = prove.MOST_FOR_ONE,
) -> Asked:
    """The same, with what it is worth that nothing else was found."""
    proof = prove.prove(
        rule,
        proving.offered(),
        institution_day(at),
        awards=achievement.slug,
        most=most,
        most_each=most_each,
    )
    found = proof.findings
    names = names_of_keys(keys_of([rule]) | proving.keys_of(each.example for each in found if each.example is not None))
    # Said once: a long rule has many clauses, and many findings.
    clauses = _clauses(rule, explain.Speaker(names, translation)) if found else {}
    return Asked([_in_words(each, names, clauses) for each in found], _worth(proof))


def _worth(proof: prove.Proof) -> str:
    if proof.finished:
        template = ngettext(
            "Each of its parts was asked about, with {count} made-up learner.",
            "Each of its parts was asked about, with {count} made-up learners.",
            proof.tried,
        )
    else:
        template = ngettext(
            "Not each of its parts could be asked about within the bound, after {count} made-up learner. What is said "
            "here holds, and more could be found.",
            "Not each of its parts could be asked about within the bound, after {count} made-up learners. What is said "
            "here holds, and more could be found.",
            proof.tried,
        )
    return template.format(count=proof.tried)


def _in_words(found: prove.Finding, names: dict[str, str], clauses: dict[str, str]) -> Finding:
    nodes = "; ".join(f"“{clauses.get(node, node)}”" for node in found.nodes)
    example = found.example
    return Finding(
        words=_naming(found, gettext(found.template).format(**{**found.values, "nodes": nodes}), clauses),
        node=found.node,
        is_warning=not found.is_error,
        is_proved=found.proved,
        key=found.key,
        learner=None if example is None else tuple(proving.in_words(example, names)),
        text="" if example is None else examples.to_text(example),
        met=found.met,
        on=found.on,
        bounds=gettext(prove.BOUNDS[found.proved]).format(**found.values),
    )


def _unknown_names(rule: Rule) -> list[Finding]:
    words = gettext("There is no published achievement or assessment called “{key}”.")
    return [
        Finding(words.format(key=key))
        for _, key in sorted(nowhere_published(notation.references(rule)), key=itemgetter(1))
    ]


def nowhere_published(references: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of these ("award", slug) and ("grade", course/assessment) those that are nowhere published."""
    achievements = {key for kind, key in references if kind == "award" and key != "*"}
    there = Achievement.objects.filter(slug__in=achievements).exclude(state=Achievement.State.DRAFT)
    unknown = achievements - set(there.values_list("slug", flat=True))
    if unknown:
        unknown -= set(Logbook.objects.filter(slug__in=unknown).values_list("slug", flat=True))
    assessments = {key for kind, key in references if kind == "grade"}
    courses = {key.split("/", 1)[0] for key in assessments}
    pairs = Assessment.objects.filter(course__slug__in=courses).values_list("course__slug", "slug")
    unasked = assessments - {f"{course}/{slug}" for course, slug in pairs}
    return {("award", key) for key in unknown} | {("grade", key) for key in unasked}


def _rings(achievement: Achievement, rule: Rule) -> list[Finding]:
    """A ring of rules that this rule would close, with the part by which each takes the next."""
    way, edges = proving.ring_through(achievement, rule)
    if not way:
        return []
    names = names_of_keys({*way, *(key for edge in edges for key in keys_of([Rule(root=edge.part)]))})
    speaker = explain.Speaker(names, translation)
    path = " → ".join(names.get(slug, slug) for slug in way)
    said = [gettext("It would be built on itself: {path}.").format(path=path)]
    said += [
        gettext("{name} takes {other} by “{clause}” ({node}).").format(
            name=names.get(edge.awards, edge.awards),
            other=names.get(edge.takes, edge.takes),
            clause=speaker.part(edge.part, inside=False),
            node=edge.part.id,
        )
        for edge in edges
    ]
    return [Finding(" ".join(said), edges[0].part.id if edges and edges[0].awards == way[0] else "")]

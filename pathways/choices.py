"""What a learner may choose about what counts where: the parts with a choice, and the choices made, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import translation
from django.utils.translation import gettext

from credentials.models import Achievement
from pathways.models import Pin
from pathways.queries import names_of_keys
from pathways.rules import explain, notation, pins
from pathways.rules.candidates import scopes
from pathways.rules.evaluation import Evaluation
from pathways.rules.exceptions import apply, judge, written
from pathways.rules.record import Holding, Record
from pathways.rules.requirement import Requirement, Rule, walk
from portal.accounts.models import User


@dataclass(frozen=True)
class Option:
    """A holding that may count in a part."""

    holding: Holding
    name: str
    counts: bool


@dataclass(frozen=True)
class Part:
    """A part that takes holdings, with more of them than it takes, or with one that another part may take."""

    node: str
    words: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Chosen:
    """A choice that was made: what it says, whether it is followed, and whether what it is about is still there."""

    pin: Pin
    words: str
    is_heeded: bool
    is_there: bool


@dataclass(frozen=True)
class Move:
    """Where a holding counts before and after a choice, as the words of the parts; empty where it counts nowhere."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """Everything that is to be chosen, or was, in one rule for one learner."""

    parts: tuple[Part, ...]
    chosen: tuple[Chosen, ...]

    @property
    def set_aside(self) -> list[Chosen]:
        return [each for each in self.chosen if each.is_there and not each.is_heeded]

    def at(self) -> dict[str, list[Chosen]]:
        """The choices by part."""
        found: dict[str, list[Chosen]] = {}
        for each in self.chosen:
            found.setdefault(each.pin.node, []).append(each)
        return found


def pins_of(learner: User, achievement: Achievement) -> list[Pin]:
    """The learner's choices about this achievement's rule, the newest first."""
    return list(Pin.objects.filter(learner=learner, achievement=achievement))


def choices_of(learner: User, achievement: Achievement, rule: Rule, record: Record, evaluation: Evaluation) -> Choices:
    """What the learner may choose and has chosen under this rule; `evaluation` is the verdict on the same record."""
    reader = _Reader(rule, record)
    return Choices(
        parts=tuple(reader.parts(achievement.slug, evaluation)),
        chosen=tuple(reader.chosen(pins_of(learner, achievement), evaluation)),
    )


def moves(slug: str, rule: Rule, before: Record, after: Record, on: date) -> tuple[list[Move], Evaluation, Evaluation]:
    """What counts elsewhere in one record than in the other, with both verdicts."""
    reader = _Reader(rule, before)
    first, then = judge(slug, rule, before, on), judge(slug, rule, after, on)
    places = [reader.places(each) for each in (first, then)]
    found = [
        Move(reader.name(holding.id), *(each.get(holding.id, ()) for each in places))
        for holding in before.holdings
        if places[0].get(holding.id) != places[1].get(holding.id)
    ]
    return found, first, then


class _Reader:
    """Speaks of one rule and one record."""

    def __init__(self, rule: Rule, record: Record) -> None:
        self.rule = rule
        self.holdings = {each.id: each for each in record.holdings}
        keys = {key for kind, key in notation.references(rule) if kind in {"award", "grade"} and key != "*"}
        self.names: Mapping[str, str] = names_of_keys(keys | {each.key for each in record.holdings})
        self.record = record
        self.speaker = explain.Speaker(self.names, translation)
        self.nodes: dict[str, Requirement] = {part.id: part for part in walk(rule.root)}

    def name(self, holding: str) -> str:
        found = self.holdings.get(holding)
        return gettext("something that is no longer there") if found is None else self.names.get(found.key, found.key)

    def words(self, node: str) -> str:
        if node not in self.nodes:
            return gettext("a part that the rule no longer has")
        phrase = self.speaker.part(self.nodes[node], inside=False)
        return phrase[:1].upper() + phrase[1:]

    def parts(self, slug: str, evaluation: Evaluation) -> Iterator[Part]:
        on = evaluation.on
        applied = apply(slug, self.rule, self.record, on)
        scope = scopes(self.rule.root)
        fitting: dict[str, dict[str, None]] = {}
        for leaf, holdings in pins.could_count(applied.rule, applied.record, on).items():
            if written(leaf) in self.nodes:
                fitting.setdefault(written(leaf), {}).update(dict.fromkeys(holdings))
        for node, ids in fitting.items():
            taken = {each.holding for each in evaluation.allocation.get(node, ())}
            # A part that shares takes nothing from the parts around it.
            contended = any(
                other != node and scope[other] == scope[node] and not ids.keys().isdisjoint(there)
                for other, there in fitting.items()
            )
            if len(ids) > len(taken) or contended:
                options = tuple(Option(self.holdings[id_], self.name(id_), id_ in taken) for id_ in ids)
                yield Part(node, self.words(node), options)

    def chosen(self, made: list[Pin], evaluation: Evaluation) -> Iterator[Chosen]:
        heeded = {(each.node, each.holding) for each in evaluation.heeded}
        for pin in made:
            template = (
                gettext("“{holding}” counts here: {part}.") if pin.here else gettext("“{holding}” not here: {part}.")
            )
            yield Chosen(
                pin=pin,
                words=template.format(holding=self.name(pin.holding), part=self.words(pin.node)),
                is_heeded=(pin.node, pin.holding) in heeded,
                is_there=pin.node in self.nodes and pin.holding in self.holdings,
            )

    def places(self, evaluation: Evaluation) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for node, part in evaluation.allocation.items():
            for taken in part:
                found[taken.holding] = (*found.get(taken.holding, ()), self.words(node))
        return found

"""Asks every tool about every word of the language: `python -m tests.rules_corpus.words` prints the table.

A word is a kind of part, condition or result, or something that one of them may say besides. Each is looked up in the
smallest example of the reference that says it, and compared with the same rule without it; nothing here is kept by
hand, so that a word which the language learns has its line at once.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, NamedTuple

import jsonschema

from pathways import ctdl
from pathways.ctdl import Subject
from pathways.importing.corpus_verdicts import with_approvals
from pathways.population.columns import Sheet, of_records
from pathways.population.judging import Judge
from pathways.rules import compare, notation, schema
from pathways.rules.codecs import Codec, default
from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.explain import completion_sentence, node_sentence, sentence
from pathways.rules.made_up import known
from pathways.rules.pieces import every_value
from pathways.rules.plan.relaxed import relaxed
from pathways.rules.prove import to_earn
from pathways.rules.record import Record
from pathways.rules.requirement import FactDay, HoldingDay, Pool, Rule, Today, Where
from pathways.rules.text import from_text, to_text
from pathways.rules.trial_learners import TrialLearners, day_to_try
from tests.pathways.rules.test_language import ON as TOLD_ON
from tests.pathways.rules.test_language import TOLD, record_of
from tests.rules_corpus.reading import real_rules, translations
from tests.rules_corpus.reference import blocks, rows
from tests.tools.replaying import papers, program, replayed

ON = date(2026, 6, 1)
SUBJECT = Subject(
    document="https://college.example/p/ctdl.json",
    ctid="ce-0f5a3ad6-9ad3-4a1c-8d38-3a60cbe1a0b7",
    name="P",
    description="",
    url="https://college.example/p/",
    language="en",
    owner="https://college.example/i",
    target="p",
    described={},
    words=lambda part: part.id,
)


# The reference shows conditions over all of some parts; over a choice of them they are written the same way.
OVER_CHOICES = (
    "any of\n  where newest; within 1 years\n  count 1\n  count 2; tags t",
    "at least 1\n  where newest; within 1 years\n  count 1\n  count 2; tags t",
)


class Word(NamedTuple):
    """A kind of thing that a rule is made of, or a field of it; the kind by itself has no field."""

    cls: type
    field: str = ""

    def __str__(self) -> str:
        return f"{self.cls.__name__}.{self.field}" if self.field else self.cls.__name__


class Sample(NamedTuple):
    """A rule that says the word, and the same without it, if that is a rule."""

    rule: Rule
    less: Rule | None


def objects() -> Mapping[type, Mapping[str, Codec]]:
    """Every kind of object that a rule may hold, with its fields."""
    found: dict[type, Mapping[str, Codec]] = {}
    kinds = (*notation.KINDS, *notation.CHECKS, *notation.CONDITIONS, *notation.RESULTS)
    waiting = [(kind.cls, kind.codecs) for kind in kinds]
    waiting += [(Rule, notation.RULE_FIELDS), (FactDay, notation.FACT_DAY)]
    waiting += [(HoldingDay, notation.HOLDING_DAY), (Today, notation.TODAY)]
    while waiting:
        cls, codecs = waiting.pop()
        if cls not in found:
            found[cls] = codecs
            inner = [each for codec in codecs.values() for each in (codec, codec.item) if each is not None]
            waiting += [(each.cls, each.fields) for each in inner if each.cls is not None and each.fields is not None]
    return found


def words() -> list[Word]:
    """All of them: each kind, and whatever else it may say; what a holding must be like is listed with pools."""
    found = []
    for cls, codecs in objects().items():
        if cls is not Where:
            said = [each.name for each in fields(cls) if default(each) is not MISSING and each.name in codecs]
            found += [Word(cls), *(Word(cls, name) for name in said)]
    return sorted(found, key=str)


@cache
def _rules() -> tuple[Rule, ...]:
    """The examples of the reference and the translations of real rules, the smallest first."""
    shown = [row.rule for row in rows()]
    shown += [from_text(said) for said in OVER_CHOICES]
    shown += [from_text(block.content) for block in blocks() if block.kind == "text" and not block.mark]
    real = [edition.rule for name in translations() for edition in translations()[name]]
    return tuple(sorted((*shown, *real), key=lambda rule: len(list(every_value(rule)))))


def says(rule: Rule, word: Word) -> bool:
    """Whether the rule says this word anywhere."""
    return _written(word) in _said_by(rule)


_SAID: dict[int, tuple[Rule, frozenset[Word]]] = {}


def _said_by(rule: Rule) -> frozenset[Word]:
    """Everything that a rule says; by its identity, as its hash would be that of the whole tree."""
    if id(rule) not in _SAID:
        _SAID[id(rule)] = rule, frozenset(word for value in every_value(rule) for word in _words_in(value))
    return _SAID[id(rule)][1]


def _words_in(value: Any) -> Iterator[Word]:
    yield Word(type(value))
    for each in fields(value):
        if getattr(value, each.name) != default(each):
            yield Word(Where if each.name in _WHERE and isinstance(value, Where) else type(value), each.name)


def _written(word: Word) -> Word:
    # What a holding must be like is the same word in a pool and outside of one.
    return Word(Where, word.field) if word.cls is Pool and word.field in _WHERE else word


def _says(value: Any, word: Word) -> bool:
    return _written(word) in _words_in(value)


_WHERE = {each.name for each in fields(Where)}


@cache
def sample(word: Word) -> Sample | None:
    """The smallest rule that says it, if any does."""
    rule = next((each for each in _rules() if says(each, word)), None)
    return None if rule is None else Sample(rule, _without(rule, word) if word.field else None)


def _sample(word: Word) -> Sample:
    found = sample(word)
    assert found is not None, f"no example says {word}"
    return found


def _without(value: Any, word: Word) -> Any:
    """The same with this word nowhere said."""
    if isinstance(value, tuple):
        return tuple(_without(each, word) for each in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    given = {each.name: _without(getattr(value, each.name), word) for each in fields(value)}
    if _says(value, word):
        given[word.field] = next(default(each) for each in fields(value) if each.name == word.field)
    return replace(value, **given)


# What each tool does with it


def learners(rule: Rule, most: int = 4) -> list[Record]:
    """Somebody who has nothing, and made-up learners who have much of what the rule speaks of, or half of it."""
    found = [Record()]
    for _, record in islice(TrialLearners(rule, day_to_try(rule, ON)).records(), most):
        found += [record, replace(record, holdings=record.holdings[::2])]
    return found


def evaluator(word: Word) -> str:
    """By how many rules of real issuers it is said, whose cases all come out right by `rules_corpus`."""
    said = sum(any(says(each.rule, word) for each in editions) for editions in translations().values())
    return f"exact, {said} real" if said else "exact"


def columns(word: Word) -> str:
    """Of how many made-up learners the columns tell by themselves; the rest are left to the exact evaluator."""
    return told_by_columns(_sample(word).rule)


@cache
def told_by_columns(rule: Rule) -> str:
    on, held = day_to_try(rule, ON), learners(rule)
    told = told_of(rule, held, on)
    if any(verdict not in (None, satisfied(rule, each, on)) for each, verdict in zip(held, told, strict=True)):
        return "WRONG"
    # Whoever has nothing is easily told.
    known_of = sum(verdict is not None for verdict in told)
    return "tell all" if known_of == len(held) else "tell some" if known_of > 1 else "leave open"


def told_of(rule: Rule, held: list[Record], on: date) -> list[bool | None]:
    """What the columns say of each of these learners; none where they leave it open."""
    sheet = of_records(held)
    found = Judge(rule, sheet.kinds, on).verdicts(Sheet(sheet, on))
    return [
        bool(surely) if surely or not perhaps else None
        for surely, perhaps in zip(found.surely, found.perhaps, strict=True)
    ]


def explained(word: Word) -> str:
    """Whether verdicts with it are told in sentences, node by node."""
    found = _sample(word)
    evaluation = evaluate(found.rule, Record(), ON)
    told = [node_sentence(found.rule, evaluation, node, {}) for node in evaluation.nodes]
    return "in sentences" if told and all(told) else "no"


def completing(word: Word) -> str:
    """Whether what is missing can be named, where something is."""
    found = _sample(word)
    evaluation = evaluate(found.rule, Record(), ON)
    if evaluation.satisfied:
        return "nothing missing"
    told = [completion_sentence(found.rule, each, {}) for each in evaluation.missing]
    return "named" if told and all(told) else "not named"


def planned(word: Word) -> str:
    """Whether the bound of a plan knows it; every plan is judged by the exact evaluator in any case."""
    found = _sample(word)
    bound = relaxed(found.rule, Record(), ON)
    return "in the bound" if any(_says(value, word) for value in every_value(bound)) else "judged only"


def proved(word: Word) -> str:
    """Whether the prover makes up learners for it and may prove, or searches and claims no proof."""
    rule = _sample(word).rule
    saying = [value for value in every_value(rule) if _says(value, word)]
    if word.field and not any(_says(value, word) for value in every_value(to_earn(rule))):
        return "not asked in earning"
    return "proves" if all(known(_alone(value, word)) for value in saying) else "searches"


def _alone(value: Any, word: Word) -> Any:
    """The value saying nothing but this word and what it must say."""
    given = {
        each.name: default(each)
        for each in fields(value)
        if default(each) is not MISSING and each.name not in (word.field, "conditions")
    }
    return replace(value, **given)


def compared(word: Word) -> str:
    """Whether it is said to have changed where it comes or goes."""
    found = _sample(word)
    if found.less is None:
        return "said"
    return "said" if list(compare.changes(found.less, found.rule)) else "not said"


def spoken(word: Word) -> str:
    """Whether the sentence of the rule says it."""
    found = _sample(word)
    if found.less is None:
        return "said"
    return "said" if sentence(found.rule, {}) != sentence(found.less, {}) else "silent"


def noted(word: Word) -> str:
    """Whether both notations give the same rule back."""
    found = _sample(word)
    both = notation.from_json(notation.to_json(found.rule)), from_text(to_text(found.rule))
    return "both" if both == (found.rule, found.rule) else "no"


def in_schema(word: Word) -> str:
    """Whether the published schema takes it."""
    found = _sample(word)
    _validator().validate(json.loads(json.dumps(notation.to_json(found.rule))))
    return "yes"


@cache
def _validator() -> Any:
    return jsonschema.Draft202012Validator(json.loads(schema.FILE.read_text(encoding="utf-8")))


def in_ctdl(word: Word) -> str:
    """Whether CTDL has words for it, or it is listed as not said; it comes back in either case."""
    found = _sample(word)
    written = ctdl.written(found.rule, SUBJECT)
    if ctdl.read(json.loads(json.dumps(written.document))).rule != found.rule:
        return "lost"
    return "listed as not said, comes back" if written.not_said else "said"


def replays(word: Word) -> str:
    """Whether the program for outsiders agrees with a decision by a rule that says it."""
    found = next(decisions(word), None)
    return "no decision" if found is None else replay_of(*found)


def replay_of(rule: Rule, record: Record, on: date) -> str:
    """What the program makes of a decision that was just made."""
    key = (rule, on, record.holdings)
    if key not in _REPLAYED:
        with TemporaryDirectory() as folder:
            _REPLAYED[key] = str(replayed(Path(folder), papers(rule, record, on), _program())["verdict"])
    return _REPLAYED[key]


_REPLAYED: dict[Any, str] = {}


def decisions(word: Word) -> Iterator[tuple[Rule, Record, date]]:
    """Rules that say it, each with somebody who satisfies it: of the corpus, of the tests of the language, made up."""
    for rule, record, on in _satisfied():
        if says(rule, word):
            yield rule, record, on
    found = sample(word)
    if found is not None:
        on = day_to_try(found.rule, ON)
        yield from ((found.rule, each, on) for each in learners(found.rule, 8) if satisfied(found.rule, each, on))


@cache
def _satisfied() -> tuple[tuple[Rule, Record, date], ...]:
    found = [
        (edition.rule, with_approvals(case.record, edition.rule, case.on), case.on)
        for real in real_rules()
        for case in real.cases
        if case.satisfied and not case.keeps
        for edition in translations().get(real.id, ())
        if edition.since <= case.on <= edition.until
    ]
    found += [(from_text(each.rule), record_of(met, each), TOLD_ON) for each in TOLD for met in each.met]
    return tuple(sorted(found, key=lambda each: len(list(every_value(each[0])))))


@cache
def _program() -> ModuleType:
    return program()


TOOLS = {
    "exact evaluator": evaluator,
    "columns": columns,
    "explain": explained,
    "completing sets": completing,
    "plan": planned,
    "prover": proved,
    "compare": compared,
    "sentence": spoken,
    "notations": noted,
    "JSON schema": in_schema,
    "CTDL": in_ctdl,
    "replay": replays,
}


def table() -> Iterator[str]:
    """The whole of it, as Markdown."""
    yield f"| word | {' | '.join(TOOLS)} |"
    yield f"|{' --- |' * (len(TOOLS) + 1)}"
    for word in words():
        yield f"| {word} | {' | '.join(tool(word) for tool in TOOLS.values())} |"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in table())

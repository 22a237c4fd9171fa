"""Words for everything that a rule can say: each field changes the sentence, and each template can be translated."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import pathways.rules.phrases
from pathways.rules import explain, notation, text
from pathways.rules.codecs import (
    DATE,
    DECIMAL,
    NAMES,
    NODE,
    NODES,
    PLACES,
    RATIO,
    SHARE_OF,
    START_OF,
    STEP,
    TEXT,
    TRUE,
    WHOLE,
    Codec,
    default,
)
from pathways.rules.phrases.language import ENGLISH
from pathways.rules.requirement import Blend, FactDay, HoldingDay, Period, Pool, Rule, Today

PLAIN: Mapping[int, tuple[Any, Any]] = {
    id(TEXT): ("alpha", "beta"),
    id(NODE): ("low", "high"),
    id(WHOLE): (3, 4),
    id(DECIMAL): ("2.5", 5),
    id(DATE): ("2024-01-31", "2025-02-28"),
    id(TRUE): (True, None),
    id(SHARE_OF): ("1/2", "2/3"),
    id(RATIO): ("1/2", "3/1"),
    id(PLACES): (3, 4),
    id(STEP): ("2.5", 5),
    id(notation.TERMS): ([{"result": "sum"}], [{"result": "sum", "times": "2/1"}]),
    id(START_OF): ("month", "09-01"),
    id(NAMES): (["x", "y"], ["x", "z"]),
    id(NODES): (["low"], ["high"]),
    id(notation.DAY): ("2024-01-31", {"fact": "born", "plus": {"years": 18}}),
    id(notation.PART): (
        {"type": "holds", "id": "one", "any_of": ["one"]},
        {"type": "holds", "id": "one", "any_of": ["two"]},
    ),
    id(notation.PARTS): (
        [{"type": "holds", "id": "p1", "any_of": ["p"]}, {"type": "passed", "id": "p2", "assessment": "m/x"}],
        [{"type": "holds", "id": "p1", "any_of": ["q"]}, {"type": "passed", "id": "p2", "assessment": "m/x"}],
    ),
    id(notation.OVER_PARTS): (
        [{"type": "together", "id": "c1"}],
        [{"type": "newest", "id": "c1", "within": {"days": 9}}],
    ),
}
# What is asked of holdings is asked in many places, and looked at in one of them.
ELSEWHERE = {
    id(notation.POOL): {"tags": ["t"]},
    id(notation.WHERE): {"tags": ["t"]},
    id(notation.ALTERNATIVE): {"tags": ["t"]},
}


# Averages may be blended of others, without end.
IN_TURN = [{"of": {"tags": ["t"]}, "share": "1/2"}]


def filled(codec: Codec) -> Any:
    """A value that says everything it can."""
    if id(codec) in PLAIN:
        return PLAIN[id(codec)][0]
    if id(codec) in ELSEWHERE:
        return ELSEWHERE[id(codec)]
    if codec.choices:
        # What holds anyway is never the first.
        return codec.choices[0]
    if codec.item is not None:
        return [filled(codec.item)]
    return {
        name: IN_TURN if inner is notation.BLEND and codec.cls is Blend else filled(inner)
        for name, inner in (codec.fields or {}).items()
    }


def otherwise(codec: Codec, value: Any) -> Iterator[Any]:
    """Other values in its place, each differing in one thing; None leaves it out."""
    if id(codec) in PLAIN:
        yield PLAIN[id(codec)][1]
    elif id(codec) in ELSEWHERE:
        yield {"tags": ["u"]}
    elif codec.choices:
        yield from (each for each in codec.choices if each != value)
    elif codec.item is not None:
        yield [*value, *value]
        yield from ([each] for each in otherwise(codec.item, value[0]))
    else:
        for name, inner in (codec.fields or {}).items():
            if name in value:
                yield from ({**value, name: each} for each in otherwise(inner, value[name]) if each is not None)


def kinds() -> Iterator[tuple[str, str, Mapping[str, Codec], dict[str, Any]]]:
    """Everything with fields: where it stands, its name, what it may hold, and one that says everything."""
    whole = {name: codec for name, codec in notation.RULE_FIELDS.items() if name not in ("root", "results")}
    named: list[tuple[str, str, type, Mapping[str, Codec]]] = [
        *(("part", kind.name, kind.cls, kind.codecs) for kind in notation.BY_NAME.values()),
        *(("condition", kind.name, kind.cls, kind.codecs) for kind in notation.CONDITIONS),
        *(("result", kind.name, kind.cls, kind.codecs) for kind in notation.RESULTS),
        ("rule", "", Rule, whole),
        ("pool", "", Pool, notation.POOL_FIELDS),
        ("period", "", Period, notation.PERIOD.fields or {}),
        ("day", "fact", FactDay, notation.FACT_DAY),
        ("day", "which", HoldingDay, notation.HOLDING_DAY),
        ("day", "today", Today, notation.TODAY),
    ]
    for home, name, cls, codecs in named:
        anyhow = {each.name: default(each) for each in fields(cls)}
        base = {
            each: next((word for word in codec.choices if word != anyhow[each]), None) or filled(codec)
            for each, codec in codecs.items()
            if each != "id"
        }
        yield home, name, codecs, base


# What takes the place of another where it is said, and so has no say beside it; here each is said by itself.
INSTEAD: Mapping[str, tuple[str, ...]] = {
    "any_order": ("apart",),
    "apart": ("any_order",),
    # What is made of other results looks at nothing else.
    **dict.fromkeys(
        ("give", "measure", "of", "over", "best", "values", "rates", "last", "property", "blend", "by"), ("made_of",)
    ),
}


def document(home: str, name: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """The rule around such a thing."""
    low, high = ({"type": "holds", "id": each, "any_of": [each]} for each in ("low", "high"))
    root: dict[str, Any] = {"type": "all", "id": "root", "parts": [low, high]}
    whole: dict[str, Any] = {"format": 1, "root": root}
    match home:
        case "part":
            root["parts"].append({"type": name, **data, "id": "it"})
        case "condition":
            root["conditions"] = [{"type": name, **data, "id": "it"}]
        case "result":
            whole["results"] = [{"type": "total", "name": "sum"}, {"type": name, **data}]
        case "rule":
            whole |= data
        case _:
            pool: dict[str, Any] = dict(data)
            if home == "period":
                pool = {"earned_within": data}
            elif home == "day":
                pool = {"earned_since": {"today": True, **data} if name == "today" else data}
            root["parts"].append({"type": "count", "id": "it", "at_least": 2, "pool": pool})
    return whole


def said(home: str, name: str, data: Mapping[str, Any]) -> str:
    whole = notation.numbered(_apart(document(home, name, data)))
    return explain.sentence(notation.from_json(whole), {})


def _apart(value: Any, seen: set[str] | None = None) -> Any:
    """The same with ids that stand once, and without what would hold anyway."""
    seen = set() if seen is None else seen
    if isinstance(value, list):
        return [_apart(each, seen) for each in value]
    if not isinstance(value, dict):
        return value
    found = {each: _apart(inner, seen) for each, inner in value.items()}
    if "id" in found and "type" in found:
        while found["id"] in seen:
            found["id"] += "x"
        seen.add(found["id"])
    return found


def changes() -> Iterator[Any]:
    for home, name, codecs, base in kinds():
        for each, codec in codecs.items():
            if each != "id":
                without = INSTEAD.get(each, ())
                yield pytest.param(
                    home,
                    name,
                    {k: v for k, v in base.items() if k not in without},
                    each,
                    codec,
                    id=f"{home} {name} {each}",
                )


@pytest.mark.parametrize(("home", "name", "base", "field", "codec"), list(changes()))
def test_each_field_has_its_say_in_the_sentence(
    home: str, name: str, base: dict[str, Any], field: str, codec: Codec
) -> None:
    before = readable(home, name, base)
    assert before is not None, base
    others = [{**base, field: each} for each in otherwise(codec, base[field]) if each is not None]
    others.append({each: value for each, value in base.items() if each != field})
    heard = 0
    for other in others:
        after = readable(home, name, other)
        if after is not None:
            heard += 1
            assert after != before, other
    assert heard, field


def readable(home: str, name: str, data: Mapping[str, Any]) -> str | None:
    """The sentence, or nothing where this is no rule (a field that must be there, one that says what holds anyway)."""
    try:
        return said(home, name, data)
    except notation.RuleError:
        return None


class Recording:
    """Asks for nothing that is not marked, and says it in English."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        return message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        self.asked |= {singular, plural}
        return ENGLISH.ngettext(singular, plural, number)


def marked() -> set[str]:
    """The messages that a search for what is to be translated finds: literals in calls by these names."""
    folder = Path(pathways.rules.phrases.__file__).parent
    found = set()
    for path in (*folder.glob("*.py"), Path(explain.__file__)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                count = {"_": 1, "gettext": 1, "gettext_noop": 1, "ngettext": 2}.get(called, 0)
                found |= {each.value for each in node.args[:count] if isinstance(each, ast.Constant)}
    return found


def test_every_template_is_marked_for_translation() -> None:
    language = Recording()
    for home, name, _codecs, base in kinds():
        for data in (base, *({**base, each: None} for each in base)):
            whole = _apart(document(home, name, {each: value for each, value in data.items() if value is not None}))
            try:
                rule = notation.from_json(notation.numbered(whole))
            except notation.RuleError:
                continue
            explain.sentence(rule, {}, language)
    assert len(language.asked) > 150
    assert sorted(language.asked - marked()) == []


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("earn 1 #n", "Collect at least 1 credit."),
        ("earn 2.5; at most 1000; unit hours", "Collect 2.5 to 1000 hours."),
        ("count 1; at most 1; tags t", "Hold exactly 1 achievement from the group t."),
        ("earn 1; unit miles", "Collect at least 1 miles."),
        ("hold a; shared", "Hold a, which may count in other parts, too."),
        (
            "earn 3; earned within 24 months whole months exclusive",
            "Collect at least 3 credits earned in the last 24 calendar months less one day.",
        ),
        (
            "earn 9\n  where limit; at least 1; measure count; level at least 5",
            "Collect at least 9 credits, where at least 1 achievement is at level 5 or above.",
        ),
        (
            "earn 9\n  where average; at least 3; weight count; values (mark A; value 4) and (mark B; value 3)",
            "Collect at least 9 credits, where the grades average at least 3, each weighing the same,"
            " taking A for 4 and B for 3.",
        ),
        (
            "renewals (achievements a; by (achievements b); period 3 years; grace 28 days; extends)\nhold a",
            "Hold a; b renews a for 3 years from its old end, also within 28 days after its end.",
        ),
        (
            "result figure class; give average; bands (word pass; at least 40) and (word first; at least 70)\nhold a",
            "Hold a; the result “class” is the average of the grades, weighted by credits, of what counted"
            " of any achievement, said as “pass” from 40 and “first” from 70.",
        ),
        (
            'result titles honours; titles "with honours" for high; give last\nhold a #high',
            "Hold a; the result “honours” is the last of these words: “with honours” by “hold a”.",
        ),
        (
            "validity 1 years exclusive\ngrace to year end\nhold a",
            "Hold a; it is valid for 1 year less one day; it stands to the end of that year.",
        ),
    ],
)
def test_what_used_to_be_silent_is_said_in_good_english(rule: str, sentence: str) -> None:
    assert explain.sentence(text.from_text(rule), {}) == sentence

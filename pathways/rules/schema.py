"""The JSON Schema of rules (draft 2020-12), made of the same codecs that read them, so that it cannot disagree.

It says everything about form. Four things only the reader judges: that ids are given once and named parts exist, that
a share is in lowest terms, how deep and long a rule may be, and that a text has no characters that cannot be seen
beyond those listed here. `1.0` is a whole number to JSON Schema and none to the reader.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from pathways.rules import notation
from pathways.rules.codecs import (
    DATE,
    DECIMAL,
    FRACTION,
    MAX_NUMBER,
    MAX_PLACES,
    NODE,
    NODE_ID,
    PLACES,
    RATIO,
    SHARE,
    SHARE_OF,
    START,
    START_OF,
    STEP,
    TEXT,
    TRUE,
    WHOLE,
    Codec,
    default,
)
from pathways.rules.requirement import Rule

NAME = f"rule-{notation.FORMAT}.json"
# What is served and published; the command `rule_schema` writes it anew.
FILE = Path(__file__).parent / NAME
# Python's `$` also stands before a line break at the end, ECMA's does not; with the look-ahead both agree.
_END = r"$(?!\n)"
_UNSEEN = (
    r"\u0000-\u001f\u007f-\u00a0\u00ad\u0600-\u0605\u061c\u06dd\u070f\u1680\u180e\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u3000\ud800-\uf8ff\ufeff\ufff9-\ufffb"
)
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29"
_DATE = (
    "^(?!0000)(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    f"|02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP}){_END}"
)
_PLAIN: dict[int, dict[str, Any]] = {
    id(TEXT): {"type": "string", "maxLength": 200, "pattern": f"^ *[^ {_UNSEEN}][^{_UNSEEN}]*{_END}"},
    id(NODE): {"type": "string", "pattern": f"^{NODE_ID.pattern}{_END}"},
    id(WHOLE): {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER},
    id(DECIMAL): {
        "anyOf": [
            {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER},
            {"type": "string", "pattern": f"^{FRACTION.pattern}{_END}"},
        ]
    },
    id(PLACES): {"type": "integer", "minimum": 0, "maximum": MAX_PLACES},
    id(STEP): {
        "anyOf": [
            {"type": "integer", "exclusiveMinimum": 0, "maximum": MAX_NUMBER},
            {"type": "string", "pattern": rf"^(?!0\.0+$){FRACTION.pattern}{_END}"},
        ]
    },
    id(DATE): {"type": "string", "format": "date", "pattern": _DATE},
    id(TRUE): {"const": True},
    id(SHARE_OF): {"type": "string", "pattern": f"^{SHARE.pattern}{_END}"},
    id(START_OF): {"type": "string", "pattern": f"^(?:{START.pattern}){_END}"},
    id(RATIO): {"type": "string", "pattern": f"^{SHARE.pattern}{_END}"},
}
# Objects that many fields hold are said once.
_NAMED: Mapping[int, str] = {
    id(notation.PART): "part",
    id(notation.DAY): "day",
    id(notation.PERIOD): "period",
    id(notation.POOL): "pool",
    id(notation.WHERE): "where",
    id(notation.ALTERNATIVE): "alternative",
    id(notation.OVER_PARTS.item): "condition",
    id(notation.BLEND.item): "blend",
    id(notation.RULE_FIELDS["results"].item): "result",
}


def schema() -> dict[str, Any]:
    """The whole schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"/schemas/{NAME}",
        "title": "Stacking rule",
        "description": "What must be satisfied to earn an achievement, and how long it stands once earned.",
        **_object(Rule, {"format": {"const": notation.FORMAT}}, notation.RULE_FIELDS),
        "$defs": {
            "part": _kinds([*notation.KINDS, *notation.CHECKS]),
            "condition": _kinds(notation.CONDITIONS),
            "result": _kinds(notation.RESULTS),
            "blend": _inner(notation.BLEND.item or notation.BLEND),
            "where": _inner(notation.WHERE),
            "pool": _inner(notation.POOL),
            "alternative": {
                "if": {"anyOf": [{"required": ["achievements"]}, {"required": ["without_achievements"]}]},
                "then": {"$ref": "#/$defs/pool"},
                "else": {"$ref": "#/$defs/where"},
            },
            "period": _inner(notation.PERIOD),
            "day": {"anyOf": [_PLAIN[id(DATE)], *_days()]},
        },
    }


def written() -> str:
    """The schema as the text of its file."""
    return json.dumps(schema(), indent=1, ensure_ascii=True) + "\n"


def _days() -> list[dict[str, Any]]:
    return [
        _object(notation.FactDay, {}, notation.FACT_DAY),
        _object(notation.HoldingDay, {}, notation.HOLDING_DAY),
        _object(notation.Today, {"today": {"const": True}}, notation.TODAY),
    ]


def _kinds(kinds: Sequence[notation.Kind]) -> dict[str, Any]:
    """One of several objects, told apart by `type`; stated so that a fault is reported of the right one."""
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": [kind.name for kind in kinds]}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": kind.name}}},
                "then": _object(kind.cls, {"type": {"const": kind.name}}, kind.codecs),
            }
            for kind in kinds
        ],
    }


def _object(cls: type, beside: Mapping[str, Any], codecs: Mapping[str, Codec]) -> dict[str, Any]:
    defaults = {each.name: default(each) for each in fields(cls)}
    required = [*beside, *(name for name in codecs if defaults[name] is MISSING)]
    said: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {**beside, **{name: _field(codec, defaults[name]) for name, codec in codecs.items()}},
    }
    return {**said, "required": required} if required else said


def _field(codec: Codec, otherwise: Any) -> dict[str, Any]:
    """What may be said in a field; what would hold anyway may not be said."""
    return {**_value(codec), **_otherwise(otherwise)}


def _otherwise(default: Any) -> dict[str, Any]:
    match default:
        case ():
            return {"minItems": 1}
        case bool() | None | "":
            return {}
        case str():
            return {"not": {"const": default}}
        case Fraction():
            return {"not": {"const": f"{default.numerator}/{default.denominator}"}}
        case int() | Decimal():
            same = {"type": "string", "pattern": rf"^{default}\.0+$"}
            return {"not": {"anyOf": [{"const": int(default)}, same]}}
    # A query that asks for nothing.
    return {} if default is MISSING else {"minProperties": 1}


def _value(codec: Codec) -> dict[str, Any]:
    if id(codec) in _NAMED:
        return {"$ref": f"#/$defs/{_NAMED[id(codec)]}"}
    return _inner(codec)


def _inner(codec: Codec) -> dict[str, Any]:
    if id(codec) in _PLAIN:
        return dict(_PLAIN[id(codec)])
    if codec.choices:
        return {"enum": list(codec.choices)}
    if codec.item is not None:
        unique = {"uniqueItems": True} if codec is notation.NAMES else {}
        return {"type": "array", "items": _value(codec.item), **unique}
    if codec.cls is not None and codec.fields is not None:
        return _object(codec.cls, {}, codec.fields)
    raise TypeError(f"The schema cannot say what this reads: {codec.read}")

"""Judges documents by published JSON Schemas, which are kept here unchanged: nothing is fetched."""

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
from jsonschema import Draft201909Validator, FormatChecker
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry

from .data_integrity import parse_date_time_stamp
from .problems import Problem

Json = dict[str, Any]

FOLDER = Path(__file__).parent / "schemas"
_MAX_WORDS = 300


def problems(file: str, document: Json) -> list[Problem]:
    """Where a document departs from the schema of this file in the folder; empty if nowhere."""
    # One judges a hundred times as fast, the other knows which of many reasons is the telling one.
    if _judge(file).is_valid(document):
        return []
    found = [_problem(error) for error in _explainer(file).iter_errors(document)]
    return found or [Problem("$", "The credential does not fit the published schema.")]


@cache
def _judge(file: str) -> jsonschema_rs.Draft201909Validator:
    return jsonschema_rs.Draft201909Validator(
        _schema(file), formats={"date-time": _is_date_time}, validate_formats=True, retriever=_nowhere
    )


def _nowhere(address: str) -> Json:
    # No reference may lead to the network.
    raise LookupError(address)


@cache
def _explainer(file: str) -> Draft201909Validator:
    formats = FormatChecker(formats=())
    formats.checks("date-time")(_is_date_time)
    # An empty registry, so that no reference can lead to the network.
    return Draft201909Validator(_schema(file), registry=Registry(), format_checker=formats)


def _schema(file: str) -> Json:
    schema: Json = json.loads((FOLDER / file).read_bytes())
    return schema


def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or _is_moment(value)


# What was awarded at once has one time.
@lru_cache(256)
def _is_moment(text: str) -> bool:
    try:
        return bool(parse_date_time_stamp(text))
    except ValueError:
        return False


def _problem(error: ValidationError) -> Problem:
    deepest = best_match([error]) or error
    return Problem(_path(deepest.absolute_path), _shortened(deepest.message))


def _path(steps: Sequence[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _shortened(words: str) -> str:
    return words if len(words) <= _MAX_WORDS else words[: _MAX_WORDS - 1] + "…"

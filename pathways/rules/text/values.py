"""How each kind of value is said in a clause, and read from it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pathways.rules.codecs import FRACTION, START, TRUE, WHOLE, Codec
from pathways.rules.notation import POOL
from pathways.rules.phrases.language import gettext_noop, phrase
from pathways.rules.text.placed import QUOTED, Said, TextError
from pathways.rules.text.words import Clauses, clauses_of, is_flat, spoken

BARE = re.compile(r'[^\s;,#"()=]+(?:[ =][^\s;,#"()=]+)*')
DIGITS = re.compile(r"[0-9]{1,13}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PERIOD = re.compile(
    r"(?:([0-9]{1,9}) years?)? ?(?:([0-9]{1,9}) months?)? ?(?:([0-9]{1,9}) days?)? ?(whole months)? ?(exclusive)?"
)
OF_HOLDING = re.compile(r"(first|last)(?: ([^\s()]+))? (?=\()")
NOW = re.compile(r"today(?= |$)")
MOVED = re.compile(rf"(?: start of ({START.pattern}))?(?: plus ([^()]+?))?(?: minus ([^()]+))?")
A_DAY = gettext_noop(
    'a date such as 2024-01-31, or today, a fact in quotes such as "born", or first (achievements X), '
    "each perhaps with plus or minus a time"
)
A_PERIOD = gettext_noop("a time such as 2 years 6 months, perhaps with: whole months, exclusive")
A_WHOLE = gettext_noop("a whole number such as 12, 0 or more and at most 12 digits long")
A_NUMBER = gettext_noop("a number such as 12 or 2.5, at most 12 digits long with 6 after the point")
# What stands between the brackets of a list of objects.
BETWEEN = {"either": " or ", "objects": " and "}


class Reading:
    """Where each thing that was read stands, by its path in the JSON."""

    def __init__(self) -> None:
        self.places: dict[str, Said] = {}

    def refusal(self, path: str, expected: str) -> TextError:
        """The refusal of what lies at a path, at the place of the innermost thing around it that was said."""
        while path not in self.places and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places[path].refusal(expected) if path else TextError(1, 1, expected)


class _Form(NamedTuple):
    write: Callable[[Any], str]
    read: Callable[[Said, str, Reading], Any]


def write_value(codec: Codec, value: Any) -> str:
    """The value as it stands after its clause's name, with a blank before it; nothing for a flag."""
    said = _form(codec).write(value)
    return f" {said}" if said else ""


def read_value(codec: Codec, said: Said, path: str, reading: Reading) -> Any:
    """The value in JSON; what is odd about it beyond its form is for the JSON's reader to say."""
    reading.places[path] = said
    return _form(codec).read(said, path, reading)


def _form(codec: Codec) -> _Form:
    inner = codec.fields
    if codec.kind in ("object", "pool", "where") and inner is not None:
        return _Form(
            lambda value: write_inner(inner, value),
            lambda said, path, reading: _read_inner(codec, said, path, reading),
        )
    if codec.kind in BETWEEN and codec.item is not None:
        between, item = BETWEEN[codec.kind], codec.item
        return _Form(
            lambda values: between.join(write_inner(item.fields or {}, each) for each in values),
            lambda said, path, reading: [
                _read_inner(item, each, f"{path}[{place}]", reading) for place, each in enumerate(said.split(between))
            ],
        )
    if codec is WHOLE:
        return _WHOLE
    return _FORMS.get(codec.kind, _WORD)


# Clauses


def write_clauses(codecs: Mapping[str, Codec], value: Mapping[str, Any]) -> Iterator[str]:
    """Each field that is there as a clause; those of a pool stand among the others."""
    for name, codec in codecs.items():
        if name not in value:
            continue
        if is_flat(name, codec):
            yield from write_clauses(codec.fields or {}, value[name])
        else:
            yield f"{spoken(name)}{write_value(codec, value[name])}"


def write_inner(codecs: Mapping[str, Codec], value: Mapping[str, Any]) -> str:
    return "(" + "; ".join(write_clauses(codecs, value)) + ")"


def read_each(clauses: Sequence[Said], known: Clauses, around: Said, path: str, reading: Reading) -> dict[str, Any]:
    """The fields that these clauses say; `around` is what they belong to."""
    data: dict[str, Any] = {name: {} for name in known.empty_pools}
    for said in clauses:
        found = known.find(said.text)
        if found is None:
            raise said.refusal(known.expected(said.text))
        words, clause = found
        home = data.setdefault(clause.home, {}) if clause.home else data
        if clause.name in home:
            raise said.refusal(phrase(gettext_noop("“{words}” once only"), words=words))
        rest = said.after(len(words))
        if clause.codec is TRUE and rest.text:
            raise rest.refusal(phrase(gettext_noop("nothing after “{words}”"), words=words))
        inside = f"{path}.{clause.home}" if clause.home else path
        home[clause.name] = read_value(clause.codec, rest, f"{inside}.{clause.name}", reading)
    for name in known.must:
        if name not in data:
            raise around.refusal(phrase(gettext_noop("“{words}” to be said here, too"), words=spoken(name)))
    return data


def _read_inner(codec: Codec, said: Said, path: str, reading: Reading) -> Any:
    reading.places[path] = said
    inner = said.within_brackets()
    return read_each(inner.split(";") if inner.text else [], clauses_of(codec), said, path, reading)


# Words and numbers


def _quoted(word: str) -> str:
    return word if BARE.fullmatch(word) else json.dumps(word, ensure_ascii=False)


def _unquoted(said: Said, path: str, reading: Reading) -> str:
    text = said.text
    if not text:
        raise said.refusal(gettext_noop("a name"))
    if '"' not in text:
        return text
    if not QUOTED.fullmatch(text):
        raise said.refusal(gettext_noop("a name that stands in quotes as a whole, or has none"))
    try:
        return str(json.loads(text))
    except ValueError:
        raise said.refusal(gettext_noop("a name in quotes that is written like JSON")) from None


def _read_names(said: Said, path: str, reading: Reading) -> list[str]:
    names = []
    for place, each in enumerate(said.split(",") if said.text else ()):
        reading.places[f"{path}[{place}]"] = each
        names.append(_unquoted(each, path, reading))
    return names


def _read_whole(said: Said, path: str, reading: Reading) -> int:
    if not DIGITS.fullmatch(said.text):
        raise said.refusal(A_WHOLE)
    return int(said.text)


def _read_number(said: Said, path: str, reading: Reading) -> int | str:
    if DIGITS.fullmatch(said.text):
        return int(said.text)
    if not FRACTION.fullmatch(said.text):
        raise said.refusal(A_NUMBER)
    return said.text


# Times and days


def _write_period(period: Mapping[str, Any]) -> str:
    said = [f"{period[name]} {name}" for name in ("years", "months", "days") if name in period]
    said += [spoken(name) for name in ("whole_months", "exclusive") if name in period]
    return " ".join(said) or "0 days"


def _read_period(said: Said, path: str, reading: Reading) -> dict[str, Any]:
    if said.text == "0 days":
        return {}
    match = PERIOD.fullmatch(said.text)
    if match is None or not said.text:
        raise said.refusal(A_PERIOD)
    period: dict[str, Any] = {
        name: int(found)
        for name, found in zip(("years", "months", "days"), match.groups()[:3], strict=True)
        if found is not None
    }
    for name, found in zip(("whole_months", "exclusive"), match.groups()[3:], strict=True):
        if found is not None:
            period[name] = True
    return period


def _write_day(day: Any) -> str:
    if isinstance(day, str):
        return day
    if "fact" in day:
        said = json.dumps(day["fact"], ensure_ascii=False)
    elif "which" in day:
        ending = f" {day['on']}" if "on" in day else ""
        said = f"{day['which']}{ending} {write_inner(POOL.fields or {}, day['pool'])}"
    else:
        said = "today"
    if "start_of" in day:
        said += f" start of {day['start_of']}"
    for name in ("plus", "minus"):
        if name in day:
            said += f" {name} {_write_period(day[name])}"
    return said


def _read_day(said: Said, path: str, reading: Reading) -> Any:
    text, source = said.text, said.line.text
    if DATE.fullmatch(text):
        return text
    day: dict[str, Any]
    of = OF_HOLDING.match(source, said.start, said.end)
    now = NOW.match(source, said.start, said.end)
    if text.startswith('"'):
        end = said.line.closed[said.start]
        day = {"fact": _unquoted(said.part(said.start, end), path, reading)}
    elif of is not None:
        end = said.line.closed[of.end()]
        day = {"which": of[1], "pool": _read_inner(POOL, said.part(of.end(), end), f"{path}.pool", reading)}
        day |= {"on": of[2]} if of[2] else {}
    elif now is not None:
        end, day = now.end(), {"today": True}
    else:
        raise said.refusal(A_DAY)
    moved = MOVED.fullmatch(source, end, said.end)
    if moved is None:
        raise said.part(end).refusal(
            gettext_noop("nothing more, or: start of year, month, quarter, week or 09-01, plus a time, minus a time")
        )
    day |= {"start_of": moved[1]} if moved[1] else {}
    for group, name in ((2, "plus"), (3, "minus")):
        if moved[group] is not None:
            day[name] = _read_period(said.part(*moved.span(group)), f"{path}.{name}", reading)
    return day


# Titles


def _write_titles(titles: Sequence[Mapping[str, str]]) -> str:
    return ", ".join(f"{json.dumps(each['word'], ensure_ascii=False)} for {each['node']}" for each in titles)


def _read_titles(said: Said, path: str, reading: Reading) -> Any:
    titles = []
    for place, each in enumerate(said.split(",")):
        reading.places[f"{path}[{place}]"] = each
        end = each.opened()
        if end is None or not each.text.startswith('"') or not each.line.text.startswith(" for ", end):
            raise each.refusal(gettext_noop('titles such as "with honours" for part-id'))
        word = _unquoted(each.part(each.start, end), path, reading)
        titles.append({"word": word, "node": each.part(end + len(" for ")).text})
    return titles


_WORD = _Form(_quoted, _unquoted)
_WHOLE = _Form(str, _read_whole)
_FORMS: dict[str, _Form] = {
    "number": _Form(str, _read_number),
    "names": _Form(lambda names: ", ".join(map(_quoted, names)), _read_names),
    "plain": _Form(str, lambda said, path, reading: said.text),
    "day": _Form(_write_day, _read_day),
    "period": _Form(_write_period, _read_period),
    "flag": _Form(lambda value: "", lambda said, path, reading: True),
    "titles": _Form(_write_titles, _read_titles),
}

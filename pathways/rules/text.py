"""Rules as text that a registrar reads and writes: one part a line, indented under what it belongs to.

    all of #root
      hold data-basics, statistics; level at least 5; current
      earn 60; tags electives; earned within 5 years #electives
        where limit; at least share 2/3; level at least 6

A line is a word for the part with what it asks first, then clauses after semicolons, then `#` and its id, which may be
left out when writing. The clauses are the fields of the JSON with spaces for underscores. Lines beginning with `--`
are remarks and are not kept. The text says exactly what the JSON says, and every refusal names its line.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pathways.rules import notation
from pathways.rules.codecs import TRUE, Codec, RuleError, default
from pathways.rules.notation import MORE_ROOTS, POOL, POOL_FIELDS
from pathways.rules.requirement import Rule

INDENT = "  "
MAX_LINES = 2_000
BARE = re.compile(r'[^\s;,#"()=]+(?:[ =][^\s;,#"()=]+)*')
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


class TextError(ValueError):
    """A text that cannot be read: the line, counted from one, and what was expected there."""

    def __init__(self, line: int, expected: str) -> None:
        super().__init__(f"line {line}: expected {expected}")
        self.line = line
        self.expected = expected


class _Word(NamedTuple):
    """How a kind of line begins, and the field that follows at once."""

    word: str
    lead: str | None


PART_WORDS = {
    "all": _Word("all of", None),
    "any": _Word("any of", None),
    "at_least": _Word("at least", "count"),
    "holds": _Word("hold", "any_of"),
    "passed": _Word("pass", "assessment"),
    "count": _Word("count", "at_least"),
    "amount": _Word("earn", "at_least"),
    "fact": _Word("fact", "name"),
    "given": _Word("have", None),
    "duration": _Word("time", "at_least"),
    "unbroken": _Word("unbroken", None),
    "was_met": _Word("was met", None),
    "each_cycle": _Word("each cycle", None),
    "unmet": _Word("unmet", None),
    "signed_off": _Word("approval", "role"),
}
CONDITION_WORDS = {kind.name: _Word(f"where {kind.name.replace('_', ' ')}", None) for kind in notation.CONDITIONS}
RESULT_WORDS = {kind.name: _Word(f"result {kind.name}", "name") for kind in notation.RESULTS}
# Fields whose own fields are written as clauses of the same line.
FLAT = ("where", "pool", "of")
BELOW = ("id", "parts", "part", "conditions")


# Writing


def to_text(rule: Rule) -> str:
    """The rule as text, with all ids, from which `from_text` makes the same rule."""
    data = notation.to_json(rule)
    lines = [f"{_spoken(name)}{_said(codec, data[name])}" for name, codec in _rule_fields() if name in data]
    for result in data.get("results", ()):
        lines.append(_line(result, RESULT_WORDS, {kind.name: kind for kind in notation.RESULTS}))
        lines += [line for part in result.get("parts", ()) for line in _part_lines(part, 1)]
    for name in MORE_ROOTS:
        if name in data:
            lines += [_spoken(name), *_part_lines(data[name], 1)]
    lines += _part_lines(data["root"], 0)
    return "\n".join(lines) + "\n"


def _rule_fields() -> list[tuple[str, Codec]]:
    return [
        (name, codec) for name, codec in notation.RULE_FIELDS.items() if name not in ("root", "results", *MORE_ROOTS)
    ]


def _part_lines(part: Mapping[str, Any], depth: int) -> Iterator[str]:
    yield INDENT * depth + _line(part, PART_WORDS, notation.BY_NAME)
    for condition in part.get("conditions", ()):
        kinds = {kind.name: kind for kind in notation.CONDITIONS}
        yield INDENT * (depth + 1) + _line(condition, CONDITION_WORDS, kinds)
    for below in (*part.get("parts", ()), *([part["part"]] if "part" in part else [])):
        yield from _part_lines(below, depth + 1)


def _line(data: Mapping[str, Any], words: Mapping[str, _Word], kinds: Mapping[str, notation.Kind]) -> str:
    word = words[data["type"]]
    fields = kinds[data["type"]].codecs
    said = word.word if word.lead is None else f"{word.word}{_said(fields[word.lead], data[word.lead])}"
    clauses = [
        clause
        for name, codec in fields.items()
        if name in data and name != word.lead and name not in BELOW
        for clause in _clauses(name, codec, data[name])
    ]
    node = f" #{data['id']}" if "id" in data else ""
    return "; ".join([said, *clauses]) + node


def _is_flat(name: str, codec: Codec) -> bool:
    """Whether the fields of this field are written as clauses of the same line."""
    return name in FLAT and codec.kind in ("pool", "where")


def _clauses(name: str, codec: Codec, value: Any) -> Iterator[str]:
    if _is_flat(name, codec):
        for inner, inner_codec in (codec.fields or {}).items():
            if inner in value:
                yield from _clauses(inner, inner_codec, value[inner])
    else:
        yield f"{_spoken(name)}{_said(codec, value)}"


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _said(codec: Codec, value: Any) -> str:
    said = _form(codec).write(value)
    return f" {said}" if said else ""


# How each kind of value is said


class _Form(NamedTuple):
    write: Callable[[Any], str]
    read: Callable[[str, int], Any]


def _form(codec: Codec) -> _Form:
    inner = codec.fields
    if codec.kind in ("object", "pool", "where") and inner is not None:
        return _Form(
            lambda value: _write_inner(inner, value),
            lambda said, line: _read_inner(inner, said, line),
        )
    if codec.kind in BETWEEN and inner is not None:
        between = BETWEEN[codec.kind]
        return _Form(
            lambda values: between.join(_write_inner(inner, each) for each in values),
            lambda said, line: [_read_inner(inner, each, line) for each in _split(said, between)],
        )
    return FORMS.get(codec.kind, WORD_FORM)


def _quoted(word: str) -> str:
    return word if BARE.fullmatch(word) else json.dumps(word, ensure_ascii=False)


def _unquoted(said: str, line: int) -> str:
    if QUOTED.fullmatch(said):
        try:
            return str(json.loads(said))
        except ValueError:
            raise TextError(line, "a name in quotes that is written like JSON") from None
    if not said:
        raise TextError(line, "a name")
    return said


def _split(said: str, at: str) -> list[str]:
    """The pieces between separators that stand outside quotes and brackets."""
    pieces, piece, depth, place = [], "", 0, 0
    while place < len(said):
        quoted = QUOTED.match(said, place)
        if quoted:
            piece += quoted[0]
            place = quoted.end()
            continue
        depth += (said[place] == "(") - (said[place] == ")")
        if depth == 0 and said.startswith(at, place):
            pieces.append(piece.strip())
            piece, place = "", place + len(at)
            continue
        piece += said[place]
        place += 1
    return [*pieces, piece.strip()]


def _read_number(said: str, line: int) -> Any:
    return int(said) if said.isascii() and said.isdigit() else said


def _write_period(period: Mapping[str, Any]) -> str:
    said = [f"{period[name]} {name}" for name in ("years", "months", "days") if name in period]
    said += [name.replace("_", " ") for name in ("whole_months", "exclusive") if name in period]
    return " ".join(said) or "0 days"


def _read_period(said: str, line: int) -> Any:
    if said == "0 days":
        return {}
    period: dict[str, Any] = {}
    match = re.fullmatch(
        r"(?:(\d{1,9}) years?)? ?(?:(\d{1,9}) months?)? ?(?:(\d{1,9}) days?)? ?(whole months)? ?(exclusive)?", said
    )
    if match is None or not said:
        raise TextError(line, "a time such as 2 years 6 months, perhaps with: whole months, exclusive")
    for name, found in zip(("years", "months", "days"), match.groups()[:3], strict=True):
        if found is not None:
            period[name] = int(found)
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
        said = f"{day['which']}{ending} {_write_inner(POOL_FIELDS, day['pool'])}"
    else:
        said = "today"
    if "start_of" in day:
        said += f" start of {day['start_of']}"
    for name in ("plus", "minus"):
        if name in day:
            said += f" {name} {_write_period(day[name])}"
    return said


DAY_FORMS = (
    'a day: 2024-01-31, today, a fact in quotes such as "born", or first (achievements X), each with plus or minus'
)


def _read_day(said: str, line: int) -> Any:
    day: dict[str, Any]
    fact = QUOTED.match(said)
    of = re.match(r"(first|last)(?: ([^\s()]+))? (?=\()", said)
    now = re.match(r"today(?= |$)", said)
    if fact is not None:
        day, rest = {"fact": _unquoted(fact[0], line)}, said[fact.end() :]
    elif of is not None:
        end = _closing(said, of.end(), line)
        day = {"which": of[1], "pool": _read_inner(POOL_FIELDS, said[of.end() : end], line)}
        day |= {"on": of[2]} if of[2] else {}
        rest = said[end:]
    elif now is not None:
        day, rest = {"today": True}, said[now.end() :]
    else:
        return said
    match = re.fullmatch(r"(?: start of (year|month))?(?: plus (.+?))?(?: minus (.+))?", rest)
    if match is None:
        raise TextError(line, DAY_FORMS)
    day |= {"start_of": match[1]} if match[1] else {}
    for name, period in zip(("plus", "minus"), match.groups()[1:], strict=True):
        if period is not None:
            day[name] = _read_period(period, line)
    return day


def _closing(said: str, place: int, line: int) -> int:
    """The place after the bracket that closes the one at `place`."""
    depth = 0
    while place < len(said):
        quoted = QUOTED.match(said, place)
        if quoted:
            place = quoted.end()
            continue
        depth += (said[place] == "(") - (said[place] == ")")
        place += 1
        if depth == 0:
            return place
    raise TextError(line, "a bracket that closes")


def _write_inner(fields: Mapping[str, Codec], value: Mapping[str, Any]) -> str:
    clauses = [
        clause for name, codec in fields.items() if name in value for clause in _clauses(name, codec, value[name])
    ]
    return "(" + "; ".join(clauses) + ")"


def _read_inner(fields: Mapping[str, Codec], said: str, line: int) -> Any:
    if not (said.startswith("(") and said.endswith(")")):
        raise TextError(line, "clauses in brackets")
    inner = said[1:-1].strip()
    read = _read_clauses(_split(inner, ";") if inner else [], fields, line)
    if fields.get("of") is POOL:
        read.setdefault("of", {})
    return read


def _write_titles(titles: Sequence[Mapping[str, str]]) -> str:
    return ", ".join(f"{json.dumps(each['word'], ensure_ascii=False)} for {each['node']}" for each in titles)


def _read_titles(said: str, line: int) -> Any:
    titles = []
    for each in _split(said, ","):
        word = QUOTED.match(each)
        if word is None or not each[word.end() :].startswith(" for "):
            raise TextError(line, 'titles such as "with honours" for part-id')
        titles.append({"word": _unquoted(word[0], line), "node": each[word.end() + 5 :]})
    return titles


WORD_FORM = _Form(_quoted, _unquoted)
PLAIN_FORM = _Form(str, lambda said, line: said)
FORMS: dict[str, _Form] = {
    "number": _Form(str, _read_number),
    "names": _Form(
        lambda names: ", ".join(map(_quoted, names)),
        lambda said, line: [_unquoted(each, line) for each in _split(said, ",")] if said else [],
    ),
    "plain": PLAIN_FORM,
    "day": _Form(_write_day, _read_day),
    "period": _Form(_write_period, _read_period),
    "flag": _Form(lambda value: "", lambda said, line: True),
    "titles": _Form(_write_titles, _read_titles),
}
# What stands between the brackets of a list of objects.
BETWEEN = {"either": " or ", "objects": " and "}


# Reading


def from_text(text: str) -> Rule:
    """The rule that this text says. Raises `TextError` with the line of the first thing that cannot be read."""
    lines: dict[str, int] = {}
    data = notation.numbered(_read_rule(_content(text), lines))
    try:
        return notation.from_json(data)
    except RuleError as fault:
        places = [path for path in lines if fault.path.startswith(path)]
        line = lines[max(places, key=len)] if places else 1
        raise TextError(line, fault.expected) from fault


class _Line(NamedTuple):
    number: int
    depth: int
    said: str


def _content(text: str) -> list[_Line]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.strip()
        if not said or said.startswith("--"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        if indent % len(INDENT) or line[indent] == "\t":
            raise TextError(number, "two spaces for each level")
        found.append(_Line(number, indent // len(INDENT), said))
        if len(found) > MAX_LINES:
            raise TextError(number, f"at most {MAX_LINES} lines")
    return found


def _read_rule(content: list[_Line], lines: dict[str, int]) -> dict[str, Any]:
    data: dict[str, Any] = {"format": notation.FORMAT}
    results: list[dict[str, Any]] = []
    fields = dict(_rule_fields())
    waiting = list(reversed(content))
    while waiting and waiting[-1].depth == 0:
        line = waiting[-1]
        root = line.said.replace(" ", "_")
        if line.said.startswith("result "):
            waiting.pop()
            results.append(_read_result(line, waiting, f"$.results[{len(results)}]", lines))
            continue
        if root in MORE_ROOTS:
            if root in data or len(waiting) < 2:
                raise TextError(line.number, f"“{line.said}” once, and a part under it")
            waiting.pop()
            data[root] = _read_part(waiting, 1, f"$.{root}", lines)
            continue
        if _field(line.said, fields) is not None:
            read = _read_clauses([line.said], fields, line.number)
            if read.keys() & data.keys():
                raise TextError(line.number, "each of these lines once only")
            data.update(read)
        else:
            break
        waiting.pop()
    if results:
        data["results"] = results
    if not waiting:
        raise TextError(1, "a part, such as: all of")
    data["root"] = _read_part(waiting, 0, "$.root", lines)
    if waiting:
        raise TextError(waiting[-1].number, "nothing more at this level; a rule has one outermost part")
    return data


def _read_result(line: _Line, waiting: list[_Line], path: str, lines: dict[str, int]) -> dict[str, Any]:
    lines[path] = line.number
    kinds = {kind.name: kind for kind in notation.RESULTS}
    result = _read_line(line, RESULT_WORDS, kinds)
    if "parts" in kinds[result["type"]].codecs:
        result["parts"] = []
        while waiting and waiting[-1].depth > 0:
            place = f"{path}.parts[{len(result['parts'])}]"
            result["parts"].append(_read_part(waiting, 1, place, lines))
    return result


def _read_part(waiting: list[_Line], depth: int, path: str, lines: dict[str, int]) -> dict[str, Any]:
    line = waiting.pop()
    if line.depth != depth:
        raise TextError(line.number, f"{depth * len(INDENT)} spaces before this line")
    if depth > notation.MAX_JSON_DEPTH:
        raise TextError(line.number, "fewer levels")
    lines[path] = line.number
    part = _read_line(line, PART_WORDS, notation.BY_NAME)
    fields = notation.BY_NAME[part["type"]].codecs
    parts: list[Any] = []
    conditions: list[Any] = []
    while waiting and waiting[-1].depth > depth:
        following = waiting[-1]
        if following.said.startswith("where "):
            waiting.pop()
            lines[f"{path}.conditions[{len(conditions)}]"] = following.number
            kinds = {kind.name: kind for kind in notation.CONDITIONS}
            conditions.append(_read_line(following, CONDITION_WORDS, kinds))
        elif "part" in fields:
            part["part"] = _read_part(waiting, depth + 1, f"{path}.part", lines)
        else:
            parts.append(_read_part(waiting, depth + 1, f"{path}.parts[{len(parts)}]", lines))
    if parts or "parts" in fields:
        part["parts"] = parts
    if conditions:
        part["conditions"] = conditions
    return part


def _read_line(line: _Line, words: Mapping[str, _Word], kinds: Mapping[str, notation.Kind]) -> dict[str, Any]:
    said, node = line.said, None
    pieces = _split(said, "#")
    if len(pieces) > 1:
        said, node = "#".join(pieces[:-1]).strip(), pieces[-1]
    first, *clauses = _split(said, ";")
    name = next((each for each, word in words.items() if f"{first} ".startswith(word.word + " ")), None)
    if name is None:
        raise TextError(line.number, "one of: " + ", ".join(each.word for each in words.values()))
    word = words[name]
    data: dict[str, Any] = {"type": name}
    if node is not None:
        data["id"] = node
    rest = first[len(word.word) :].strip()
    codecs = kinds[name].codecs
    if word.lead is not None:
        data[word.lead] = _form(codecs[word.lead]).read(rest, line.number)
    elif rest:
        raise TextError(line.number, f"a semicolon after “{word.word}”")
    fields = {each: codec for each, codec in codecs.items() if each != word.lead and each not in BELOW}
    data.update(_read_clauses(clauses, fields, line.number))
    return _with_pools(data, kinds[name].cls, codecs)


def _with_pools(data: dict[str, Any], cls: type, codecs: Mapping[str, Codec]) -> dict[str, Any]:
    """A pool that must be said is there even if nothing was said of it."""
    for each in dataclasses.fields(cls):
        if each.name in FLAT and default(each) is dataclasses.MISSING and codecs[each.name] is POOL:
            data.setdefault(each.name, {})
    return data


def _read_clauses(clauses: Sequence[str], fields: Mapping[str, Codec], line: int) -> dict[str, Any]:
    data: dict[str, Any] = {}
    flat = {
        inner: (name, codec)
        for name, of in fields.items()
        if _is_flat(name, of)
        for inner, codec in (of.fields or {}).items()
    }
    known = {**{inner: codec for inner, (_, codec) in flat.items()}, **fields}
    for clause in clauses:
        name = _field(clause, known)
        if name is None or _is_flat(name, known[name]):
            words = (_spoken(each) for each, codec in known.items() if not _is_flat(each, codec))
            raise TextError(line, "one of: " + ", ".join(words))
        home = data.setdefault(flat[name][0], {}) if name in flat and name not in fields else data
        if name in home:
            raise TextError(line, f"“{_spoken(name)}” once only")
        rest = clause[len(name) :].strip()
        if known[name] is TRUE and rest:
            raise TextError(line, f"nothing after “{_spoken(name)}”")
        home[name] = _form(known[name]).read(rest, line)
    return data


def _field(clause: str, fields: Mapping[str, Any]) -> str | None:
    """The field that a clause begins with; the longest, as `at least share` begins with `at least`."""
    found = [
        name for name in fields if clause == name.replace("_", " ") or clause.startswith(name.replace("_", " ") + " ")
    ]
    return max(found, key=len, default=None)

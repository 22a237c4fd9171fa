"""Rules as text that a registrar reads and writes: one part a line, indented under what it belongs to.

    all of #root
      hold data-basics, statistics; level at least 5; current
      earn 60; tags electives; earned within 5 years #electives
        where limit; at least share 2/3; level at least 6

A line is a word for the part with what it asks first, then clauses after semicolons, then `#` and its id, which may be
left out when writing. The clauses are the fields of the JSON with spaces for underscores. Lines beginning with `--`
are remarks and are not kept. The text says exactly what the JSON says, and every refusal names its line.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pathways.rules import notation
from pathways.rules.notation import Codec, RuleError
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
    "signed_off": _Word("approval", "role"),
}
CONDITION_WORDS = {kind.name: _Word(f"where {kind.name.replace('_', ' ')}", None) for kind in notation.CONDITIONS}
RESULT_WORDS = {kind.name: _Word(f"result {kind.name}", "name") for kind in notation.RESULTS}
# Fields whose own fields are written as clauses of the same line.
FLAT = {"where": notation.WHERE_FIELDS, "pool": notation.POOL_FIELDS, "of": notation.POOL_FIELDS}
BELOW = ("id", "parts", "part", "conditions")


# Writing


def to_text(rule: Rule) -> str:
    """The rule as text, with all ids, from which `from_text` makes the same rule."""
    data = notation.to_json(rule)
    lines = [f"{name.replace('_', ' ')}{_said(codec, data[name])}" for name, codec in _rule_fields() if name in data]
    for result in data.get("results", ()):
        lines.append(_line(result, RESULT_WORDS, {kind.name: kind.codecs for kind in notation.RESULTS}))
    lines += _part_lines(data["root"], 0)
    return "\n".join(lines) + "\n"


def _rule_fields() -> list[tuple[str, Codec]]:
    return [(name, codec) for name, codec in notation.RULE_FIELDS.items() if name not in ("root", "results")]


def _part_lines(part: Mapping[str, Any], depth: int) -> Iterator[str]:
    yield INDENT * depth + _line(part, PART_WORDS, {name: kind.codecs for name, kind in notation.BY_NAME.items()})
    for condition in part.get("conditions", ()):
        codecs = {kind.name: kind.codecs for kind in notation.CONDITIONS}
        yield INDENT * (depth + 1) + _line(condition, CONDITION_WORDS, codecs)
    for below in (*part.get("parts", ()), *([part["part"]] if "part" in part else [])):
        yield from _part_lines(below, depth + 1)


def _line(data: Mapping[str, Any], words: Mapping[str, _Word], codecs: Mapping[str, Mapping[str, Codec]]) -> str:
    word = words[data["type"]]
    fields = codecs[data["type"]]
    said = word.word if word.lead is None else f"{word.word}{_said(fields[word.lead], data[word.lead])}"
    clauses = [
        clause
        for name, codec in fields.items()
        if name in data and name != word.lead and name not in BELOW
        for clause in _clauses(name, codec, data[name])
    ]
    node = f" #{data['id']}" if "id" in data else ""
    return "; ".join([said, *clauses]) + node


def _clauses(name: str, codec: Codec, value: Any) -> Iterator[str]:
    if name in FLAT:
        for inner, inner_codec in FLAT[name].items():
            if inner in value:
                yield from _clauses(inner, inner_codec, value[inner])
    else:
        yield f"{name.replace('_', ' ')}{_said(codec, value)}"


def _said(codec: Codec, value: Any) -> str:
    said = _form(codec).write(value)
    return f" {said}" if said else ""


# How each kind of value is said


class _Form(NamedTuple):
    write: Callable[[Any], str]
    read: Callable[[str, int], Any]


def _form(codec: Codec) -> _Form:
    return FORMS.get(id(codec), WORD_FORM)


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
    said = json.dumps(day["fact"], ensure_ascii=False)
    for name, sign in (("plus", "plus"), ("minus", "minus")):
        if name in day:
            said += f" {sign} {_write_period(day[name])}"
    return said


def _read_day(said: str, line: int) -> Any:
    fact = QUOTED.match(said)
    if fact is None:
        return said
    match = re.fullmatch(r"(?: plus (.+?))?(?: minus (.+))?", said[fact.end() :])
    if match is None:
        raise TextError(line, 'a day: 2024-01-31, or a fact in quotes such as "born" plus 18 years minus 1 days')
    day: dict[str, Any] = {"fact": _unquoted(fact[0], line)}
    for name, period in zip(("plus", "minus"), match.groups(), strict=True):
        if period is not None:
            day[name] = _read_period(period, line)
    return day


def _write_inner(fields: Mapping[str, Codec], value: Mapping[str, Any]) -> str:
    clauses = [
        clause for name, codec in fields.items() if name in value for clause in _clauses(name, codec, value[name])
    ]
    return "(" + "; ".join(clauses) + ")"


def _read_inner(fields: Mapping[str, Codec], said: str, line: int) -> Any:
    if not (said.startswith("(") and said.endswith(")")):
        raise TextError(line, "clauses in brackets")
    inner = said[1:-1].strip()
    return _read_clauses(_split(inner, ";") if inner else [], dict(fields), line)


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


NUMBER_FORM = _Form(str, _read_number)
NAMES_FORM = _Form(
    lambda names: ", ".join(map(_quoted, names)),
    lambda said, line: [_unquoted(each, line) for each in _split(said, ",")] if said else [],
)
WORD_FORM = _Form(_quoted, _unquoted)
FLAG_FORM = _Form(lambda value: "", lambda said, line: True)
FORMS: dict[int, _Form] = {
    id(notation.WHOLE): NUMBER_FORM,
    id(notation.DECIMAL): NUMBER_FORM,
    id(notation.NAMES): NAMES_FORM,
    id(notation.NODES): NAMES_FORM,
    id(notation.DATE): _Form(str, lambda said, line: said),
    id(notation.SHARE_OF): _Form(str, lambda said, line: said),
    id(notation.DAY): _Form(_write_day, _read_day),
    id(notation.PERIOD): _Form(_write_period, _read_period),
    id(notation.TRUE): FLAG_FORM,
    id(notation.TITLES): _Form(_write_titles, _read_titles),
    id(notation.POOL): _Form(
        lambda pool: _write_inner(notation.POOL_FIELDS, pool),
        lambda said, line: _read_inner(notation.POOL_FIELDS, said, line),
    ),
    id(notation.EITHER): _Form(
        lambda either: " or ".join(_write_inner(notation.WHERE_FIELDS, each) for each in either),
        lambda said, line: [_read_inner(notation.WHERE_FIELDS, each, line) for each in _split(said, " or ")],
    ),
}


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
    results = []
    fields = dict(_rule_fields())
    while content and content[0].depth == 0:
        line = content[0]
        if line.said.startswith("result "):
            results.append(_read_line(line, RESULT_WORDS, {kind.name: kind.codecs for kind in notation.RESULTS}))
        elif _field(line.said, fields) is not None:
            data.update(_read_clauses([line.said], fields, line.number))
        else:
            break
        content = content[1:]
    if results:
        data["results"] = results
    if not content:
        raise TextError(1, "a part, such as: all of")
    waiting = list(reversed(content))
    data["root"] = _read_part(waiting, 0, "$.root", lines)
    if waiting:
        raise TextError(waiting[-1].number, "nothing more at this level; a rule has one outermost part")
    return data


def _read_part(waiting: list[_Line], depth: int, path: str, lines: dict[str, int]) -> dict[str, Any]:
    line = waiting.pop()
    if line.depth != depth:
        raise TextError(line.number, f"{depth * len(INDENT)} spaces before this line")
    if depth > notation.MAX_JSON_DEPTH:
        raise TextError(line.number, "fewer levels")
    lines[path] = line.number
    part = _read_line(line, PART_WORDS, {name: kind.codecs for name, kind in notation.BY_NAME.items()})
    fields = notation.BY_NAME[part["type"]].codecs
    parts: list[Any] = []
    conditions: list[Any] = []
    while waiting and waiting[-1].depth > depth:
        following = waiting[-1]
        if following.said.startswith("where "):
            waiting.pop()
            lines[f"{path}.conditions[{len(conditions)}]"] = following.number
            codecs = {kind.name: kind.codecs for kind in notation.CONDITIONS}
            conditions.append(_read_line(following, CONDITION_WORDS, codecs))
        elif "part" in fields:
            part["part"] = _read_part(waiting, depth + 1, f"{path}.part", lines)
        else:
            parts.append(_read_part(waiting, depth + 1, f"{path}.parts[{len(parts)}]", lines))
    if parts or "parts" in fields:
        part["parts"] = parts
    if conditions:
        part["conditions"] = conditions
    return part


def _read_line(line: _Line, words: Mapping[str, _Word], codecs: Mapping[str, Mapping[str, Codec]]) -> dict[str, Any]:
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
    if word.lead is not None:
        data[word.lead] = _form(codecs[name][word.lead]).read(rest, line.number)
    elif rest:
        raise TextError(line.number, f"a semicolon after “{word.word}”")
    fields = {each: codec for each, codec in codecs[name].items() if each != word.lead and each not in BELOW}
    data.update(_read_clauses(clauses, fields, line.number))
    for each in ("pool", "of"):
        if each in codecs[name]:
            data.setdefault(each, {})
    return data


def _read_clauses(clauses: Sequence[str], fields: Mapping[str, Codec], line: int) -> dict[str, Any]:
    data: dict[str, Any] = {}
    flat = {inner: (name, codec) for name in fields if name in FLAT for inner, codec in FLAT[name].items()}
    known = {**{inner: codec for inner, (_, codec) in flat.items()}, **fields}
    for clause in clauses:
        name = _field(clause, known)
        if name is None or name in FLAT:
            raise TextError(line, "one of: " + ", ".join(each.replace("_", " ") for each in known if each not in FLAT))
        home = data.setdefault(flat[name][0], {}) if name in flat and name not in fields else data
        if name in home:
            raise TextError(line, f"“{name.replace('_', ' ')}” once only")
        rest = clause[len(name) :].strip()
        if known[name] is notation.TRUE and rest:
            raise TextError(line, f"nothing after “{name.replace('_', ' ')}”")
        home[name] = _form(known[name]).read(rest, line)
    return data


def _field(clause: str, fields: Mapping[str, Any]) -> str | None:
    """The field that a clause begins with; the longest, as `at least share` begins with `at least`."""
    found = [
        name for name in fields if clause == name.replace("_", " ") or clause.startswith(name.replace("_", " ") + " ")
    ]
    return max(found, key=len, default=None)

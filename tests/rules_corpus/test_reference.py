"""The reference of the language is true and whole: each example is read in both notations, and nothing is missing."""

import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields, is_dataclass
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from pathways.importing.translations import Translations, translations_under
from pathways.rules import notation
from pathways.rules.codecs import default
from pathways.rules.soundness import check
from pathways.rules.text import PART_LINES, TextError, from_text
from tests.rules_corpus.reading import real_rules
from tests.rules_corpus.reference import AROUND, CELL, PAGE, Block, blocks, read, rows, said, whole
from tests.rules_corpus.words import objects

ROWS = list(rows())
BLOCKS = list(blocks())
# A block in text that is a whole rule is followed by the same in JSON.
PAIRS = [(text, data) for text, data in pairwise(BLOCKS) if data.kind == "json"]


@pytest.mark.parametrize("row", ROWS, ids=[row.text for row in ROWS])
def test_a_row_says_the_same_in_text_and_in_json(row: Any) -> None:
    assert json.loads(row.data) == said(row.table, row.rule)


@pytest.mark.parametrize("row", [row for row in ROWS if row.table == "part"], ids=lambda row: row.text)
def test_a_part_by_itself_could_be_published(row: Any) -> None:
    assert [finding.code for finding in check(row.rule)] in ([], ["always_true"])


@pytest.mark.parametrize(("text", "data"), PAIRS)
def test_a_block_says_the_same_in_text_and_in_json(text: Block, data: Block) -> None:
    rule = from_text(text.content)
    assert rule == read(json.loads(data.content))
    assert whole(rule) == json.loads(data.content)
    assert check(rule) == []


def test_each_block_of_text_is_tested() -> None:
    paired = {id(block) for pair in PAIRS for block in pair}
    assert {block.mark for block in BLOCKS if id(block) not in paired} == {
        "worked corpus",
        "worked rules",
        "worked output",
        "file rules",
        "file yaml",
    }


def _marked(mark: str) -> str:
    (block,) = [block for block in BLOCKS if block.mark == mark]
    return block.content


def test_the_worked_example_comes_out_as_shown(tmp_path: Path) -> None:
    for folder, name, mark in (("corpus", "harbour.yaml", "worked corpus"), ("rules", "harbour.rules", "worked rules")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(_marked(mark), encoding="utf-8")
    output = StringIO()
    call_command("rules_corpus", tmp_path / "corpus", rules=tmp_path / "rules", stdout=output)
    assert output.getvalue() == _marked("worked output")


def test_a_translation_that_forgets_a_demand_is_told(tmp_path: Path) -> None:
    demand = "; earned until first (achievements LOG; tags night=true)"
    assert demand in _marked("worked rules")
    (tmp_path / "harbour.yaml").write_text(_marked("worked corpus"), encoding="utf-8")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "harbour.rules").write_text(_marked("worked rules").replace(demand, ""), encoding="utf-8")
    output = StringIO()
    with pytest.raises(SystemExit):
        call_command("rules_corpus", tmp_path / "harbour.yaml", rules=tmp_path / "rules", stdout=output)
    assert "harbour-skipper-02: satisfied? we say yes, the issuer no" in output.getvalue()


def _files(tmp_path: Path, ending: str) -> Translations:
    (tmp_path / f"file.{ending}").write_text(_marked(f"file {ending}"), encoding="utf-8")
    return translations_under(tmp_path)


@pytest.mark.parametrize(("ending", "names"), [("rules", {"kubestronaut"}), ("yaml", {"kubestronaut", "golden"})])
def test_the_files_shown_can_be_read(tmp_path: Path, ending: str, names: set[str]) -> None:
    found = _files(tmp_path, ending)
    assert (found.faults, found.refused) == ([], {})
    assert set(found.editions) == names
    assert len(found.editions["kubestronaut"]) == 2


def test_nothing_of_the_language_is_missing() -> None:
    shown = {
        (type(each).__name__, field.name)
        for rule in (*(row.rule for row in ROWS), *(from_text(text.content) for text, _ in PAIRS))
        for each in _within(rule)
        for field in fields(each)
        if default(field) is MISSING or getattr(each, field.name) != default(field)
    }
    # A clause about holdings is the same wherever it stands.
    asked = {(cls.__name__, name) for cls, codecs in objects().items() for name in codecs if name != "id"}
    clauses = {("Pool", name) for cls, name in asked if cls == "Where"}
    missing = {each for each in asked if each[0] != "Where"} | clauses
    assert sorted(missing - shown - _EVERYWHERE) == []


# Each kind of group may say what is shown with one of them.
_EVERYWHERE = {("AnyOf", "conditions"), ("AtLeast", "conditions")}


def _sayings() -> dict[str, list[str]]:
    """By the corpus' words for features, what the page says they are said by."""
    lines = PAGE.read_text(encoding="utf-8").partition("<!-- say -->\n")[2].partition("\n## ")[0].splitlines()[2:]
    table = [line.strip("| ").split(" | ", 1) for line in lines if line.startswith("|")]
    return {words: CELL.findall(said) for words, said in table}


def test_each_feature_of_the_corpus_has_its_line() -> None:
    corpus = {word for rule in real_rules() for word in rule.features}
    assert corpus <= {word.strip() for words in _sayings() for word in words.split(",")}


@pytest.mark.parametrize("saying", [each for found in _sayings().values() for each in found])
def test_what_a_feature_is_said_by_can_be_read(saying: str) -> None:
    if saying in (*BARE_WORDS, *(word.word for word in PART_LINES.values())) or saying.startswith("result "):
        return
    readable = [around for around in AROUND.values() if _reads(around.format(saying))]
    assert readable, saying


# Named in passing, and shown above.
BARE_WORDS = (
    "share of required",
    "rounded up",
    "since",
    "until",
    "lasts current",
    "validity",
    "reinstatement",
    "shared",
    "at least 2",
)


def _reads(text: str) -> bool:
    try:
        from_text(text)
    except TextError:
        return False
    return True


def test_each_choice_among_words_is_named() -> None:
    page = PAGE.read_text(encoding="utf-8")
    words = {word for _, codecs in objects().items() for codec in codecs.values() for word in codec.choices}
    assert [word for word in sorted(words) if not re.search(rf"`[^`\n]*\b{word}\b[^`\n]*`", page)] == []


def test_each_type_and_each_word_for_a_part_is_named() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in (*notation.BY_NAME, *(word.word for word in PART_LINES.values())):
        assert re.search(rf"`{name}\b", page), name


def _within(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for each in value:
            yield from _within(each)
    elif is_dataclass(value):
        yield value
        for field in fields(value):
            yield from _within(getattr(value, field.name))

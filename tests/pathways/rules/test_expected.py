"""What is expected where a rule cannot be read is said in the reader's language, whatever stands in it."""

from datetime import date

import pytest

from pathways.rules import examples, notation, text
from pathways.rules.codecs import RuleError
from pathways.rules.examples import ExampleError
from pathways.rules.phrases.language import gettext_noop, phrase, said_in
from pathways.rules.text import TextError


class Shouting:
    """A language in which every message that is asked for is said aloud."""

    def gettext(self, message: str, /) -> str:
        return f"¡{message}!"

    def ngettext(self, singular: str, plural: str, number: int, /) -> str:
        return self.gettext(singular if number == 1 else plural)


def test_what_stands_in_a_phrase_is_not_translated_and_phrases_in_it_are() -> None:
    inner = phrase(gettext_noop("a number"))
    outer = phrase(gettext_noop("after “{word}” {problem}"), word="level", problem=inner)
    assert outer == "after “level” a number"
    assert said_in(outer, Shouting()) == "¡after “level” ¡a number!!"
    assert said_in("", Shouting()) == ""


@pytest.mark.parametrize(
    ("document", "template"),
    [
        ({"format": 1}, "this field"),
        ({"format": 1, "root": {"type": "some"}}, "one of {words}"),
        ({"format": 1, "root": {"type": "holds", "id": "n", "any_of": "a"}}, "a list"),
        ({"format": 1, "root": {"type": "holds", "id": "n", "any_of": ["a", "a"]}}, "each name once"),
        (
            {"format": 1, "root": {"type": "holds", "id": "n", "any_of": ["a"], "x": 1}},
            "no such field; known are {words}",
        ),
        ({"format": 2, "root": {}}, "{number}, the format that this version reads"),
    ],
)
def test_what_json_lacks_is_said_in_any_language(document: object, template: str) -> None:
    with pytest.raises(RuleError) as refused:
        notation.from_json(document)
    assert said_in(refused.value.expected, Shouting()).startswith(f"¡{template.partition('{')[0]}")
    assert said_in(refused.value.expected, Shouting()).endswith("!")
    assert "{" not in refused.value.expected


@pytest.mark.parametrize(
    "said", ["", 'hold "a', "all of\nhold a", "earn x", "hold a; level", "count 1; earned since now"]
)
def test_what_a_text_lacks_is_said_in_any_language(said: str) -> None:
    with pytest.raises(TextError) as refused:
        text.from_text(said)
    assert said_in(refused.value.expected, Shouting()).startswith("¡")


@pytest.mark.parametrize("said", ["a; level x", "a; nothing 1", "used a in k", "a; kind x"])
def test_what_an_example_lacks_is_said_in_any_language(said: str) -> None:
    with pytest.raises(ExampleError) as refused:
        examples.from_text(said, on=date(2026, 6, 1), catalogue=())
    assert said_in(refused.value.expected, Shouting()).startswith("¡")

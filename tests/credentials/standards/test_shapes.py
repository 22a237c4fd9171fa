"""Templates of documents: always what the long way says, and used wherever only texts differ."""

import contextlib
import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.standards import contexts, linked_data, shapes
from credentials.standards.contexts import known
from credentials.standards.linked_data import canonical, expansion

from .test_open_badges import full, small

LIMITS = linked_data.LIMITS


def long_way(document: dict[str, Any]) -> str:
    return canonical.the_long_way(document, known(), LIMITS)


def fresh() -> shapes.Shapes:
    return shapes.Shapes(lambda document: expansion.quads(document, known()))


def asked(kept: shapes.Shapes, document: dict[str, Any]) -> str:
    return kept.canonical(document, characters=LIMITS.characters, long_way=lambda: long_way(document))


def trained(document: dict[str, Any]) -> shapes.Shapes:
    """Has met the document twice, and so has a template."""
    kept = fresh()
    assert asked(kept, document) == asked(kept, document) == long_way(document)
    return kept


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where the texts of a document are that do not decide what others mean."""
    if isinstance(value, dict):
        return [
            place
            for name, member in value.items()
            if name not in ("type", "@context")
            for place in places(member, (*path, name))
        ]
    if isinstance(value, list):
        return [place for number, item in enumerate(value) for place in places(item, (*path, number))]
    return [path] if isinstance(value, str) else []


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    for step in path[:-1]:
        document = document[step]
    document[path[-1]] = value


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


DOCUMENTS = {"small": small(), "full": full()}
TRAINED = {name: trained(document) for name, document in DOCUMENTS.items()}
words = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12) | st.sampled_from(
    [
        '"',
        "\\",
        "a\nb",
        "a\tb",
        "%s",
        "%",
        "{}",
        "\u2045" + "0\u2046",
        "_:b0",
        "https://",
        "did:",
        "@type",
        "Ōkubo",
        "ديانا",
    ]
)
addresses = st.sampled_from(["https://a.example/", "https://a.example/%41?q=%s#x", "https://ü.example/ö", "urn:uuid:1"])


@settings(max_examples=60)
@given(st.data())
def test_other_texts_of_one_shape_are_what_the_long_way_says(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    document = copy.deepcopy(DOCUMENTS[name])
    for place in data.draw(st.lists(st.sampled_from(places(document)), max_size=6)):
        is_address = str(at(document, place)).startswith(("https://", "urn:"))
        put(document, place, data.draw(addresses if is_address else words))
    try:
        expected = long_way(document)
    except linked_data.BadDocument as refused:
        with pytest.raises(type(refused)):
            asked(TRAINED[name], document)
    else:
        assert asked(TRAINED[name], document) == expected


def test_a_document_met_before_takes_the_short_way() -> None:
    kept = trained(full())
    before = kept.counts["by template"]
    other = full()
    other["credentialSubject"]["achievement"]["name"] = "Algebra"
    other["id"] = "https://learn.example.edu/credentials/another"
    assert asked(kept, other) == long_way(other)
    assert kept.counts["by template"] == before + 1


def _doubled_address(document: dict[str, Any]) -> None:
    document["credentialSubject"]["achievement"]["id"] = document["id"]


def _nameless_alike(document: dict[str, Any]) -> None:
    first, second = document["credentialSubject"]["identifier"]
    second.update(first)


def _said_twice(document: dict[str, Any]) -> None:
    document["credentialSubject"]["achievement"]["tag"] = ["a", "a", "b"]


@pytest.mark.parametrize("change", [_doubled_address, _nameless_alike, _said_twice])
def test_what_becomes_one_is_one(change: Callable[[dict[str, Any]], None]) -> None:
    document = small()
    document["credentialSubject"]["achievement"]["tag"] = ["a", "b", "c"]
    document["credentialSubject"]["identifier"][1] |= {"salt": "x", "hashed": True}
    kept = trained(document)
    change(document)
    for _ in range(3):
        assert asked(kept, document) == long_way(document)


@pytest.mark.parametrize(
    "text", ["a\0b", "a\x85b", "\ud800", "x" * (LIMITS.characters + 1)], ids=["NUL", "C1", "half a pair", "too long"]
)
def test_what_the_long_way_refuses_is_refused(text: str) -> None:
    document = small()
    kept = trained(document)
    document["credentialSubject"]["achievement"]["description"] = text
    with pytest.raises(linked_data.BadDocument):
        asked(kept, document)


@pytest.mark.parametrize("value", ["relative", "http://example.org/base/x", "obi:x", "https://a b", "_:b0"])
def test_an_address_of_no_sure_meaning_goes_the_long_way(value: str) -> None:
    document = small()
    kept = trained(document)
    before = kept.counts["by template"]
    document["credentialSubject"]["achievement"]["id"] = value
    with contextlib.suppress(linked_data.BadDocument):
        assert asked(kept, document) == long_way(document)
    assert kept.counts["by template"] == before


@pytest.mark.parametrize("value", [1, 1.0, True, "1"])
def test_one_is_not_true(value: object) -> None:
    document = small()
    achievement = document["credentialSubject"]["achievement"]
    achievement["creditsAvailable"] = 1
    kept = trained(document)
    achievement["creditsAvailable"] = value
    for _ in range(3):
        try:
            expected = long_way(document)
        except linked_data.BadDocument:
            with pytest.raises(linked_data.BadDocument):
                asked(kept, document)
        else:
            assert asked(kept, document) == expected


def test_a_context_that_shortens_addresses_has_no_template() -> None:
    terms = {"id": "@id", "did": "https://did.example/#", "says": "urn:s"}
    own = contexts.ContextSet({"https://own.example/": {"@context": terms}})
    kept = shapes.Shapes(lambda document: expansion.quads(document, own))
    document = {"@context": "https://own.example/", "id": "did:web:a", "says": "yes"}
    for _ in range(4):
        said = kept.canonical(document, characters=99, long_way=lambda: canonical.the_long_way(document, own, LIMITS))
        assert said == '<https://did.example/#web:a> <urn:s> "yes" .\n'
    assert kept.counts["by template"] == 0


def test_marks_in_a_name_make_no_template() -> None:
    own = contexts.ContextSet({"https://own.example/": {"@context": {"@vocab": "https://own.example/#"}}})
    kept = shapes.Shapes(lambda document: expansion.quads(document, own))
    document = {"@context": "https://own.example/", "says": "yes", "a\u2045" + "0\u2046": "no"}
    for _ in range(3):
        kept.canonical(document, characters=99, long_way=lambda: canonical.the_long_way(document, own, LIMITS))
    assert kept.counts["by template"] == 0


def test_only_so_many_shapes_are_kept() -> None:
    kept = fresh()
    for number in range(shapes.MAX_SHAPES + 20):
        kept.canonical({"n": number}, characters=9, long_way=str)
    assert len(kept._known) == shapes.MAX_SHAPES


def test_a_whole_record_gets_no_template() -> None:
    kept = fresh()
    document = {"n": [str(number) for number in range(shapes.MAX_TOKENS)]}
    for _ in range(3):
        kept.canonical(document, characters=9_000, long_way=str)
    assert not kept._known

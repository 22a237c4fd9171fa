"""Forms of documents written alike: byte for byte what the general way says, and used where only texts differ."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.standards import alike, data_integrity, linked_data, shapes
from credentials.standards.contexts import known
from credentials.standards.linked_data import expansion

from .test_data_integrity import KEY, METHOD, NOON, PUBLIC
from .test_open_badges import full, small
from .test_shapes import addresses, at, long_way, places, put, words

OPTIONS = data_integrity.proof_options(METHOD, NOON)


def fresh() -> alike.Forms:
    return alike.Forms(shapes.Shapes(lambda document: expansion.quads(document, known())))


def asked(forms: alike.Forms, document: Any, text: str = "") -> str:
    """The canonical form of the document by a form, or else the general way, from which the forms learn."""
    text = text or alike.as_text(document)
    found = forms.canonical(text)
    if found is not None:
        assert found.contexts == tuple(document["@context"])
        return found.content.decode()
    general = forms._shapes.canonical(document, characters=10**6, long_way=lambda: long_way(document))
    forms.learn(text, document, general)
    return general


OF_LEARNERS = [
    ("id",),
    ("credentialSubject", "identifier", 0, "identityHash"),
    ("credentialSubject", "identifier", 1, "identityHash"),
    ("credentialStatus", "id"),
    ("credentialStatus", "statusListIndex"),
]


def of_another(document: dict[str, Any], number: int) -> dict[str, Any]:
    other = copy.deepcopy(document)
    for place in OF_LEARNERS:
        if place in places(document):
            is_address = place[-1] == "id"
            put(other, place, f"https://a.example/{place[0]}#{number}" if is_address else f"text {number}")
    return other


def trained(document: dict[str, Any]) -> alike.Forms:
    forms = fresh()
    for number in range(4):
        asked(forms, of_another(document, number))
    before = forms.counts["by form"]
    asked(forms, of_another(document, 9))
    assert forms.counts["by form"] == before + 1
    return forms


DOCUMENTS = {"small": small(), "full": full()}
TRAINED = {name: trained(document) for name, document in DOCUMENTS.items()}


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_other_texts_are_what_the_long_way_says(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(DOCUMENTS)))
    document = of_another(DOCUMENTS[name], data.draw(st.integers(0, 3)))
    own = [place for place in OF_LEARNERS if place in places(document)]
    anywhere = st.sampled_from(own) | st.sampled_from(places(document))
    for place in data.draw(st.lists(anywhere, min_size=1, max_size=4)):
        is_address = str(at(document, place)).startswith(("https://", "urn:"))
        put(document, place, data.draw(addresses if is_address else words))
    try:
        expected = long_way(document)
    except linked_data.BadDocument as refused:
        with pytest.raises(type(refused)):
            asked(TRAINED[name], document)
    else:
        assert asked(TRAINED[name], document) == expected


@pytest.mark.parametrize(
    "name", ['Lena "Leni" Ōkubo', "Back\\slash", "ديانا", "100 % %s %b", "a\tb\nc", "", "\U0001f600"]
)
def test_a_name_of_any_letters_fits(name: str) -> None:
    forms = trained(full())
    document = of_another(full(), 7)
    document["credentialSubject"]["identifier"][0]["identityHash"] = name
    before = forms.counts["by form"]

    assert asked(forms, document) == long_way(document)
    assert forms.counts["by form"] == before + 1


def _same_address(document: dict[str, Any]) -> None:
    document["credentialStatus"]["id"] = document["id"]


def _constant_address(document: dict[str, Any]) -> None:
    document["id"] = document["credentialSubject"]["achievement"]["id"]


def _text_for_address(document: dict[str, Any]) -> None:
    document["credentialSubject"]["identifier"][0]["identityHash"] = "https://a.example/"


def _address_of_another_kind(document: dict[str, Any]) -> None:
    document["id"] = "urn:uuid:1"


def _identities_alike(document: dict[str, Any]) -> None:
    first, second = document["credentialSubject"]["identifier"]
    second.clear()
    second.update(first)


@pytest.mark.parametrize(
    "change", [_same_address, _constant_address, _text_for_address, _address_of_another_kind, _identities_alike]
)
def test_what_may_have_another_shape_fits_no_form(change: Any) -> None:
    forms = trained(small())
    for number in range(5, 8):
        document = of_another(small(), number)
        change(document)
        assert forms.canonical(alike.as_text(document)) is None
        assert asked(forms, document) == long_way(document)


@pytest.mark.parametrize("text", ["a\0b", "a\x85b", "\ud800", "\x7f"], ids=["NUL", "C1", "half a pair", "DEL"])
def test_what_must_not_be_signed_fits_no_form(text: str) -> None:
    document = of_another(small(), 5)
    document["credentialSubject"]["identifier"][0]["identityHash"] = text
    assert TRAINED["small"].canonical(alike.as_text(document)) is None


@pytest.mark.parametrize("change", [" ", ',"a":1', ',"id":"https://a.example/"'], ids=["space", "member", "twice"])
def test_text_that_is_written_otherwise_fits_no_form(change: str) -> None:
    text = alike.as_text(of_another(small(), 5))
    assert TRAINED["small"].canonical(text) is not None
    assert TRAINED["small"].canonical(f"{text[:-1]}{change}}}") is None
    assert TRAINED["small"].canonical(text[:-1]) is None


def test_two_achievements_have_a_form_each_and_only_so_many_are_kept() -> None:
    forms = fresh()
    kinds = []
    for number in range(alike.MAX_FORMS + 3):
        document = small()
        achievement = document["credentialSubject"]["achievement"]
        achievement["tag"] = [f"{number} {place}" for place in range(alike.MOST_APART + 2)]
        kinds.append(document)
    for document in kinds[:2]:
        for number in range(4):
            assert asked(forms, of_another(document, number)) == long_way(of_another(document, number))
    before = forms.counts["by form"]
    for document in kinds[:2]:
        asked(forms, of_another(document, 8))
    assert forms.counts["by form"] == before + 2
    for document in kinds:
        asked(forms, document)
        asked(forms, of_another(document, 1))
    assert len(forms._forms) == alike.MAX_FORMS


def test_a_signature_over_text_is_that_over_the_document() -> None:
    for number in range(6):
        document = of_another(full(), number)
        text = alike.as_text(document)
        signed = data_integrity.signed_text(text, OPTIONS, sign=KEY.sign, public_key=PUBLIC)
        expected = data_integrity.with_proof(document, OPTIONS, KEY.sign(data_integrity.hash_data(document, OPTIONS)))
        assert signed == alike.as_text(expected)
        data_integrity.verify_proofs(json.loads(signed), lambda _proof: PUBLIC)


def test_a_signature_of_another_key_is_not_put_under_text() -> None:
    text = alike.as_text(small())
    with pytest.raises(data_integrity.BadSignature):
        data_integrity.signed_text(text, OPTIONS, sign=KEY.sign, public_key=bytes(32))
    with pytest.raises(data_integrity.BadSignature):
        data_integrity.signed_text(text, OPTIONS, sign=lambda content: KEY.sign(content[1:]), public_key=PUBLIC)
    with pytest.raises(data_integrity.BadSignature):
        data_integrity.signed_text(text, OPTIONS, sign=lambda content: b"short", public_key=PUBLIC)


@pytest.mark.parametrize("text", ["[]", '"a"', "{} ", '{"@context":[],"proof":[]}', "{"])
def test_only_one_object_without_a_proof_is_signed_as_text(text: str) -> None:
    with pytest.raises(ValueError):
        data_integrity.signed_text(text, OPTIONS, sign=KEY.sign, public_key=PUBLIC)


def test_what_cannot_be_signed_as_text_is_refused() -> None:
    options = OPTIONS | {"cryptosuite": data_integrity.JCS}
    with pytest.raises(data_integrity.UnsupportedProof):
        data_integrity.signed_text(alike.as_text(small()), options, sign=KEY.sign, public_key=PUBLIC)
    with pytest.raises(linked_data.BadDocument):
        data_integrity.signed_text("{}", OPTIONS, sign=KEY.sign, public_key=PUBLIC)
    with pytest.raises(data_integrity.MalformedProof):
        data_integrity.signed_text(
            alike.as_text(small()), OPTIONS | {"created": "noon"}, sign=KEY.sign, public_key=PUBLIC
        )

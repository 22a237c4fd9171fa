"""The limits of documents: what is refused is what a plain count says, and nothing else."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.standards import linked_data

LIMITS = linked_data.Limits(characters=30, depth=3, values=12, items=4)
documents = st.recursive(
    st.none() | st.booleans() | st.text(max_size=8) | st.just("\0"),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=4), inner, max_size=5),
    max_leaves=25,
)


def counted(value: Any, depth: int = 0) -> tuple[int, int, str, int]:
    """How deep it goes, how many values and names there are, all their letters, and how long the longest list is."""
    deepest, number, letters, longest = depth, 1, value if isinstance(value, str) else "", 0
    inner = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []
    if isinstance(value, dict):
        number, letters = number + len(value), "".join(value)
    elif isinstance(value, list):
        longest = len(value)
    for each in inner:
        found = counted(each, depth + 1)
        deepest, longest = max(deepest, found[0]), max(longest, found[3])
        number, letters = number + found[1], letters + found[2]
    return deepest, number, letters, longest


@settings(max_examples=200, deadline=None)
@given(documents)
def test_a_document_is_refused_beyond_the_limits_and_only_then(document: Any) -> None:
    deepest, number, letters, longest = counted(document)
    bad = any((ord(each) < 32 and each not in "\t\n\r") or 127 <= ord(each) < 160 for each in letters)
    beyond = deepest > 3 or number > 12 or len(letters) > 30 or longest > 4
    if not beyond and not bad:
        linked_data.check_size(document, LIMITS)
        return
    with pytest.raises(linked_data.BadDocument) as refused:
        linked_data.check_size(document, LIMITS)
    assert beyond or refused.type is linked_data.BadDocument


def test_a_name_that_is_no_text_does_no_harm() -> None:
    linked_data.check_size({1: "a"})


def test_contexts_named_one_after_another_are_few() -> None:
    linked_data.check_size({"a": [{"@context": ["https://a.example"] * 32}]})
    with pytest.raises(linked_data.TooLarge, match=r"\$.a\[0\]"):
        linked_data.check_size({"a": [{"@context": ["https://a.example"] * 33}]})


@pytest.mark.parametrize("of", [{"@id": "https://a.example/1"}, {}])
def test_no_more_values_are_compared_than_can_be_in_time(of: dict[str, Any]) -> None:
    """Each list is short enough, and PyLD would compare each value with all of its list: in seconds."""

    def document(lists: int) -> dict[str, Any]:
        said = {f"https://x.example/{name}": [str(value) for value in range(400)] for name in range(lists)}
        return {"@context": {"@vocab": "https://x.example/"}, **of, **said}

    assert len(linked_data.canonical_n_quads(document(1)).splitlines()) == 400
    with pytest.raises(linked_data.TooLarge):
        linked_data.canonical_n_quads(document(3))

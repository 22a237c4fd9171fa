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

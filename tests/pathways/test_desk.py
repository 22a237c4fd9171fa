"""Tests what registrars are shown on the desk."""

import time

import pytest

from pathways.desk import difference

pytestmark = pytest.mark.one_database


def test_what_differs_is_told_word_by_word_and_commas_apart() -> None:
    before = "Hold at least 2 of Clear Charts, Python for Data, and Spreadsheets."
    after = "Hold at least 2 of Clear Charts, (Python for Data or Machine Learning), and Spreadsheets."
    assert difference(before, after) == [
        ("same", "Hold at least 2 of Clear Charts, "),
        ("new", "("),
        ("same", "Python for Data "),
        ("new", "or Machine Learning)"),
        ("same", ", and Spreadsheets."),
    ]


def test_sentences_that_have_little_in_common_are_told_whole() -> None:
    """Small words that stand in both by chance, like “in” or “at least”, are no reason to tear them apart."""
    assert difference("Hold Certificate in Law at Work.", "Hold at least 2 in Law and 3 at Home.") == [
        ("same", "Hold "),
        ("gone", "Certificate in Law at Work"),
        ("new", "at least 2 in Law and 3 at Home"),
        ("same", "."),
    ]
    assert difference("Earn 3 credits and 4 hours.", "Earn 5 credits and 6 hours.") == [
        ("same", "Earn "),
        ("gone", "3 credits and 4 "),
        ("new", "5 credits and 6 "),
        ("same", "hours."),
    ]


def test_what_came_between_leaves_what_stayed() -> None:
    assert difference("Hold A, B, and C.", "Hold A, X, B, Y, and C.") == [
        ("same", "Hold A, "),
        ("new", "X, "),
        ("same", "B"),
        ("new", ", Y"),
        ("same", ", and C."),
    ]


@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("", "Hold A."), ("Hold A.", ""), (" A ", "A"), ("a b c", "c b a")]
)
def test_what_stayed_and_came_is_the_later_sentence(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(words for kind, words in pieces if kind != "gone") == after
    assert all(words for _kind, words in pieces) or not after


def test_a_long_sentence_is_compared_by_its_clauses() -> None:
    """Word by word this took minutes, in which the page that publishes did not answer."""
    before = "; ".join(f"collect at least {n} credits from subject {n} at level 5 or above" for n in range(400))
    after = before.replace(" 399 at level 5", " 399 at level 6")
    began = time.process_time()
    assert [(kind, words) for kind, words in difference(before, after) if kind != "same"] == [
        ("gone", "collect at least 399 credits from subject 399 at level 5 or above"),
        ("new", "collect at least 399 credits from subject 399 at level 6 or above"),
    ]
    difference(before, before.replace("or", "and"))
    assert time.process_time() - began < 5

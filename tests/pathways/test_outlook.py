"""What lies beside and ahead of a verdict, in words."""

from datetime import date

from pathways.outlook import MOST_MISSES, Outlook, outlook_of
from pathways.rules.prospects import evaluate_in_full
from pathways.rules.record import Record
from pathways.rules.text import from_text
from tests.pathways.rules.test_language import ON, had

NAMES = {"a": "Tables", "b": "Charts"}


def outlook(rule: str, *held: str) -> Outlook:
    asked, record = from_text(rule), Record(holdings=tuple(had(each) for each in held))
    return outlook_of(asked, record, evaluate_in_full(asked, record, ON), names=NAMES)


def test_what_misses_by_one_thing_is_said_with_the_thing_and_the_part() -> None:
    found = outlook("hold a; grade at least 50 #only", "a 2024-01-01 grade=40")
    assert [each.words for each in found.misses] == [
        "Tables would be enough, but for one thing: its grade is too low."
        " The rule asks to hold Tables with at least 50 % of the marks."
    ]
    assert (found.is_satisfied, found.earliest, found.unknown) == (False, None, ())


def test_the_day_on_which_time_alone_will_do_is_told() -> None:
    assert outlook("hold a; held for 6 months", "a 2025-02-28").earliest == date(2025, 8, 28)


def test_another_choice_as_good_is_told() -> None:
    assert outlook("hold a, b", "a 2024-01-01", "b 2024-01-01").has_alternative
    assert not outlook("hold a", "a 2024-01-01").has_alternative


def test_many_misses_are_counted_and_not_all_said() -> None:
    found = outlook("hold a; grade at least 50", *(f"a 2024-01-01 grade={grade} id=h{grade}" for grade in range(15)))
    assert len(found.misses) == MOST_MISSES
    assert found.more_misses == 15 - MOST_MISSES

"""Every reason for which a rule must not be published, with its words, to be translated and filled."""

from dataclasses import dataclass
from typing import Literal

from pathways.rules.phrases.language import gettext_noop

Code = Literal[
    "too_deep",
    "too_many_parts",
    "no_parts",
    "more_than_parts",
    "nothing_named",
    "always_true",
    "maximum_below_minimum",
    "levels_crossed",
    "dates_crossed",
    "more_than_named",
    "all_excluded",
    "demanded_twice",
    "nothing_asked",
    "no_such_part",
    "no_such_day",
    "no_such_word",
    "no_such_period",
    "cycle_too_short",
    "divided_and_counted",
    "blended_twice",
    "not_sought",
    "made_of_more",
    "groups_unclear",
    "rounding_unclear",
    "begins_nothing",
    "share_of_nothing",
    "condition_over_shared",
    "too_many_ways",
    "too_many_sums",
    "too_many_date_conditions",
]

TEXTS: dict[Code, str] = {
    "too_deep": gettext_noop("Parts may be nested at most {limit} deep."),
    "too_many_parts": gettext_noop("A rule may have at most {limit} parts."),
    "no_parts": gettext_noop("This group has no parts."),
    "more_than_parts": gettext_noop("This asks for {count} of {parts} parts, which nobody can meet."),
    "nothing_named": gettext_noop("This names no achievement, so nothing can meet it."),
    "always_true": gettext_noop("This asks for nothing, so everybody meets it."),
    "maximum_below_minimum": gettext_noop("The maximum is below the minimum."),
    "levels_crossed": gettext_noop("The highest level is below the lowest."),
    "dates_crossed": gettext_noop("The last day is before the first."),
    "more_than_named": gettext_noop("This asks for {count} different achievements but names {named}."),
    "all_excluded": gettext_noop("Every achievement that is named is also excluded."),
    "demanded_twice": gettext_noop(
        "Together with other parts this needs {count} different achievements of {named} named ones; "
        "each counts only once."
    ),
    "nothing_asked": gettext_noop("This condition sets no minimum and no maximum."),
    "no_such_part": gettext_noop("This condition names a part that is not below it."),
    "no_such_day": gettext_noop("No year has this day, or not every year has it."),
    "no_such_word": gettext_noop("This compares with a word that is not on its scale."),
    "no_such_period": gettext_noop("This period is no time at all."),
    "cycle_too_short": gettext_noop("What comes round again must take at least {days} days each time."),
    "divided_and_counted": gettext_noop("What counts in part cannot be counted by number."),
    "blended_twice": gettext_noop("Where averages are blended, each says of itself how much of the best counts."),
    "not_sought": gettext_noop(
        "Only a sum can be the greatest of all choices, without rates, and where parts neither share nor divide."
    ),
    "made_of_more": gettext_noop("What is made of other results looks at nothing else."),
    "groups_unclear": gettext_noop(
        "At most so much of each group needs a property to group by, and the other way round; and only sums and "
        "averages over all that counts, or is held, can have it."
    ),
    "rounding_unclear": gettext_noop(
        "This is rounded to places or to a step, not to both; and how it is rounded needs one of them."
    ),
    "begins_nothing": gettext_noop("This says from when it is valid, but not how long."),
    "share_of_nothing": gettext_noop(
        "This share is of what the part requires, but the part requires nothing in that measure."
    ),
    "condition_over_shared": gettext_noop(
        "A condition cannot look at parts that share what they take: it would count it twice."
    ),
    "too_many_ways": gettext_noop("The choices combine in {ways} ways; at most {limit} can be tried."),
    "too_many_date_conditions": gettext_noop(
        "{count} conditions on dates look at the same parts; at most {limit} can be tried."
    ),
    "too_many_sums": gettext_noop("{sums} sums draw on the same holdings; at most {limit} can be tried."),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One reason why a rule must not be published, and the part it is about."""

    code: Code
    node: str
    values: tuple[tuple[str, int], ...] = ()

    @property
    def text(self) -> str:
        return TEXTS[self.code].format(**dict(self.values))

"""Which fields the form has for each kind of part and condition and for the whole rule, and what people call them."""

from dataclasses import dataclass
from typing import Any, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pathways.rules.requirement import MEASURES, OVERLAPS, ROUNDINGS, SHARES, SPREADS, UNITS

Document = dict[str, Any]
Node = dict[str, Any]
Words = str | Promise
FieldKind = Literal[
    "keys", "key", "words", "text", "whole", "decimal", "share", "day", "period", "flag", "choice", "clauses", "lines"
]


@dataclass(frozen=True)
class FormField:
    """One field of a part: where it stands in the JSON, what it holds, and what people call it.

    `default` is the value that goes without saying, which the notation refuses to hear.
    """

    name: str
    kind: FieldKind
    label: Words
    inside: str = ""
    choices: tuple[tuple[str, Words], ...] = ()
    basic: bool = True
    default: Any = None

    def of(self, node: Node) -> Any:
        """What the part says there, or None."""
        place = node.get(self.inside) if self.inside else node
        return place.get(self.name) if isinstance(place, dict) else None

    def can_show(self, node: Node) -> bool:
        """Whether the field has a way to show what the part says there; what it has not is said in words."""
        said = self.of(node)
        if self.kind == "choice":
            return said is None or said in dict(self.choices)
        return self.kind == "period" or not isinstance(said, dict)


# What stays in a document as it was typed, under this name, until it can be read.
TYPED = "typed"
MORE = FormField(TYPED, "clauses", _("More, in words of the text notation"), basic=False)
AS_LINES = FormField(TYPED, "lines", _("This part, in the text notation"))
REST = FormField(TYPED, "lines", _("More about the whole rule, in the text notation"), basic=False)

EXPECTED: dict[FieldKind, Words] = {
    "keys": _("The short name of an achievement, at most 200 characters."),
    "key": _("A course and an assessment, such as statistics/exam."),
    "words": _("Words separated by commas, each once and at most 200 characters long."),
    "text": _("A text of at most 200 characters."),
    "whole": _("A whole number, such as 12."),
    "decimal": _("A number, such as 12 or 2.5."),
    "share": _("A share, such as 1/2 or 50 %."),
    "day": _("A day, such as 2026-01-31."),
    "period": _("A time, such as 2 years 6 months."),
}

GROUP_WORDS: dict[str, Words] = {
    "all": _("All of these"),
    "any": _("One of these"),
    "at_least": _("At least so many of these"),
}
LEAF_WORDS: dict[str, Words] = {
    "holds": _("Hold an achievement"),
    "passed": _("Pass an assessment"),
    "count": _("Hold so many achievements"),
    "amount": _("Collect so many credits"),
    "given": _("Already hold, or not hold"),
    "graded": _("Have grades that average so much"),
    "fact": _("Be known to be"),
    "signed_off": _("Be approved by somebody"),
    "duration": _("Show so much time"),
}
LOOKING_WORDS: dict[str, Words] = {
    "unbroken": _("Never have been long without"),
    "was_met": _("Have met this on some day"),
    "each_cycle": _("Have met this in each period"),
    "unmet": _("Not meet this"),
}
PALETTE: dict[str, Words] = LEAF_WORDS | GROUP_WORDS | LOOKING_WORDS
CONDITION_PALETTE: dict[str, Words] = {
    "limit": _("So much of one kind, at least or at most"),
    "spread": _("So many different ones"),
    "average": _("An average grade"),
    "order": _("An order of parts"),
    "overlap": _("How much may also count elsewhere"),
    "groups": _("So much in each of several groups"),
    "last_of": _("So much of one kind among the newest"),
    "newest": _("How old the newest may be"),
    "one_year": _("All of it in one year"),
    "span": _("How long from the first to the last"),
    "pace": _("How much in any such time"),
    "together": _("All of it in force on one day"),
}

UNIT_WORDS: dict[str, Words] = {"credits": _("credits"), "hours": _("hours"), "points": _("points")}
TIME_WORDS: dict[str, Words] = {"months": _("months"), "days": _("days"), "years": _("years")}
MEASURE_WORDS: dict[str, Words] = {"count": _("how many"), **UNIT_WORDS}
BY_WORDS: dict[str, Words] = {
    "subject": _("subject"),
    "issuer": _("issuer"),
    "source": _("source"),
    "kind": _("kind"),
    "level": _("level"),
    "achievement": _("achievement"),
    "skills": _("skill"),
    "year": _("year"),
    "quarter": _("quarter"),
    "month": _("month"),
    "week": _("week"),
    "day": _("day"),
}
SHARE_WORDS: dict[str, Words] = {
    "taken": _("what counts"),
    "required": _("what is required"),
    "other": _("the other qualification"),
    "smaller": _("the smaller of the two"),
}
ROUNDING_WORDS: dict[str, Words] = {"": _("not rounded"), "up": _("up"), "down": _("down"), "nearest": _("nearest")}

GROUP_TYPE = FormField("type", "choice", _("Ask for"), choices=tuple(GROUP_WORDS.items()))
SHARED = FormField("shared", "flag", _("What counts here may count in other parts, too"), basic=False)
AT_LEAST = FormField("at_least", "decimal", _("At least"))
AT_MOST = FormField("at_most", "decimal", _("At most"))
LAST = FormField("last", "decimal", _("Over the last"), basic=False)


def _where(inside: str, *, grade: bool = True) -> tuple[FormField, ...]:
    grades = (FormField("grade_at_least", "decimal", _("Grade, at least (percent)"), inside, basic=False),)
    return (
        *(grades if grade else ()),
        FormField("level_at_least", "whole", _("Level, at least"), inside, basic=False),
        FormField("level_at_most", "whole", _("Level, at most"), inside, basic=False),
        FormField("earned_within", "period", _("Earned in the last"), inside, basic=False),
        FormField("earned_since", "day", _("Earned on or after"), inside, basic=False),
        FormField("earned_until", "day", _("Earned on or before"), inside, basic=False),
        FormField("current", "flag", _("Not expired on the day"), inside, basic=False),
        FormField("issuers", "words", _("Issued by (short names)"), inside, basic=False),
        FormField("sources", "words", _("Obtained by (sources)"), inside, basic=False),
    )


def _pool(inside: str = "pool", *, repeats: bool = True) -> tuple[FormField, ...]:
    return (
        FormField("achievements", "keys", _("Of these achievements (none: any)"), inside),
        FormField("subjects", "words", _("In these subjects"), inside, basic=False),
        FormField("tags", "words", _("With one of these tags"), inside, basic=False),
        FormField("skills", "words", _("Showing one of these skills"), inside, basic=False),
        FormField("kinds", "words", _("Of these kinds"), inside, basic=False),
        FormField("without_achievements", "keys", _("But not these"), inside, basic=False),
        *_where(inside),
        *((FormField("repeats", "flag", _("Repetitions count"), inside, basic=False),) if repeats else ()),
    )


def _of_kind() -> tuple[FormField, ...]:
    """What a condition looks at: the marks by which it is mostly told."""
    return (
        FormField("achievements", "keys", _("Of these achievements (none: any)"), "of", basic=False),
        FormField("tags", "words", _("With one of these tags"), "of"),
        FormField("level_at_least", "whole", _("Level, at least"), "of"),
        FormField("level_at_most", "whole", _("Level, at most"), "of"),
        FormField("sources", "words", _("Obtained by (sources)"), "of"),
        FormField("issuers", "words", _("Issued by (short names)"), "of", basic=False),
        FormField("subjects", "words", _("In these subjects"), "of", basic=False),
    )


def _choice(name: str, label: Words, words: dict[str, Words], among: tuple[str, ...], default: str) -> FormField:
    return FormField(name, "choice", label, choices=tuple((each, words[each]) for each in among), default=default)


def _measure(default: str = "credits", name: str = "measure", label: Words = "") -> FormField:
    return _choice(name, label or _("Measured in"), MEASURE_WORDS, MEASURES, default)


FIELDS: dict[str, tuple[FormField, ...]] = {
    "all": (GROUP_TYPE, SHARED, MORE),
    "any": (GROUP_TYPE, SHARED, MORE),
    "at_least": (GROUP_TYPE, FormField("count", "whole", _("How many")), SHARED, MORE),
    "holds": (FormField("any_of", "keys", _("One of these achievements")), *_where("where"), SHARED, MORE),
    "passed": (FormField("assessment", "key", _("Assessment")), *_where("where"), SHARED, MORE),
    "count": (
        FormField("at_least", "whole", _("At least")),
        FormField("at_most", "whole", _("At most")),
        *_pool(),
        SHARED,
        MORE,
    ),
    "amount": (AT_LEAST, AT_MOST, _choice("unit", _("Unit"), UNIT_WORDS, UNITS, "credits"), *_pool(), SHARED, MORE),
    "given": (
        FormField("at_least", "decimal", _("At least"), default=1),
        FormField("absent", "flag", _("Must not be held")),
        *_pool(),
        MORE,
    ),
    "graded": (
        AT_LEAST,
        AT_MOST,
        _measure("credits", "weight", _("Weighted by")),
        LAST,
        FormField("best", "decimal", _("Over the best"), basic=False),
        FormField("ungraded_as_zero", "flag", _("What has no grade counts as zero"), basic=False),
        *_pool(),
        MORE,
    ),
    "fact": (
        FormField("name", "text", _("Fact")),
        FormField("one_of", "words", _("One of these words")),
        FormField("at_least", "decimal", _("At least (a number)"), basic=False),
        FormField("at_most", "decimal", _("At most (a number)"), basic=False),
        FormField("since", "day", _("On or after"), basic=False),
        FormField("until", "day", _("On or before"), basic=False),
        FormField("negated", "flag", _("Must not be so"), basic=False),
        MORE,
    ),
    "signed_off": (
        FormField("role", "text", _("By whom (a role)")),
        FormField("about", "text", _("What is approved")),
    ),
    "duration": (
        AT_LEAST,
        FormField("unit", "choice", _("Unit"), choices=tuple(TIME_WORDS.items()), default="months"),
        FormField("within", "period", _("In the last")),
        *_pool(),
        MORE,
    ),
    # What looks into a part of its own is said in lines.
    **dict.fromkeys(LOOKING_WORDS, (AS_LINES,)),
}
CONDITION_FIELDS: dict[str, tuple[FormField, ...]] = {
    "limit": (
        AT_LEAST,
        AT_MOST,
        _measure(),
        FormField("at_least_share", "share", _("At least this share")),
        FormField("at_most_share", "share", _("At most this share")),
        _choice("share_of", _("A share of"), SHARE_WORDS, SHARES, "taken"),
        FormField(
            "rounded",
            "choice",
            _("Rounded"),
            choices=tuple((each, ROUNDING_WORDS[each]) for each in ("", *ROUNDINGS)),
            basic=False,
        ),
        *_of_kind(),
        MORE,
    ),
    "spread": (
        _choice("by", _("Told apart by"), BY_WORDS, SPREADS, ""),
        FormField("at_least", "whole", _("At least so many different")),
        FormField("at_most", "whole", _("At most so many different")),
        FormField("at_most_each", "decimal", _("At most so much of each")),
        _measure("count"),
        MORE,
    ),
    "average": (
        AT_LEAST,
        AT_MOST,
        _measure("credits", "weight", _("Weighted by")),
        LAST,
        FormField("best", "decimal", _("Over the best"), basic=False),
        FormField("ungraded_as_zero", "flag", _("What has no grade counts as zero"), basic=False),
        *_of_kind(),
        MORE,
    ),
    "order": (
        FormField("first", "words", _("First (ids of parts)")),
        FormField("then", "words", _("Then (ids of parts)")),
        FormField("apart", "period", _("At least so long apart")),
        FormField("within", "period", _("At most so long after")),
        FormField("any_order", "flag", _("In any order"), basic=False),
        MORE,
    ),
    "overlap": (
        FormField("kinds", "words", _("In qualifications of these kinds (none: any)")),
        AT_MOST,
        _measure(),
        FormField("at_most_share", "share", _("At most this share")),
        _choice("share_of", _("A share of"), SHARE_WORDS, OVERLAPS, "taken"),
        FormField("each", "flag", _("In each of them by itself")),
        MORE,
    ),
    "newest": (FormField("within", "period", _("Earned in the last")),),
    "span": (
        FormField("within", "period", _("No longer than")),
        FormField("at_least", "period", _("No shorter than")),
    ),
    "pace": (AT_MOST, _measure("count"), FormField("within", "period", _("In any"))),
    "one_year": (
        FormField("month", "whole", _("Beginning in the month")),
        FormField("day", "whole", _("On the day")),
    ),
    "together": (),
    "groups": (
        FormField("by", "text", _("Told apart by")),
        FormField("groups", "whole", _("How many groups"), default=1),
        AT_LEAST,
        _measure("count"),
        *_of_kind(),
        MORE,
    ),
    "last_of": (
        FormField("last", "decimal", _("Of the last")),
        AT_LEAST,
        _measure(),
        *_of_kind(),
        MORE,
    ),
}
RULE_FIELDS: tuple[FormField, ...] = (
    FormField(
        "lasts",
        "choice",
        _("Once earned it stands"),
        choices=(("kept", _("whatever happens later")), ("current", _("while the rule is satisfied"))),
        default="kept",
    ),
    FormField("validity", "period", _("Valid for (nothing: without end)")),
    FormField("valid_from", "day", _("Valid from (nothing: the day it is earned)")),
    FormField("grace", "period", _("Grace after it no longer holds")),
    FormField("grace_to_year_end", "flag", _("Grace to the end of that year")),
    FormField("falls_for_good", "flag", _("Once lost, it does not return by itself")),
    REST,
)
# Fields that must be said: emptied, they stay as an empty list or text, and are named as missing.
ALWAYS_THERE: dict[tuple[str, str], Any] = {
    ("holds", "any_of"): [],
    ("passed", "assessment"): "",
    ("fact", "name"): "",
    ("signed_off", "role"): "",
    ("order", "first"): [],
    ("order", "then"): [],
    ("groups", "by"): "",
}
OBJECTS_ALWAYS_THERE = {
    *((type_, "pool") for type_ in ("count", "amount", "given", "graded", "duration")),
    *((type_, "of") for type_ in ("limit", "last_of")),
}
STARTS: dict[str, Node] = {
    "all": {"parts": []},
    "any": {"parts": []},
    "at_least": {"count": 1, "parts": []},
    "holds": {"any_of": []},
    "passed": {"assessment": ""},
    "count": {"at_least": 1, "pool": {}},
    "amount": {"at_least": 10, "pool": {}},
    "given": {"pool": {}},
    "graded": {"at_least": 60, "pool": {}},
    "fact": {"name": ""},
    "signed_off": {"role": ""},
    "duration": {"at_least": 12, "pool": {}},
    "unbroken": {"grace": {"months": 6}, "part": {"type": "all", "parts": []}},
    "was_met": {"part": {"type": "all", "parts": []}},
    "each_cycle": {
        "beginning": {"fact": "admitted"},
        "every": {"years": 1},
        "part": {"type": "all", "parts": []},
    },
    "unmet": {"part": {"type": "all", "parts": []}},
}
CONDITION_STARTS: dict[str, Node] = {
    "limit": {"of": {}, "at_least": 1},
    "spread": {"by": "subject", "at_least": 2},
    "average": {"at_least": 60},
    "order": {"first": [], "then": []},
    "overlap": {"at_most_share": "1/2"},
    "groups": {"by": "subject", "at_least": 2},
    "last_of": {"last": 30, "of": {}, "at_least": 15},
    "newest": {"within": {"years": 5}},
    "one_year": {"month": 8, "day": 1},
    "span": {"within": {"years": 5}},
    "pace": {"at_most": 10, "within": {"days": 7}},
    "together": {},
}

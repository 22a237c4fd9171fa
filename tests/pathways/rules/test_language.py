"""What the language can say, each feature on the smallest rule that needs it: verdict, both notations, and words."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest

from pathways.rules.evaluate import evaluate, satisfied
from pathways.rules.explain import completion_sentence, sentence
from pathways.rules.notation import from_json, references, to_json
from pathways.rules.record import Holding, Other, Record
from pathways.rules.soundness import check
from pathways.rules.text import from_text, to_text

ON = date(2025, 6, 30)


def had(said: str) -> Holding:
    """`key day name=value …`; what has no place of its own is a tag, an amount `+name=value`."""
    key, earned_on, *rest = said.split()
    given: dict[str, object] = {}
    tags, amounts = [], []
    for each in rest:
        name, _, value = each.partition("=")
        match name:
            case "until" | "to":
                given[name] = date.fromisoformat(value)
            case "credits" | "hours" | "grade":
                given[name] = Decimal(value)
            case "level":
                given[name] = int(value)
            case "mark" | "status" | "subject" | "source" | "issuer" | "id":
                given[name] = value
            case _ if name.startswith("+"):
                amounts.append((name[1:], Decimal(value)))
            case _:
                tags.append(each)
    given.setdefault("id", f"{key}@{earned_on}")
    day = date.fromisoformat(earned_on)
    return Holding(kind="award", key=key, earned_on=day, tags=frozenset(tags), amounts=tuple(amounts), **given)  # type: ignore[arg-type]


@dataclass
class Told:
    """A rule with records that satisfy it and records that do not."""

    name: str
    rule: str
    met: list[list[str]] = field(default_factory=list)
    unmet: list[list[str]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    others: tuple[Other, ...] = ()


TOLD = [
    Told(
        "amounts in any unit",
        "earn 20; unit nights; achievements camp; repeats",
        [["camp 2024-01-01 +nights=12", "camp 2024-05-01 +nights=8"], ["camp 2024-01-01 nights=20"]],
        [["camp 2024-01-01 +nights=19.5"], ["camp 2024-01-01 credits=20"]],
    ),
    Told(
        "hours that count in part up to a maximum",
        "earn 40; unit hours; divisible\n  where limit; tags reading; at most 10; measure hours",
        [["cpd 2024-01-01 hours=30", "cpd 2024-02-01 hours=15 reading"]],
        [["cpd 2024-01-01 hours=29", "cpd 2024-02-01 hours=15 reading"]],
    ),
    Told(
        "one entry divided over two parts",
        "all of\n  earn 20; unit hours; divisible\n  earn 10; unit hours; divisible; tags local",
        [["cpd 2024-01-01 hours=30 local"], ["cpd 2024-01-01 hours=19", "cpd 2024-02-01 hours=11 local"]],
        [["cpd 2024-01-01 hours=29.5 local"], ["cpd 2024-01-01 hours=30", "cpd 2024-02-01 hours=9 local"]],
    ),
    Told(
        "what is whole is not divided",
        "earn 40; unit hours; repeats\n  where limit; tags reading; at most 10; measure hours",
        [["cpd 2024-01-01 hours=40", "cpd 2024-02-01 hours=15 reading"]],
        [["cpd 2024-01-01 hours=30", "cpd 2024-02-01 hours=15 reading"]],
    ),
    Told(
        "time counts by rates",
        "earn 100; unit hours; divisible; rates (achievements engineer; times 1/3)\n"
        "  where limit; achievements engineer; at most 50; measure hours",
        [["pilot 2024-01-01 hours=60", "engineer 2024-01-02 hours=120"]],
        [
            ["pilot 2024-01-01 hours=60", "engineer 2024-01-02 hours=119"],
            ["pilot 2024-01-01 hours=49", "engineer 2024-01-02 hours=300"],
        ],
    ),
    Told(
        "at most so much of each",
        "earn 8; unit hours; repeats; at most each 4",
        [["talk 2024-01-01 hours=6", "talk 2024-02-01 hours=4"]],
        [["talk 2024-01-01 hours=9"], ["talk 2024-01-01 hours=6", "talk 2024-02-01 hours=3"]],
    ),
    Told(
        "a property is a number between bounds",
        "hold exam; numbers (of score; at least 60; at most 90)",
        [["exam 2024-01-01 score=60"], ["exam 2024-01-01 score=72.5"]],
        [["exam 2024-01-01 score=59.9"], ["exam 2024-01-01"], ["exam 2024-01-01 score=91"]],
    ),
    Told(
        "a property is a number that a fact bounds",
        "hold exam; numbers (of score; at least fact aim)",
        [["exam 2024-01-01 score=60"]],
        [["exam 2024-01-01 score=59"]],
        facts={"aim": "60"},
    ),
    Told(
        "grades along a scale",
        "hold exam; scales (of grade; scale F, D, C, B, A; at least C)",
        [["exam 2024-01-01 mark=C"], ["exam 2024-01-01 mark=A"]],
        [["exam 2024-01-01 mark=D"], ["exam 2024-01-01 mark=pass"], ["exam 2024-01-01"]],
    ),
    Told(
        "a property is what the learner says",
        "count 2; matches (of route; fact route)",
        [["a 2024-01-01 route=sea", "b 2024-01-01 route=sea"], ["a 2024-01-01 route=air", "b 2024-01-01 route=sea"]],
        [["a 2024-01-01 route=sea", "b 2024-01-01 route=road"]],
        facts={"route.0": "sea", "route.1": "air"},
    ),
    Told(
        "only awards of a status",
        "hold a; statuses retired, active",
        [["a 2024-01-01 status=retired"], ["a 2024-01-01"]],
        [["a 2024-01-01 status=returned"], ["a 2024-01-01 status=expired"]],
    ),
    Told(
        "no more than so many failures",
        "all of\n  hold a\n  have; achievements a; at least 3; statuses failed; repeats; absent",
        [["a 2024-01-05", "a 2024-01-01 status=failed", "a 2024-01-02 status=failed"]],
        [["a 2024-01-05", "a 2024-01-01 status=failed", "a 2024-01-02 status=failed", "a 2024-01-03 status=failed"]],
    ),
    Told(
        "the last attempt counts",
        "hold a; grade at least 50; attempt last",
        [["a 2024-01-01 grade=40", "a 2024-02-01 grade=60"]],
        [["a 2024-01-01 grade=70", "a 2024-02-01 grade=40"]],
    ),
    Told(
        "within two years after another award",
        "hold b; earned since first (achievements a); earned until first (achievements a) plus 2 years",
        [["a 2020-01-15", "b 2022-01-15"]],
        [["a 2020-01-15", "b 2022-01-16"], ["a 2020-01-15", "b 2020-01-14"], ["b 2020-01-14"]],
    ),
    Told(
        "a day among the properties",
        "hold a; days (of assessed; since 2024-01-01; until today minus 1 months)",
        [["a 2025-01-01 assessed=2025-05-30"]],
        [["a 2025-01-01 assessed=2025-06-01"], ["a 2025-01-01 assessed=2023-12-31"], ["a 2025-01-01 assessed=soon"]],
    ),
    Told(
        "finished within a year of its own beginning",
        "hold a; days (of earned; after began; within 12 months)",
        [["a 2025-03-01 began=2024-03-01"]],
        [["a 2025-03-02 began=2024-03-01"], ["a 2025-03-02"], ["a 2025-03-02 began=2025-03-03"]],
    ),
    Told(
        "counted from a property of another award",
        "hold b; earned until first began (achievements a) plus 12 months",
        [["a 2025-03-01 began=2024-03-01", "b 2025-03-01"]],
        [["a 2025-03-01 began=2024-03-01", "b 2025-03-02"]],
    ),
    Told(
        "not before an age",
        "all of\n  hold a\n  fact born; until today minus 18 years",
        [["a 2024-01-01"]],
        [],
        facts={"born": "2007-06-30"},
    ),
    Told(
        "too young",
        "all of\n  hold a\n  fact born; until today minus 18 years",
        [],
        [["a 2024-01-01"]],
        facts={"born": "2007-07-01"},
    ),
    Told(
        "this calendar year",
        "earn 20; unit hours; repeats; earned since today start of year",
        [["cpd 2025-01-01 hours=20"]],
        [["cpd 2024-12-31 hours=20"]],
    ),
    Told(
        "earned while another was in force",
        "hold b; while held (achievements licence)",
        [["licence 2020-01-01 until=2021-01-01", "b 2021-01-01"]],
        [["licence 2020-01-01 until=2021-01-01", "b 2021-01-02"], ["licence 2021-01-02", "b 2021-01-01"]],
    ),
    Told(
        "barred by something held",
        "hold a; unless held (achievements b)",
        [["a 2024-01-01"]],
        [["a 2024-01-01", "b 2024-01-01"]],
    ),
    Told(
        "none of these",
        "hold a; neither (sources transfer; level at most 4) or (tags online)",
        [["a 2024-01-01 source=transfer level=5"], ["a 2024-01-01 level=3"]],
        [["a 2024-01-01 source=transfer level=4"], ["a 2024-01-01 online"]],
    ),
    Told(
        "a period of service long enough",
        "hold service; lasting 6 months",
        [["service 2024-01-01 to=2024-06-30"]],
        [["service 2024-01-01 to=2024-06-29"]],
    ),
    Told(
        "valid for a while yet",
        "hold a; valid for 6 months",
        [["a 2024-01-01 until=2025-12-30"], ["a 2024-01-01"]],
        [["a 2024-01-01 until=2025-12-29"]],
    ),
    Told(
        "facts are compared",
        "all of\n  hold a\n  fact level; scale low, middle, high; at least fact aim\n  fact home; one of sea; negated",
        [["a 2024-01-01"]],
        [[]],
        facts={"level": "high", "aim": "middle", "home": "air"},
    ),
    Told(
        "a fact falls short of another",
        "all of\n  hold a\n  fact score; at least fact aim",
        [],
        [["a 2024-01-01"]],
        facts={"score": "9", "aim": "10"},
    ),
    Told(
        "so much is there, whatever counts where",
        "all of\n  hold a\n  have; level at least 5; at least 30; measure credits",
        [["a 2024-01-01 credits=10 level=5", "b 2024-01-01 credits=20 level=5"]],
        [["a 2024-01-01 credits=10 level=5", "b 2024-01-01 credits=20 level=4"]],
    ),
    Told(
        "time spent in one stretch",
        "time 6; achievements work; unbroken",
        [["work 2024-01-01 to=2024-03-31", "work 2024-04-01 to=2024-06-30"]],
        [["work 2024-01-01 to=2024-03-31", "work 2024-04-02 to=2024-07-01"]],
    ),
    Told(
        "time spent by a share of full time",
        "time 6; achievements work; rate fte",
        [["work 2024-01-01 to=2024-12-31 fte=0.5"], ["work 2024-01-01 to=2024-12-31 fte=50"]],
        [["work 2024-01-01 to=2024-11-30 fte=0.5"], ["work 2024-01-01 to=2024-05-31"]],
    ),
    Told(
        "time of which some is capped",
        "time 12; caps (tags abroad; at most 6)",
        [["work 2024-01-01 to=2024-06-30", "work 2023-01-01 to=2023-12-31 abroad"]],
        [["work 2024-01-01 to=2024-05-31", "work 2023-01-01 to=2023-12-31 abroad"]],
    ),
    Told(
        "time spent with two employers at the most",
        "time 12; achievements work; by employer; at most 2",
        [
            [
                "work 2023-01-01 to=2023-03-31 employer=x",
                "work 2023-04-01 to=2023-12-31 employer=y",
                "work 2024-01-01 to=2024-03-31 employer=z",
            ]
        ],
        [
            [
                "work 2023-01-01 to=2023-03-31 employer=x",
                "work 2023-04-01 to=2023-11-30 employer=y",
                "work 2024-01-01 to=2024-03-31",
            ]
        ],
    ),
    Told(
        "a share of another property of its own",
        "hold a; numbers (of supervised; at least of hours; times 1/20)",
        [["a 2024-01-01 hours=130 supervised=6.5"]],
        [["a 2024-01-01 hours=130 supervised=6.4"], ["a 2024-01-01 hours=130"]],
    ),
    Told(
        "in each cycle, at its end",
        "all of\n  hold a\n  each cycle; beginning 2024-01-01; every 1 months\n    any of\n"
        '      have; absent; achievements b; earned since "cycle.begins"; earned until "cycle.ends"\n'
        '      have; achievements c; earned since "cycle.begins"; earned until "cycle.ends"',
        [["a 2024-01-01"], ["a 2024-01-01", "b 2024-02-10", "c 2024-02-20"]],
        [["a 2024-01-01", "b 2024-02-10"], ["a 2024-01-01", "b 2024-02-10", "c 2024-03-20"]],
    ),
    Told(
        "it was once met",
        "all of\n  hold b\n  was met\n    count 2; achievements a, c; current",
        [["a 2020-01-01 until=2021-01-01", "c 2021-01-01 until=2022-01-01", "b 2024-01-01"]],
        [["a 2020-01-01 until=2020-12-31", "c 2021-01-01 until=2022-01-01", "b 2024-01-01"]],
    ),
    Told(
        "it was met on a day",
        'all of\n  hold b\n  was met; since "admitted"; until "admitted"\n    earn 10; earned within 1 years',
        [["a 2023-06-01 credits=10", "b 2025-01-01"]],
        [["a 2022-06-01 credits=10", "b 2025-01-01"], ["a 2024-06-01 credits=10", "b 2025-01-01"]],
        facts={"admitted": "2024-01-01"},
    ),
    Told(
        "it is not met",
        "all of\n  hold a\n  unmet\n    count 2; achievements b, c",
        [["a 2024-01-01", "b 2024-01-01"]],
        [["a 2024-01-01", "b 2024-01-01", "c 2024-01-01"]],
    ),
    Told(
        "in each cycle",
        'all of\n  hold a\n  each cycle; beginning "begun"; every 1 years; grace 1 months\n'
        '    earn 10; unit hours; repeats; earned since "cycle.begins"; earned until "cycle.ends"',
        [["a 2022-01-01", "cpd 2023-02-01 hours=10", "cpd 2024-04-01 hours=10"]],
        [["a 2022-01-01", "cpd 2023-02-01 hours=20"], ["a 2022-01-01", "cpd 2024-04-01 hours=20"]],
        facts={"begun": "2023-01-01"},
    ),
    Told(
        "as much as the learner needs",
        "all of\n  earn 0; at least fact needed; unit hours; repeats\n"
        "    where limit; tags local; at least fact local; measure hours\n  count 0; at least fact courses",
        [["cpd 2024-01-01 hours=12 local", "cpd 2024-02-01 hours=6", "x 2024-01-01"]],
        [
            ["cpd 2024-01-01 hours=12 local", "cpd 2024-02-01 hours=5", "x 2024-01-01"],
            ["cpd 2024-01-01 hours=3 local", "cpd 2024-02-01 hours=20", "x 2024-01-01"],
        ],
        facts={"needed": "18", "local": "4", "courses": "1"},
    ),
    Told(
        "what is needed is not known",
        "earn 0; at least fact needed; unit hours; repeats",
        [],
        [["cpd 2024-01-01 hours=1000"]],
    ),
    Told(
        "half of what is required, rounded up",
        "count 5\n  where limit; sources here; measure count; at least share 1/2; share of required; rounded up",
        [[f"{key} 2024-01-01 source=here" for key in "abc"] + ["d 2024-01-01", "e 2024-01-01"]],
        [[f"{key} 2024-01-01 source=here" for key in "ab"] + [f"{key} 2024-01-01" for key in "cdef"]],
    ),
    Told(
        "a third of what all parts together require",
        "all of\n  earn 20; tags core\n  earn 10; tags free\n"
        "  where limit; sources transfer; at most share 1/3; share of required",
        [["a 2024-01-01 credits=20 core", "b 2024-01-01 credits=10 free source=transfer"]],
        [["a 2024-01-01 credits=20 core source=transfer", "b 2024-01-01 credits=10 free"]],
    ),
    Told(
        "a share of what is taken, rounded down",
        "count 5; at most 5\n  where limit; sources here; measure count; at least share 1/2; rounded down",
        [[f"{key} 2024-01-01 source=here" for key in "ab"] + [f"{key} 2024-01-01" for key in "cde"]],
        [["a 2024-01-01 source=here"] + [f"{key} 2024-01-01" for key in "cdef"]],
    ),
    Told(
        "at most so much of each repeated achievement",
        "earn 10; unit hours; repeats\n  where spread; by achievement; at most each 6; measure hours",
        [["a 2024-01-01 hours=6", "a 2024-02-01 hours=6", "b 2024-01-01 hours=4"]],
        [["a 2024-01-01 hours=6", "a 2024-02-01 hours=6", "b 2024-01-01 hours=3"]],
    ),
    Told(
        "all from one provider",
        "count 3\n  where spread; by issuer; at most 1",
        [["a 2021-01-01 issuer=x", "b 2022-01-01 issuer=x", "c 2023-01-01 issuer=x", "d 2023-01-01 issuer=y"]],
        [["a 2021-01-01 issuer=x", "b 2022-01-01 issuer=x", "c 2023-01-01 issuer=y", "d 2023-01-01 issuer=y"]],
    ),
    Told(
        "what belongs to two areas shows both",
        "count 2\n  where spread; by area; at least 3\n  where groups; by area; at least 2",
        [["a 2021-01-01 area=x area=y", "b 2022-01-01 area=y area=z"]],
        [["a 2021-01-01 area=x area=y", "b 2022-01-01 area=y"], ["a 2021-01-01 area=x area=y", "b 2022-01-01 area=z"]],
    ),
    Told(
        "no more than one a month",
        "count 3; repeats\n  where pace; within 1 months; at most 1",
        [["a 2021-01-15", "a 2021-02-01", "a 2021-02-15", "a 2021-03-15"]],
        [["a 2021-01-15", "a 2021-02-14", "a 2021-03-13"]],
    ),
    Told(
        "the best grades add up",
        "earn 15; unit grade\n  where limit; measure count; at most 3",
        [["a 2021-01-01 grade=6", "b 2021-01-01 grade=5", "c 2021-01-01 grade=4", "d 2021-01-01 grade=3"]],
        [["a 2021-01-01 grade=5", "b 2021-01-01 grade=5", "c 2021-01-01 grade=4", "d 2021-01-01 grade=3"]],
    ),
    Told(
        "grades in words are worth points",
        "earn 5; unit points; "
        "rates (scales (of grade; scale B, A; at least A); unit count; times 3/1) and (marks B; unit count; times 2/1)",
        [["a 2021-01-01 mark=A", "b 2021-01-01 mark=B"]],
        [["a 2021-01-01 mark=B", "b 2021-01-01 mark=B"], ["a 2021-01-01 mark=A", "b 2021-01-01 mark=C"]],
    ),
    Told(
        "some are accepted only for a time",
        "count 2; either (achievements a; earned until 2020-12-31) or (achievements b, c)",
        [["a 2020-12-31", "b 2024-01-01"], ["b 2024-01-01", "c 2024-01-01"]],
        [["a 2021-01-01", "b 2024-01-01"], ["d 2024-01-01", "b 2024-01-01"]],
    ),
    Told(
        "in at least three years",
        "count 3; repeats\n  where spread; by year; at least 3",
        [["a 2021-01-01", "a 2022-01-01", "a 2023-01-01"]],
        [["a 2021-01-01", "a 2021-02-01", "a 2023-01-01"]],
    ),
    Told(
        "so much of one subject",
        "earn 30\n  where groups; by subject; at least 20; measure credits",
        [["a 2024-01-01 credits=20 subject=x", "b 2024-01-01 credits=10 subject=y"]],
        [["a 2024-01-01 credits=15 subject=x", "b 2024-01-01 credits=15 subject=y"]],
    ),
    Told(
        "so much in each of several years from a day",
        "earn 30; unit hours; repeats\n"
        '  where groups; by year; at least 10; groups 2; measure hours; beginning "begun"',
        [["a 2024-03-31 hours=10", "a 2024-04-01 hours=20"]],
        [["a 2024-03-31 hours=9", "a 2024-04-01 hours=30"]],
        facts={"begun": "2023-04-01"},
    ),
    Told(
        "of the last credits so many in house",
        "earn 40\n  where last of; last 20; at least 10; sources here",
        [
            [
                "a 2021-01-01 credits=20",
                "b 2023-01-01 credits=10",
                "c 2024-01-01 credits=10 source=here",
            ]
        ],
        [
            [
                "a 2021-01-01 credits=20 source=here",
                "b 2023-01-01 credits=10",
                "c 2024-01-01 credits=10",
            ]
        ],
    ),
    Told(
        "in any one other qualification at most so much",
        "earn 30\n  where overlap; at most 10; each",
        [["a 2024-01-01 credits=10", "b 2024-01-01 credits=10", "c 2024-01-01 credits=10"]],
        [["b 2024-01-01 credits=15", "a 2024-01-01 credits=15"]],
        others=(
            Other(id="y", uses=frozenset({"a@2024-01-01"}), kind="certificate"),
            Other(id="z", uses=frozenset({"b@2024-01-01"}), kind="certificate"),
            Other(id="w", uses=frozenset({"a@2024-01-01", "b@2024-01-01"}), granted=False),
        ),
    ),
    Told(
        "at most half of the smaller one is shared",
        "earn 30\n  where overlap; at most share 1/2; share of smaller",
        [["a 2024-01-01 credits=10", "b 2024-01-01 credits=20"]],
        [["a 2024-01-01 credits=11", "b 2024-01-01 credits=20"]],
        others=(Other(id="y", uses=frozenset({"a@2024-01-01"}), amounts=(("credits", Decimal(20)),)),),
    ),
    Told(
        "in no more than one other",
        "hold a; uses at most 1",
        [["a 2024-01-01 id=free"], ["a 2024-01-01 id=once"]],
        [["a 2024-01-01 id=twice"]],
        others=(Other(id="y", uses=frozenset({"once", "twice"})), Other(id="z", uses=frozenset({"twice"}))),
    ),
    Told(
        "used up for good, or used where it had to be",
        "all of\n  hold a; not used in *\n  hold b; used in diploma",
        [["a 2024-01-01 id=free", "b 2024-01-01 id=spent"]],
        [["a 2024-01-01 id=spent", "b 2024-01-01 id=spent2"], ["a 2024-01-01 id=free", "b 2024-01-01 id=free2"]],
        others=(Other(id="y", uses=frozenset({"spent", "spent2"}), level="diploma"),),
    ),
    Told(
        "the best three average",
        "count 4\n  where average; at least 60; best 3; weight count",
        [["a 2024-01-01 grade=60", "b 2024-01-01 grade=50", "c 2024-01-01 grade=70", "d 2024-01-01 grade=10"]],
        [["a 2024-01-01 grade=60", "b 2024-01-01 grade=49", "c 2024-01-01 grade=70", "d 2024-01-01 grade=10"]],
    ),
    Told(
        "grades in words have values, and no grade is zero",
        "count 2\n"
        "  where average; at least 3; weight count; ungraded as zero; values (mark A; value 4) and (mark C; value 2)",
        [["a 2024-01-01 mark=A", "b 2024-01-01 mark=C"]],
        [["a 2024-01-01 mark=A", "b 2024-01-01"]],
    ),
    Told(
        "credits of one kind count twice in the average",
        "earn 30\n  where average; at least 60; rates (level at least 3; times 2/1)",
        [["a 2024-01-01 credits=10 level=3 grade=65", "b 2024-01-01 credits=20 level=2 grade=55"]],
        [["a 2024-01-01 credits=10 level=3 grade=64", "b 2024-01-01 credits=20 level=2 grade=55"]],
    ),
    Told(
        "some are counted from another unit",
        "earn 90; unit hours; rates (achievements college; times 15/1; unit semester_hours)",
        [
            ["college 2024-01-01 +semester_hours=6"],
            ["course 2024-01-01 hours=60", "college 2024-01-01 semester_hours=2"],
        ],
        [["college 2024-01-01 +semester_hours=5.5"]],
    ),
    Told(
        "months from the end of a month",
        "hold b; earned until first (achievements a) start of month plus 19 months minus 1 days",
        [["a 2023-01-15", "b 2024-07-31"]],
        [["a 2023-01-15", "b 2024-08-01"]],
    ),
    Told(
        "what restores it mends every gap before it",
        "unbroken; grace 1 months; restored by (achievements test)\n  any of\n    hold test; earned within 6 months\n"
        "    hold confirmed; earned within 6 months",
        [["test 2024-01-01", "confirmed 2024-09-01", "test 2025-01-01"], ["test 2024-01-01", "confirmed 2024-07-15"]],
        [["test 2024-01-01", "confirmed 2024-09-01"]],
    ),
    Told(
        "one a while after the other",
        "all of\n  hold a #x\n  hold b #y\n  where order; first x; then y; apart 6 months",
        [["a 2024-01-01", "b 2024-07-01"]],
        [["a 2024-01-01", "b 2024-06-30"], ["a 2024-01-01", "b 2023-01-01"]],
    ),
    Told(
        "an order of parts that share",
        "all of\n  hold a; shared #x\n  count 2; shared #y\n  hold b; shared #z\n  where order; first x; then z",
        [["a 2024-01-01", "b 2024-07-01"]],
        [["a 2024-01-02", "b 2024-01-01"]],
    ),
    Told(
        "spread over some months",
        "count 3; repeats\n  where span; at least 3 months",
        [["a 2024-01-15", "a 2024-02-01", "a 2024-04-15"]],
        [["a 2024-01-15", "a 2024-02-01", "a 2024-04-14"]],
    ),
    Told(
        "several names of one achievement",
        "same (names new, old)\ncount 2; achievements new, other",
        [["old 2020-01-01", "other 2021-01-01"]],
        [["old 2020-01-01", "new 2021-01-01"]],
    ),
    Told(
        "at most one may be replaced",
        "substitutes (tags recognised; property for)\n"
        "count 3; achievements a, b, c\n  where limit; tags substitute; at most 1; measure count",
        [["a 2020-01-01", "b 2020-01-01", "x 2020-01-01 recognised for=c"]],
        [["a 2020-01-01", "y 2020-01-01 recognised for=b", "x 2020-01-01 recognised for=c"]],
    ),
    Told(
        "of a barred pair the first",
        "barred (names a, b; keeps first)\nhold b",
        [["b 2020-01-01", "a 2021-01-01"], ["b 2020-01-01"]],
        [["a 2020-01-01", "b 2021-01-01"]],
    ),
    Told(
        "renewed shortly before its end it goes on from the end",
        "renewals (achievements aid; by (achievements again); period 3 years; extends within 3 months)\n"
        "hold aid; current",
        [
            ["aid 2019-01-01 until=2022-07-15", "again 2022-04-15"],
            ["aid 2019-01-01 until=2022-07-15", "again 2022-07-01"],
        ],
        [
            ["aid 2019-01-01 until=2022-07-15", "again 2022-04-14"],
            ["aid 2019-01-01 until=2022-07-15", "again 2022-07-16"],
        ],
    ),
    Told(
        "a higher award renews a lower one still valid",
        "renewals (achievements low; by (achievements high); period 4 years)\nhold low; current",
        [["low 2019-01-01 until=2022-01-01", "high 2022-01-01"], ["low 2024-01-01 until=2027-01-01"]],
        [
            ["low 2019-01-01 until=2022-01-01", "high 2022-01-02"],
            ["low 2018-01-01 until=2021-01-01", "high 2020-01-01"],
        ],
    ),
    Told(
        "a fact lies between what other facts say",
        "all of\n  fact score; at least fact wanted; at most fact ceiling\n  hold a",
        [["a 2024-01-01"]],
        [[]],
        facts={"score": "7", "wanted": "7", "ceiling": "9"},
    ),
    Told(
        "a fact above what another fact allows",
        "any of\n  fact score; at most fact ceiling\n  hold a",
        [["a 2024-01-01"]],
        [[]],
        facts={"score": "9.5", "ceiling": "9"},
    ),
    Told(
        "a fact says the same as another",
        "all of\n  fact home; same as place\n  hold a",
        [["a 2024-01-01"]],
        [[]],
        facts={"home": "Cork", "place": "Cork"},
    ),
    Told(
        "an average between two bounds",
        "graded; at least 2; at most 4",
        [["a 2024-01-01 credits=5 grade=2"], ["a 2024-01-01 credits=5 grade=3", "b 2024-01-01 credits=5 grade=5"]],
        [["a 2024-01-01 credits=5 grade=5"], ["a 2024-01-01 credits=5 grade=1.9"], []],
    ),
    Told(
        "a blend of averages of a property",
        "graded; at least 60; property score; "
        "blend (level at least 6; share 3/4; best 10) and (level at most 5; share 1/4)",
        [
            ["a 2024-01-01 credits=10 level=6 score=70", "b 2024-01-01 credits=5 level=4 score=30"],
            [
                "a 2024-01-01 credits=10 level=6 score=70",
                "b 2024-01-01 credits=5 level=4 score=30",
                "c 2024-01-01 credits=10 level=6 score=10",
            ],
        ],
        [
            ["a 2024-01-01 credits=10 level=6 score=69", "b 2024-01-01 credits=5 level=4 score=30"],
            ["a 2024-01-01 credits=10 level=6 score=90"],
        ],
    ),
    Told(
        "of the newest hours so many are of one kind",
        "earn 40; unit hours; repeats\n  where last of; last 30; sources here; at least 15; measure hours",
        [["a 2024-01-01 hours=20", "a 2024-02-01 hours=15 source=here", "a 2024-03-01 hours=15"]],
        [["a 2024-01-01 hours=20 source=here", "a 2024-02-01 hours=14 source=here", "a 2024-03-01 hours=16"]],
    ),
    Told(
        "a grade no higher than what the same award says",
        "count 1; numbers (of grade; at least of pass; at most of full)",
        [["a 2024-01-01 grade=50 pass=50 full=60"]],
        [["a 2024-01-01 grade=61 pass=50 full=60"], ["a 2024-01-01 grade=49 pass=50 full=60"]],
    ),
    Told(
        "no more hours than so many in any week",
        "earn 15; unit hours; repeats\n  where pace; within 7 days; at most 10; measure hours",
        [["a 2024-01-01 hours=8", "a 2024-01-08 hours=7"]],
        [["a 2024-01-01 hours=8", "a 2024-01-07 hours=7"], ["a 2024-01-01 hours=15"]],
    ),
    Told(
        "no more hours than so many in each year from April on",
        "earn 15; unit hours; repeats\n  where spread; by year; at most each 10; measure hours; beginning 2020-04-01",
        [["a 2024-03-31 hours=8", "a 2024-04-01 hours=7"]],
        [["a 2024-04-01 hours=8", "a 2025-03-31 hours=7"]],
    ),
    Told(
        "what stands for a named achievement carries so many credits",
        "substitutes (tags recognised; achievement c; credits 15)\nearn 20; achievements b, c",
        [["x 2024-01-01 credits=3 recognised", "b 2024-01-01 credits=5"]],
        [["x 2024-01-01 credits=30 recognised", "b 2024-01-01 credits=4.5"], ["x 2024-01-01 credits=30"]],
    ),
]


def record_of(held: list[str], told: Told) -> Record:
    return Record(holdings=tuple(had(each) for each in held), facts=told.facts, others=told.others)


def assert_comes_out(told: Told) -> None:
    """The verdict on each record, once both ways of asking, and words for all that is missing."""
    rule = from_text(told.rule)
    assert check(rule) == []
    for held in told.met:
        record = record_of(held, told)
        assert satisfied(rule, record, ON), held
        assert evaluate(rule, record, ON).satisfied
    for held in told.unmet:
        record = record_of(held, told)
        assert not satisfied(rule, record, ON), held
        evaluation = evaluate(rule, record, ON)
        assert not evaluation.satisfied
        for completion in evaluation.missing:
            assert completion_sentence(rule, completion, {})


def assert_reads_back(told: Told) -> None:
    """The same rule from both notations, and words for all of it."""
    rule = from_text(told.rule)
    assert from_json(to_json(rule)) == rule
    assert from_text(to_text(rule)) == rule
    assert sentence(rule, {}).endswith(".")
    assert "None" not in sentence(rule, {})
    assert references(rule)


@pytest.mark.parametrize("told", TOLD, ids=[each.name for each in TOLD])
def test_what_is_told_comes_out(told: Told) -> None:
    assert_comes_out(told)


@pytest.mark.parametrize("told", TOLD, ids=[each.name for each in TOLD])
def test_what_is_told_reads_back_from_both_notations_and_is_said(told: Told) -> None:
    assert_reads_back(told)


def test_what_is_divided_counts_each_part_once() -> None:
    rule = from_text("all of\n  earn 20; unit hours; divisible #n\n  earn 10; unit hours; divisible; tags local #l")
    evaluation = evaluate(rule, Record(holdings=(had("cpd 2024-01-01 hours=30 local"),)), ON)
    assert {node: [(each.amount) for each in taken] for node, taken in evaluation.allocation.items()} == {
        "n": [Decimal(20)],
        "l": [Decimal(10)],
    }


def test_a_rule_says_what_it_looks_at_besides() -> None:
    rule = from_text(
        'hold b; earned since first (achievements a) plus 1 days; matches (of x; fact y); earned until "left"; '
        "unless held (tags t)"
    )
    assert references(rule) == {("award", "a"), ("award", "b"), ("fact", "y"), ("fact", "left"), ("tag", "t")}

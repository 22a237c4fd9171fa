"""What may be found about a rule, what it is worth, and the words for it, to be translated and filled."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from pathways.rules.phrases.language import gettext_noop
from pathways.rules.record import Record

from .one_by_one import HOURS_A_WEEK

Code = Literal[
    "never",
    "always",
    "too_costly",
    "nothing_fits",
    "not_enough",
    "counted_once",
    "contradiction",
    "never_decides",
    "implied",
    "expires_first",
    "counts_itself",
]
ERRORS: frozenset[Code] = frozenset({"never", "always", "too_costly"})
TEXTS: dict[Code, str] = {
    "never": gettext_noop("Nobody can meet this: not even a learner who has everything that the catalogue offers."),
    "always": gettext_noop("A learner who has nothing yet already meets this."),
    "too_costly": gettext_noop(
        "This costs too much to evaluate: the learner shown could not be judged within the bound."
    ),
    "nothing_fits": gettext_noop("Nothing that the catalogue offers fits here, so this part is never met."),
    "not_enough": gettext_noop("All that fits here, taken together, is not enough for this part."),
    "counted_once": gettext_noop(
        "These parts can be met one by one and not together, since each thing counts only once: {nodes}."
    ),
    "contradiction": gettext_noop("These can be met one by one and not together: {nodes}."),
    "never_decides": gettext_noop("This part never decides: whoever meets the rule by it meets it without it."),
    "implied": gettext_noop("This asks for nothing more: whoever meets the rest meets this, too."),
    "expires_first": gettext_noop(
        "What is earned first expires before the rest can be finished, at {hours} hours a week."
    ),
    "counts_itself": gettext_noop("An award of this achievement would itself count here."),
}
# What is said of what was not proved: of those who were made up, and no more.
UNDECIDED: dict[Code, str] = {
    "never": gettext_noop("None of the learners made up here meets this; whether somebody could was not decided."),
    "nothing_fits": gettext_noop("Nothing that was made up here fits; whether something could was not decided."),
    "not_enough": gettext_noop(
        "All that was made up here and fits is not enough for this part; whether more could be was not decided."
    ),
    "counted_once": gettext_noop(
        "No learner made up here meets these parts together, since each thing counts only once: {nodes}."
    ),
    "contradiction": gettext_noop("No learner made up here meets these together: {nodes}."),
    "never_decides": gettext_noop(
        "No learner made up here needs this part to meet the rule; whether one could was not decided."
    ),
    "implied": gettext_noop(
        "Every learner made up here who meets the rest meets this, too; whether all do was not decided."
    ),
    "expires_first": gettext_noop(
        "In every order that was tried what is earned first expires before the rest, at {hours} hours a week."
    ),
}
BOUNDS: dict[bool, str] = {
    True: gettext_noop("Proved for everything that the catalogue offers."),
    False: gettext_noop("No counterexample among {tried} made-up learners."),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something about a rule, the part it is about, and a made-up learner who shows it.

    `met` is the verdict of the rule on that learner. `nodes` are the parts that belong together in it.
    """

    code: Code
    node: str
    nodes: tuple[str, ...] = ()
    example: Record | None = None
    met: bool | None = None
    on: date
    proved: bool
    tried: int

    @property
    def is_error(self) -> bool:
        """Whether a rule of which this is true must not be published; what is not proved never stands in the way."""
        return self.code in ERRORS and self.proved

    @property
    def key(self) -> str:
        """By this somebody confirms having read it."""
        return f"{self.code}:{self.node}"

    @property
    def values(self) -> dict[str, str | int]:
        return {"nodes": ", ".join(self.nodes), "hours": HOURS_A_WEEK, "tried": self.tried}

    @property
    def template(self) -> str:
        """What it says, to be translated and filled; of what is not proved no more than was seen."""
        return TEXTS[self.code] if self.proved else UNDECIDED.get(self.code, TEXTS[self.code])

    @property
    def text(self) -> str:
        return self.template.format(**self.values)

    @property
    def bounds(self) -> str:
        return BOUNDS[self.proved].format(**self.values)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """Everything found about a rule; `finished` says that every question was asked."""

    findings: tuple[Finding, ...]
    finished: bool
    tried: int

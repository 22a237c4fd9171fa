"""Puts a plan into words: for each step what it is for, why it and not another, and how good the whole is."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pathways.models import Course
from pathways.rules import explain
from pathways.rules.completing import named_by_what_fits
from pathways.rules.plan import Instead, Plan, Step, Use
from pathways.rules.record import Holding
from pathways.rules.requirement import Passed, Rule, walk


@dataclass(frozen=True)
class Told:
    """A step as it is read."""

    step: Step
    course: Course
    reasons: tuple[str, ...]
    instead: tuple[str, ...]


class Words:
    """Speaks of one plan."""

    def __init__(
        self,
        plan: Plan,
        rules: Mapping[str, Rule],
        names: Mapping[str, str],
        courses: Mapping[str, Course],
        begun: Collection[str] = (),
    ) -> None:
        self.plan = plan
        self.names = names
        self.courses = courses
        self.begun = begun
        self.speaker = explain.Speaker(names, translation)
        self.parts = {(owner, part.id): part for owner, rule in rules.items() for part in walk(rule.root)}

    def name(self, key: str) -> str:
        return self.names.get(key, key)

    def steps(self) -> list[Told]:
        return [
            Told(
                step=step,
                course=self.courses[step.offering],
                reasons=tuple(dict.fromkeys(self._reasons(step))),
                instead=tuple(self._instead(each) for each in step.instead),
            )
            for step in self.plan.steps
        ]

    def _reasons(self, step: Step) -> Iterator[str]:
        if step.offering in self.begun:
            yield _("You have a place in it already.")
        for owner in dict.fromkeys(use.owner for use in step.uses):
            onward = self.counts_in(owner)
            if onward:
                yield _("It earns {achievement}. {asked}").format(
                    achievement=self.name(owner), asked=" ".join(self._asked(use) for use in onward)
                )
            else:
                yield from (self._asked(use) for use in step.uses if use.owner == owner)
        grades = list(dict.fromkeys(self._grades(step)))
        if grades:
            yield _("It takes {grades}.").format(grades=self.speaker.joined(grades, _("and")))
        if step.opens:
            yield _("It opens {courses}.").format(
                courses=self.speaker.joined([self.title(each) for each in step.opens], _("and"))
            )
        if step.is_only:
            yield _("There is no way without it.")

    def counts_in(self, slug: str) -> list[Use]:
        """Where an award of the plan counts; of each rule the first part, others only share it."""
        found: dict[str, Use] = {}
        for use in self.plan.uses:
            if use.is_award and use.by == slug:
                found.setdefault(use.owner, use)
        return list(found.values())

    def _asked(self, use: Use) -> str:
        part = self.parts.get((use.owner, use.node))
        words = self.name(use.key) if part is None else self.speaker.part(part, inside=False)
        if use.owner not in self.names:
            return _("It is asked for: {part}.").format(part=words)
        return _("{owner} asks to {part}.").format(owner=self.name(use.owner), part=words)

    def _grades(self, step: Step) -> Iterator[str]:
        for use in step.uses:
            part = self.parts.get((use.owner, use.node))
            if isinstance(part, Passed) and part.where.grade_at_least is not None:
                yield _("at least {grade} % in {assessment}").format(
                    grade=explain.number(part.where.grade_at_least), assessment=self.name(use.key)
                )

    def title(self, offering: str) -> str:
        return self.courses[offering].title if offering in self.courses else offering

    def _instead(self, each: Instead) -> str:
        title = self.title(each.offering)
        template = {
            "costs_more": self._dearer(each),
            "ends_later": ngettext(
                "{title} would end the plan {more} day later.",
                "{title} would end the plan {more} days later.",
                int(each.more),
            ),
            "not_enough": _("{title} alone would not be enough in its place."),
            "clashes": _("{title} does not go together with the rest in time."),
            "no_better": _("{title} would do as well."),
            "excluded": _("{title} is left out because you chose so."),
            "over": _("{title} is over."),
            "full": _("{title} has no place left."),
            "too_much_a_week": _("{title} takes more hours a week than you have."),
            "other_currency": _("{title} is priced in another currency."),
        }[each.code]
        return template.format(title=title, more=explain.number(each.more))

    def _dearer(self, each: Instead) -> str:
        if self.plan.by == "price":
            return _("{title} costs {more} more.")
        return _("{title} takes {more} hours more.")

    def how_good(self) -> str:
        """What is known of other plans, in one sentence; nothing where there is no plan."""
        plan = self.plan
        if plan.outcome == "best":
            return {
                "hours": _("No plan on offer takes fewer hours."),
                "price": _("No plan on offer costs less."),
                "date": _("No plan on offer ends sooner."),
            }[plan.by]
        if plan.outcome != "found":
            return ""
        least = {
            "hours": _("No plan takes fewer than {bound} hours."),
            "price": _("No plan costs less than {bound}."),
            "date": _("No plan ends before {bound}."),
        }[plan.by].format(bound=self.amount(plan.bound))
        more = plan.at_most_more
        if more is None:
            return _("This is the best found so far.") + " " + least
        if plan.by == "date":
            found = ngettext(
                "This is the best found so far, at most {more} day later than the soonest there can be.",
                "This is the best found so far, at most {more} days later than the soonest there can be.",
                more,
            )
        else:
            found = _("This is the best found so far, at most {more} % more than the least there can be.")
        return found.format(more=more) + " " + least

    @staticmethod
    def amount(value: Decimal | date | None) -> str:
        if isinstance(value, date):
            return date_format(value, "DATE_FORMAT")
        return "" if value is None else explain.number(value)

    def lacking(self, rules: Mapping[str, Rule], gains: Mapping[str, Holding]) -> list[tuple[str, list[str]]]:
        """What not even everything on offer would give, by target; `gains` is what each achievement would bring."""
        return [
            (
                owner,
                [
                    explain.completion_sentence(rules[owner], each, self.names, translation)
                    for each in named_by_what_fits(rules[owner], verdict.missing[:3], gains, verdict.on)
                ],
            )
            for owner, verdict in self.plan.lacking.items()
        ]

    def approvals(self) -> list[str]:
        return [
            _("{owner}: the approval of {role}.").format(owner=self.name(each.owner), role=self.name(each.role))
            for each in self.plan.approvals
        ]

    def left_out(self) -> list[str]:
        return [self._instead(Instead(offering=id_, code=code)) for id_, code in self.plan.left_out.items()]

"""Forms of instructors: a grade by rubric or by marks, and exam marks for many."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from pathways.models import Assessment, Grade, RubricCriterion, RubricLevel
from portal.accounts.models import User


@dataclass(frozen=True)
class CriterionRow:
    """One line of the rubric as it is shown: its levels to choose from, and room for a comment."""

    criterion: RubricCriterion
    levels: list[RubricLevel]
    chosen: int | None
    field: BoundField
    comment: BoundField


class GradeForm(forms.Form):
    """A draft grade: one level for each criterion, or marks where the assessment has no rubric."""

    comment = forms.CharField(
        label=_("Comment for the learner"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Markdown. Seen once the grade is released."),
    )

    def __init__(self, *args: Any, assessment: Assessment, grade: Grade | None = None, **kwargs: Any) -> None:
        self.assessment = assessment
        self.criteria = list(assessment.criteria.prefetch_related("levels"))
        kwargs.setdefault("initial", self._initial(grade))
        super().__init__(*args, **kwargs)
        for criterion in self.criteria:
            self.fields[f"level-{criterion.pk}"] = forms.TypedChoiceField(
                label=criterion.title,
                choices=[(level.pk, level.title) for level in criterion.levels.all()],
                coerce=int,
                error_messages={"required": _("Choose a level for “%(title)s”.") % {"title": criterion.title}},
            )
            self.fields[f"comment-{criterion.pk}"] = forms.CharField(
                label=_("Comment on “%(title)s”") % {"title": criterion.title},
                required=False,
                max_length=5_000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
        if not self.criteria:
            self.fields["marks"] = forms.DecimalField(
                label=_("Marks out of %(out_of)s") % {"out_of": f"{assessment.out_of.normalize():f}"},
                min_value=Decimal(0),
                max_value=assessment.out_of,
                max_digits=7,
                decimal_places=2,
            )

    def _initial(self, grade: Grade | None) -> dict[str, Any]:
        if grade is None:
            return {}
        initial: dict[str, Any] = {"comment": grade.comment, "marks": grade.marks + grade.late_penalty}
        for mark in grade.criterion_marks.all():
            initial[f"level-{mark.criterion_id}"] = mark.level_id
            initial[f"comment-{mark.criterion_id}"] = mark.comment
        return initial

    def rubric(self) -> Iterator[CriterionRow]:
        """The lines of the rubric, each with what is chosen now."""
        for criterion in self.criteria:
            field = self[f"level-{criterion.pk}"]
            levels = list(criterion.levels.all())
            yield CriterionRow(
                criterion,
                levels,
                next((level.pk for level in levels if str(level.pk) == str(field.value())), None),
                field,
                self[f"comment-{criterion.pk}"],
            )

    def act_fields(self) -> dict[str, Any]:
        """What `grading.draft_grade` takes; the form must be valid."""
        levels = {level.pk: level for criterion in self.criteria for level in criterion.levels.all()}
        return {
            "levels": {criterion: levels[self.cleaned_data[f"level-{criterion.pk}"]] for criterion in self.criteria},
            "marks": self.cleaned_data.get("marks"),
            "comment": self.cleaned_data["comment"],
            "criterion_comments": {
                criterion.pk: self.cleaned_data[f"comment-{criterion.pk}"] for criterion in self.criteria
            },
        }


class MarksForm(forms.Form):
    """Marks of an exam for the learners of one page; an empty field leaves a learner as they are."""

    sat_on = forms.DateField(label=_("Sat on"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, assessment: Assessment, learners: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.learners = learners
        for learner in learners:
            self.fields[f"marks-{learner.pk}"] = forms.DecimalField(
                label=str(learner),
                required=False,
                min_value=Decimal(0),
                max_value=assessment.out_of,
                max_digits=7,
                decimal_places=2,
                widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
            )

    def rows(self) -> Iterator[tuple[User, BoundField]]:
        for learner in self.learners:
            yield learner, self[f"marks-{learner.pk}"]

    def entered(self) -> list[tuple[User, Decimal]]:
        """Who got which marks; the form must be valid."""
        return [
            (learner, marks)
            for learner in self.learners
            if (marks := self.cleaned_data[f"marks-{learner.pk}"]) is not None
        ]


class ReleaseForm(forms.Form):
    """The drafts that were ticked."""

    grade = forms.ModelMultipleChoiceField(queryset=Grade.objects.none(), to_field_name="uuid")

    def __init__(self, *args: Any, drafts: QuerySet[Grade], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["grade"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker alone
        field.queryset = drafts

"""Forms of questions and rubrics: rows that are added by buttons, with or without a script."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pathways.marking import read_number
from pathways.models import Assessment, Question

MAX_CHOICES = 12
MAX_CRITERIA = 12
MAX_LEVELS = 8
_CHOSEN = (Question.Kind.SINGLE, Question.Kind.MULTIPLE)


def count_of(sent: Mapping[str, Any], name: str, *, most: int) -> int:
    """A number of rows as a page of ours sends it; anything else is held within bounds."""
    typed = str(sent.get(name, ""))
    return max(1, min(int(typed), most)) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 1


class QuestionForm(forms.Form):
    """A question with its right answer, by kind; `rows` is how many choices there is room for."""

    prompt = forms.CharField(
        label=_("Question"),
        max_length=5_000,
        help_text=_("Markdown."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    marks = forms.DecimalField(
        label=_("Marks"),
        max_digits=5,
        decimal_places=2,
        min_value=Decimal("0.01"),
        initial=1,
        help_text=_("Beside the other questions: they are scaled to the marks of the quiz."),
        widget=forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
    )
    value = forms.CharField(
        label=_("Right number"), max_length=30, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    tolerance = forms.CharField(
        label=_("How far off still counts"),
        max_length=30,
        required=False,
        help_text=_("Empty: it must be exact."),
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    accepted = forms.CharField(
        label=_("Right answers"),
        max_length=5_000,
        help_text=_("One a line. Capitals and spaces do not matter."),
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    feedback = forms.CharField(
        label=_("Explanation"),
        max_length=5_000,
        required=False,
        help_text=_("Shown after answering, whatever was answered. Markdown."),
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
    )

    def __init__(self, *args: Any, kind: str, has_marks: bool, rows: int = 4, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        self.rows = rows
        own = {"value", "tolerance"} if kind == Question.Kind.NUMBER else set()
        own |= {"accepted"} if kind == Question.Kind.TEXT else set()
        for name in {"value", "tolerance", "accepted"} - own:
            del self.fields[name]
        if not has_marks:
            del self.fields["marks"]
        if kind not in _CHOSEN:
            return
        self.fields["right"] = forms.MultipleChoiceField(
            label=_("Right"), required=False, choices=[(str(row), str(row + 1)) for row in range(rows)]
        )
        for row in range(rows):
            self.fields[f"text-{row}"] = forms.CharField(
                label=_("Choice %(number)d") % {"number": row + 1},
                max_length=1_000,
                required=False,
                widget=forms.TextInput(attrs={"dir": "auto"}),
            )
            self.fields[f"feedback-{row}"] = forms.CharField(
                label=_("Said when choice %(number)d is taken") % {"number": row + 1},
                max_length=1_000,
                required=False,
                widget=forms.TextInput(attrs={"dir": "auto"}),
            )

    def above(self) -> list[BoundField]:
        """The fields before the choices."""
        return [self[name] for name in ("prompt", "value", "tolerance", "accepted") if name in self.fields]

    def below(self) -> list[BoundField]:
        return [self[name] for name in ("feedback", "marks") if name in self.fields]

    def choice_rows(self) -> list[dict[str, Any]]:
        """One line of the page for each choice."""
        if self.kind not in _CHOSEN:
            return []
        right = {str(each) for each in self["right"].value() or ()}
        return [
            {
                "number": row + 1,
                "row": row,
                "text": self[f"text-{row}"],
                "feedback": self[f"feedback-{row}"],
                "is_right": str(row) in right,
            }
            for row in range(self.rows)
        ]

    def clean_value(self) -> str:
        return _number(self.cleaned_data["value"])

    def clean_tolerance(self) -> str:
        typed = self.cleaned_data["tolerance"].strip()
        tolerance = _number(typed) if typed else "0"
        if Decimal(tolerance) < 0:
            raise forms.ValidationError(gettext("This cannot be below zero."))
        return tolerance

    def clean_accepted(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["accepted"].splitlines() if line.strip()]
        return list(dict.fromkeys(lines))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.kind not in _CHOSEN:
            return cleaned
        right = set(cleaned.get("right", ()))
        filled = [row for row in range(self.rows) if cleaned.get(f"text-{row}", "").strip()]
        texts = [cleaned[f"text-{row}"].strip() for row in filled]
        for row in range(self.rows):
            if row not in filled and (str(row) in right or cleaned.get(f"feedback-{row}")):
                self.add_error(f"text-{row}", gettext("Write the choice, or empty its whole line."))
        for place, row in enumerate(filled):
            if texts[place] in texts[:place]:
                self.add_error(f"text-{row}", gettext("This stands above already."))
        if len(filled) < 2:
            self.add_error("right", gettext("Write at least two choices."))
        if self.kind == Question.Kind.SINGLE and len(right) != 1:
            self.add_error("right", gettext("Mark the one choice that is right."))
        if self.kind == Question.Kind.MULTIPLE and not right:
            self.add_error("right", gettext("Mark every choice that is right."))
        return cleaned

    def act_fields(self) -> dict[str, Any]:
        """What the acts on questions take; the form must be valid."""
        cleaned = self.cleaned_data
        fields: dict[str, Any] = {"kind": self.kind, "prompt": cleaned["prompt"], "feedback": cleaned["feedback"]}
        if "marks" in self.fields:
            fields["marks"] = cleaned["marks"]
        if self.kind == Question.Kind.NUMBER:
            fields["answer"] = {"value": cleaned["value"], "tolerance": cleaned["tolerance"]}
        elif self.kind == Question.Kind.TEXT:
            fields["answer"] = {"accepted": cleaned["accepted"]}
        else:
            fields["choices"] = [
                {
                    "text": cleaned[f"text-{row}"].strip(),
                    "correct": str(row) in cleaned["right"],
                    "feedback": cleaned[f"feedback-{row}"].strip(),
                }
                for row in range(self.rows)
                if cleaned[f"text-{row}"].strip()
            ]
        return fields


def _number(typed: str) -> str:
    value = read_number(typed)
    if value is None or not -20 <= value.adjusted() <= 20:
        raise forms.ValidationError(gettext("Write a number, as 3.5 or 3,5."))
    return f"{value:f}"


def question_initial(question: Question) -> dict[str, Any]:
    """What the form shows of a question."""
    initial: dict[str, Any] = {
        "prompt": question.prompt,
        "feedback": question.feedback,
        "marks": question.marks,
        "value": question.answer.get("value", ""),
        "tolerance": question.answer.get("tolerance", ""),
        "accepted": "\n".join(question.answer.get("accepted", ())),
        "right": [str(row) for row, choice in enumerate(question.choices) if choice.get("correct")],
    }
    for row, choice in enumerate(question.choices):
        initial[f"text-{row}"] = choice["text"]
        initial[f"feedback-{row}"] = choice.get("feedback", "")
    return initial


class RubricForm(forms.Form):
    """A whole rubric; `shape` tells for each criterion how many levels there is room for."""

    def __init__(self, *args: Any, shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.shape = list(shape)
        for place, levels in enumerate(self.shape):
            number = {"criterion": place + 1}
            self.fields[f"{place}-title"] = _text(_("Title"), _("Title of criterion %(criterion)d") % number, 150)
            self.fields[f"{place}-description"] = _text(
                _("What it looks at"), _("What it looks at, criterion %(criterion)d") % number, 2_000
            )
            for level in range(levels):
                both = {"criterion": place + 1, "level": level + 1}
                self.fields[f"{place}-{level}-title"] = _text(
                    _("Level %(level)d") % both, _("Level %(level)d of criterion %(criterion)d") % both, 80
                )
                self.fields[f"{place}-{level}-description"] = _text(
                    _("How it is known"),
                    _("How it is known, level %(level)d of criterion %(criterion)d") % both,
                    2_000,
                    rows=3,
                )
                self.fields[f"{place}-{level}-marks"] = _said(
                    forms.DecimalField(
                        label=_("Marks"),
                        required=False,
                        min_value=Decimal(0),
                        max_digits=6,
                        decimal_places=2,
                        widget=forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
                    ),
                    _("Marks of level %(level)d of criterion %(criterion)d") % both,
                )

    def criteria(self) -> list[dict[str, Any]]:
        """The rubric as the page shows it."""
        return [
            {
                "place": place,
                "number": place + 1,
                "title": self[f"{place}-title"],
                "description": self[f"{place}-description"],
                "is_first": place == 0,
                "is_last": place == len(self.shape) - 1,
                "may_grow": levels < MAX_LEVELS,
                "levels": [
                    {
                        "number": level + 1,
                        "title": self[f"{place}-{level}-title"],
                        "description": self[f"{place}-{level}-description"],
                        "marks": self[f"{place}-{level}-marks"],
                    }
                    for level in range(levels)
                ],
            }
            for place, levels in enumerate(self.shape)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for place, levels in enumerate(self.shape):
            self._clean_criterion(cleaned, place, levels)
        return cleaned

    def _clean_criterion(self, cleaned: dict[str, Any], place: int, levels: int) -> None:
        filled = self._filled(cleaned, place, levels)
        title = cleaned.get(f"{place}-title")
        if not title:
            if filled or cleaned.get(f"{place}-description"):
                self.add_error(f"{place}-title", gettext("Name the criterion, or remove it."))
            return
        if len(filled) < 2:
            words = gettext("“%(title)s” needs at least two levels, from low to high.") % {"title": title}
            self.add_error(f"{place}-title", words)
        before: Decimal | None = None
        for level in filled:
            marks = cleaned.get(f"{place}-{level}-marks")
            if not cleaned.get(f"{place}-{level}-title"):
                self.add_error(f"{place}-{level}-title", gettext("Name the level, or empty it wholly."))
            if marks is None:
                if f"{place}-{level}-marks" not in self.errors:
                    self.add_error(f"{place}-{level}-marks", gettext("How many marks does it bring?"))
                continue
            if before is not None and marks <= before:
                self.add_error(f"{place}-{level}-marks", gettext("It must bring more marks than the level before."))
            before = marks

    def _filled(self, cleaned: Mapping[str, Any], place: int, levels: int) -> list[int]:
        return [
            level
            for level in range(levels)
            if any(
                cleaned.get(f"{place}-{level}-{part}") not in (None, "") or f"{place}-{level}-{part}" in self.errors
                for part in ("title", "description", "marks")
            )
        ]

    def chosen(self) -> list[dict[str, Any]]:
        """The criteria that were written, as the acts take them; the form must be valid."""
        cleaned = self.cleaned_data
        return [
            {
                "title": cleaned[f"{place}-title"],
                "description": cleaned[f"{place}-description"],
                "levels": [
                    {part: cleaned[f"{place}-{level}-{part}"] for part in ("title", "description", "marks")}
                    for level in self._filled(cleaned, place, levels)
                ],
            }
            for place, levels in enumerate(self.shape)
            if cleaned[f"{place}-title"]
        ]


Field = TypeVar("Field", bound=forms.Field)


def _said(field: Field, words: Any) -> Field:
    """The field with the name by which it is told from all others, where its label stands among others like it."""
    field.widget.attrs["aria-label"] = words
    return field


def _text(label: Any, words: Any, longest: int, *, rows: int = 0) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"}) if rows else forms.TextInput(attrs={"dir": "auto"})
    return _said(forms.CharField(label=label, max_length=longest, required=False, widget=widget), words)


Rows = list[dict[str, Any]]


def rubric_rows(assessment: Assessment) -> Rows:
    """A rubric as rows of plain values; an empty one begins with a criterion of three levels."""
    rows: Rows = [
        {
            "title": criterion.title,
            "description": criterion.description,
            "levels": [
                {"title": level.title, "description": level.description, "marks": level.marks}
                for level in criterion.levels.all()
            ],
        }
        for criterion in assessment.criteria.prefetch_related("levels")
    ]
    return rows or [{"levels": [{}, {}, {}]}]


def rows_sent(sent: QueryDict) -> Rows:
    """The rows as they were typed, right or wrong."""
    return [
        {
            "title": sent.get(f"{place}-title", ""),
            "description": sent.get(f"{place}-description", ""),
            "levels": [
                {part: sent.get(f"{place}-{level}-{part}", "") for part in ("title", "description", "marks")}
                for level in range(levels)
            ],
        }
        for place, levels in enumerate(shape_sent(sent))
    ]


def shape_sent(sent: QueryDict) -> list[int]:
    criteria = count_of(sent, "criteria", most=MAX_CRITERIA)
    return [count_of(sent, f"levels-{place}", most=MAX_LEVELS) for place in range(criteria)]


def rubric_form(rows: Rows) -> RubricForm:
    """A form that shows these rows and judges nothing yet."""
    initial: dict[str, Any] = {}
    for place, row in enumerate(rows):
        initial[f"{place}-title"] = row.get("title", "")
        initial[f"{place}-description"] = row.get("description", "")
        for level, values in enumerate(row["levels"]):
            for part, value in values.items():
                initial[f"{place}-{level}-{part}"] = value
    return RubricForm(initial=initial, shape=[len(row["levels"]) for row in rows])


def reshaped(rows: Rows, sent: QueryDict) -> Rows | None:
    """The rows after the button that was pressed to add, remove or move one; none when it was another button."""
    if "add-criterion" in sent:
        levels = len(rows[-1]["levels"]) if rows else 3
        return [*rows, {"levels": [{} for _level in range(levels)]}][:MAX_CRITERIA]
    for act in ("add-level", "drop", "up", "down"):
        typed = sent.get(act, "")
        if typed.isascii() and typed.isdigit() and len(typed) < 4 and int(typed) < len(rows):
            return _changed(rows, act, int(typed))
    return None


def _changed(rows: Rows, act: str, place: int) -> Rows:
    if act == "add-level":
        rows[place]["levels"] = [*rows[place]["levels"], {}][:MAX_LEVELS]
        return rows
    row = rows.pop(place)
    if act != "drop":
        rows.insert(max(place - 1, 0) if act == "up" else place + 1, row)
    return rows or [{"levels": [{}, {}, {}]}]

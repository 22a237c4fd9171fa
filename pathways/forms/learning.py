"""What learners send: answers, their work, their settings."""

import zoneinfo
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from credentials.issuance import name_fault
from pathways import uploads
from pathways.models import Question, Submission
from portal.accounts.models import User

MAX_ANSWER = 2_000


def answer_field(question: Question) -> str:
    """The name of a question's field."""
    return f"answer-{question.uuid}"


def read_answers(questions: Sequence[Question], sent: QueryDict) -> dict[str, Any]:
    """The answers by question; what was left empty, or cannot have come from our form, is left out."""
    answers: dict[str, Any] = {}
    for question in questions:
        values = sent.getlist(answer_field(question))
        given: Any
        if question.kind == Question.Kind.SINGLE:
            given = next((index for value in values[:1] if (index := _index(question, value)) is not None), None)
        elif question.kind == Question.Kind.MULTIPLE:
            given = sorted({index for value in values if (index := _index(question, value)) is not None})
        else:
            given = "".join(values[:1]).replace("\0", "").strip()[:MAX_ANSWER]
        if given not in (None, "", []):
            answers[str(question.uuid)] = given
    return answers


def _index(question: Question, value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and int(value) < len(question.choices) else None


class WorkForm(forms.ModelForm):
    """The text of a piece of work."""

    class Meta:
        model = Submission
        fields = ("text",)
        widgets: ClassVar = {
            "text": forms.Textarea(attrs={"rows": 16, "data-count": _("{} characters left"), "dir": "auto"})
        }
        help_texts: ClassVar = {"text": _("Markdown, if you like. It is saved while you write.")}


class SeveralFiles(forms.ClearableFileInput):
    """A file input that takes more than one."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files in one field."""

    widget = SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = (data or [None]) if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(each, initial) for each in given]


class FilesForm(forms.Form):
    """Files to hand in."""

    files = FilesField(  # type: ignore[assignment]
        label=_("Choose files, or drop them here"),
        help_text=_("PDF, PNG, JPEG, WebP or plain text, each up to 5 MB."),
        widget=SeveralFiles(attrs={"accept": uploads.ACCEPT}),
    )


def _zones() -> list[tuple[str, Any]]:
    names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [("", _("As the institution")), ("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


class SettingsForm(forms.ModelForm):
    """Name as printed, language, time zone, appearance."""

    name = forms.CharField(
        label=_("Name as printed"),
        max_length=200,
        help_text=_("As it should stand on certificates, in any script. What was issued keeps the name it has."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=lambda: [("", _("As the browser")), *settings.LANGUAGES]
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=_zones)

    class Meta:
        model = User
        fields = ("name", "language", "time_zone", "theme")

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if fault := name_fault(name):
            raise forms.ValidationError(fault)
        return name

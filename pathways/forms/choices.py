"""Reads what a learner chooses about one holding and one part."""

from typing import Any

from django import forms

HERE, NOT_HERE = "here", "not-here"


class ChoiceForm(forms.Form):
    """A holding, a part, and whether it shall count there; nothing of it is typed by anybody."""

    node = forms.CharField(max_length=64)
    holding = forms.CharField(max_length=60)
    counts = forms.ChoiceField(choices=[(HERE, HERE), (NOT_HERE, NOT_HERE)])

    def clean(self) -> dict[str, Any]:
        """In the words of the act."""
        found = super().clean() or {}
        if "counts" in found:
            found["here"] = found.pop("counts") == HERE
        return found

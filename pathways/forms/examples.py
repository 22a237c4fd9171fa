"""The form for an example in a rule: a learner in plain lines, and the verdict expected."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pathways.rules import examples
from pathways.rules.examples import Example


class ExampleForm(forms.Form):
    """Whom the rule must let pass, or must not."""

    name = forms.CharField(
        label=_("Called"), max_length=examples.LONGEST, help_text=_("What it shows, such as “Transfers count half”.")
    )
    met = forms.ChoiceField(
        label=_("The rule is"), choices=[("yes", _("met")), ("no", _("not met"))], widget=forms.RadioSelect
    )
    on = forms.DateField(label=_("On the day"), widget=forms.DateInput(attrs={"type": "date"}))
    learner = forms.CharField(
        label=_("The learner"),
        required=False,
        max_length=20_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "class": "rule-text", "dir": "ltr", "spellcheck": "false"}),
        help_text=_(
            "One thing a line: the short name of an achievement, or course/assessment, then what differs from the "
            "catalogue after semicolons, such as “earned on 2026-01-31; grade 55”. Then “fact country = DE”, "
            "“approved n3 by dean”."
        ),
    )
    reason = forms.CharField(
        label=_("Why so"), required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if not examples.EARLIEST <= on <= examples.LATEST:
            raise forms.ValidationError(_("A day between 1900 and 2200, please."))
        return on


def filled_from(example: Example) -> dict[str, Any]:
    """What the form shows of an example."""
    return {
        "name": example.name,
        "met": "yes" if example.met else "no",
        "on": example.on,
        "learner": examples.to_text(example.record),
        "reason": example.reason,
    }

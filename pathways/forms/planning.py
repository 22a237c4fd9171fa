"""What learners ask of a plan: for what, by what, and with how many hours a week."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement
from pathways import planning
from pathways.models import LearningPlan


class WishForm(forms.Form):
    """How the plan shall be; read from an address, where everything may be missing."""

    by = forms.ChoiceField(label=_("What matters most"), choices=LearningPlan.By.choices, required=False)
    hours_per_week = forms.DecimalField(
        label=_("Hours you have in a week"),
        min_value=Decimal(1),
        max_value=Decimal(80),
        decimal_places=1,
        required=False,
        widget=forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
    )

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, Any] | None = None) -> None:
        if data is not None:
            # A field that the address leaves out shows what is supposed.
            data = data.copy()
            data.setdefault("by", LearningPlan.By.HOURS)
            data.setdefault("hours_per_week", str(planning.HOURS_PER_WEEK))
        super().__init__(data, initial=initial, auto_id="wish-%s")

    def wish(self) -> dict[str, Any]:
        """What is asked for; what makes no sense is as if it had not been said."""
        self.is_valid()
        return {
            "by": planning.read_by(self.cleaned_data.get("by", "")),
            "hours_per_week": self.cleaned_data.get("hours_per_week") or planning.HOURS_PER_WEEK,
        }


class TargetsForm(WishForm):
    """A plan for any achievements."""

    target = forms.ModelMultipleChoiceField(
        label=_("What you want to earn"),
        queryset=Achievement.objects.none(),
        to_field_name="slug",
        help_text=_("One or several. Ctrl or ⌘ chooses several."),
        widget=forms.SelectMultiple(attrs={"size": 8}),
    )
    field_order = ("target", "by", "hours_per_week")

    def __init__(self, data: QueryDict | None = None, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        field = self.fields["target"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker alone
        # What no rule gives cannot be planned for.
        field.queryset = (
            Achievement.objects.filter(state=Achievement.State.PUBLISHED, rule_versions__state="published")
            .distinct()
            .order_by("name")
        )

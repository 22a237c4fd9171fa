"""The form of a badge's look: shape, colour, ring, symbol, mark and ribbon, and the picture in words."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from credentials.designs import badges
from credentials.rendering.badge import look
from credentials.rendering.badge.look import Look
from portal.shared.refusals import Refusal

OWN = "own"


class BadgeForm(forms.Form):
    """What a registrar chooses. `look` is what to draw: that of the form, if it is one, or what it began from."""

    shape = forms.ChoiceField(label=_("Shape"), choices=list(look.SHAPES.items()))
    colour = forms.ChoiceField(label=_("Colour"), choices=[*look.COLOURS.items(), (OWN, _("A colour of your own"))])
    own_colour = forms.CharField(
        label=_("Your own colour"),
        required=False,
        max_length=7,
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_("Counts where that is chosen above."),
    )
    symbol = forms.ChoiceField(label=_("In the middle"), choices=list(look.SYMBOLS.items()))
    ring = forms.CharField(
        label=_("Words around the ring"),
        required=False,
        max_length=look.MOST_ON_RING,
        widget=forms.TextInput(attrs={"dir": "auto"}),
        help_text=_("In any script. Empty: an ornament."),
    )
    mark = forms.CharField(
        label=_("The issuer’s letters"),
        required=False,
        max_length=look.MOST_IN_MARK,
        widget=forms.TextInput(attrs={"dir": "auto", "size": 4}),
        help_text=_("One to three, in a roundel. Empty: none."),
    )
    ribbon = forms.ChoiceField(
        label=_("Ribbon"),
        choices=list(look.RIBBONS.items()),
        help_text=_("Bronze to level 3, silver to level 5, brass above."),
    )
    words = forms.CharField(
        label=_("Picture in words"),
        required=False,
        max_length=badges.LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("For those who do not see it. Empty: as composed below the preview."),
    )
    read_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, begun_from: Look, words: str = "", read_at: str = "") -> None:
        initial = asdict(begun_from) | {"words": words, "read_at": read_at}
        is_own = begun_from.colour not in look.COLOURS
        initial |= {
            "colour": OWN if is_own else begun_from.colour,
            "own_colour": begun_from.colour if is_own else "#0a5c60",
        }
        super().__init__(data, initial=initial)
        self.look: Look | None = None if self.is_bound else begun_from

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            said = {name: cleaned[name] for name in ("shape", "symbol", "ring", "mark", "ribbon")}
            colour = cleaned["own_colour"] if cleaned["colour"] == OWN else cleaned["colour"]
            try:
                self.look = badges.look_of(said | {"colour": colour})
            except Refusal as refusal:
                self.add_error(None, str(refusal))
        return cleaned

"""The form of a badge's look: shape, colour, ring, symbol, mark and ribbon, pictures, and all of it in words."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from credentials.designs import badges
from credentials.rendering.badge import artwork as pictures
from credentials.rendering.badge import look
from credentials.rendering.badge.look import Look
from credentials.rendering.pictures import MAX_BYTES
from portal.shared.refusals import Refusal

OWN = "own"
# The fields of which a look is made, with the two for its colour.
_DRAWN = ("shape", "symbol", "ring", "mark", "ribbon")


def _picture(label: Any, help_text: Any) -> forms.FileField:
    widget = forms.FileInput(attrs={"accept": pictures.TAKEN})
    return forms.FileField(label=label, help_text=help_text, required=False, widget=widget)


class BadgeForm(forms.Form):
    """What a registrar chooses. `look` is what to draw: that of the form, if it is one, or what it began from.

    Pictures that were handed in before are offered by boxes to tick, `logo` being the issuer's if the look has none.
    """

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
        widget=forms.TextInput(attrs={"dir": "auto", "data-count": _("{} characters left")}),
        help_text=_("In any script. Empty: an ornament."),
    )
    mark = forms.CharField(
        label=_("The issuer’s letters"),
        required=False,
        max_length=look.MOST_IN_MARK,
        widget=forms.TextInput(attrs={"dir": "auto", "size": 4}),
        help_text=_("One to three, in a roundel. Empty: none."),
    )
    shows_logo = forms.BooleanField(label=_("Show the issuer’s logo in place of the letters"), required=False)
    logo = _picture(
        _("The issuer’s logo"), _("PNG, JPEG, WebP or SVG. It is drawn anew, and offered for other badges, too.")
    )
    shows_artwork = forms.BooleanField(label=_("Show the picture of your own"), required=False)
    artwork = _picture(
        _("A picture of your own, in place of all that"),
        _("PNG, JPEG or WebP of 256 pixels at least, or SVG. Square is best. Say in words what it shows."),
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
        help_text=_("For those who do not see it. Empty: as composed below the preview, unless the picture is yours."),
    )
    read_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        begun_from: Look,
        logo: str = "",
        words: str = "",
        read_at: str = "",
    ) -> None:
        initial = asdict(begun_from) | {"words": words, "read_at": read_at}
        initial |= {f"shows_{name}": bool(initial.pop(name)) for name in ("logo", "artwork")}
        self._kept = {"logo": begun_from.logo or logo, "artwork": begun_from.artwork}
        is_own = begun_from.colour not in look.COLOURS
        initial |= {
            "colour": OWN if is_own else begun_from.colour,
            "own_colour": begun_from.colour if is_own else "#0a5c60",
        }
        super().__init__(data, files, initial=initial)
        for name, sha256 in self._kept.items():
            if not sha256:
                del self.fields[f"shows_{name}"]
        self.look: Look | None = None if self.is_bound else begun_from

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in self._kept:
            file = cleaned.get(name)
            if isinstance(file, UploadedFile) and (file.size or 0) > MAX_BYTES:
                self.add_error(name, _("This file is larger than 5 MB."))
        if (cleaned.get("artwork") or cleaned.get("shows_artwork")) and not cleaned.get("words", "").strip():
            self.add_error("words", _("Say what your picture shows, for those who do not see it."))
        # What is wrong with words or files keeps nobody from seeing the rest.
        if not {*_DRAWN, "own_colour", "colour"} & set(self.errors):
            said = {name: cleaned[name] for name in _DRAWN}
            colour = cleaned["own_colour"] if cleaned["colour"] == OWN else cleaned["colour"]
            kept = {name: sha256 if cleaned.get(f"shows_{name}") else "" for name, sha256 in self._kept.items()}
            try:
                self.look = badges.look_of(said | kept | {"colour": colour})
            except Refusal as refusal:
                self.add_error(None, str(refusal))
        return cleaned

    def files_given(self) -> dict[str, UploadedFile]:
        """The pictures that were handed in, by their use."""
        return {name: file for name in self._kept if (file := self.cleaned_data.get(name))}

"""The form in which a certificate is designed: fields in, choices of a template out, and the way back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from credentials.designs import designs
from credentials.designs.designs import Choices
from credentials.models import CertificatePicture
from credentials.rendering import design, samples
from credentials.rendering.pictures import MAX_BYTES

#: Keeps a picture for its use, and says which it is.
Taker = Callable[[UploadedFile, str], CertificatePicture]

_BLOCKS = {
    "emblem": _("The cairn, one stone for each part"),
    "parent": _("The body that the issuer is part of"),
    "statement": _("The description of the achievement"),
    "results": _("Results"),
    "outcomes": _("Learning outcomes"),
    "parts": _("The parts of a qualification"),
    "skills": _("Skills"),
    "credits": _("Credits"),
    "hours": _("Workload in hours"),
    "level": _("Level"),
    "validity": _("The last day of validity"),
    "code": _("The code to scan"),
}
_PICTURES = ("logo", "seal", "background")
_WORDINGS = ("before_name", "after_name", "closing", "note")
_TAKEN = "image/png,image/jpeg,image/webp"


class _Colour(forms.TextInput):
    input_type = "color"


class _Picture(forms.FileInput):
    """A file field that never shows an address: what was chosen before is named beside it."""

    def __init__(self) -> None:
        super().__init__(attrs={"accept": _TAKEN})


def _picture(label: Any, help_text: Any = "") -> forms.FileField:
    return forms.FileField(label=label, help_text=help_text, required=False, widget=_Picture)


def _line(label: Any, longest: int = 120, **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=longest, required=False, widget=forms.TextInput(attrs={"dir": "auto"}), **kwargs
    )


@dataclass(frozen=True)
class Group:
    """Fields that belong together, under one heading."""

    heading: str | Promise
    fields: list[BoundField]
    words: str | Promise = ""


class DesignForm(forms.Form):
    """How certificates look. Pictures that were handed in before stay until others take their place."""

    paper = forms.ChoiceField(label=_("Paper"), choices=[(paper, paper) for paper in design.PAPERS])
    orientation = forms.ChoiceField(
        label=_("Orientation"), choices=[("portrait", _("Upright")), ("landscape", _("Across"))]
    )
    frame = forms.ChoiceField(
        label=_("Frame"), choices=[("engraved", _("Engraved")), ("lines", _("Two lines")), ("none", _("None"))]
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        help_text=_("Of dates and of the words that the site adds. Your own wording stays as you write it."),
    )
    colour_paper = forms.CharField(label=_("Ground"), widget=_Colour)
    ink = forms.CharField(label=_("Text"), widget=_Colour)
    accent = forms.CharField(label=_("Names and headings"), widget=_Colour)
    line = forms.CharField(label=_("Lines and ornaments"), widget=_Colour)
    blocks = forms.MultipleChoiceField(
        label=_("What the sheet shows"),
        help_text=_("Name, achievement, issuer, day, and the address of the check are always there."),
        choices=list(_BLOCKS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    before_name = _line(_("Before the name"), help_text=_("Empty: “certifies that”."))
    after_name = _line(_("After the name"), help_text=_("Empty: “has earned”."))
    closing = forms.CharField(
        label=_("A sentence of your own"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    note = forms.CharField(
        label=_("Small print beside the code"),
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    logo = _picture(_("Logo"), _("Stands on top. PNG, JPEG or WebP, up to 5 MB."))
    logo_alternative = _line(_("The logo in words"), help_text=_("Read aloud to who does not see it."))
    logo_remove = forms.BooleanField(label=_("Remove the logo"), required=False)
    seal = _picture(_("Picture of a seal"), _("It decorates. What proves is the signature inside the file."))
    seal_alternative = _line(_("The seal in words"))
    seal_remove = forms.BooleanField(label=_("Remove the seal"), required=False)
    background = _picture(_("Background"), _("Covers the whole sheet; text must be readable on all of it."))
    background_remove = forms.BooleanField(label=_("Remove the background"), required=False)
    sample = forms.ChoiceField(
        label=_("Shown with"), choices=list(samples.SAMPLES.items()), required=False, widget=forms.RadioSelect
    )
    # When the draft was edited that this form was filled from.
    read_at = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    too_large = False
    _beside: ClassVar[dict[str, str]] = {"paper": "colour_paper"}

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._before = choices
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101 - for the type checker alone
        language.choices = [("", _("As the achievement")), *settings.LANGUAGES]
        for place in range(1, design.MOST_SIGNERS + 1):
            self.fields[f"signer_{place}_name"] = _line(_("Name"), 80)
            self.fields[f"signer_{place}_role"] = _line(_("Role"), 80)
            self.fields[f"signer_{place}_picture"] = _picture(
                _("Picture of the signature"), _("None: the sheet leaves room for a pen.")
            )
            self.fields[f"signer_{place}_remove"] = forms.BooleanField(label=_("Remove the picture"), required=False)
        self._drop_needless()
        self.initial = {**_initial(choices), **self.initial}

    def _drop_needless(self) -> None:
        """What is not there cannot be removed."""
        for name in _PICTURES:
            if not self._before[name]:
                del self.fields[f"{name}_remove"]
        for place in range(1, design.MOST_SIGNERS + 1):
            if not _picture_of_signer(self._before, place):
                del self.fields[f"signer_{place}_remove"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):
            if isinstance(value, UploadedFile) and (value.size or 0) > MAX_BYTES:
                self.too_large = True
                self.add_error(name, _("This file is larger than 5 MB."))
            if isinstance(value, str) and any(not each.isprintable() and each not in "\r\n" for each in value):
                self.add_error(name, _("There is a character that cannot be printed."))
        return cleaned

    def files_given(self) -> Iterator[tuple[str, str, UploadedFile]]:
        """Each picture that was handed in: its field, its use, its file."""
        for name in _PICTURES:
            if file := self.cleaned_data.get(name):
                yield name, name, file
        for place in range(1, design.MOST_SIGNERS + 1):
            if file := self.cleaned_data.get(f"signer_{place}_picture"):
                yield f"signer_{place}_picture", "signature", file

    def choices(self, taken: dict[str, CertificatePicture]) -> Choices:
        """What was chosen; `taken` are the pictures newly handed in, by their fields."""
        said = self.cleaned_data

        def kept(field: str, remove: str, before: dict[str, str] | None, words: str) -> dict[str, str] | None:
            sha256 = (
                taken[field].sha256 if field in taken else "" if said.get(remove) or not before else before["sha256"]
            )
            return {"sha256": sha256, "alternative": words} if sha256 else None

        chosen: Choices = {
            "paper": said["paper"],
            "landscape": said["orientation"] == "landscape",
            "frame": said["frame"],
            "palette": {
                "paper": said["colour_paper"].upper(),
                **{name: said[name].upper() for name in ("ink", "accent", "line")},
            },
            "blocks": [block for block in design.BLOCKS if block in said["blocks"]],
            "language": said["language"],
            # What a sheet says stands in one paragraph.
            **{name: " ".join(said[name].split()) for name in _WORDINGS},
            "signers": [],
        }
        for name in _PICTURES:
            words = said.get(f"{name}_alternative", "").strip()
            chosen[name] = kept(name, f"{name}_remove", self._before[name], words)
        for place in range(1, design.MOST_SIGNERS + 1):
            before = _picture_of_signer(self._before, place)
            picture = kept(f"signer_{place}_picture", f"signer_{place}_remove", before, "")
            if name := said[f"signer_{place}_name"].strip():
                chosen["signers"].append(
                    {"name": name, "role": said[f"signer_{place}_role"].strip(), "picture": picture}
                )
        return chosen

    def show(self, faults: list[designs.Fault]) -> None:
        """Say what is wrong with the choices beside the fields that they came from."""
        for fault in faults:
            self.add_error(self._beside.get(fault.choice, fault.choice), fault.words)

    def groups(self) -> list[Group]:
        """The fields under their headings, as the page shows them."""
        places = ", ".join(f"{{{place}}}" for place in design.PLACES)
        found = [
            Group(_("Sheet"), self._bound("paper", "orientation", "frame", "language")),
            Group(_("Colours"), self._bound("colour_paper", "ink", "accent", "line")),
            Group(
                _("Wording"),
                self._bound(*_WORDINGS),
                _("These places are filled for each certificate: %(places)s.") % {"places": places},
            ),
            Group(_("Blocks"), self._bound("blocks")),
            Group(
                _("Pictures"),
                self._bound(
                    *("logo", "logo_alternative", "logo_remove"),
                    *("seal", "seal_alternative", "seal_remove"),
                    *("background", "background_remove"),
                ),
                _("They are made anew here, so that nothing of the old file goes on."),
            ),
        ]
        for place in range(1, design.MOST_SIGNERS + 1):
            names = [f"signer_{place}_{part}" for part in ("name", "role", "picture", "remove")]
            found.append(Group(_("Signature %(place)d") % {"place": place}, self._bound(*names)))
        return found

    def _bound(self, *names: str) -> list[BoundField]:
        return [self[name] for name in names if name in self.fields]


def _picture_of_signer(choices: Choices, place: int) -> dict[str, str] | None:
    signers = choices["signers"]
    found: dict[str, str] | None = signers[place - 1]["picture"] if place <= len(signers) else None
    return found


def _initial(choices: Choices) -> dict[str, Any]:
    found = {
        "paper": choices["paper"],
        "orientation": "landscape" if choices["landscape"] else "portrait",
        "frame": choices["frame"],
        "language": choices["language"],
        "colour_paper": choices["palette"]["paper"],
        **{name: choices["palette"][name] for name in ("ink", "accent", "line")},
        "blocks": choices["blocks"],
        **{name: choices[name] for name in _WORDINGS},
        **{f"{name}_alternative": choices[name]["alternative"] for name in ("logo", "seal") if choices[name]},
        "sample": next(iter(samples.SAMPLES)),
    }
    for place, signer in enumerate(choices["signers"], start=1):
        found |= {f"signer_{place}_name": signer["name"], f"signer_{place}_role": signer["role"]}
    return found


class ReasonForm(forms.Form):
    """Why a version is published or withdrawn."""

    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("It stands in the record of what was done.")
    )

"""Forms of prior learning: what a learner hands in and asks for, and on which terms a registrar recognises it."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials import claims, verification
from credentials.models import Achievement, Issuer
from pathways.holdings import Terms
from pathways.models import Recognition
from portal.shared.refusals import Refusal, Unfit

_FILES = ".png,.svg,.json,.jsonld,.jwt,.pdf,image/png,image/svg+xml,application/json,application/pdf,application/vc"


class ClaimForm(forms.Form):
    """A credential from elsewhere: pasted, as a link, or as a file."""

    text = forms.CharField(
        label=_("Link or document"),
        help_text=_("The address of the badge, or its JSON or token, pasted whole."),
        required=False,
        max_length=claims.MAX_TEXT_BYTES,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    file = forms.FileField(
        label=_("Or drop the file here"),
        help_text=_(
            "Badge (PNG, SVG), document (JSON, JWT) or certificate (PDF), up to 5 MB. It is kept, so that it can be "
            "checked again, until you take it back."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": _FILES}),
    )

    def is_too_large(self) -> bool:
        file = self.files.get("file")
        return file is not None and (file.size or 0) > verification.MAX_FILE_BYTES

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if self.is_too_large():
            raise forms.ValidationError(claims.TooLarge.words)
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("text") and cleaned.get("file") is None:
            self.add_error("text", claims.NothingClaimed.words)
        return cleaned

    def handed_in(self) -> tuple[bytes | str, str]:
        """What is claimed, the file before the text, and what it is called."""
        file = self.cleaned_data["file"]
        return (file.read(), file.name) if file is not None else (str(self.cleaned_data["text"]), "")

    def refuse(self, refusal: Refusal) -> None:
        """Say why it is not taken: beside what was handed in, or on top where that is not the cause."""
        field = "text" if self.cleaned_data["file"] is None else "file"
        self.add_error(field if isinstance(refusal, Unfit | claims.TooLarge) else None, str(refusal))


class AskForm(forms.Form):
    """As what it should count: as an achievement of the catalogue, or as credits with somebody who gives them."""

    achievement = forms.ModelChoiceField(
        Achievement.objects.none(),
        label=_("It should count as"),
        required=False,
        empty_label=_("credits, without naming an achievement"),
        to_field_name="slug",
    )
    issuer = forms.ModelChoiceField(
        Issuer.objects.none(),
        label=_("Who should decide"),
        required=False,
        empty_label=_("whoever awards that achievement"),
        to_field_name="slug",
        help_text=_("Needed for credits. For an achievement, its own issuer decides."),
    )
    words = forms.CharField(
        label=_("Why it fits"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("What you learned there, and where the evidence of it is. A registrar reads this."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = Achievement.objects.filter(state=Achievement.State.PUBLISHED)
        self.fields["achievement"].queryset = published.select_related("issuer")  # type: ignore[attr-defined]
        giving = Issuer.objects.filter(achievements__state=Achievement.State.PUBLISHED).distinct()
        self.fields["issuer"].queryset = giving  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and cleaned.get("achievement") is None and cleaned.get("issuer") is None:
            self.add_error("issuer", gettext("Choose who should decide about the credits."))
        return cleaned


class KeyForm(forms.Form):
    """What a wallet signed to show that it holds the key of a credential."""

    presentation = forms.CharField(
        label=_("Signed presentation"),
        max_length=claims.MAX_TEXT_BYTES,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )


class AnswerForm(forms.Form):
    """Why a request is refused, a recognition withdrawn, or let stand."""

    answer = forms.CharField(
        label=_("Reason"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=_("The learner reads it."),
    )


class TermsForm(forms.Form):
    """On which terms it is recognised, and why; the days are judged by the act."""

    def __init__(self, data: Any = None, *, recognition: Recognition) -> None:
        super().__init__(data, initial=_offered(recognition))
        day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        self.fields |= forms.fields_for_model(
            Recognition,
            fields=("credits", "level", "subject", "earned_on", "valid_until", "holder_words", "answer"),
            widgets={
                "earned_on": day,
                "valid_until": day,
                "answer": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
            },
        )
        # Fields made for a model leave it to the row to ask its validators, and no row is made from these.
        self.fields["level"].validators += Recognition._meta.get_field("level").validators
        self.fields["subject"].help_text = _("By which pools of credits may ask for it.")
        self.fields["answer"].help_text = _("The learner reads it.")
        self.fields["earned_on"].required = self.fields["answer"].required = True
        if recognition.claim.is_theirs:
            del self.fields["holder_words"]
        else:
            self.fields["holder_words"].required = True

    def terms(self) -> Terms:
        names = ("credits", "level", "subject", "earned_on", "valid_until")
        return Terms(**{name: self.cleaned_data[name] for name in names})


def first_terms(recognition: Recognition) -> Terms | None:
    """The terms that the form begins with, if they say all that is needed."""
    offered = _offered(recognition)
    return Terms(**offered) if offered["earned_on"] else None


def _offered(recognition: Recognition) -> dict[str, Any]:
    """What the achievement brings, or else what the credential says of itself; the registrar decides otherwise."""
    claim, achievement = recognition.claim, recognition.achievement
    said = {"credits": Recognition._meta.get_field("credits").get_default(), "level": None, "subject": ""}
    if achievement is not None:
        said = {"credits": achievement.credits, "level": achievement.level, "subject": achievement.subject}
    else:
        said["credits"] = _number(claim.credits) or said["credits"]
    return {
        **said,
        "earned_on": claim.awarded_at.date() if claim.awarded_at else None,
        "valid_until": claim.valid_until.date() if claim.valid_until else None,
    }


def _number(text: str) -> Any:
    try:
        return Recognition._meta.get_field("credits").clean(text, None)
    except forms.ValidationError:
        return None

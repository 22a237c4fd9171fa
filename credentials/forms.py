"""The forms of verification: one field for whatever somebody has in hand, or a file; and who is relied on."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from credentials import endorsing, verification
from credentials.check_sheets import handed_in
from credentials.models import Achievement, GivenEndorsement, Issuer, TrustedIssuer
from portal.shared import strict_json

_FILES = (
    ".pdf,.png,.jpg,.jpeg,.webp,.svg,.json,.jsonld,.jwt,.jws,"
    "application/pdf,image/png,image/jpeg,image/webp,image/svg+xml,application/json,application/vc"
)


class VerifyForm(forms.Form):
    """Something to check, and if wanted the name that it should bear."""

    q = forms.CharField(
        label=_("Code, link or document"),
        help_text=_("On a certificate the code stands beside the square one, as in 7K2M 9QXR 4TBN 1VWZ 8HJC 6PDF 3G."),
        required=False,
        max_length=strict_json.MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    file = forms.FileField(
        label=_("Or drop a file here"),
        help_text=_(
            "Certificate (PDF), badge (PNG, SVG), document (JSON, JWT), or a photograph of the square code. Up to 5 "
            "MB. It is read here, and not kept."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": _FILES}),
    )
    photograph = forms.FileField(
        label=_("Or photograph the square code"),
        help_text=_("On a telephone this opens the camera. Hold it straight over the code, in good light."),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp", "capture": "environment"}),
    )
    name = forms.CharField(
        label=_("Name or e-mail address of the holder"),
        help_text=_("If you type it, we also say whether it is the one on the credential. It is not kept either."),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )

    too_large = False

    def clean_file(self) -> UploadedFile | None:
        return self._of_good_size(self.cleaned_data["file"])

    def clean_photograph(self) -> UploadedFile | None:
        return self._of_good_size(self.cleaned_data["photograph"])

    def _of_good_size(self, file: UploadedFile | None) -> UploadedFile | None:
        if file is None:
            return None
        start = file.read(16)
        file.seek(0)
        most = verification.most_bytes(start)
        if (file.size or 0) <= most:
            return file
        self.too_large = True
        if most > verification.MAX_FILE_BYTES:
            raise forms.ValidationError(_("The picture is larger than 12 MB. Take a smaller one, or type the code."))
        raise forms.ValidationError(_("The file is larger than 5 MB. A credential of ours has less than 1 MB."))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(cleaned.get(name) for name in ("q", "file", "photograph")):
            self.add_error("q", _("Type a code, paste a link or a document, or choose a file."))
        return cleaned

    @property
    def upload(self) -> UploadedFile | None:
        """The file that is to be checked; what was just photographed comes first."""
        found: UploadedFile | None = self.cleaned_data["photograph"] or self.cleaned_data["file"]
        return found

    def content(self) -> bytes | str:
        """What is to be checked, a file before the text."""
        return self.upload.read() if self.upload is not None else str(self.cleaned_data["q"])

    def refuse(self, words: Any) -> None:
        """Say what is wrong beside what was handed in; of a file its name as well, which a browser forgets."""
        if self.upload is None:
            self.add_error("q", words)
        else:
            field = "photograph" if self.cleaned_data["photograph"] else "file"
            # Whatever script the name is in, it turns nothing around it.
            self.add_error(field, f"\u2068{handed_in.plain(self.upload.name or '')}\u2069: {words}")


class WithdrawTrustForm(forms.Form):
    """Why an issuer elsewhere is relied on no more."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class ReceiveEndorsementForm(forms.Form):
    """What a body elsewhere signed about an achievement or an issuer of ours."""

    file = forms.FileField(
        label=_("The signed endorsement"),
        help_text=_("An EndorsementCredential of Open Badges 3.0, with its proof inside (JSON, at most 8 KB)."),
        widget=forms.FileInput(attrs={"accept": ".json,.jsonld,application/json,application/vc"}),
    )
    achievement = forms.ModelChoiceField(
        label=_("The achievement that it is about"),
        queryset=Achievement.objects.none(),
        to_field_name="slug",
        required=False,
    )
    issuer = forms.ModelChoiceField(label=_("Issuer"), queryset=Issuer.objects.none(), to_field_name="slug")
    scope = forms.CharField(label=_("What it covers"), max_length=300, help_text=_("In words that anybody reads."))
    until = forms.DateField(
        label=_("Carry it until"),
        required=False,
        help_text=_("The last day, included. Empty: as long as it is valid."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    field_order = ("issuer", "achievement", "file", "scope", "until")

    def __init__(self, issuers: QuerySet[Issuer], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        published = Achievement.objects.filter(state=Achievement.State.PUBLISHED, issuer__in=issuers)
        for name, rows in (("issuer", issuers), ("achievement", published)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker alone
            field.queryset = rows
        # Whoever is asked to endorse something must be told by which name.
        self.fields["achievement"].help_text = _(
            "Empty: it is about the issuer. The endorsement names an achievement as {address}, and an issuer by the "
            "identifier on its page."
        ).format(address=f"{settings.SITE_URL}/achievements/…")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        achievement, issuer = cleaned.get("achievement"), cleaned.get("issuer")
        if achievement is not None and issuer is not None and achievement.issuer_id != issuer.pk:
            self.add_error("achievement", _("This achievement belongs to another issuer."))
        return cleaned

    def act_fields(self) -> dict[str, Any]:
        """What `endorsing.receive` takes; the form must be valid."""
        said = self.cleaned_data
        return {
            # One byte more than is allowed is enough to refuse it.
            "content": said["file"].read(endorsing.MAX_BYTES + 1),
            "endorsed": said["achievement"] or said["issuer"],
            "scope": said["scope"],
            "until": said["until"],
        }


class GiveEndorsementForm(forms.ModelForm):
    """What one of our issuers says about an achievement or a body elsewhere."""

    class Meta:
        model = GivenEndorsement
        fields = ("issuer", "kind", "name", "identifier", "comment", "ends_on")
        widgets: ClassVar = {
            "identifier": forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
            "comment": forms.Textarea(attrs={"rows": 4}),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, issuers: QuerySet[Issuer], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["issuer"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker alone
        field.queryset = issuers

    def validate_unique(self) -> None:
        """That it is endorsed already is a refusal of the act, in words of its own."""

    def validate_constraints(self) -> None:
        """As above."""


class ManyForm(forms.Form):
    """A list of codes and links, or a file of them, or a ZIP of credentials."""

    list = forms.CharField(
        label=_("Codes and links, one a line"),
        help_text=_("After a comma, the name or e-mail address that it should bear may follow."),
        required=False,
        max_length=handed_in.MAX_LIST_BYTES,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    file = forms.FileField(
        label=_("Or drop a file here"),
        help_text=_(
            "A list (CSV, text), or a ZIP of certificates, badges and documents, up to 5 MB. It is kept until a worker "
            "has looked at it, and then forgotten."
        ),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.zip,text/csv,text/plain,application/zip"}),
    )

    def is_too_large(self) -> bool:
        file = self.files.get("file")
        return file is not None and (file.size or 0) > handed_in.MAX_BYTES

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["file"]
        if self.is_too_large():
            raise forms.ValidationError(_("The file is larger than 5 MB."))
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not (cleaned.get("list") or "").strip() and cleaned.get("file") is None:
            self.add_error("list", _("Type codes or paste links, one a line, or choose a file."))
        return cleaned

    def content(self) -> bytes:
        """What is to be checked, the file before the list."""
        file = self.cleaned_data["file"]
        if file is not None:
            return bytes(file.read())
        return str(self.cleaned_data["list"]).encode()

    def refuse(self, words: str, *, beside: bool) -> None:
        """Say why it is not taken: beside what was handed in, or on top where that is not the cause."""
        field = "list" if self.cleaned_data["file"] is None else "file"
        self.add_error(field if beside else None, words)


class TrustForm(forms.ModelForm):
    """What is said of an issuer elsewhere that is relied on here; its identifier is said once."""

    kinds = forms.MultipleChoiceField(
        label=_("Kinds of achievement"),
        help_text=_("None chosen means all of them."),
        choices=Achievement.Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = TrustedIssuer
        fields = ("identifier", "name", "scope", "kinds", "grounds", "since", "until")
        widgets: ClassVar = {
            "identifier": forms.TextInput(attrs={"dir": "ltr", "autocomplete": "off", "spellcheck": "false"}),
            "scope": forms.Textarea(attrs={"rows": 3}),
            "since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "until": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["identifier"]

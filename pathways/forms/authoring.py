"""Forms of authors: a course, its modules and materials, its assessments, its people."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import PurePath
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, RegexValidator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Issuer
from credentials.queries import ancestry
from pathways import authoring, material_files, uploads
from pathways.authoring_assessments import FIXED_BY_WORK
from pathways.models import Assessment, Course, Material, Module
from portal.accounts.models import User
from portal.shared.refusals import Refusal

_SALT = "material-file"
_LANGUAGE = RegexValidator(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", _("A language tag is needed, as en or pt-BR."))
_CURRENCY = RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters are needed, as in EUR."))
_SLUG_MADE = _("Stands in rules and addresses. Left empty, it is made from the title.")


class CourseForm(forms.ModelForm):
    """What a course says of itself; a draft may leave most of it empty."""

    class Meta:
        model = Course
        fields = (
            "title",
            "slug",
            "summary",
            "description",
            "achievement",
            "hours",
            "language",
            "starts_on",
            "ends_on",
            "price",
            "currency",
            "places",
            "prerequisites",
        )
        widgets: ClassVar = {
            "summary": forms.TextInput(attrs={"data-count": _("{} characters left")}),
            "description": forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
            "hours": forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "price": forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
        }
        help_texts: ClassVar = {
            "slug": _("Stands in rules and addresses; fixed once the course was opened or a rule names it."),
            "language": _("The language it is taught in, as en or pt-BR."),
            "achievement": _("Whether it is earned is said by the achievement's rule."),
            "starts_on": _("Empty: at any time."),
            "price": _("0: free."),
            "places": _("How many may be enrolled at once. Empty: as many as come."),
            "prerequisites": _("What a learner must hold to enrol, all of it. Ctrl or ⌘ chooses several, or none."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        line = [issuer.pk for issuer in ancestry(self.instance.issuer)]
        offered = Achievement.objects.filter(issuer__in=line).exclude(state=Achievement.State.WITHDRAWN)
        offered |= Achievement.objects.filter(pk=self.instance.achievement_id)
        _offer(self, "achievement", offered.order_by("name"))
        asked = Achievement.objects.filter(state=Achievement.State.PUBLISHED)
        asked |= Achievement.objects.filter(pk__in=self.instance.prerequisites.values("pk"))
        _offer(self, "prerequisites", asked.exclude(pk=self.instance.achievement_id).order_by("name"))
        chosen = self.fields["prerequisites"]
        assert isinstance(chosen, forms.ModelMultipleChoiceField)  # noqa: S101 - for the type checker alone
        # By short name: a number that no column holds would break the question to the database.
        chosen.to_field_name = "slug"
        _at_most(self, places=100_000)
        self.fields["language"].validators.append(_LANGUAGE)
        self.fields["currency"].validators.append(_CURRENCY)
        if self.instance.opened_at or authoring.named_by(self.instance):
            self.fields["slug"].disabled = True

    def clean_slug(self) -> str:
        return _not_reserved(self.cleaned_data["slug"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", gettext("It ends before it starts."))
        if cleaned.get("achievement") in list(cleaned.get("prerequisites") or ()):
            self.add_error("prerequisites", gettext("What the course earns cannot be asked for beforehand."))
        return cleaned


class NewCourseForm(forms.ModelForm):
    """Enough to begin a course."""

    issuer = forms.ModelChoiceField(
        label=_("Issuer"), queryset=Issuer.objects.none(), to_field_name="slug", help_text=_("Who stands for it.")
    )
    slug = forms.SlugField(label=_("Short name"), max_length=80, required=False, help_text=_SLUG_MADE)

    class Meta:
        model = Course
        fields = ("title", "issuer", "slug", "summary", "language")
        widgets: ClassVar = {"summary": forms.TextInput(attrs={"data-count": _("{} characters left")})}
        help_texts: ClassVar = {"language": _("The language it is taught in, as en or pt-BR.")}

    def __init__(self, *args: Any, issuers: QuerySet[Issuer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, "issuer", issuers.order_by("name"))
        if len(issuers) == 1:
            self.initial.setdefault("issuer", issuers[0].slug)
        self.fields["language"].validators.append(_LANGUAGE)

    def clean_slug(self) -> str:
        slug = _not_reserved(self.cleaned_data["slug"])
        title = str(self.cleaned_data.get("title", ""))
        if slug or not title:
            return slug
        return authoring.free_slug(title, set(Course.objects.values_list("slug", flat=True)))


def _not_reserved(slug: str) -> str:
    if slug == "new":
        raise forms.ValidationError(gettext("“new” is taken by a page of this site."))
    return slug


def _offer(form: forms.BaseForm, name: str, queryset: QuerySet[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker alone
    field.queryset = queryset


def _at_most(form: forms.BaseForm, **limits: int) -> None:
    """Numbers that people mean; a table would take some that no page can show."""
    for name, most in limits.items():
        if name in form.fields:
            form.fields[name].validators.append(MaxValueValidator(most))
            form.fields[name].widget.attrs["max"] = most


class ModuleForm(forms.ModelForm):
    """A chapter's title and what it is about."""

    class Meta:
        model = Module
        fields = ("title", "summary")
        widgets: ClassVar = {"summary": forms.TextInput(attrs={"data-count": _("{} characters left")})}


class MaterialForm(forms.ModelForm):
    """A material: only what its kind has. A file that was taken is kept while other fields are mended."""

    module = forms.ModelChoiceField(label=_("In module"), queryset=Module.objects.none(), to_field_name="slug")
    file = forms.FileField(label=_("File"), required=False, max_length=300)
    captions = forms.FileField(
        label=_("Captions (WebVTT)"),
        required=False,
        max_length=300,
        help_text=_("A .vtt file. Needed before the course opens."),
        widget=forms.FileInput(attrs={"accept": material_files.ACCEPT_CAPTIONS}),
    )
    url = forms.URLField(label=_("Address"), max_length=500, assume_scheme="https", help_text=_("Where learners go."))

    class Meta:
        model = Material
        fields = ("title", "minutes", "body", "transcript", "url")
        widgets: ClassVar = {
            "body": forms.Textarea(attrs={"rows": 16, "dir": "auto"}),
            "transcript": forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
        }
        help_texts: ClassVar = {
            "minutes": _("How long it takes most learners."),
            "transcript": _("All that is said, and what must be seen to follow it. Markdown."),
        }

    ofs: ClassVar = {
        Material.Kind.READING: ("title", "module", "minutes", "body"),
        Material.Kind.VIDEO: ("title", "module", "minutes", "file", "captions", "transcript", "body"),
        Material.Kind.FILE: ("title", "module", "minutes", "file", "body"),
        Material.Kind.EXERCISE: ("title", "module", "minutes", "body"),
        Material.Kind.EXTERNAL: ("title", "module", "minutes", "url", "body"),
    }

    def __init__(self, *args: Any, modules: QuerySet[Module], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.instance.kind
        self.kept: dict[str, str] = {}
        for name in set(self.fields) - set(self.ofs[kind]):
            del self.fields[name]
        self.order_fields(self.ofs[kind])
        _offer(self, "module", modules)
        self.initial.setdefault("module", self.instance.module.slug)
        _at_most(self, minutes=6_000)
        body = self.fields["body"]
        body.help_text = _("Markdown.")
        if kind == Material.Kind.READING:
            body.required = True
        else:
            body.label = _("Words beside it")
            body.widget.attrs["rows"] = 5
        if kind == Material.Kind.VIDEO:
            self.fields["file"].label = _("Video")
            self.fields["file"].help_text = _("MP4 or WebM, up to 300 MB.")
            self.fields["file"].widget = forms.FileInput(attrs={"accept": material_files.ACCEPT_VIDEO})
        elif kind == Material.Kind.FILE:
            self.fields["file"].help_text = _("PDF, PNG, JPEG, WebP or plain text, up to 25 MB.")
            self.fields["file"].widget = forms.FileInput(attrs={"accept": uploads.ACCEPT})

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"])
        if not url.lower().startswith(("https://", "http://")):
            raise forms.ValidationError(gettext("The address must begin with https:// or http://."))
        return url

    def clean_file(self) -> str:
        keep = material_files.keep_video if self.instance.kind == Material.Kind.VIDEO else material_files.keep_document
        path = self._path("file", keep)
        if not path:
            raise forms.ValidationError(gettext("Choose a file."))
        return path

    def clean_captions(self) -> str:
        return self._path("captions", material_files.keep_captions)

    def _path(self, name: str, keep: Callable[..., str]) -> str:
        """Where the file lies: the one just sent, one sent before with something else wrong, or the one there is."""
        given = self.cleaned_data.get(name)
        if isinstance(given, UploadedFile):
            try:
                self.kept[name] = keep(given.file, name=str(given.name))
            except Refusal as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        elif token := self.data.get(f"kept-{name}"):
            try:
                self.kept[name] = str(signing.loads(token, salt=_SALT))
            except signing.BadSignature:
                raise forms.ValidationError(gettext("Choose the file once more.")) from None
        return self.kept.get(name) or str(getattr(self.instance, name).name or "")

    def stored_files(self) -> dict[str, dict[str, str]]:
        """For each file field: the name of the file there is, and the token that keeps it until the form is right."""
        said: dict[str, dict[str, str]] = {}
        for name in ("file", "captions"):
            if name in self.fields:
                path = self.kept.get(name, "")
                there = path or str(getattr(self.instance, name).name or "")
                said[name] = {
                    "there": PurePath(there).name,
                    "is_new": "1" if path else "",
                    "token": signing.dumps(path, salt=_SALT) if path else "",
                }
        return said

    def act_fields(self) -> dict[str, Any]:
        """What the acts take beside the module; the form must be valid."""
        return {name: value for name, value in self.cleaned_data.items() if name != "module"}


class AssessmentForm(forms.ModelForm):
    """An assessment: only what its kind has; what marks mean is fixed once work was handed in."""

    slug = forms.SlugField(label=_("Short name"), max_length=80, required=False, help_text=_SLUG_MADE)

    class Meta:
        model = Assessment
        fields = (
            "title",
            "slug",
            "brief",
            "out_of",
            "pass_marks",
            "weight",
            "due_at",
            "minutes",
            "attempts_allowed",
            "late_days",
            "late_percent_per_day",
            "files_allowed",
        )
        widgets: ClassVar = {
            "brief": forms.Textarea(attrs={"rows": 12, "dir": "auto"}),
            "out_of": forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
            "pass_marks": forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
            "weight": forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
            "due_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        }
        help_texts: ClassVar = {
            "weight": _("Its share of the course, for learners to see."),
            "minutes": _("How long it takes most learners."),
            "late_days": _("0: late work is not taken."),
            "late_percent_per_day": _("Of the marks in all."),
            "files_allowed": _("How many may be handed in; 0: text only."),
        }

    groups: ClassVar = (
        (_("What is asked"), ("title", "slug", "brief", "minutes")),
        (_("Marks"), ("out_of", "pass_marks", "weight")),
        (_("When and how often"), ("due_at", "attempts_allowed", "late_days", "late_percent_per_day")),
        (_("What is handed in"), ("files_allowed",)),
    )

    def __init__(self, *args: Any, handed_in: bool = False, slug_fixed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without: set[str] = set()
        if self.instance.kind == Assessment.Kind.QUIZ:
            without = {"files_allowed"}
        elif self.instance.kind == Assessment.Kind.EXAM:
            without = {"files_allowed", "attempts_allowed", "late_days", "late_percent_per_day"}
        for name in without:
            del self.fields[name]
        zone = timezone.get_current_timezone_name()
        self.fields["due_at"].help_text = _("In your time zone, %(zone)s. Empty: at any time.") % {"zone": zone}
        _at_most(
            self,
            minutes=6_000,
            attempts_allowed=100,
            late_days=365,
            late_percent_per_day=100,
            files_allowed=20,
            weight=100,
        )
        if handed_in:
            for name in set(FIXED_BY_WORK) & set(self.fields):
                self.fields[name].disabled = True
        if self.instance.pk:
            self.fields["slug"].required = True
            self.fields["slug"].help_text = _("Stands in rules and addresses.")
        if slug_fixed:
            self.fields["slug"].disabled = True

    def grouped(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields that its kind has, under their headings."""
        shown = [(heading, [self[name] for name in names if name in self.fields]) for heading, names in self.groups]
        return [(heading, fields) for heading, fields in shown if fields]

    def clean_slug(self) -> str:
        slug = _not_reserved(self.cleaned_data["slug"])
        siblings = self.instance.course.assessments.exclude(pk=self.instance.pk)
        taken = set(siblings.values_list("slug", flat=True))
        if slug in taken:
            raise forms.ValidationError(gettext("Another assessment of this course has this short name."))
        title = str(self.cleaned_data.get("title", ""))
        return slug or (authoring.free_slug(title, taken) if title else "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        out_of, needed = cleaned.get("out_of"), cleaned.get("pass_marks")
        if isinstance(out_of, Decimal) and isinstance(needed, Decimal) and needed > out_of:
            self.add_error("pass_marks", gettext("That is more than the marks in all."))
        return cleaned


class StaffForm(forms.Form):
    """Whoever shall teach the course, by e-mail address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("They may then see its learners, mark their work, and change the course as you do."),
    )

    user: User | None = None

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.user = User.objects.filter(email__iexact=email, is_active=True).first()
        if self.user is None:
            raise forms.ValidationError(
                gettext("Nobody is registered with this address. They must register first, and tell you the address.")
            )
        return email

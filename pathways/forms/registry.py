"""Forms of registrars and administrators: achievements, pathways, issuers and roles."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials import achievements as achievement_acts
from credentials import issuers as issuer_acts
from credentials.achievements import Skill
from credentials.models import Achievement, Issuer, IssuerRole
from credentials.standards import open_badges
from pathways.models import Pathway
from portal.accounts.models import User

MAX_LINES = 60
MAX_STAGES = 30
MAX_SKILLS = 30
# Addresses of the registry's own pages.
RESERVED_SLUGS = {"new"}


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea

    def __init__(self, *, separator: str = "\n", longest: int = 500, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.separator = separator
        self.longest = longest

    def prepare_value(self, value: Any) -> Any:
        joint = ", " if self.separator == "," else "\n"
        return joint.join(str(each) for each in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in str(value or "").split(self.separator) if line.strip()]
        if len(lines) > MAX_LINES:
            raise forms.ValidationError(gettext("At most %(count)d, please.") % {"count": MAX_LINES})
        if any(len(line) > self.longest for line in lines):
            raise forms.ValidationError(
                gettext("Each may have at most %(count)d characters.") % {"count": self.longest}
            )
        if any(not character.isprintable() for line in lines for character in line):
            raise forms.ValidationError(gettext("There is a character that cannot be printed."))
        return list(dict.fromkeys(lines))

    def validate(self, value: Any) -> None:
        if self.required and not value:
            raise forms.ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """Validators of texts do not apply to a list of them."""


def _refuse_reserved(slug: str) -> str:
    if slug in RESERVED_SLUGS:
        raise forms.ValidationError(gettext("“%(slug)s” is taken by a page of the registry.") % {"slug": slug})
    return slug


class IdentifiersField(LinesField):
    """Under which names and numbers others know the thing, one a line: its kind, a space, the identifier."""

    def __init__(self, **kwargs: Any) -> None:
        words = _("One a line: its kind, a space, and the identifier, as in “ext:ROR https://ror.org/02crff812”.")
        super().__init__(
            label=_("Identifiers elsewhere"),
            required=False,
            help_text=words,
            widget=forms.Textarea(attrs={"rows": 2, "dir": "ltr"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> Any:
        lines = super().to_python(value)
        for line in lines:
            try:
                open_badges.identifier_of(line)
            except ValueError as error:
                raise forms.ValidationError(
                    gettext("“%(line)s” is not a kind and an identifier. Kinds of your own begin with “ext:”.")
                    % {"line": line}
                ) from error
        return lines


class AchievementForm(forms.ModelForm):
    """Every descriptor of an achievement; a draft may be saved with most of them empty."""

    outcomes = LinesField(
        label=_("Learning outcomes"),
        required=False,
        help_text=_("One a line: what the holder can do."),
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    tags = LinesField(
        label=_("Tags"),
        separator=",",
        longest=60,
        required=False,
        help_text=_("Separated by commas. Rules may ask for a tag."),
        widget=forms.TextInput,
    )

    identifiers = IdentifiersField()

    class Meta:
        model = Achievement
        fields = achievement_acts.EDITABLE
        widgets: ClassVar = {
            "summary": forms.TextInput(attrs={"data-count": _("{} characters left")}),
            "description": forms.Textarea(attrs={"rows": 5}),
            "criteria": forms.Textarea(attrs={"rows": 4}),
            "quality_assurance": forms.Textarea(attrs={"rows": 3}),
            "credits": forms.NumberInput(attrs={"step": "0.25", "inputmode": "decimal"}),
            "workload_hours": forms.NumberInput(attrs={"step": "0.5", "inputmode": "decimal"}),
        }
        help_texts: ClassVar = {
            "code": _("Under which your own register knows it, as in DATA-101."),
            "specialization": _("The focus within the subject, where it has one."),
            "translation_of": _("Where this describes the same in another language: which one it translates."),
            "slug": _("Stands in rules and addresses, and never changes once published."),
            "language": _("The language it is described in, as in en or de."),
            "quality_assurance": _("Empty: what the issuer says of itself."),
        }

    groups: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = (
        (
            _("What it is"),
            ("name", "slug", "kind", "summary", "description", "language", "subject", "specialization", "tags"),
        ),
        (_("What it shows"), ("outcomes", "level", "level_framework")),
        (_("How it is earned"), ("criteria", "credits", "workload_hours", "assessment_type")),
        (
            _("How it is assured"),
            ("participation", "supervision", "quality_assurance", "validity_months"),
        ),
        (_("Its picture"), ("image_alt",)),
        (_("Where else it is known"), ("code", "identifiers", "translation_of")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.state != Achievement.State.DRAFT:
            self.fields["slug"].disabled = True
        originals = Achievement.objects.exclude(state=Achievement.State.DRAFT).filter(translation_of__isnull=True)
        _choices(self, "translation_of", originals.exclude(pk=self.instance.pk))

    def grouped(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [(heading, [self[name] for name in names]) for heading, names in self.groups]

    def clean_slug(self) -> str:
        return _refuse_reserved(self.cleaned_data["slug"])

    def act_fields(self) -> dict[str, Any]:
        """What the acts on achievements take; the form must be valid."""
        return {name: self.cleaned_data[name] for name in achievement_acts.EDITABLE}


class NewAchievementForm(AchievementForm):
    """The same, with the issuer to which it will belong."""

    issuer = forms.ModelChoiceField(label=_("Issuer"), queryset=Issuer.objects.none(), to_field_name="slug")

    groups: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = (
        (_("Who gives it"), ("issuer",)),
        *AchievementForm.groups,
    )

    def __init__(self, *args: Any, issuers: QuerySet[Issuer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "issuer", issuers)


def _choices(form: forms.BaseForm, name: str, queryset: QuerySet[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker alone
    field.queryset = queryset


class SkillForm(forms.Form):
    """One skill; a line left empty is no skill."""

    name = forms.CharField(label=_("Skill"), max_length=150, required=False)
    framework = forms.CharField(label=_("Framework"), max_length=100, required=False)
    url = forms.URLField(label=_("Address in the framework"), max_length=300, required=False, assume_scheme="https")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("framework") or cleaned.get("url")) and not cleaned.get("name"):
            self.add_error("name", gettext("Name the skill, or empty the whole line."))
        return cleaned


class BaseSkills(forms.BaseFormSet):
    """The skills of an achievement, each named once."""

    def clean(self) -> None:
        names = [form.cleaned_data.get("name") for form in self.forms if getattr(form, "cleaned_data", None)]
        twice = {name for name in names if name and names.count(name) > 1}
        if twice:
            raise forms.ValidationError(gettext("“%(name)s” stands twice.") % {"name": min(twice)})

    def chosen(self) -> list[Skill]:
        """The skills that were named; the formset must be valid."""
        return [
            Skill(
                name=form.cleaned_data["name"],
                framework=form.cleaned_data["framework"],
                url=form.cleaned_data["url"],
            )
            for form in self.forms
            if form.cleaned_data.get("name")
        ]


Skills = forms.formset_factory(SkillForm, formset=BaseSkills, extra=2, max_num=MAX_SKILLS, absolute_max=MAX_SKILLS)


class ReasonForm(forms.Form):
    """Why something is taken out of the catalogue."""

    reason = forms.CharField(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class PathwayForm(forms.ModelForm):
    """What a pathway says, and where it leads."""

    class Meta:
        model = Pathway
        fields = ("title", "slug", "issuer", "target", "summary", "audience", "description")
        widgets: ClassVar = {
            "audience": forms.Textarea(attrs={"rows": 3}),
            "description": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts: ClassVar = {"target": _("Its map is drawn from the rule of this achievement.")}

    def __init__(self, *args: Any, issuers: QuerySet[Issuer], targets: QuerySet[Achievement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "issuer", issuers)
        _choices(self, "target", targets)
        if self.instance.pk and self.instance.state != Pathway.State.DRAFT:
            self.fields["slug"].disabled = self.fields["target"].disabled = True

    def clean_slug(self) -> str:
        return _refuse_reserved(self.cleaned_data["slug"])


class StageForm(forms.Form):
    """A step of a pathway; one without a title is left out."""

    title = forms.CharField(label=_("Title"), max_length=150, required=False)
    text = forms.CharField(label=_("Text"), max_length=5_000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    achievements = forms.MultipleChoiceField(
        label=_("Achievements of this stage"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, options: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["achievements"].choices = list(options)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if (cleaned.get("text") or cleaned.get("achievements")) and not cleaned.get("title"):
            self.add_error("title", gettext("Give the stage a title, or empty it."))
        return cleaned


class BaseStages(forms.BaseFormSet):
    """The stages of a pathway, in order."""

    def chosen(self, achievements: Iterable[Achievement]) -> list[dict[str, Any]]:
        """What the acts take; the formset must be valid."""
        by_slug = {each.slug: each for each in achievements}
        ordered = [form for form in self.forms if form.cleaned_data.get("title")]
        if self.can_order:
            ordered.sort(key=lambda form: (form.cleaned_data.get("ORDER") is None, form.cleaned_data.get("ORDER") or 0))
        return [
            {
                "title": form.cleaned_data["title"],
                "text": form.cleaned_data["text"],
                "achievements": [by_slug[slug] for slug in form.cleaned_data["achievements"] if slug in by_slug],
            }
            for form in ordered
        ]


Stages = forms.formset_factory(
    StageForm, formset=BaseStages, extra=1, can_order=True, max_num=MAX_STAGES, absolute_max=MAX_STAGES
)


class IssuerForm(forms.ModelForm):
    """What an issuer says of itself."""

    identifiers = IdentifiersField()

    class Meta:
        model = Issuer
        fields = issuer_acts.EDITABLE
        help_texts: ClassVar = {
            "official": _("The name of the person who is responsible for what it issues."),
            "terms_url": _("Where the terms stand under which others may use its credentials, if there are any."),
        }
        widgets: ClassVar = {
            "description": forms.Textarea(attrs={"rows": 4}),
            "quality_assurance": forms.Textarea(attrs={"rows": 3}),
            "country_code": forms.TextInput(attrs={"size": 3, "autocomplete": "country"}),
            "url": forms.URLInput(attrs={"autocomplete": "url"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
        }


class NewIssuerForm(IssuerForm):
    """The same, with the short name that never changes and its place in the tree."""

    slug = forms.SlugField(
        label=_("Short name"), max_length=60, help_text=_("Becomes part of its address and its DID, and never changes.")
    )
    parent = forms.ModelChoiceField(
        label=_("Part of"), queryset=Issuer.objects.none(), to_field_name="slug", required=False
    )

    field_order = ("name", "slug", "parent")

    def __init__(self, *args: Any, parents: QuerySet[Issuer], may_be_root: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "parent", parents)
        self.fields["parent"].required = not may_be_root

    def clean_slug(self) -> str:
        return _refuse_reserved(self.cleaned_data["slug"])


class RoleForm(forms.Form):
    """Who may do what for an issuer."""

    email = forms.EmailField(label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    role = forms.ChoiceField(label=_("Role"), choices=IssuerRole.Role.choices)

    user: User | None = None

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        self.user = User.objects.filter(email__iexact=email, is_active=True).first()
        if self.user is None:
            raise forms.ValidationError(
                gettext("Nobody is registered with this address. They must register first, and tell you the address.")
            )
        return email

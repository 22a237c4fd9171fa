"""What may be earned, described as Open Badges 3.0 and the EU micro-credential standard ask."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models.issuers import Issuer


class Achievement(models.Model):
    """What may be earned: a micro-credential, certificate, diploma or degree."""

    class Kind(models.TextChoices):
        # The values are the achievementType of Open Badges 3.0, so that nothing has to be mapped on issue.
        MICRO_CREDENTIAL = "MicroCredential", _("Micro-credential")
        CERTIFICATE = "Certificate", _("Certificate")
        DIPLOMA = "Diploma", _("Diploma")
        DEGREE = "Degree", _("Degree")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Participation(models.TextChoices):
        ONLINE = "online", _("Online")
        ON_SITE = "on-site", _("On site")
        BLENDED = "blended", _("Blended")

    class Supervision(models.TextChoices):
        # The four cases of the EU standard, optional element 2.
        NONE = "unsupervised", _("Unsupervised, identity not checked")
        SUPERVISED = "supervised", _("Supervised, identity not checked")
        SUPERVISED_ONLINE_ID = "supervised-online-id", _("Supervised online, identity checked")
        SUPERVISED_ON_SITE_ID = "supervised-on-site-id", _("Supervised on site, identity checked")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Rules name achievements by slug, so it never changes once published.
    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="achievements", verbose_name=_("issuer"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    # The same achievement described in another language; that one names no further one.
    translation_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="translations",
        verbose_name=_("the same in another language"),
    )
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=150)
    summary = models.CharField(_("in one sentence"), max_length=250, blank=True)
    description = models.TextField(_("description"), blank=True)
    outcomes = models.JSONField(_("learning outcomes"), default=list, help_text=_("One outcome a line."))
    criteria = models.TextField(_("how it is earned"), blank=True, help_text=_("Markdown."))
    level_framework = models.CharField(
        _("level framework"), max_length=80, blank=True, default="European Qualifications Framework"
    )
    level = models.PositiveSmallIntegerField(
        _("level"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(8)]
    )
    credits = models.DecimalField(
        _("credits (ECTS)"),
        max_digits=6,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    workload_hours = models.DecimalField(
        _("workload in hours"),
        max_digits=7,
        decimal_places=1,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    assessment_type = models.CharField(_("type of assessment"), max_length=200, blank=True)
    participation = models.CharField(
        _("form of participation"), max_length=10, choices=Participation, default=Participation.ONLINE
    )
    supervision = models.CharField(
        _("supervision and identity check"), max_length=24, choices=Supervision, default=Supervision.NONE
    )
    quality_assurance = models.TextField(_("quality assurance"), blank=True)
    language = models.CharField(_("language"), max_length=12, default="en")
    subject = models.CharField(_("subject"), max_length=80, blank=True)
    specialization = models.CharField(_("specialisation"), max_length=150, blank=True)
    code = models.CharField(_("code in your register"), max_length=60, blank=True)
    # Lines as `open_badges.identifier_of` reads them.
    identifiers = models.JSONField(_("identifiers elsewhere"), default=list, blank=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    validity_months = models.PositiveSmallIntegerField(
        _("valid for months"), null=True, blank=True, help_text=_("Empty: it does not expire.")
    )
    image_alt = models.CharField(_("picture in words"), max_length=250, blank=True)
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("achievement")
        verbose_name_plural = _("achievements")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(credits__gte=0), name="achievement_credits_not_negative"),
            models.CheckConstraint(
                condition=models.Q(state="draft") | models.Q(published_at__isnull=False),
                name="published_achievement_has_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "kind", "name"], name="achievement_catalogue")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("achievement", args=[self.slug])


class AchievementSkill(models.Model):
    """A skill an achievement shows, aligned to a framework where it has an address there."""

    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, related_name="skills")
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("skill"), max_length=150)
    framework = models.CharField(_("framework"), max_length=100, blank=True)
    url = models.URLField(_("address in the framework"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("skill")
        verbose_name_plural = _("skills")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["achievement", "name"], name="one_skill_once")]

    def __str__(self) -> str:
        return self.name

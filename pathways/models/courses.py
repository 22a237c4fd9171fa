"""Courses: what is studied, in which order, and who teaches."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Issuer


class Course(models.Model):
    """A course as it is offered once or for ever: modules to study and assessments to pass."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed for enrolment")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Rules name assessments by course and assessment slug, so neither changes once the course has opened.
    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="courses", verbose_name=_("issuer"))
    # What passing earns, for showing; whether it is earned is said by the achievement's rule alone.
    achievement = models.ForeignKey(
        Achievement, on_delete=models.PROTECT, null=True, blank=True, related_name="courses", verbose_name=_("earns")
    )
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=150)
    summary = models.CharField(_("in one sentence"), max_length=250, blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    hours = models.DecimalField(
        _("hours of study"),
        max_digits=6,
        decimal_places=1,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    language = models.CharField(_("language"), max_length=12, default="en")
    price = models.DecimalField(
        _("price"), max_digits=8, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(Decimal(0))]
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    starts_on = models.DateField(_("starts"), null=True, blank=True)
    ends_on = models.DateField(_("ends"), null=True, blank=True)
    # How many may be enrolled at once; none: as many as come.
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    # What is to be held on the day of enrolling.
    prerequisites = models.ManyToManyField(
        Achievement, blank=True, related_name="opens_courses", verbose_name=_("asks for")
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering: ClassVar = ["title"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(ends_on__isnull=True)
                | models.Q(ends_on__gte=models.F("starts_on")),
                name="course_ends_after_it_starts",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["state", "title"], name="course_catalogue")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("course", args=[self.slug])

    @property
    def prerequisite_slugs(self) -> list[str]:
        """In order of name; a query unless they are prefetched."""
        return [each.slug for each in self.prerequisites.all()]


class CourseStaff(models.Model):
    """Who teaches and grades a course."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="staff")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="taught")

    class Meta:
        verbose_name = _("member of staff")
        verbose_name_plural = _("staff")
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "user"], name="one_staff_row")]

    def __str__(self) -> str:
        return f"{self.user}, {self.course}"


class Module(models.Model):
    """A chapter of a course."""

    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="modules")
    position = models.PositiveSmallIntegerField(_("position"))
    slug = models.SlugField(max_length=80)
    title = models.CharField(_("title"), max_length=150)
    summary = models.CharField(_("in one sentence"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("module")
        verbose_name_plural = _("modules")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "slug"], name="one_module_slug_per_course")]

    def __str__(self) -> str:
        return self.title


class Material(models.Model):
    """One thing to study: a reading, a video, a file, an exercise, something elsewhere."""

    class Kind(models.TextChoices):
        READING = "reading", _("Reading")
        VIDEO = "video", _("Video")
        FILE = "file", _("File")
        EXERCISE = "exercise", _("Exercise")
        EXTERNAL = "external", _("Elsewhere")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    module = models.ForeignKey(Module, on_delete=models.CASCADE, related_name="materials")
    position = models.PositiveSmallIntegerField(_("position"))
    slug = models.SlugField(max_length=80)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    title = models.CharField(_("title"), max_length=150)
    body = models.TextField(_("text"), blank=True, help_text=_("Markdown; what to know before, for a video or a file."))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=10)
    file = models.FileField(_("file"), upload_to="materials/", blank=True)
    captions = models.FileField(_("captions (WebVTT)"), upload_to="materials/", blank=True)
    transcript = models.TextField(_("transcript"), blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["module", "slug"], name="one_material_slug_per_module"),
            models.CheckConstraint(
                condition=~models.Q(kind="external") | ~models.Q(url=""), name="external_material_has_address"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["video", "file"]) | ~models.Q(file=""), name="video_has_file"
            ),
        ]

    def __str__(self) -> str:
        return self.title

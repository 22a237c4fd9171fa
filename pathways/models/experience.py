"""Work and practice outside of courses: what is logged by learners, and attested by whom a logbook names."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from credentials.models import Issuer


class Logbook(models.Model):
    """A kind of experience that rules may count by its short name: flying hours, practice, service."""

    slug = models.SlugField(
        _("short name"), max_length=80, unique=True, help_text=_("By which rules ask for it, such as “ward-practice”.")
    )
    issuer = models.ForeignKey(
        Issuer, on_delete=models.PROTECT, related_name="logbooks", verbose_name=_("in the name of")
    )
    name = models.CharField(_("name"), max_length=150)
    role = models.CharField(
        _("attested by"), max_length=200, help_text=_("The role of whoever signs, such as “ward sister”.")
    )

    class Meta:
        verbose_name = _("logbook")
        verbose_name_plural = _("logbooks")
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Experience(models.Model):
    """A period of work, or one entry of a log, as a learner states it; it counts once it is attested."""

    class State(models.TextChoices):
        STATED = "stated", _("Waits to be attested")
        ATTESTED = "attested", _("Attested")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="experience")
    logbook = models.ForeignKey(
        Logbook, on_delete=models.PROTECT, related_name="entries", verbose_name=_("what kind it is")
    )
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.STATED)
    begins_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    hours = models.DecimalField(
        _("hours"),
        max_digits=6,
        decimal_places=1,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(99_999))],
    )
    place = models.CharField(_("where"), max_length=150, help_text=_("The organisation, with its town."))
    words = models.CharField(_("what was done"), max_length=500)
    stated_at = models.DateTimeField()
    # As what whoever attested it signed: the role of the logbook on that day.
    role = models.CharField(max_length=200, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # Why it was refused or withdrawn.
    answer = models.TextField(max_length=1_000, blank=True)

    class Meta:
        verbose_name = _("experience")
        verbose_name_plural = _("experience")
        ordering: ClassVar = ["-begins_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="experience_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(hours__gte=0), name="experience_hours_not_negative"),
            models.CheckConstraint(
                condition=~Q(state="attested") | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(role=""),
                name="attested_experience_has_attester",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["learner", "state"], name="experience_of_learner"),
            models.Index(fields=["logbook", "state"], name="experience_in_logbook"),
        ]

    def __str__(self) -> str:
        return f"{self.logbook}, {self.begins_on}"

"""Plans that learners keep: what they mean to take, when, and for which achievements or skills."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement
from pathways.models.courses import Course


class LearningPlan(models.Model):
    """A plan as it was when its learner kept it; only its learner sees it, and it binds nobody."""

    class By(models.TextChoices):
        HOURS = "hours", _("Fewest hours")
        PRICE = "price", _("Lowest price")
        DATE = "date", _("Soonest")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="learning_plans")
    title = models.CharField(_("title"), max_length=200)
    targets = models.ManyToManyField(Achievement, related_name="+", blank=True)
    # Names of skills; a plan to close a gap has these in place of targets.
    skills = models.JSONField(default=list, blank=True)
    by = models.CharField(max_length=5, choices=By, default=By.HOURS)
    hours_per_week = models.DecimalField(max_digits=4, decimal_places=1, validators=[MinValueValidator(Decimal(1))])
    finished_on = models.DateField()
    kept_at = models.DateTimeField()

    class Meta:
        verbose_name = _("learning plan")
        verbose_name_plural = _("learning plans")
        ordering: ClassVar = ["-kept_at", "-id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("me-kept-plan", args=[self.uuid])


class PlanStep(models.Model):
    """One course of a plan, with its days, hours and price as they were when the plan was kept."""

    plan = models.ForeignKey(LearningPlan, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="+")
    begins_on = models.DateField()
    ends_on = models.DateField()
    hours = models.DecimalField(max_digits=6, decimal_places=1)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    currency = models.CharField(max_length=3)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["plan", "course"], name="one_step_per_course")]

    def __str__(self) -> str:
        return f"{self.plan}: {self.course}"

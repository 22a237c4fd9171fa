"""What a version of a rule would change and changes for everybody: the count before it, and the work after it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement
from pathways.models.rules import RuleVersion


class ImpactCount(models.Model):
    """What putting a draft in force would change, counted over everybody at one time; nothing else is written."""

    class State(models.TextChoices):
        COUNTING = "counting", _("being counted")
        READY = "ready", _("counted")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.ForeignKey(RuleVersion, on_delete=models.CASCADE, related_name="impact_counts")
    # The state it was counted on: the draft as it was, the rules in force, and the day.
    content_hash = models.CharField(max_length=64)
    rules_hash = models.CharField(max_length=64)
    on = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.COUNTING)
    asked_for_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField()
    counted_at = models.DateTimeField(null=True)
    people = models.PositiveIntegerField(default=0)
    people_asked = models.PositiveIntegerField(default=0)
    # The last person who is counted: a job that dies goes on after them.
    done_until = models.BigIntegerField(default=0)
    mails = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("impact preview")
        verbose_name_plural = _("impact previews")
        ordering: ClassVar = ["-begun_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["version", "-begun_at"], name="impact_of_version")]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_state_display()}"


class ImpactLine(models.Model):
    """One thing that would change for one person."""

    class Change(models.TextChoices):
        GAINS = "gains", _("gains an award")
        LAPSES = "lapses", _("has an award suspended")
        LOSES = "loses", _("has an award revoked")
        RETURNS = "returns", _("gets an award back")
        OTHER_GROUNDS = "grounds", _("keeps the award on other grounds")
        KEEPS = "keeps", _("keeps what the new version would not give")
        HELD_UP = "held-up", _("cannot be awarded yet")

    count = models.ForeignKey(ImpactCount, on_delete=models.CASCADE, related_name="lines")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    change = models.CharField(max_length=7, choices=Change)
    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["learner_id", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["count", "learner", "change", "achievement"], name="one_impact_line_once")
        ]
        indexes: ClassVar = [models.Index(fields=["count", "change", "learner"], name="impact_line_by_change")]

    def __str__(self) -> str:
        return f"{self.learner} {self.get_change_display()}"


class Rollout(models.Model):
    """A version in force being asked for everybody, range by range; it can be stopped and goes on where it was."""

    class State(models.TextChoices):
        RUNNING = "running", _("under way")
        STOPPED = "stopped", _("stopped")
        REPLACED = "replaced", _("ended: a later version is in force")
        DONE = "done", _("done")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.OneToOneField(RuleVersion, on_delete=models.CASCADE, related_name="rollout")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    begun_at = models.DateTimeField(_("begun"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    people = models.PositiveIntegerField(default=0)
    # How often it was told to go on: each time its jobs are promised anew.
    goes = models.PositiveSmallIntegerField(default=0)
    # On PostgreSQL the transactions before this one may still decide by the rules before; they are waited for.
    horizon = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("rollout")
        verbose_name_plural = _("rollouts")
        ordering: ClassVar = ["-begun_at", "-id"]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return reverse("registry-rollout", args=[self.uuid])


class RolloutRange(models.Model):
    """People with neighbouring numbers, asked by one worker; several ranges may go to several workers."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="ranges")
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    # Everybody up to here is done; written in the commit that made their awards.
    done_until = models.BigIntegerField()
    finished_at = models.DateTimeField(null=True)
    people = models.PositiveIntegerField(default=0)
    people_asked = models.PositiveIntegerField(default=0)
    people_settled = models.PositiveIntegerField(default=0)
    awards = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["first"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rollout", "first"], name="one_range_of_a_rollout_once"),
            models.CheckConstraint(condition=models.Q(first__lte=models.F("last")), name="range_has_people"),
        ]

    def __str__(self) -> str:
        return f"{self.rollout_id}: {self.first}-{self.last}"

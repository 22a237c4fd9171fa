"""Awards made by hand to many at once: whom a registrar named, and what became of each."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Award


class AwardBatch(models.Model):
    """One achievement for many people and for one reason, awarded group by group; it can be stopped and go on."""

    class State(models.TextChoices):
        RUNNING = "running", _("under way")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("done")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    achievement = models.ForeignKey(Achievement, on_delete=models.PROTECT, related_name="award_batches")
    reason = models.TextField(_("reason"), max_length=1_000)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.RUNNING)
    begun_at = models.DateTimeField(_("begun"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    # How often it was told to go on: each time its jobs are promised anew.
    goes = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("batch of awards")
        verbose_name_plural = _("batches of awards")
        ordering: ClassVar = ["-begun_at", "-id"]

    def __str__(self) -> str:
        return f"{self.achievement}: {self.get_state_display()}"

    def get_absolute_url(self) -> str:
        return reverse("registry-batch", args=[self.uuid])


class AwardBatchLine(models.Model):
    """One person of a batch, named by an address, and what became of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        AWARDED = "awarded", _("awarded")
        LEFT_OUT = "left-out", _("left out")

    batch = models.ForeignKey(AwardBatch, on_delete=models.CASCADE, related_name="lines")
    place = models.PositiveIntegerField()
    address = models.CharField(_("e-mail address"), max_length=254)
    # Nobody, where nobody is registered with the address.
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    # Why it was left out, in words.
    words = models.CharField(max_length=300, blank=True)
    award = models.OneToOneField(Award, on_delete=models.PROTECT, null=True, related_name="batch_line")

    class Meta:
        ordering: ClassVar = ["place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "place"], name="one_line_per_place"),
            models.UniqueConstraint(fields=["batch", "learner"], name="one_line_per_person_of_a_batch"),
            models.CheckConstraint(
                condition=models.Q(state="awarded", award__isnull=False)
                | (~models.Q(state="awarded") & models.Q(award__isnull=True)),
                name="awarded_line_has_its_award",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["batch", "state"], name="batch_line_by_state")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.place}: {self.get_state_display()}"

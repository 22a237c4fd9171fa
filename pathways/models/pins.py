"""What learners choose about their own holdings: that one counts in a part of a rule, or does not count there."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement


class Pin(models.Model):
    """A choice that its learner made and may take back; it is heeded where it makes the verdict no worse.

    `node` is the stable id of a part of the achievement's rule, `holding` is "award:UUID" or "grade:UUID" as in
    `Derivation.allocation`.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pins")
    achievement = models.ForeignKey(Achievement, on_delete=models.PROTECT, related_name="+")
    node = models.CharField(max_length=64)
    holding = models.CharField(max_length=60)
    here = models.BooleanField()
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = _("choice of what counts where")
        verbose_name_plural = _("choices of what counts where")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["learner", "achievement", "holding", "node"], name="one_pin_per_holding_and_part"
            ),
            models.UniqueConstraint(
                fields=["learner", "achievement", "holding"],
                condition=Q(here=True),
                name="one_place_per_pinned_holding",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.achievement}: {self.holding} {'→' if self.here else '✕'} {self.node}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Another choice is another row, so that each has its own line in the audit.
        if self.pk:
            raise RuntimeError("A choice never changes.")
        super().save(*args, **kwargs)

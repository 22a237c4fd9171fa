"""What a person asks about their own data: a copy of all of it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class DataExport(models.Model):
    """A copy of all that is kept about a person, made for them in the background; it is gone after some days."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="data_exports")
    asked_at = models.DateTimeField(_("asked for"))
    # How many kinds of rows are written, of how many; nothing until a worker has begun.
    done = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(_("made"), null=True)
    expires_at = models.DateTimeField(_("to be had until"), null=True)
    size = models.PositiveBigIntegerField(_("size"), default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("copy of a person’s data")
        verbose_name_plural = _("copies of people’s data")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(made_at__isnull=True), name="one_data_export_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(made_at__isnull=True, expires_at__isnull=True)
                | models.Q(made_at__isnull=False, expires_at__isnull=False),
                name="made_data_export_expires",
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

"""Transcripts: a learner's record on paper, which carries the signed record inside."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from credentials.models.records import LearnerRecord


class Transcript(models.Model):
    """The signed PDF of a record; asked for by its holder, made by a worker, and made again at will."""

    record = models.OneToOneField(LearnerRecord, on_delete=models.CASCADE, related_name="transcript")
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=120, blank=True)

    class Meta:
        verbose_name = _("transcript")
        verbose_name_plural = _("transcripts")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(made_at__isnull=True, path="")
                | (models.Q(made_at__isnull=False) & ~models.Q(path="")),
                name="made_transcript_has_a_file",
            )
        ]

    def __str__(self) -> str:
        return str(self.record)

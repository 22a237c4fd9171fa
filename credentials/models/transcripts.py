"""Transcripts: a learner's record as one signed PDF, and the page on which anybody can see whether it still holds."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models.issuers import Issuer


class Transcript(models.Model):
    """What a learner asked for: what it says was fixed in that moment, and a worker prints and signs it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # 128 random bits that a person can type; whoever has it may see what the transcript lists.
    code = models.CharField(max_length=26, unique=True, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="transcripts")
    # Who seals it: the body that stands above all that issued what is listed.
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="transcripts")
    language = models.CharField(max_length=12)
    # All that it says, and the documents that it carries, frozen (see `transcripts.ask`).
    record = models.JSONField()
    asked_at = models.DateTimeField()
    made_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=120, blank=True)
    # The learner took the link back: its page says no more than that.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("transcript")
        verbose_name_plural = _("transcripts")
        ordering: ClassVar = ["-asked_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["learner", "-asked_at"], name="transcript_of_learner")]

    def __str__(self) -> str:
        return f"{self.learner} {self.asked_at:%Y-%m-%d}"

    @property
    def page_url(self) -> str:
        """Where its code leads."""
        return settings.SITE_URL + reverse("transcript", args=[self.code])

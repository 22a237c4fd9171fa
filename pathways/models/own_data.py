"""What a person asks about their own data: a copy of it, another name on a credential, that all of it be erased."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from credentials.models import Award


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


class ErasureRequest(models.Model):
    """That somebody asked to be erased, and what became of it; once done, nothing of it is about anybody."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for an administrator")
        TAKEN_BACK = "taken-back", _("Taken back")
        DECLINED = "declined", _("Declined")
        ERASED = "erased", _("Erased; files are being removed")
        DONE = "done", _("Erased")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Without a name or an address once it is done.
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="erasure_requests")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    # Why it was declined, or on what ground it was done; never about the person.
    reason = models.TextField(_("reason"), max_length=1_000, blank=True)
    # Of the rows that went: {kind: how many}.
    gone = models.JSONField(default=dict, blank=True)
    # What still has to be removed from the disk, below MEDIA_ROOT.
    files = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name = _("request for erasure")
        verbose_name_plural = _("requests for erasure")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(state="asked"), name="one_open_erasure_request"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "taken-back"]) | models.Q(decided_at__isnull=False),
                name="decided_erasure_has_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "asked_at"], name="erasure_by_state")]

    def __str__(self) -> str:
        return str(self.uuid)


class NameRequest(models.Model):
    """That the holder of an award asks for another name on its credential, and what a registrar decided."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a registrar")
        CORRECTED = "corrected", _("Corrected")
        DECLINED = "declined", _("Declined")
        TAKEN_BACK = "taken-back", _("Taken back")

    class Why(models.TextChoices):
        MISSPELT = "misspelt", _("It is misspelt")
        CHANGED = "changed", _("My name has changed")
        SCRIPT = "script", _("It belongs in another script or order")
        OTHER = "other", _("Something else")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="name_requests")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    # As it read when it was asked for.
    former = models.CharField(_("name on the credential"), max_length=200)
    wanted = models.CharField(_("as it should read"), max_length=200)
    why = models.CharField(_("why"), max_length=8, choices=Why)
    note = models.TextField(_("how that can be seen"), max_length=1_000, blank=True)
    asked_at = models.DateTimeField(_("asked"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    # Why it was declined.
    answer = models.TextField(_("answer"), max_length=1_000, blank=True)

    class Meta:
        verbose_name = _("request for another name")
        verbose_name_plural = _("requests for another name")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["award"], condition=models.Q(state="asked"), name="one_open_name_request_per_award"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["asked", "taken-back"])
                | models.Q(decided_at__isnull=False, decided_by__isnull=False),
                name="decided_name_request_has_decider",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "asked_at"], name="name_request_by_state")]

    def __str__(self) -> str:
        return str(self.uuid)

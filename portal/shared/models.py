"""Rows that belong to no domain: who did what, work promised for later, answers kept for repeated requests."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """Who did what to whom and why, written in the transaction of the act, and never changed (reliability I13)."""

    at = models.DateTimeField(_("when"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    act = models.CharField(_("act"), max_length=60)
    subject_type = models.CharField(_("kind of thing"), max_length=60)
    subject_id = models.CharField(_("thing"), max_length=64)
    subject_words = models.CharField(_("thing in words"), max_length=250)
    concerns = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("whom")
    )
    reason = models.TextField(_("reason"), blank=True)
    details = models.JSONField(_("details"), default=dict)
    request_id = models.CharField(max_length=36, blank=True)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["subject_type", "subject_id"], name="audit_subject"),
            models.Index(fields=["concerns", "-at"], name="audit_concerns"),
            models.Index(fields=["-at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject_words}"


class IdempotentAnswer(models.Model):
    """The answer to a request that carried a key, stored with what it changed, so that a repeat changes nothing."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=128)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["actor", "key"], name="one_answer_per_key")]


class Job(models.Model):
    """Work promised in the transaction of its cause, done later by whichever worker claims it (reliability J1-J5)."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        DONE = "done", _("done")
        QUARANTINED = "quarantined", _("quarantined")

    class Queue(models.TextChoices):
        ISSUE = "issue", _("issue")
        RENDER = "render", _("render")
        MAIL = "mail", _("mail")
        BULK = "bulk", _("bulk")

    kind = models.CharField(_("kind"), max_length=60)
    subject_id = models.BigIntegerField(_("subject"))
    # Tells apart promises about one subject that are not the same work: a template version, a day.
    version = models.CharField(_("version"), max_length=64, blank=True)
    queue = models.CharField(_("queue"), max_length=6, choices=Queue)
    state = models.CharField(_("state"), max_length=11, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due = models.DateTimeField(_("due"), db_default=Now())
    lease_until = models.DateTimeField(_("leased until"), null=True)
    # Grows with each claim: whoever holds an older number has lost the job.
    token = models.PositiveBigIntegerField(default=0)
    last_error = models.CharField(_("last error, or what it waits for"), max_length=500, blank=True)
    promised_at = models.DateTimeField(_("promised"), db_default=Now())
    done_at = models.DateTimeField(_("done"), null=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject_id", "kind", "version"], name="one_job_per_promise"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["queue", "due", "id"], condition=models.Q(state="pending"), name="job_pending"),
            models.Index(fields=["kind", "id"], condition=models.Q(state="quarantined"), name="job_quarantined"),
            models.Index(fields=["done_at"], condition=models.Q(state="done"), name="job_done"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class WorkerSighting(models.Model):
    """When each worker was last heard, so that a silent one is noticed."""

    name = models.CharField(max_length=120, primary_key=True)
    heard_at = models.DateTimeField(_("heard"))

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.name


class Generation(models.Model):
    """One row, redrawn by triggers whenever something changes that processes keep in memory."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    token = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="one_generation")]

    def __str__(self) -> str:
        return str(self.token)


class RateCount(models.Model):
    """How often somebody did something in one window of time, kept here when the cache is away (reliability J7)."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

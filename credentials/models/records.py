"""Records that learners ask for: several of their credentials in one signed document (CLR 2.0)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models.awards import Award, Credential
from credentials.models.checks import new_code
from credentials.models.issuers import Issuer, SigningKey


class LearnerRecord(models.Model):
    """A learner's credentials on the day they asked, signed together; never edited, only made anew."""

    class State(models.TextChoices):
        ASKED = "asked", _("Being made")
        SIGNED = "signed", _("Signed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Whoever has it may read the page while the learner shares it.
    code = models.CharField(max_length=43, unique=True, default=new_code, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="learner_records")
    # The qualification that it is about, with its parts; none if it is about all that was earned.
    award = models.ForeignKey(Award, on_delete=models.PROTECT, null=True, blank=True, related_name="learner_records")
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="learner_records")
    recipient_name = models.CharField(_("name"), max_length=200)
    credentials = models.ManyToManyField(Credential, related_name="learner_records")
    # What the learner left out, on purpose or because it stood no more, is not in it; then it says so.
    is_partial = models.BooleanField(_("something was left out"), default=False)
    language = models.CharField(max_length=12)
    identity_salt = models.CharField(max_length=64, editable=False)
    # Of everything that decides what it says: asked for again, it is the same one.
    content_sha256 = models.CharField(max_length=64, editable=False)
    asked_at = models.DateTimeField(_("asked for"))
    state = models.CharField(max_length=6, choices=State, default=State.ASKED)
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, null=True, related_name="learner_records")
    document = models.TextField(blank=True, editable=False)
    document_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    signed_at = models.DateTimeField(null=True)
    shared_at = models.DateTimeField(null=True, blank=True)
    # The one that was made instead, after a key was given up on which this one rested.
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("learner record")
        verbose_name_plural = _("learner records")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["learner", "content_sha256"], name="one_record_per_content"),
            models.CheckConstraint(
                condition=models.Q(state="asked", document="") | (models.Q(state="signed") & ~models.Q(document="")),
                name="signed_record_has_document",
            ),
        ]

    def __str__(self) -> str:
        if self.award is not None:
            return str(self.award.achievement)
        return str(_("Some of what was earned") if self.is_partial else _("Everything that was earned"))

    @property
    def is_finished(self) -> bool:
        """Whether there is anything to show."""
        return self.state == self.State.SIGNED

    @property
    def document_url(self) -> str:
        """The record's own id: where its document is served."""
        return f"{settings.SITE_URL}/records/{self.uuid}"

    @property
    def page_url(self) -> str:
        return settings.SITE_URL + reverse("record", args=[self.code])

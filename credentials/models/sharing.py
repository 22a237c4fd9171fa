"""What is left when a holder takes a link back: that it was withdrawn, when, and why if they said so."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from credentials.models.awards import Credential
from credentials.models.records import LearnerRecord


class SharingEnd(models.Model):
    """One withdrawal of the consent to show a credential or a record; shared again, it may be followed by another."""

    class Reason(models.TextChoices):
        # Consent needs no reason to be taken back, so this is one as good as any.
        UNSAID = "unsaid", _("I would rather not say")
        SEEN = "seen", _("Whoever was to see it has seen it")
        ASTRAY = "astray", _("The link went where it should not")
        WRONG = "wrong", _("Something in it is not right")
        PRIVATE = "private", _("I want to keep it to myself")

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sharing_ends")
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, null=True, related_name="sharing_ends")
    record = models.ForeignKey(LearnerRecord, on_delete=models.PROTECT, null=True, related_name="sharing_ends")
    reason = models.CharField(max_length=10, choices=Reason, default=Reason.UNSAID)
    # The holder's own words, for nobody else.
    note = models.CharField(_("note"), max_length=200, blank=True)
    # Not the credential's: that one is given to everybody who was shown the proof that it is in the log.
    salt = models.BinaryField(max_length=32, editable=False)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("end of sharing")
        verbose_name_plural = _("ends of sharing")
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(credential__isnull=True, record__isnull=False)
                | Q(credential__isnull=False, record__isnull=True),
                name="sharing_ended_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.of}, {self.at:%Y-%m-%d}"

    @property
    def of(self) -> Credential | LearnerRecord:
        """What is shared no longer."""
        found = self.credential or self.record
        assert found is not None  # noqa: S101 - by constraint
        return found

    @property
    def title(self) -> str:
        """What it is called in a sentence that is for its holder."""
        return str(self.record) if self.credential is None else self.credential.award.achievement.name

    @property
    def words(self) -> str:
        """The reason as the holder chose it; empty if they gave none."""
        return "" if self.reason == self.Reason.UNSAID else str(self.get_reason_display())

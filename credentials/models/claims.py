"""Credentials of other houses that learners say are theirs, as they were handed in and as they were found to be."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from credentials.models.checks import new_code
from credentials.models.trust import TrustedIssuer


class Claim(models.Model):
    """A learner's claim to a credential from elsewhere. It counts for nothing by itself.

    `verdict` and what stands beside it are of the last check that came to an answer; one that could not reach the
    issuer leaves them as they were, and says so in `trouble`.
    """

    class Holder(models.TextChoices):
        ADDRESS = "address", _("Issued to an e-mail address of the learner")
        KEY = "key", _("Issued to a key that the learner has shown to hold")
        NAME = "name", _("Bears the learner’s name, which proves little")
        SOMEBODY = "somebody", _("Issued to another name or address")
        NOT_SHOWN = "not-shown", _("Does not show to whom it was issued")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims")
    claimed_at = models.DateTimeField()
    # Taken back by the learner; what was handed in is gone.
    dropped_at = models.DateTimeField(null=True, blank=True)
    # The record or presentation out of which it was taken.
    part_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    # What a wallet signs to show that it holds the key of `subject_id`; another one once it has served.
    challenge = models.CharField(max_length=43, default=new_code, editable=False)
    # The identifier whose key was shown so.
    shown_id = models.CharField(max_length=500, blank=True)
    # Of a file its name; of a link its address.
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    # In which the findings are worded.
    language = models.CharField(max_length=12)
    # Something rests on it, or is asked for because of it: it is checked again each night.
    watched_at = models.DateTimeField(null=True, blank=True)

    tried_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=500, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    # A value of verification.Verdict; empty until it is judged.
    verdict = models.CharField(max_length=30, blank=True)
    title = models.CharField(max_length=300, blank=True)
    reasons = models.JSONField(default=list)
    # [name, state, words] of each check.
    checks = models.JSONField(default=list)
    holder = models.CharField(max_length=10, choices=Holder, default=Holder.NOT_SHOWN)
    # Whether it is known by whose key it was signed, and that nothing was changed; else its words are anybody's.
    is_signed = models.BooleanField(default=False)
    # Issued on this site, where it counts without anybody's recognition.
    is_ours = models.BooleanField(default=False)
    trusted = models.ForeignKey(TrustedIssuer, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    # What it says of itself.
    credential_id = models.CharField(max_length=500, blank=True)
    # The same for every copy of one credential, whatever file it comes in.
    same = models.CharField(max_length=64, blank=True)
    achievement = models.CharField(max_length=300, blank=True)
    description = models.TextField(blank=True)
    criteria = models.TextField(blank=True)
    issuer = models.CharField(max_length=300, blank=True)
    issuer_id = models.CharField(max_length=500, blank=True)
    # How it names whom it is about, such as the key of a wallet (did:key).
    subject_id = models.CharField(max_length=500, blank=True)
    holder_name = models.CharField(max_length=300, blank=True)
    credits = models.CharField(max_length=40, blank=True)
    # [name, value] of each.
    results = models.JSONField(default=list)
    # [name, address] of each.
    evidence = models.JSONField(default=list)
    awarded_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        ordering: ClassVar = ["-claimed_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["learner", "sha256"],
                condition=models.Q(dropped_at__isnull=True),
                name="one_claim_of_one_file",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["same"], name="claim_of_credential"),
            models.Index(fields=["id"], condition=models.Q(watched_at__isnull=False), name="claim_watched"),
        ]

    def __str__(self) -> str:
        return self.achievement or self.name

    @property
    def is_theirs(self) -> bool:
        """Whether it was shown, and not only said, that it was issued to the learner."""
        return self.holder in {self.Holder.ADDRESS, self.Holder.KEY}

    @property
    def can_be_shown(self) -> bool:
        """Whether it names a key by which it could be shown whose it is."""
        return self.subject_id.startswith("did:") and not self.is_theirs


class ClaimedFile(models.Model):
    """What was handed in, letter by letter, in a row of its own: nobody who reads claims should carry it along."""

    claim = models.OneToOneField(Claim, on_delete=models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()
    # A text, such as a link or a document that was pasted, and not a file.
    is_text = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("claimed file")
        verbose_name_plural = _("claimed files")

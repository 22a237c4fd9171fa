"""Endorsements: what outside bodies signed about us, and what our issuers signed about others (Open Badges 3.0)."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from credentials.models.achievements import Achievement
from credentials.models.issuers import Issuer, SigningKey
from credentials.models.trust import TrustedIssuer


class Endorsement(models.Model):
    """What a trusted body signed about an achievement or an issuer of ours; embedded while it is in force."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    achievement = models.ForeignKey(
        Achievement, on_delete=models.PROTECT, null=True, blank=True, related_name="endorsements"
    )
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, null=True, blank=True, related_name="endorsements")
    # On whose entry in the registry of trust it rests.
    trusted = models.ForeignKey(TrustedIssuer, on_delete=models.PROTECT, related_name="endorsements")
    scope = models.CharField(_("what it covers"), max_length=300)
    comment = models.TextField(_("what it says"), blank=True)
    # Byte for byte as it was handed in: it is signed.
    document = models.TextField(editable=False)
    document_sha256 = models.CharField(max_length=64, editable=False)
    begins_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("endorsement")
        verbose_name_plural = _("endorsements")
        ordering: ClassVar = ["begins_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(achievement__isnull=True, issuer__isnull=False)
                | Q(achievement__isnull=False, issuer__isnull=True),
                name="endorsement_is_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["document_sha256"], condition=Q(withdrawn_at__isnull=True), name="one_endorsement_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.trusted}: {self.achievement or self.issuer}"

    def is_in_force(self, at: datetime) -> bool:
        if self.withdrawn_at is not None:
            return False
        return self.begins_at <= at and (self.ends_at is None or at <= self.ends_at)


class GivenEndorsement(models.Model):
    """What one of our issuers says, under its signature, about an achievement or a body elsewhere."""

    class Kind(models.TextChoices):
        ACHIEVEMENT = "Achievement", _("Achievement")
        ISSUER = "Profile", _("Body that issues")

    class State(models.TextChoices):
        ASKED = "asked", _("Being signed")
        SIGNED = "signed", _("Signed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="given_endorsements")
    kind = models.CharField(_("what is endorsed"), max_length=12, choices=Kind)
    identifier = models.CharField(
        _("its identifier"), max_length=500, help_text=_("As it stands in its badges: an https address, or a DID.")
    )
    name = models.CharField(_("its name"), max_length=200)
    comment = models.TextField(_("what you say about it"), max_length=2_000)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ends_on = models.DateField(_("until"), help_text=_("The last day, included."))
    state = models.CharField(max_length=6, choices=State, default=State.ASKED)
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, null=True, related_name="+")
    document = models.TextField(blank=True, editable=False)
    document_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    signed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("endorsement given")
        verbose_name_plural = _("endorsements given")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer", "identifier"], condition=Q(withdrawn_at__isnull=True), name="one_endorsement_given"
            ),
            models.CheckConstraint(
                condition=Q(state="asked", document="") | (Q(state="signed") & ~Q(document="")),
                name="signed_endorsement_has_document",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def document_url(self) -> str:
        """Its own id: where its document is served."""
        return f"{settings.SITE_URL}/endorsements/{self.uuid}"

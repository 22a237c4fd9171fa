"""How an issuer’s certificates look, version by version, with their pictures and the proofs drawn of them."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from credentials.models.issuers import Issuer


class CertificateTemplate(models.Model):
    """One version of how an issuer's certificates of a kind look; once published it never changes again.

    A certificate looks as the version says that was in force when its credential was issued, however late it is drawn.
    """

    class Scope(models.TextChoices):
        MICRO_CREDENTIAL = "micro-credential", _("Micro-credentials")
        QUALIFICATION = "qualification", _("Qualifications")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="certificate_templates")
    scope = models.CharField(_("for"), max_length=20, choices=Scope)
    number = models.PositiveIntegerField(_("version"))
    # As `designs.design_of` reads it; pictures by their hashes.
    choices = models.JSONField(default=dict)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    # In force from the one moment, included, until the other, left out.
    begins_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("certificate template")
        verbose_name_plural = _("certificate templates")
        ordering: ClassVar = ["issuer", "scope", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "scope", "number"], name="one_template_per_number"),
            models.UniqueConstraint(
                fields=["issuer", "scope"], condition=models.Q(published_at__isnull=True), name="one_draft_template"
            ),
            models.UniqueConstraint(
                fields=["issuer", "scope"],
                condition=models.Q(published_at__isnull=False, ends_at__isnull=True),
                name="one_template_without_end",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True, begins_at__isnull=True, ends_at__isnull=True)
                | models.Q(published_at__isnull=False, begins_at__isnull=False),
                name="published_template_has_a_beginning",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issuer}: {self.get_scope_display()} {self.number}"

    @property
    def is_draft(self) -> bool:
        return self.published_at is None

    def in_force(self, at: datetime) -> bool:
        return self.begins_at is not None and self.begins_at <= at and (self.ends_at is None or at < self.ends_at)


class CertificatePicture(models.Model):
    """A picture of an issuer's templates, as it was made anew when it came in. It is kept as long as any version."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="certificate_pictures")
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=20)
    content = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # How dark and how light it is where text would stand: luminances from 0 to 1, without the outermost hundredths.
    darkest = models.FloatField()
    lightest = models.FloatField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("picture of certificates")
        verbose_name_plural = _("pictures of certificates")
        constraints: ClassVar = [models.UniqueConstraint(fields=["issuer", "sha256"], name="one_picture_once")]


class CertificateProof(models.Model):
    """What choices come to with one made-up learner, drawn by a worker; forgotten after some days."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey(Issuer, on_delete=models.CASCADE, related_name="certificate_proofs")
    scope = models.CharField(max_length=20, choices=CertificateTemplate.Scope)
    choices = models.JSONField()
    # Of all that is drawn: the same choices for the same sample are drawn once.
    digest = models.CharField(max_length=64)
    sample = models.CharField(max_length=20)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    picture = models.BinaryField(null=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    pages = models.PositiveSmallIntegerField(default=0)
    # Characters that no font of the worker draws.
    missing = models.CharField(max_length=200, blank=True)
    fault = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = _("proof of a certificate")
        verbose_name_plural = _("proofs of certificates")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "digest", "sample"], name="one_proof_of_a_sample")
        ]
        indexes: ClassVar = [models.Index(fields=["asked_at"], name="certificate_proof_age")]

    @property
    def is_sound(self) -> bool:
        return self.finished_at is not None and not self.missing and not self.fault

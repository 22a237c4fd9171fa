"""The seals that issuers put on their certificates."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from credentials.models.issuers import Issuer


class Seal(models.Model):
    """The X.509 certificate of the key that signs an issuer's PDFs; its private half is in a file of the same uuid."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="seals")
    certificate = models.BinaryField()
    created_at = models.DateTimeField(_("created"))
    valid_until = models.DateTimeField(_("valid until"))
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer"], condition=models.Q(retired_at__isnull=True), name="one_seal_in_use"
            )
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.created_at:%Y-%m-%d}"

"""Credentials as signed tokens for other software (VC-JWT), and the keys that sign them."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from credentials.models.awards import Credential
from credentials.models.issuers import Issuer


class TokenKey(models.Model):
    """The public half of a key for tokens, of a kind that proofs do not use; the private half is in a file (K1)."""

    class Algorithm(models.TextChoices):
        ES256 = "ES256", _("ES256 (P-256)")
        RS256 = "RS256", _("RS256 (RSA)")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="token_keys")
    algorithm = models.CharField(_("algorithm"), max_length=5, choices=Algorithm)
    public_jwk = models.JSONField(_("public key"))
    # RFC 7638; the last part of the key's name in the DID document.
    thumbprint = models.CharField(_("thumbprint"), max_length=43, unique=True)
    created_at = models.DateTimeField(_("created"))
    # What it signed before stays good; of a key that was given up nothing does.
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    compromised_at = models.DateTimeField(_("compromised"), null=True, blank=True)

    class Meta:
        verbose_name = _("key for tokens")
        verbose_name_plural = _("keys for tokens")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer", "algorithm"],
                condition=models.Q(retired_at__isnull=True, compromised_at__isnull=True),
                name="one_token_key_in_use",
            )
        ]

    def __str__(self) -> str:
        return f"{self.thumbprint[:16]}… ({self.algorithm})"


class Token(models.Model):
    """One credential as a token; made when it is shown to strangers or first asked for, and made again at will."""

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="tokens")
    algorithm = models.CharField(max_length=5, choices=TokenKey.Algorithm)
    key = models.ForeignKey(TokenKey, on_delete=models.PROTECT, related_name="tokens")
    text = models.TextField()
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["credential", "algorithm"], name="one_token_per_algorithm")
        ]

    def __str__(self) -> str:
        return f"{self.algorithm}: {self.credential}"

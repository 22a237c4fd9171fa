"""What is kept of the exchange with wallets: the programs that learners connect, offers, and copies bound to a key."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication, ApplicationManager

from credentials.models.awards import Credential
from credentials.models.issuers import SigningKey
from credentials.models.tokens import TokenKey


class WalletClient(AbstractApplication):
    """A wallet or another host of badges that registered itself (RFC 7591), as it describes itself."""

    # Nobody on this site answers for it.
    user = None
    about = models.URLField(_("home page"), max_length=500)
    logo = models.URLField(_("logo"), max_length=500)
    terms = models.URLField(_("terms of use"), max_length=500)
    policy = models.URLField(_("privacy policy"), max_length=500)
    software_id = models.CharField(_("software"), max_length=200)
    software_version = models.CharField(_("version"), max_length=100)
    # What it may ask learners for; what one of them granted stands with its tokens.
    scope = models.TextField(_("may ask for"))

    objects = ApplicationManager()

    class Meta(AbstractApplication.Meta):
        verbose_name = _("wallet")
        verbose_name_plural = _("wallets")
        ordering: ClassVar = ["name", "id"]

    def get_allowed_schemes(self) -> list[str]:
        return ["https"]


class WalletOffer(models.Model):
    """One learner's permission that a wallet fetches one credential: with the code of the offer, once, and soon.

    Nothing here opens it: link, codes and access token are kept as hashes (reliability I12).
    """

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="offers")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    link_sha256 = models.CharField(max_length=64, unique=True)
    code_sha256 = models.CharField(max_length=64, unique=True)
    # A number of six digits: its hash is keyed, or all of them could be tried.
    number_hmac = models.CharField(max_length=64)
    wrong_numbers = models.PositiveSmallIntegerField(default=0)
    redeemed_at = models.DateTimeField(null=True, blank=True)
    access_sha256 = models.CharField(max_length=64, unique=True, null=True, blank=True)
    access_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("offer to a wallet")
        verbose_name_plural = _("offers to wallets")
        ordering: ClassVar = ["-made_at", "-id"]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="wallet_offer_expiry")]

    def __str__(self) -> str:
        return f"{self.credential} {self.made_at:%Y-%m-%d %H:%M}"


class WalletCopy(models.Model):
    """A credential signed once more, with the wallet's key as the id of whom it is about."""

    class Form(models.TextChoices):
        # The values are the format identifiers of OpenID4VCI, appendix A.1.
        EMBEDDED = "ldp_vc", _("Signed document")
        TOKEN = "jwt_vc_json", _("Signed token")

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="wallet_copies")
    form = models.CharField(_("form"), max_length=11, choices=Form)
    # A did:key or did:jwk: no two wallets have the same, and nobody can look up whose it is.
    holder = models.CharField(_("holder"), max_length=500)
    asked_at = models.DateTimeField(_("asked for"))
    # Empty until a worker has signed it.
    text = models.TextField(blank=True, editable=False)
    signed_at = models.DateTimeField(_("signed"), null=True, blank=True)
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    token_key = models.ForeignKey(TokenKey, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("copy in a wallet")
        verbose_name_plural = _("copies in wallets")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["credential", "form", "holder"], name="one_copy_per_wallet_key")
        ]

    def __str__(self) -> str:
        return f"{self.form}: {self.credential}"


class WalletTransfer(models.Model):
    """One request of a wallet for a copy: what it asks with until the copy is signed, and what became of it there."""

    class Event(models.TextChoices):
        # OpenID4VCI 1.0, section 11.1.
        ACCEPTED = "credential_accepted", _("Kept by the wallet")
        FAILED = "credential_failure", _("Could not be kept")
        DELETED = "credential_deleted", _("Refused by its holder")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    offer = models.ForeignKey(WalletOffer, on_delete=models.CASCADE, related_name="transfers")
    copy = models.ForeignKey(WalletCopy, on_delete=models.CASCADE, related_name="transfers")
    asked_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True, blank=True)
    event = models.CharField(max_length=20, choices=Event, blank=True)
    notified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("transfer to a wallet")
        verbose_name_plural = _("transfers to wallets")
        ordering: ClassVar = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return f"{self.copy} {self.event}"


class UsedCode(models.Model):
    """A code of OAuth that was used, and what it gave: used once more, all of that ends (RFC 6749, 4.1.2)."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    access_sha256 = models.CharField(max_length=64)
    # By which the library knows what followed from one refresh token; none if there was none.
    family = models.UUIDField(null=True)
    used_at = models.DateTimeField(db_index=True)


class UsedNonce(models.Model):
    """A nonce that stood in a proof; until it expires by itself, it may not stand in another."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

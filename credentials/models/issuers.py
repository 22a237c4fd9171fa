"""Bodies that issue, who acts for them, and the keys they sign with."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Issuer(models.Model):
    """An institution, faculty or department; those below it in the tree issue under its roof."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("part of")
    )
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    url = models.URLField(_("web site"), blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    country_code = models.CharField(
        _("country"),
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{2}\Z", _("Two capital letters, as in DE."))],
    )
    locality = models.CharField(_("town"), max_length=100, blank=True)
    region = models.CharField(_("region"), max_length=100, blank=True)
    official = models.CharField(_("signs for it"), max_length=150, blank=True)
    # Lines as `open_badges.identifier_of` reads them.
    identifiers = models.JSONField(_("identifiers elsewhere"), default=list, blank=True)
    terms_url = models.URLField(_("terms of use of its credentials"), blank=True)
    quality_assurance = models.TextField(_("quality assurance"), blank=True)

    class Meta:
        verbose_name = _("issuer")
        verbose_name_plural = _("issuers")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(parent=models.F("pk")), name="issuer_is_not_its_own_parent")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("issuer", args=[self.slug])


class IssuerRole(models.Model):
    """What a person may do for an issuer and all below it."""

    class Role(models.TextChoices):
        REGISTRAR = "registrar", _("Registrar")
        ADMINISTRATOR = "administrator", _("Administrator")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="issuer_roles")
    issuer = models.ForeignKey(Issuer, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(_("role"), max_length=15, choices=Role)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "issuer", "role"], name="one_role_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}, {self.issuer}"


class SigningKey(models.Model):
    """The public half of a key and its life; the private half is known only to the keyring (reliability K1, K2)."""

    class Purpose(models.TextChoices):
        CREDENTIALS = "credentials", _("Credentials")
        STATUS = "status", _("Status lists")
        LOG = "log", _("Log checkpoints")
        CHECKS = "checks", _("Sheets of checks")

    class State(models.TextChoices):
        NEXT = "next", _("Next")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")
        COMPROMISED = "compromised", _("Compromised")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The keys of the log, and of sheets of checks, belong to the site, not to an issuer.
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, null=True, blank=True, related_name="keys")
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose)
    state = models.CharField(_("state"), max_length=12, choices=State)
    public_multibase = models.CharField(_("public key"), max_length=100, unique=True)
    created_at = models.DateTimeField(_("created"))
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)
    retired_at = models.DateTimeField(_("retired"), null=True, blank=True)
    compromised_at = models.DateTimeField(_("compromised"), null=True, blank=True)

    class Meta:
        verbose_name = _("key")
        verbose_name_plural = _("keys")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer", "purpose", "state"],
                condition=models.Q(state__in=["active", "next"]),
                name="one_active_and_one_next_key",
            ),
            # A null issuer is distinct from every other null, so the site's keys need a constraint of their own.
            models.UniqueConstraint(
                fields=["purpose", "state"],
                condition=models.Q(state__in=["active", "next"], issuer__isnull=True),
                name="one_active_and_one_next_site_key",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__in=["log", "checks"], issuer__isnull=True)
                | (~models.Q(purpose__in=["log", "checks"]) & models.Q(issuer__isnull=False)),
                name="only_keys_of_the_site_have_no_issuer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.public_multibase[:16]}… ({self.get_purpose_display()})"

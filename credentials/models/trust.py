"""Which issuers of other houses are relied on here: for what, and from when until when."""

import uuid
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TrustedIssuer(models.Model):
    """An issuer elsewhere whose credentials count as those of a known body, by the id it signs under."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    identifier = models.CharField(
        _("identifier"), max_length=500, help_text=_("As it stands in its credentials: a DID, or an https address.")
    )
    name = models.CharField(_("name"), max_length=200)
    scope = models.TextField(_("relied on for"), help_text=_("In words that a verifier reads."))
    # Values of achievementType; none means all.
    kinds = models.JSONField(_("kinds of achievement"), default=list, blank=True)
    grounds = models.CharField(_("on what grounds"), max_length=300, blank=True)
    since = models.DateField(_("from"), help_text=_("Credentials issued before that day are not covered."))
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("The last day, included."))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("trusted issuer")
        verbose_name_plural = _("trusted issuers")
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["identifier"], condition=models.Q(withdrawn_at__isnull=True), name="one_trust_per_issuer"
            ),
            models.CheckConstraint(
                condition=models.Q(until__isnull=True) | models.Q(until__gte=models.F("since")),
                name="trust_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def covers_day(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    def covers_kinds(self, kinds: tuple[str, ...]) -> bool:
        """Whether one of these kinds is among those relied on; what names no kind is covered only where all are."""
        return not self.kinds or any(kind in self.kinds for kind in kinds)

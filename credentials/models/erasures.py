"""What is left of a credential whose holder had their data erased: nothing that is about a person."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from credentials.models.achievements import Achievement
from credentials.models.awards import StatusList
from credentials.models.issuers import Issuer


class ErasedCredential(models.Model):
    """That a credential of this number was issued for this achievement on this day, and what had become of it.

    It names no person, no code and no leaf. Whoever brings the document can be told that it is the one (its hash), and
    its place in the status list stays taken, so that no other credential is ever told by the same bit.
    """

    uuid = models.UUIDField(unique=True, editable=False)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="+")
    achievement = models.ForeignKey(Achievement, on_delete=models.PROTECT, related_name="+")
    awarded_on = models.DateField(_("awarded on"))
    document_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    status_list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="+")
    status_index = models.PositiveIntegerField()
    # Revoked or superseded before: its bit stays set for ever.
    was_withdrawn = models.BooleanField(_("was withdrawn before"), default=False)
    # Suspended then: nobody can lift it any more, so its bit stays set as well.
    was_suspended = models.BooleanField(_("was suspended"), default=False)
    # Until the journal of what was signed has forgotten it, too.
    is_struck = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("erased credential")
        verbose_name_plural = _("erased credentials")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["status_list", "status_index"], name="one_erased_credential_per_status_bit")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(is_struck=False), name="erased_credential_in_journal")
        ]

    def __str__(self) -> str:
        return str(self.uuid)

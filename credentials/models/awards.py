"""Awards, the signed documents that state them, what became of them, and the files made from them."""

import uuid
from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models.achievements import Achievement
from credentials.models.issuers import Issuer, SigningKey


class Award(models.Model):
    """The decision that a learner earned an achievement."""

    class Standing(models.TextChoices):
        ACTIVE = "active", _("Active")
        SUSPENDED = "suspended", _("Suspended")
        REVOKED = "revoked", _("Revoked")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="awards")
    achievement = models.ForeignKey(Achievement, on_delete=models.PROTECT, related_name="awards")
    # A repeatable achievement has a further edition each time it is earned anew.
    edition = models.PositiveSmallIntegerField(default=1)
    standing = models.CharField(_("standing"), max_length=10, choices=Standing, default=Standing.ACTIVE)
    awarded_at = models.DateTimeField(_("awarded"))
    awarded_on = models.DateField(_("awarded on"), help_text=_("The day in the institution's time zone."))
    valid_until = models.DateField(_("valid until"), null=True, blank=True, help_text=_("The last day, included."))
    awarded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("awarded by"),
    )
    # The body that assessed it on behalf of the issuer, where that is another one.
    source = models.ForeignKey(
        Issuer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("assessed by")
    )
    # Revoked by its own rule and not by a person, so that it can be earned anew.
    earnable_again = models.BooleanField(default=False)
    # What the credential states of the result: [{"name": …, "value": …}], frozen into its body.
    results = models.JSONField(default=list)
    # How each criterion was judged, while the learner wants that said: [{"name": …, "levels": [{"name": …,
    # "description": …, "points": …}], "achieved": place among them, "required": place}], from low to high; and of each
    # work {"name": …, "score": {"marks": …, "out_of": …, "pass_marks": …, "term": from/until}}.
    criteria = models.JSONField(default=list)

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering: ClassVar = ["-awarded_at", "-id"]
        constraints: ClassVar = [
            # I1: at most one live award; a revoked one may be followed by a new one.
            models.UniqueConstraint(
                fields=["learner", "achievement", "edition"],
                condition=~models.Q(standing="revoked"),
                name="one_live_award",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["achievement", "-awarded_at"], name="award_by_achievement")]

    def __str__(self) -> str:
        return f"{self.achievement} – {self.learner}"

    def has_expired(self, on: date) -> bool:
        return self.valid_until is not None and on > self.valid_until


class StatusList(models.Model):
    """A Bitstring Status List of an issuer: one bit for each credential, at a random place; and one of suspensions."""

    LENGTH = 131_072

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="status_lists")
    number = models.PositiveIntegerField()
    # A closed list takes no new credentials but is published for ever.
    is_open = models.BooleanField(default=True)
    # Grows with each change of a bit; the published document is of `published_version`.
    version = models.PositiveIntegerField(default=1)
    published_version = models.PositiveIntegerField(default=0)
    document = models.TextField(blank=True)
    # The same as a token; empty from when its key is given up until the list is published anew.
    token = models.TextField(blank=True)
    # Which of them are suspended, for whoever asks for that: a badge may name one list only. Published with the other.
    suspensions = models.TextField(blank=True)
    suspensions_token = models.TextField(blank=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("status list")
        verbose_name_plural = _("status lists")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "number"], name="one_status_list_per_number"),
            models.UniqueConstraint(fields=["issuer"], condition=models.Q(is_open=True), name="one_open_status_list"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.number}"

    @property
    def url(self) -> str:
        return f"{settings.SITE_URL}/issuers/{self.issuer.slug}/status/{self.number}"

    @property
    def suspensions_url(self) -> str:
        """Where the list of suspensions is: no badge names it, so it has to follow from the address that they name."""
        return f"{self.url}/suspension"


class Credential(models.Model):
    """The signed document of an award: composed once, signed once, never edited, only superseded."""

    class State(models.TextChoices):
        RECORDED = "recorded", _("Recorded")
        SIGNED = "signed", _("Signed")
        LOGGED = "logged", _("In the log")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # 128 random bits that a person can type; whoever has it may ask for a check.
    code = models.CharField(max_length=26, unique=True, editable=False)
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="credentials")
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="credentials")
    # As it was at issue, whatever the learner is called later.
    recipient_name = models.CharField(max_length=200)
    # The exact text to be signed, frozen in the award's transaction (I3).
    body = models.TextField(editable=False)
    body_sha256 = models.CharField(max_length=64, editable=False)
    # How it was decided, for anybody to follow, frozen beside the body, which holds its hash; empty if a person did.
    derivation = models.TextField(blank=True, editable=False)
    identity_salt = models.CharField(max_length=64, editable=False)
    leaf_salt = models.BinaryField(max_length=32, editable=False)
    template_version = models.PositiveSmallIntegerField(default=1)
    status_list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="credentials")
    status_index = models.PositiveIntegerField()
    issued_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.RECORDED)
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, null=True, related_name="credentials")
    document = models.TextField(blank=True, editable=False)
    document_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    signed_at = models.DateTimeField(null=True)
    logged_at = models.DateTimeField(null=True)
    # Itself for a moment, while its successor is made: an award has one current credential.
    superseded_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # T13: shown to strangers only while the learner says so.
    shared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("credential")
        verbose_name_plural = _("credentials")
        ordering: ClassVar = ["-issued_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["status_list", "status_index"], name="one_credential_per_status_bit"),
            models.UniqueConstraint(
                fields=["award"],
                condition=models.Q(superseded_by__isnull=True),
                name="one_current_credential_per_award",
            ),
            models.CheckConstraint(
                condition=models.Q(state="recorded", document="")
                | (~models.Q(state="recorded") & ~models.Q(document="")),
                name="signed_credential_has_document",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state"], condition=~models.Q(state="logged"), name="credential_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.award.achievement} – {self.recipient_name}"

    @property
    def is_finished(self) -> bool:
        """Whether it is in the log, before which nobody sees it (I4)."""
        return self.state == self.State.LOGGED

    @property
    def document_url(self) -> str:
        """The credential's own id: where its document is served."""
        return f"{settings.SITE_URL}/credentials/{self.uuid}"

    @property
    def derivation_url(self) -> str:
        """Where the file of how it was decided is served; it stands in the document, and may never change."""
        return f"{self.document_url}/derivation"

    @property
    def newest_url(self) -> str:
        """Where the newest edition is served; it stands in the document, and may never change."""
        return f"{self.document_url}/newest"

    @property
    def page_url(self) -> str:
        """The page that a QR code leads to."""
        return settings.SITE_URL + reverse("credential", args=[self.code])


class StatusEvent(models.Model):
    """One change of a credential's status: which, why, by whom."""

    class Act(models.TextChoices):
        REVOKE = "revoke", _("Revoked")
        SUSPEND = "suspend", _("Suspended")
        REINSTATE = "reinstate", _("Reinstated")
        SUPERSEDE = "supersede", _("Superseded")

    class Reason(models.TextChoices):
        ISSUED_IN_ERROR = "issued-in-error", _("Issued in error")
        MISCONDUCT = "misconduct", _("Misconduct")
        PART_WITHDRAWN = "part-withdrawn", _("A part it was built on was withdrawn")
        LAPSED = "lapsed", _("What it lasts by is no longer there")
        UNDER_REVIEW = "under-review", _("Under review")
        REVIEW_ENDED = "review-ended", _("The review ended")
        CORRECTED = "corrected", _("Corrected and issued anew")
        RENEWED = "renewed", _("Renewed: it is valid until another day")
        HOLDER_ASKED = "holder-asked", _("The holder asked for it")
        KEY_GIVEN_UP = "key-given-up", _("The key that signed it was given up")

    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, related_name="status_events")
    act = models.CharField(max_length=10, choices=Act)
    reason = models.CharField(max_length=20, choices=Reason)
    public_note = models.CharField(_("public note"), max_length=300, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # The change that made this one follow, so that undoing it undoes what it caused.
    because_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="consequences")
    # The suspension of the credential before, which its successor goes on with: nothing happened, but it needs a leaf.
    carries_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried_on")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("change of status")
        verbose_name_plural = _("changes of status")
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.get_act_display()}: {self.credential}"


class Rendition(models.Model):
    """A file made from a credential; content-addressed, and made again at will."""

    class Kind(models.TextChoices):
        PDF = "pdf", _("Certificate (PDF)")
        PNG = "png", _("Badge (PNG)")

    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="renditions")
    kind = models.CharField(max_length=3, choices=Kind)
    template_version = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    path = models.CharField(max_length=120)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("rendition")
        verbose_name_plural = _("renditions")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["credential", "kind", "template_version"], name="one_rendition_per_kind")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.credential}"

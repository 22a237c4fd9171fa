"""Prior learning: what learners ask to be recognised because of a credential from elsewhere, and what was decided."""

import uuid
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Claim, Issuer

# So the keys of what counts as mere credits begin.
CREDITS = "recognised-"


class Recognition(models.Model):
    """A request that learning from elsewhere counts here, as an achievement or as credits; it counts once recognised.

    Until then only the learner's words and the claim behind it are there. What was decided never changes but for its
    state, and that somebody let it stand after the outside credential fell.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a decision")
        RECOGNISED = "recognised", _("Recognised")
        REFUSED = "refused", _("Not recognised")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        DROPPED = "dropped", _("Taken back by the learner")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recognitions")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="recognitions")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    # Whose registrars decide.
    issuer = models.ForeignKey(
        Issuer, on_delete=models.PROTECT, related_name="recognitions", verbose_name=_("asked of")
    )
    # As what it is to count; none means as credits.
    achievement = models.ForeignKey(
        Achievement, on_delete=models.PROTECT, null=True, blank=True, related_name="recognitions"
    )
    words = models.TextField(_("why"), max_length=2_000, blank=True)
    asked_at = models.DateTimeField()

    # What was decided.
    credits = models.DecimalField(
        _("credits (ECTS)"),
        max_digits=6,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(300))],
    )
    level = models.PositiveSmallIntegerField(
        _("level (EQF)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(8)]
    )
    subject = models.CharField(_("subject"), max_length=80, blank=True)
    earned_on = models.DateField(_("earned on"), null=True, blank=True)
    valid_until = models.DateField(_("counts until"), null=True, blank=True, help_text=_("The last day, included."))
    # Who the outside issuer is to rules that ask for issuers.
    outside_issuer = models.CharField(max_length=500, blank=True)
    # How somebody made sure whose it is, where the credential itself does not show it.
    holder_words = models.CharField(_("how you know that it is theirs"), max_length=500, blank=True)
    # Why it was recognised, refused or withdrawn: the last of these.
    answer = models.TextField(_("reason"), max_length=2_000, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # As the claim was when somebody last said that this stands; another verdict since then asks for a review.
    verdict = models.CharField(max_length=30, blank=True)
    # That of the claim: no credential counts twice, whoever brings it.
    same = models.CharField(max_length=64, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("recognition of prior learning")
        verbose_name_plural = _("recognitions of prior learning")
        ordering: ClassVar = ["-asked_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["claim"], condition=Q(state__in=["asked", "recognised"]), name="one_recognition_of_a_claim"
            ),
            models.UniqueConstraint(
                fields=["same"], condition=Q(state="recognised"), name="one_recognition_of_a_credential"
            ),
            models.CheckConstraint(
                condition=~Q(state="recognised")
                | Q(decided_by__isnull=False, decided_at__isnull=False, earned_on__isnull=False) & ~Q(same=""),
                name="recognition_has_decider",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="withdrawn_recognition_has_withdrawer",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("earned_on")),
                name="recognition_ends_after_it_begins",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["learner", "state"], name="recognition_of_learner"),
            models.Index(fields=["issuer", "state", "asked_at"], name="recognition_at_issuer"),
        ]

    def __str__(self) -> str:
        return str(self.achievement or self.claim)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk:
            raise RuntimeError("What was asked and decided never changes but by the acts of recognition.")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("registry-recognition", args=[self.uuid])

    @property
    def key(self) -> str:
        """By what a rule may name it; what counts as mere credits bears a name that no rule can know."""
        return self.achievement.slug if self.achievement else f"{CREDITS}{self.uuid}"

"""What people decide about one learner and rules look at: facts, sign-offs, exceptions; and who signs off as what."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Issuer
from pathways.rules.rulings import (
    AttestedFact,
    ChangedLimit,
    Extension,
    ExtraChoice,
    GivenSignOff,
    RulingValue,
    Substitution,
    Waiver,
)


class Ruling(models.Model):
    """A decision about a learner: a fact, a sign-off, or an exception to a part of a rule, by the part's stable id.

    An exception is proposed by one person and approved by another; it outlives the version of the rule it was made
    for, wherever a later one still has the part. Nothing of it ever changes but its state.
    """

    class Kind(models.TextChoices):
        FACT = "fact", _("Fact")
        SIGN_OFF = "sign-off", _("Sign-off")
        WAIVER = "waiver", _("Waiver")
        SUBSTITUTION = "substitution", _("Substitution")
        EXTRA_CHOICE = "extra-choice", _("Extra choice")
        CHANGED_LIMIT = "changed-limit", _("Changed limit")
        EXTENSION = "extension", _("Extension")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Waits for a second person")
        APPROVED = "approved", _("In force")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="rulings")
    kind = models.CharField(_("kind"), max_length=14, choices=Kind)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PROPOSED)
    # In whose name it is decided, and so whose registrars see it.
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="rulings")
    # Whose rule it is about; a fact is about none.
    achievement = models.ForeignKey(
        Achievement, on_delete=models.PROTECT, null=True, blank=True, related_name="rulings"
    )
    node = models.CharField(max_length=64, blank=True)
    # fact: {"name", "value"}; sign-off: {"role"}; substitution, extra choice: {"key"}; changed limit, extension:
    # {"field", "value"}; waiver: {}.
    terms = models.JSONField(default=dict)
    reason = models.TextField(_("reason"), max_length=1_000)
    valid_from = models.DateField(_("from"))
    valid_until = models.DateField(_("until"), null=True, blank=True, help_text=_("The last day, included."))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # Why it was refused or withdrawn.
    answer = models.TextField(max_length=1_000, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("decision about a learner")
        verbose_name_plural = _("decisions about learners")
        ordering: ClassVar = ["-proposed_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="ruling_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(kind="fact", achievement__isnull=True, node="")
                | (~Q(kind="fact") & Q(achievement__isnull=False) & ~Q(node="")),
                name="ruling_is_about_a_part",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at__isnull=True)
                | (~Q(state="proposed") & Q(decided_at__isnull=False, approver__isnull=False)),
                name="decided_ruling_has_decider",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="withdrawn_ruling_has_withdrawer",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["learner", "state"], name="ruling_of_learner"),
            models.Index(fields=["issuer", "state", "-proposed_at"], name="ruling_at_issuer"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.learner}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        # What was decided stays as it was decided; only its state moves on, and that is done by an update.
        if self.pk:
            raise RuntimeError("A decision about a learner never changes.")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("registry-exception", args=[self.uuid])

    @property
    def is_exception(self) -> bool:
        """Whether it departs from a rule, and so needs a second person."""
        return self.kind not in (self.Kind.FACT, self.Kind.SIGN_OFF)

    @property
    def value(self) -> RulingValue:
        """What the decision is to a rule; needs its achievement loaded."""
        return ruling_value(
            uuid=self.uuid,
            kind=self.kind,
            slug=self.achievement.slug if self.achievement else "",
            node=self.node,
            terms=self.terms,
            since=self.valid_from,
            until=self.valid_until,
        )

    def is_in_force(self, on: date) -> bool:
        return (
            self.state == self.State.APPROVED
            and self.valid_from <= on
            and (self.valid_until is None or on <= self.valid_until)
        )


class Signatory(models.Model):
    """Who signs off parts of rules in a role that the rules name, for an issuer and all below it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="signatory_roles")
    issuer = models.ForeignKey(Issuer, on_delete=models.CASCADE, related_name="signatories")
    role = models.CharField(_("role"), max_length=200, help_text=_("As the rules name it, such as “adviser”."))

    class Meta:
        verbose_name = _("signatory")
        verbose_name_plural = _("signatories")
        ordering: ClassVar = ["role", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "issuer", "role"], name="one_signatory_role_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}, {self.issuer}"


VALUES: dict[str, type[RulingValue]] = {
    Ruling.Kind.FACT: AttestedFact,
    Ruling.Kind.SIGN_OFF: GivenSignOff,
    Ruling.Kind.WAIVER: Waiver,
    Ruling.Kind.SUBSTITUTION: Substitution,
    Ruling.Kind.EXTRA_CHOICE: ExtraChoice,
    Ruling.Kind.CHANGED_LIMIT: ChangedLimit,
    Ruling.Kind.EXTENSION: Extension,
}


def ruling_value(
    *, uuid: uuid.UUID, kind: str, slug: str, node: str, terms: dict[str, str], since: date | None, until: date | None
) -> RulingValue:
    """What a decision is to a rule; `slug` is that of the achievement whose rule it is about, empty for a fact."""
    about = {} if kind == Ruling.Kind.FACT else {"rule": slug, "node": node}
    return VALUES[kind](id=str(uuid), since=since, until=until, **about, **terms)

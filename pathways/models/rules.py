"""Rules in numbered versions, the index of what they speak of, and the pathways that lead to what they award."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from credentials.models import Achievement, Issuer


class RuleVersion(models.Model):
    """A rule of an achievement: a draft, or a numbered version that never changes."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SCHEDULED = "scheduled", _("Takes effect later")
        PUBLISHED = "published", _("In force")
        RETIRED = "retired", _("Replaced by a later version")

    class AppliesBy(models.TextChoices):
        ENROLMENT = "enrolment", _("Whoever had enrolled may also be awarded by the version of that day")
        EARNED = "earned", _("Whoever had earned a part may also be awarded by the version of that day")
        EVALUATION = "evaluation", _("This version alone decides, for everybody")

    class OnFall(models.TextChoices):
        SUSPEND = "suspend", _("Suspend the award, and let a person decide")
        REVOKE = "revoke", _("Revoke the award; it can be earned again")
        KEEP = "keep", _("Keep the award")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    achievement = models.ForeignKey(Achievement, on_delete=models.PROTECT, related_name="rule_versions")
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.DRAFT)
    document = models.JSONField(_("rule"))
    content_hash = models.CharField(max_length=64)
    sentence = models.TextField(_("in words"))
    # Made-up learners with the verdict expected of each; it is published only if they come out so.
    examples = models.JSONField(_("examples"), default=list, blank=True)
    # Grows with each edit of a draft, so that two authors cannot overwrite each other unseen.
    revision = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    edited_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    # The day from which it decides; none: from its publication.
    effective_on = models.DateField(_("takes effect on"), null=True, blank=True)
    # Whom the versions before this one still serve.
    applies_by = models.CharField(
        _("versions before it"), max_length=10, choices=AppliesBy, default=AppliesBy.ENROLMENT
    )
    # What becomes of an award that no longer stands.
    on_fall = models.CharField(
        _("when an award no longer stands"), max_length=7, choices=OnFall, default=OnFall.SUSPEND
    )

    class Meta:
        verbose_name = _("rule version")
        verbose_name_plural = _("rule versions")
        ordering: ClassVar = ["achievement", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["achievement", "number"], name="one_rule_version_per_number"),
            models.UniqueConstraint(fields=["achievement"], condition=Q(state="draft"), name="one_rule_draft"),
            models.UniqueConstraint(fields=["achievement"], condition=Q(state="published"), name="one_rule_in_force"),
            models.UniqueConstraint(fields=["achievement"], condition=Q(state="scheduled"), name="one_rule_to_come"),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(effective_on__isnull=False), name="scheduled_rule_has_its_day"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", number__isnull=True)
                | (~Q(state="draft") & Q(number__isnull=False, published_at__isnull=False)),
                name="published_rule_has_number",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.achievement} v{self.number}" if self.number else f"{self.achievement} (draft)"

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Of a published version only its state may move on, and that is done by an update.
        if self.pk and type(self).objects.filter(pk=self.pk).exclude(state=self.State.DRAFT).exists():
            raise RuntimeError("A published rule version never changes.")
        super().save(*args, **kwargs)


class RuleReference(models.Model):
    """What a published version speaks of: the inverted index from a thing earned to the rules it may complete."""

    version = models.ForeignKey(RuleVersion, on_delete=models.CASCADE, related_name="references")
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=170)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "kind", "key"], name="one_reference_once")]
        indexes: ClassVar = [models.Index(fields=["kind", "key"], name="rule_reference_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Pathway(models.Model):
    """A guided way to a target achievement; its map is drawn from the target's rule, so they cannot disagree."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="pathways")
    target = models.ForeignKey(
        Achievement, on_delete=models.PROTECT, related_name="pathways", verbose_name=_("leads to")
    )
    state = models.CharField(_("state"), max_length=6, choices=State, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=150)
    summary = models.CharField(_("in one sentence"), max_length=250, blank=True)
    description = models.TextField(_("description"), blank=True, help_text=_("Markdown."))
    audience = models.TextField(_("who it is for"), blank=True)

    class Meta:
        verbose_name = _("pathway")
        verbose_name_plural = _("pathways")
        ordering: ClassVar = ["title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("pathway", args=[self.slug])


class Stage(models.Model):
    """A step that the author suggests: a group of achievements with words, in order."""

    pathway = models.ForeignKey(Pathway, on_delete=models.CASCADE, related_name="stages")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=150)
    text = models.TextField(_("text"), blank=True)
    achievements = models.ManyToManyField(Achievement, related_name="+", blank=True)

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.title

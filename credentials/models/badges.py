"""How the badge of an achievement looks, version by version, and the pictures that stand on badges."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from credentials.models.achievements import Achievement
from credentials.models.issuers import Issuer


class BadgeDesign(models.Model):
    """What a registrar chose for the badge of an achievement: a draft, or in use from one of its versions on.

    What is in use never changes: credentials of that version bear the picture for good.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    achievement = models.ForeignKey(Achievement, on_delete=models.CASCADE, related_name="badge_designs")
    # The version of the achievement from which on it is drawn so; none while it is a draft.
    since_version = models.PositiveSmallIntegerField(null=True, blank=True)
    # The fields of `rendering.badge.Look`.
    look = models.JSONField()
    words = models.CharField(_("picture in words"), max_length=250)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("badge design")
        verbose_name_plural = _("badge designs")
        ordering: ClassVar = ["-since_version", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["achievement", "since_version"], name="one_badge_design_per_version"),
            models.UniqueConstraint(
                fields=["achievement"],
                condition=models.Q(published_at__isnull=True),
                name="one_draft_of_a_badge_design",
            ),
            models.CheckConstraint(
                condition=models.Q(published_at__isnull=True, since_version__isnull=True)
                | models.Q(published_at__isnull=False, since_version__isnull=False),
                name="published_badge_design_has_version",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.achievement} {self.since_version or ''}".strip()


class BadgePicture(models.Model):
    """An issuer's logo, or artwork in place of a badge, as it was made anew when it came in.

    It is kept as long as any design names it.
    """

    class Use(models.TextChoices):
        LOGO = "logo", _("Logo")
        ARTWORK = "artwork", _("Artwork")

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="badge_pictures")
    use = models.CharField(max_length=10, choices=Use)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=20)
    content = models.BinaryField()
    # What it was drawn from, in the closed set of `rendering.drawings`; empty where it was none.
    drawing = models.TextField(blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("picture of badges")
        verbose_name_plural = _("pictures of badges")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["issuer", "use", "sha256"], name="one_badge_picture_once")
        ]

    def __str__(self) -> str:
        return f"{self.issuer}: {self.get_use_display()} {self.sha256[:8]}"

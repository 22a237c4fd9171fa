"""Checks of many credentials at once: the sheet that somebody asked for, and what came of each line of it."""

import secrets
import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


def new_code() -> str:
    """256 random bits, as an address holds them."""
    return secrets.token_urlsafe(32)


class CheckSheet(models.Model):
    """Many things handed in together. Whoever has its code may read it until it is swept away."""

    code = models.CharField(max_length=43, unique=True, default=new_code, editable=False)
    # The name of the signed sheet, which can be passed on without the code.
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # In which the results are worded.
    language = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    # The results as one JSON text with our signature, for whoever must show later what was found.
    document = models.TextField(blank=True)

    class Meta:
        verbose_name = _("sheet of checks")
        verbose_name_plural = _("sheets of checks")
        ordering: ClassVar = ["-asked_at"]
        indexes: ClassVar = [models.Index(fields=["asked_at"], name="check_sheet_age")]

    def __str__(self) -> str:
        return str(self.uuid)


class CheckLine(models.Model):
    """One thing on a sheet. What was handed in is forgotten when it has been judged."""

    sheet = models.ForeignKey(CheckSheet, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    # Of a file its name; of a text its beginning.
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    # A text, such as a code or a link, and not a file.
    is_text = models.BooleanField(default=False)
    # Whose it should be, where the list says so; and how that came out, as in a report.
    name_typed = models.CharField(max_length=200, blank=True)
    name_state = models.CharField(max_length=20, blank=True)
    # Empty until it is judged.
    verdict = models.CharField(max_length=30, blank=True)
    title = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    achievement = models.CharField(max_length=300, blank=True)
    holder = models.CharField(max_length=300, blank=True)
    issuer = models.CharField(max_length=300, blank=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("line of a sheet")
        verbose_name_plural = _("lines of a sheet")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["sheet", "position"], name="one_line_per_position")]
        indexes: ClassVar = [
            models.Index(fields=["sheet"], condition=models.Q(verdict=""), name="check_line_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.position}: {self.name}"

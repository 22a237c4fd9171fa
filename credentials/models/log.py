"""The transparency log: entries that only grow, tiles of their hashes, signed checkpoints (RFC 9162, tlog-tiles)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from credentials.models.awards import Credential, StatusEvent
from credentials.models.issuers import SigningKey
from credentials.models.sharing import SharingEnd


class LogEntry(models.Model):
    """One event in the log: pending until it has an index, published once a checkpoint covers it."""

    class Kind(models.TextChoices):
        ISSUE = "issue", _("Issued")
        STATUS = "status", _("Status changed")
        KEY = "key", _("Key changed")
        SHARING = "sharing", _("Sharing ended")

    kind = models.CharField(max_length=7, choices=Kind)
    # Indexes have no gaps; given by the one sequencer (I5).
    index = models.PositiveBigIntegerField(null=True, unique=True)
    # The leaf holds no personal data: a salted hash of the document, never the document (I11).
    leaf = models.BinaryField()
    leaf_hash = models.BinaryField(max_length=32)
    credential = models.ForeignKey(Credential, on_delete=models.PROTECT, null=True, related_name="log_entries")
    status_event = models.OneToOneField(StatusEvent, on_delete=models.PROTECT, null=True, related_name="log_entry")
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, null=True, related_name="log_entries")
    sharing_end = models.OneToOneField(SharingEnd, on_delete=models.PROTECT, null=True, related_name="log_entry")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name = _("log entry")
        verbose_name_plural = _("log entries")
        ordering: ClassVar = ["index"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["credential"], condition=models.Q(kind="issue"), name="one_issue_leaf")
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(index__isnull=True), name="log_entry_pending")
        ]

    def __str__(self) -> str:
        return f"{self.index}: {self.get_kind_display()}"


class LogTile(models.Model):
    """Up to 256 hashes of one level of the tree, next to each other."""

    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "index"], name="one_tile_per_place")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """A signed head of the log; never two roots for one size (I5)."""

    size = models.PositiveBigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    # The hashes over the largest complete subtrees: with them a proof reads no tiles but those over its leaf.
    peaks = models.BinaryField()
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("checkpoint")
        verbose_name_plural = _("checkpoints")
        ordering: ClassVar = ["-size"]
        get_latest_by = "size"

    def __str__(self) -> str:
        return str(self.size)


class Cosignature(models.Model):
    """A witness's signature under a head: somebody outside who saw that it extends the one seen before."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.CASCADE, related_name="cosignatures")
    witness = models.CharField(_("witness"), max_length=200)
    # The line of the note as the witness wrote it (C2SP tlog-cosignature).
    line = models.CharField(max_length=500)
    signed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("cosignature")
        verbose_name_plural = _("cosignatures")
        ordering: ClassVar = ["witness"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["checkpoint", "witness"], name="one_cosignature_per_witness")
        ]

    def __str__(self) -> str:
        return f"{self.witness}: {self.checkpoint}"


class Anchor(models.Model):
    """That a head was left somewhere out of our reach, and what was given for it."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.CASCADE, related_name="anchors")
    place = models.CharField(_("place"), max_length=200)
    receipt = models.TextField(_("receipt"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("anchor")
        verbose_name_plural = _("anchors")
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["checkpoint", "place"], name="one_anchor_per_place")]

    def __str__(self) -> str:
        return f"{self.place}: {self.checkpoint}"

"""Takes in what witnesses signed: that a head of the log extends every one they saw before (C2SP tlog-cosignature)."""

from datetime import UTC, datetime
from typing import ClassVar

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from credentials.models import Checkpoint, Cosignature
from credentials.standards import checkpoint
from portal.shared.refusals import Refusal


class NotOurHead(Refusal):
    """What was signed is no head that this log published."""

    words = _("This is not a head that this log published.")
    status: ClassVar[int] = 422


class NoKnownWitness(Refusal):
    """None of the lines is a valid one of a witness that this installation names."""

    words = _("No line of it is the valid cosignature of a witness that is known here.")
    status: ClassVar[int] = 422


def take_in(note: str) -> list[str]:
    """Keep the lines of known witnesses under the head they signed, each once; answer those lines.

    Refuses NotOurHead and NoKnownWitness.
    """
    try:
        signed = checkpoint.parse_note(note)
        size = checkpoint.parse_checkpoint(signed.text).size
    except checkpoint.BadNote:
        raise NotOurHead from None
    head = Checkpoint.objects.filter(size=size).first()
    if head is None or checkpoint.parse_note(head.note).text != signed.text:
        raise NotOurHead
    found = []
    for key in settings.WITNESSES:
        name, public_key = checkpoint.parse_witness_key(key)
        try:
            at, line = checkpoint.cosigned_at(signed, name=name, public_key=public_key)
            signed_at = datetime.fromtimestamp(at, UTC)
        except (checkpoint.NotSigned, ValueError, OverflowError, OSError):
            continue
        found.append(Cosignature(checkpoint=head, witness=name, line=line, signed_at=signed_at))
    if not found:
        raise NoKnownWitness
    Cosignature.objects.bulk_create(found, ignore_conflicts=True)
    return [each.line for each in found]

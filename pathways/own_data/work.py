"""The work that waits about a person: what must end before they are erased, and what is then forgotten."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from pathways.own_data import inventory
from portal.accounts.models import User
from portal.shared.models import Job
from portal.shared.refusals import Refusal

# Which rows of a person each kind of job is about, by the name of their part.
ABOUT: Mapping[str, str] = {
    "credentials.sign": "credentials",
    "credentials.sign_tokens": "credentials",
    "credentials.sign_wallet_copy": "wallet-copies",
    "credentials.render_pdf": "credentials",
    "credentials.render_png": "credentials",
    "credentials.announce": "credentials",
    "credentials.announce_late": "credentials",
    "credentials.tell_unshared": "sharing-ends",
    "credentials.make_record": "records",
    "credentials.print_transcript": "transcripts",
    "credentials.check_claim": "claims",
    "pathways.decide": "account",
    "pathways.tell_of_change": "status-changes",
    "pathways.tell_of_lapse": "awards",
    "pathways.tell_of_recognition": "recognitions",
    "pathways.export_data": "copies-of-data",
    "pathways.tell_of_export": "copies-of-data",
    "pathways.tell_of_name": "name-requests",
    "pathways.tell_of_erasure": "erasure-requests",
}


class StillAtIt(Refusal):
    """A file that a worker is writing at this moment would outlive the erasure."""

    words: ClassVar = _("A worker is just writing a file about this person. Try again in a minute.")


# These write files: one at work at this moment would leave behind what nobody knows of.
_WRITING = (
    "credentials.sign",
    "credentials.render_pdf",
    "credentials.render_png",
    "credentials.print_transcript",
    "pathways.export_data",
)


def refuse_running(person: User) -> None:
    """Keep workers from taking up what writes a file about the person. Refuses StillAtIt if one may be at it."""
    waiting = _of(person, _WRITING).filter(state=Job.State.PENDING)
    # Locked, no worker claims one of them before it is forgotten.
    held = set(waiting.select_for_update().values_list("pk", flat=True))
    if Job.objects.filter(pk__in=held, lease_until__gt=Now()).exists():
        raise StillAtIt


def forget(person: User) -> None:
    """Remove every job about the person's rows, done, waiting or set aside: its words may name them."""
    _of(person, ABOUT).delete()


def _of(person: User, kinds: Iterable[str]) -> QuerySet[Job]:
    about = Q(pk__in=[])
    for kind in kinds:
        rows = inventory.part(ABOUT[kind]).rows_of(person, whole=True)
        about |= Q(kind=kind, subject_id__in=list(rows.values_list("pk", flat=True)))
    return Job.objects.filter(about)

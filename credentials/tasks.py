"""The jobs of credentials: each takes ids, reads the clock, and makes one call. Steps of one walk, in their order."""

from collections.abc import Callable, Iterator

from django.utils import timezone

from credentials import announcing, claims, erasing, reissuing, renditions, status_lists, transcripts
from credentials.check_sheets import checking
from credentials.designs import badge_pictures, designing
from credentials.exchange import sweeping
from credentials.keys import keyring
from credentials.log import anchoring, transparency_log
from credentials.models import Issuer, SigningKey
from credentials.records import making, renewing
from credentials.rendering import sweeping as caches
from credentials.signing import copy_signing, endorsement_signing, signer, token_signing
from portal.shared import outbox

Store = Callable[[], None]


@outbox.performs("credentials.create_keys", queue="issue", lease=60)
def create_keys(issuer_id: int) -> None:
    """Subject 0 is the log, which belongs to no issuer."""
    issuer = Issuer.objects.get(pk=issuer_id) if issuer_id else None
    keyring.make_missing(issuer, at=timezone.now())


@outbox.performs("credentials.rotate_key", queue="issue", lease=60)
def rotate_key(key_id: int) -> None:
    keyring.rotate(SigningKey.objects.select_related("issuer").get(pk=key_id), by=None, at=timezone.now())


@outbox.performs("credentials.reissue", queue="bulk", lease=300, versioned=True)
def reissue(key_id: int, _since: str) -> Store:
    """One group of what a given-up key signed; the next is promised with it, and with the last one the records."""
    key, at = SigningKey.objects.get(pk=key_id), timezone.now()

    def store() -> None:
        if reissuing.reissue_some(key, at=at):
            outbox.promise("credentials.reissue", key_id, version=at.isoformat())
        else:
            outbox.promise("credentials.renew_records", key_id, version=at.isoformat())

    return store


@outbox.performs("credentials.renew_records", queue="bulk", lease=300, versioned=True)
def renew_records(key_id: int, _since: str) -> Store:
    """One group of the records that rested on a given-up key; the next is promised with it."""
    key, at = SigningKey.objects.get(pk=key_id), timezone.now()

    def store() -> None:
        if renewing.renew_some(key, at=at):
            outbox.promise("credentials.renew_records", key_id, version=at.isoformat())

    return store


# So many that a thousand awards get but a few heads of the log, and so few that nobody waits a second for them.
@outbox.performs("credentials.sign", queue="issue", lease=120, batch=250)
def sign(credential_ids: list[int]) -> Store | None:
    return signer.sign_credentials(credential_ids, at=timezone.now())


# The timetable only catches what a crash between two steps left behind; each signature rings for itself.
@outbox.performs("credentials.sequence", queue="issue", lease=60, batch=200, every=600)
def sequence(_entry_ids: list[int]) -> Store | None:
    return transparency_log.sequence(at=timezone.now())


@outbox.performs(erasing.STRIKE, queue="issue", lease=300)
def strike_journal(_credential_id: int) -> None:
    """The journal forgets what was erased, whoever's credentials promised it."""
    erasing.strike_journal()


@outbox.performs("credentials.anchor", queue="issue", lease=120, every=86_400)
def anchor(_subject: int) -> Store | None:
    return anchoring.anchor_newest(at=timezone.now())


@outbox.performs("credentials.publish_status_list", queue="issue", lease=60)
def publish_status_list(list_id: int) -> Store | None:
    return status_lists.publish(list_id, at=timezone.now())


@outbox.performs("credentials.refresh_status_lists", queue="issue", lease=60, every=86_400)
def refresh_status_lists(issuer_id: int) -> Store | None:
    return status_lists.promise_refreshes(issuer_id, at=timezone.now())


@outbox.performs("credentials.sign_tokens", queue="issue", lease=120, batch=50)
def sign_tokens(credential_ids: list[int]) -> Store | None:
    return token_signing.sign_tokens(credential_ids, at=timezone.now())


@outbox.performs("credentials.sign_wallet_copy", queue="issue", lease=60, versioned=True)
def sign_wallet_copy(copy_id: int, _after: str) -> Store | None:
    """Versions only tell the copy that is made anew, after its key was given up, from the first."""
    return copy_signing.sign_copy(copy_id, at=timezone.now())


@outbox.performs("credentials.sweep_exchange", queue="bulk", lease=120, every=3600)
def sweep_exchange(_subject: int) -> None:
    sweeping.sweep(at=timezone.now())


@outbox.performs("credentials.render_pdf", queue="render", lease=120, batch=100)
def render_pdf(credential_ids: list[int]) -> Store | None:
    return renditions.render_pdfs(credential_ids, at=timezone.now())


@outbox.performs("credentials.render_png", queue="render", lease=120, batch=100)
def render_png(credential_ids: list[int]) -> Store | None:
    return renditions.render_pngs(credential_ids, at=timezone.now())


@outbox.performs("credentials.sign_endorsement", queue="issue", lease=60)
def sign_endorsement(given_id: int) -> Store | None:
    return endorsement_signing.sign(given_id, at=timezone.now())


@outbox.performs("credentials.make_record", queue="issue", lease=120)
def make_record(record_id: int) -> Store | None:
    return making.make(record_id, at=timezone.now())


@outbox.performs(transcripts.JOB, queue="render", lease=120)
def print_transcript(transcript_id: int) -> Store | None:
    return transcripts.make(transcript_id, at=timezone.now())


@outbox.performs("credentials.prove_certificate", queue="render", lease=120)
def prove_certificate(proof_id: int) -> Store | None:
    return designing.prove(proof_id, at=timezone.now())


@outbox.performs("credentials.sweep_proofs", queue="bulk", lease=120, every=86_400)
def sweep_proofs(_subject: int) -> None:
    designing.sweep(at=timezone.now())
    badge_pictures.sweep(at=timezone.now())


@outbox.performs("credentials.sweep_caches", queue="bulk", lease=120, every=86_400)
def sweep_caches(_subject: int) -> None:
    caches.sweep(at=timezone.now())


@outbox.performs("credentials.announce", queue="mail", lease=60, batch=50, apart=True)
def announce(credential_ids: list[int]) -> Iterator[Callable[[], None]]:
    return announcing.announce(credential_ids, undrawn=renditions.undrawn)


@outbox.performs("credentials.tell_unshared", queue="mail", lease=60)
def tell_unshared(end_id: int) -> None:
    announcing.tell_unshared(end_id)


# A machine that cannot print must not keep the news from the learner.
@outbox.performs("credentials.announce_late", queue="mail", lease=20, batch=200)
def announce_late(credential_ids: list[int]) -> Store:
    return lambda: outbox.promise_many("credentials.announce", credential_ids, like="credentials.sign")


@outbox.performs("credentials.check_sheet", queue="bulk", lease=120, versioned=True)
def check_sheet(sheet_id: int, _waiting: str) -> Store | None:
    """Versions only tell one piece of the work from the next; what is left to do, the lines say."""
    return checking.work_on(sheet_id, at=timezone.now())


@outbox.performs("credentials.sweep_check_sheets", queue="bulk", lease=120, every=3600)
def sweep_check_sheets(_subject: int) -> None:
    checking.sweep(at=timezone.now())


@outbox.performs("credentials.check_claim", queue="bulk", lease=60, versioned=True)
def check_claim(claim_id: int, _asked: str) -> Store | None:
    return claims.check(claim_id, at=timezone.now())


@outbox.performs("credentials.check_watched_claims", queue="bulk", lease=60, every=86_400)
def check_watched_claims(_subject: int) -> Store:
    return claims.check_watched(at=timezone.now())

"""Takes credentials of other houses that learners say are theirs, has each checked by a worker, keeps what was found.

A claim counts for nothing. Whoever lets something rest on one (`pathways.recognition`) has it watched, so that it is
checked again each night; what became of it stands in its row.
"""

import contextlib
import hashlib
import json
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from credentials import verification
from credentials.check_sheets.handed_in import plain
from credentials.models import Claim, ClaimedFile
from credentials.models.checks import new_code
from credentials.standards import clr, jcs
from credentials.verification import BELIEVED, Report, State, Verdict, holders
from credentials.verification.questions import is_identity
from portal.accounts.models import User
from portal.accounts.people import confirmed_addresses
from portal.shared import audit, outbox, strict_json
from portal.shared.refusals import Refusal, Unfit

Holder = Claim.Holder

MAX_CLAIMS = 60
MAX_TEXT_BYTES = 400_000
SECONDS = 10.0
AGAIN_AFTER = timedelta(minutes=1)
# So long an issuer that could not be reached is asked again by itself.
TRIED_FOR = timedelta(days=7)

_LINE, _TEXT, _MOST = 300, 5_000, 50
_ADDRESSES = {"emailaddress", "email", "ext:mbox"}
# What was found once and can only be found again.
_FINAL = (Verdict.REVOKED, Verdict.UNREADABLE)


class NothingClaimed(Unfit):
    """There is nothing in it."""

    words: ClassVar = _("There is nothing here. Choose a file, or paste a link or a document.")


class NoCredential(Unfit):
    """A text that cannot be one."""

    words: ClassVar = _(
        "This is neither a link, nor a document, nor a token. A document begins with a curly bracket: paste it whole."
    )


class OtherKind(Unfit):
    """A file of a kind in which no credential comes."""

    words: ClassVar = _(
        "This file is of another kind. A credential is a badge (PNG or SVG), a certificate (PDF), or JSON. Download it "
        "again from where you earned it."
    )


class TooLarge(Refusal):
    """More than is read."""

    words: ClassVar = _("It is larger than 5 MB. A badge or certificate with a credential inside is far smaller.")
    status: ClassVar = 413


class TooMany(Refusal):
    """One person has so many claims that nobody could look at them."""

    words: ClassVar = _("You have handed in {most} credentials. Take back some that you need no more.")


class InUse(Refusal):
    """Somebody is asked about it, or it counts already."""

    words: ClassVar = _("Something rests on this, or is asked for because of it. Take that back first.")


class TooSoon(Refusal):
    """The issuer was asked a moment ago."""

    words: ClassVar = _("This was checked a moment ago. Try again in a minute.")


class NamesNoKey(Unfit):
    """There is nothing that a wallet could show."""

    words: ClassVar = _("This credential names no key by which it could be shown whose it is.")


class NotShown(Unfit):
    """The wallet's answer does not fit."""

    words: ClassVar = _("This does not show that it is yours. {why}")


# --- acts ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def claim(*, learner: User, content: bytes | str, at: datetime, name: str = "") -> tuple[Claim, bool]:
    """Keep what a learner says is theirs, and promise that it will be checked; answer it, and whether it is new.

    `content` is a file's bytes (JSON, token, baked PNG or SVG, PDF), or a text: a document, a token or a link.
    Nothing of it is read here and nobody is asked, so it may be called within a request. The same content again is
    the same claim. `name` is what the file is called. Refuses NothingClaimed, NoCredential, OtherKind, TooLarge and
    TooMany.
    """
    is_text = isinstance(content, str)
    kept = content.strip().encode("utf-8", "replace") if isinstance(content, str) else content
    if not kept:
        raise NothingClaimed
    if len(kept) > (MAX_TEXT_BYTES if is_text else verification.MAX_FILE_BYTES):
        raise TooLarge
    if isinstance(content, str) and not verification.may_be_read(content):
        raise NoCredential
    if not is_text and not verification.may_be_opened(kept):
        raise OtherKind
    made, is_new = Claim.objects.get_or_create(
        learner=learner,
        sha256=hashlib.sha256(kept).hexdigest(),
        dropped_at=None,
        defaults={
            "claimed_at": at,
            "name": plain(name) or _called(kept),
            "language": learner.language or settings.LANGUAGE_CODE,
        },
    )
    if not is_new:
        return made, False
    if Claim.objects.filter(learner=learner, dropped_at__isnull=True).count() > MAX_CLAIMS:
        raise TooMany(most=MAX_CLAIMS)
    ClaimedFile.objects.create(claim=made, content=kept, is_text=is_text)
    audit.note("claim credential", made, actor=learner, at=at, concerns=learner, sha256=made.sha256)
    outbox.promise("credentials.check_claim", made.pk)
    return made, True


def _called(content: bytes) -> str:
    """What to call something without a name: by its address, if it is a link."""
    link = content[:200].decode("utf-8", "replace")
    return plain(link) if link.lower().startswith(("http://", "https://")) else gettext("A pasted document")


@transaction.atomic
def check_again(*, claim: Claim, at: datetime) -> None:
    """Have it checked once more, for whoever may see it. Refuses TooSoon."""
    current = _locked(claim.pk)
    if current.tried_at is None or at - current.tried_at < AGAIN_AFTER:
        raise TooSoon
    outbox.promise("credentials.check_claim", current.pk, version=f"{at:%Y-%m-%dT%H:%M}")


@transaction.atomic
def drop(*, claim: Claim, at: datetime) -> None:
    """Forget what was handed in; that it was, and what was found, stays in the row. Refuses InUse."""
    current = _locked(claim.pk)
    if current.watched_at is not None:
        raise InUse
    if current.dropped_at is None:
        Claim.objects.filter(pk=current.pk).update(dropped_at=at)
        ClaimedFile.objects.filter(pk=current.pk).delete()
        audit.note("take back claim", current, actor=current.learner, at=at, concerns=current.learner)


def watch(*, claim: Claim, at: datetime | None) -> None:
    """Have it checked each night from now on, since something rests on it; with no time, do so no longer."""
    Claim.objects.filter(pk=claim.pk).update(watched_at=at)


def _locked(claim_id: int) -> Claim:
    return Claim.objects.select_for_update(no_key=True, of=("self",)).select_related("learner").get(pk=claim_id)


def show_key(*, claim: Claim, presentation: str, at: datetime) -> Claim:
    """Note that the learner holds the key to which it was issued: the presentation answers the claim's challenge.

    A challenge serves once. Refuses NamesNoKey and NotShown; sites may be asked, so call it outside of transactions.
    """
    if not claim.can_be_shown:
        raise NamesNoKey
    try:
        shown = holders.shown_by(presentation[:MAX_TEXT_BYTES], challenge=claim.challenge, at=at)
    except holders.NotShown as error:
        raise NotShown(why=error) from error
    if shown != claim.subject_id:
        raise NotShown(why=gettext("It was signed with the key of {other}.").format(other=shown))
    with transaction.atomic():
        current = _locked(claim.pk)
        # Somebody else may have used it up meanwhile.
        if current.challenge != claim.challenge or current.dropped_at is not None:
            raise NotShown(why=gettext("It answers another challenge."))
        current.shown_id, current.challenge, current.holder = shown, new_code(), Holder.KEY
        current.save(update_fields=["shown_id", "challenge", "holder"])
        audit.note("show key of claim", current, actor=current.learner, at=at, concerns=current.learner, key=shown)
    return current


# --- checking, in a worker ----------------------------------------------------------------------------------------


def check(claim_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Judge a claim; answer what stores the findings. Other sites may be asked, so no row is locked meanwhile."""
    kept = ClaimedFile.objects.select_related("claim__learner").filter(pk=claim_id).first()
    if kept is None:
        return None
    content = bytes(kept.content)
    with translation.override(kept.claim.language):
        report = verification.verify(content.decode() if kept.is_text else content, at=at, seconds=SECONDS)
        found = _found(report, kept.claim)
        held = _held_by(report, content)
        if held and report.said is None:
            found |= {
                "verdict": Verdict.UNREADABLE.value,
                "title": gettext("This holds several credentials. Each is claimed by itself."),
                "reasons": [],
                "is_signed": False,
            }
    return partial(_keep, claim_id, found, held, at=at)


def _held_by(report: Report, content: bytes) -> list[str]:
    """The credentials, as texts, in a record or a presentation of several from elsewhere."""
    if report.record is not None:
        return []
    document = report.document
    if document is None and content.lstrip()[:1] == b"{":
        with contextlib.suppress(strict_json.BadJson):
            document = strict_json.loads(content)
    types = document.get("type") if isinstance(document, dict) else None
    listed = types if isinstance(types, list) else [types]
    if not isinstance(document, dict):
        return []
    if "VerifiablePresentation" in listed:
        held = document.get("verifiableCredential")
    else:
        held = clr.credentials_in(document) if "ClrCredential" in listed else None
    if not isinstance(held, list):
        return []
    return [each if isinstance(each, str) else json.dumps(each, ensure_ascii=False) for each in held]


def check_watched(*, at: datetime) -> Callable[[], None]:
    """Promise that whatever rests on a claim is looked at once more, and whoever could not be reached asked again."""
    unreached = Q(verdict=Verdict.COULD_NOT_BE_CHECKED, claimed_at__gt=at - TRIED_FOR)
    wanted = Claim.objects.filter(Q(watched_at__isnull=False) | unreached, dropped_at__isnull=True)
    ids = list(wanted.exclude(verdict__in=_FINAL).order_by("pk").values_list("pk", flat=True))
    return lambda: outbox.promise_many("credentials.check_claim", ids, version=f"{at:%Y-%m-%d}")


def _keep(claim_id: int, found: dict[str, Any], held: Sequence[str], *, at: datetime) -> None:
    current = _locked(claim_id)
    if current.dropped_at is not None:
        return
    if not current.verdict:
        _claim_each(current, held, at=at)
    kept: dict[str, Any] = {"tried_at": at, "trouble": ""}
    if found["verdict"] == Verdict.COULD_NOT_BE_CHECKED and current.verdict not in ("", found["verdict"]):
        # "Could not be asked" takes nothing back of what was learned before.
        kept["trouble"] = " ".join([found["title"], *found["reasons"]])[:500]
    else:
        kept |= found | {"checked_at": at}
    Claim.objects.filter(pk=claim_id).update(**kept)
    if current.verdict and current.verdict != kept.get("verdict", current.verdict):
        changed = {"before": current.verdict, "after": str(found["verdict"])}
        audit.note("find claim changed", current, actor=None, at=at, concerns=current.learner, **changed)


def _claim_each(whole: Claim, held: Sequence[str], *, at: datetime) -> None:
    """Once, when it is first checked: what the learner takes back of it later does not return."""
    room = MAX_CLAIMS - Claim.objects.filter(learner=whole.learner, dropped_at__isnull=True).count()
    for place, text in enumerate(held[:room], start=1):
        if not verification.may_be_read(text) or len(text.encode("utf-8")) > MAX_TEXT_BYTES:
            continue
        name = gettext("{whole}, number {place}").format(whole=whole.name, place=place)
        part, is_new = claim(learner=whole.learner, content=text, at=at, name=name)
        if is_new:
            Claim.objects.filter(pk=part.pk).update(part_of=whole)


def _found(report: Report, claim: Claim) -> dict[str, Any]:
    """What a row keeps of a report. The words of a document that nobody signed are kept as well, and shown as such."""
    said = report.said
    holds = all((check := report.check(name)) and check.state is State.PASSED for name in ("signature", "key"))
    found: dict[str, Any] = {
        "verdict": report.verdict.value,
        "title": str(report.title)[:_LINE],
        "reasons": [str(reason)[:500] for reason in report.reasons if reason][:_MOST],
        "checks": [[check.name, check.state.value, str(check.words)[:500]] for check in report.checks],
        "is_signed": report.verdict in BELIEVED or (report.verdict is Verdict.UNKNOWN_ISSUER and holds),
        "is_ours": report.credential is not None or report.record is not None,
        "trusted": report.trusted,
        "same": "",
        "holder": Holder.NOT_SHOWN,
    }
    if said is None:
        return found
    holder, holder_name = _holder(said.identities, claim.learner)
    if holder != Holder.ADDRESS and claim.shown_id and claim.shown_id == said.subject_id:
        holder = Holder.KEY
    return found | {
        "same": _same(report),
        "holder": holder,
        "subject_id": said.subject_id[:500],
        "holder_name": plain(holder_name),
        "credential_id": said.id[:500],
        "achievement": plain(said.achievement),
        "description": _words(said.description),
        "criteria": _words(said.criteria),
        "issuer": plain(said.issuer),
        "issuer_id": said.issuer_id[:500],
        "credits": plain(said.credits)[:40],
        "results": [[plain(name), plain(value)] for name, value in said.results[:_MOST]],
        "evidence": [[plain(each.name), each.url[:500]] for each in said.evidence[:_MOST]],
        "awarded_at": said.awarded_at or said.valid_from,
        "valid_until": said.valid_until,
    }


def _holder(identities: Sequence[verification.Identity], learner: User) -> tuple[Holder, str]:
    """Whether it was issued to this learner, as far as it shows; and whom it names in words, if anybody."""
    addresses = confirmed_addresses(learner)
    named = [one for one in identities if one.kind.casefold() not in _ADDRESSES]
    shown = next((one.text for one in named if not one.hashed), "")
    # Some houses give an address a kind of their own, so the kind is not asked.
    if any(
        is_identity(address, one.text, hashed=one.hashed, salt=one.salt) for one in identities for address in addresses
    ):
        return Holder.ADDRESS, shown
    if any(is_identity(learner.name, one.text, hashed=one.hashed, salt=one.salt) for one in named if learner.name):
        return Holder.NAME, shown
    return (Holder.SOMEBODY if identities else Holder.NOT_SHOWN), shown


def _same(report: Report) -> str:
    said, document = report.said, report.document
    if said is None or document is None:
        return ""
    if said.id and said.issuer_id:
        return hashlib.sha256(f"{said.issuer_id}\n{said.id}".encode()).hexdigest()
    stated = {name: value for name, value in document.items() if name != "proof"}
    return hashlib.sha256(jcs.canonicalise(stated)).hexdigest()


def _words(text: str) -> str:
    """Text of several lines, without what turns its direction or hides in it."""
    lines = (unicodedata.normalize("NFC", line) for line in text[:_TEXT].splitlines())
    return "\n".join("".join(each for each in line if unicodedata.category(each) not in {"Cc", "Cs"}) for line in lines)

"""Acts on endorsements: what others signed about us is taken in and withdrawn, what we say about others is asked for.

What is taken in will stand, as it is, inside every later credential: so nothing is taken that would spoil one.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials import addresses, composition, verification
from credentials.models import Achievement, Endorsement, GivenEndorsement, Issuer, TrustedIssuer
from credentials.standards import data_integrity, open_badges
from portal.accounts.models import User
from portal.shared import audit, outbox, strict_json
from portal.shared.refusals import Refusal, Unfit

Json = dict[str, Any]

# So many of so many bytes, for an achievement and for its issuer, leave room in the 64 KiB of a credential.
MAX_BYTES = 8 * 1024
MOST = 2
SECONDS = 8.0
LONGEST = timedelta(days=5 * 366)


class NotAnEndorsement(Unfit):
    """The file holds something else, or nothing that can be embedded."""

    words = _("This is not an endorsement that credentials can carry: {why}")


class OfSomethingElse(Unfit):
    """It was signed about another thing."""

    words = _("It was given to {endorsed}, and not to this, whose identifier is {wanted}.")


class NotGenuine(Unfit):
    """Its signature, its signer or its dates are not in order."""

    words = _("It could not be taken in. {why}")


class HasIt(Refusal):
    """The very same stands already."""

    words = _("This endorsement is there already.")


class EnoughOfThem(Refusal):
    """Credentials would become larger than other software reads."""

    words = _("There are {count} already, and credentials carry no more. Withdraw one first.")


class WithdrawnBefore(Refusal):
    """It carries nothing any more."""

    words = _("This endorsement was withdrawn before.")


class UnfitDates(Unfit):
    """It would never be in force, or for ever."""

    words = _("The last day must lie ahead, and at most five years.")


class UnfitIdentifier(Unfit):
    """Nobody would find it on the thing."""

    words = _("“{identifier}” is neither an https address nor a DID.")


class EndorsedAlready(Refusal):
    """Two could contradict each other."""

    words = _("“{issuer}” endorses that already. Withdraw it first.")


def receive(
    *,
    content: bytes,
    endorsed: Achievement | Issuer,
    scope: str,
    by: User,
    at: datetime,
    until: date | None = None,
) -> Endorsement:
    """Take in what a trusted body signed about an achievement or an issuer; later credentials carry it.

    `until` may end it before its own last day. The signer's site is asked for its keys, so call it outside of any
    transaction. Refuses NotAnEndorsement, OfSomethingElse, NotGenuine, UnfitDates, HasIt, EnoughOfThem.
    """
    document = _read(content)
    _refuse_other(document, endorsed)
    if problem := _problem_inside_a_credential(document, endorsed):
        raise NotAnEndorsement(why=problem)
    report = verification.verify(content.decode("utf-8"), at=at, seconds=SECONDS)
    if report.verdict is not verification.Verdict.VALID or report.trusted is None:
        raise NotGenuine(why=" ".join(str(each) for each in (report.title, *report.reasons) if each))
    ends = [data_integrity.parse_date_time_stamp(document["validUntil"])] if "validUntil" in document else []
    ends += [_end_of(until)] if until else []
    if ends and min(ends) <= at:
        raise UnfitDates
    return _keep(document, content, endorsed, report.trusted, scope=scope, ends=min(ends, default=None), by=by, at=at)


@transaction.atomic
def _keep(
    document: Json,
    content: bytes,
    endorsed: Achievement | Issuer,
    trusted: TrustedIssuer,
    *,
    scope: str,
    ends: datetime | None,
    by: User,
    at: datetime,
) -> Endorsement:
    text = content.decode("utf-8")
    digest = hashlib.sha256(content).hexdigest()
    target: Mapping[str, Any] = {"achievement" if isinstance(endorsed, Achievement) else "issuer": endorsed}
    # The one that is endorsed, so that two at once do not both find room.
    type(endorsed).objects.select_for_update(no_key=True).get(pk=endorsed.pk)
    standing = Endorsement.objects.filter(withdrawn_at__isnull=True)
    if standing.filter(document_sha256=digest).exists():
        raise HasIt
    in_force = [each for each in standing.filter(**target) if each.ends_at is None or each.ends_at > at]
    if len(in_force) >= MOST:
        raise EnoughOfThem(count=len(in_force))
    subject = document["credentialSubject"]
    made = Endorsement.objects.create(
        **target,
        trusted=trusted,
        scope=scope,
        comment=subject.get("endorsementComment", ""),
        document=text,
        document_sha256=digest,
        begins_at=data_integrity.parse_date_time_stamp(document["validFrom"]),
        ends_at=ends,
        added_by=by,
        added_at=at,
    )
    audit.note("add endorsement", made, actor=by, at=at, scope=scope, sha256=digest)
    return made


@transaction.atomic
def withdraw(*, endorsement: Endorsement, reason: str, by: User, at: datetime) -> Endorsement:
    """Let no later credential carry it; those that do keep it. Refuses WithdrawnBefore."""
    current = Endorsement.objects.select_for_update(no_key=True, of=("self",)).get(pk=endorsement.pk)
    if current.withdrawn_at is not None:
        raise WithdrawnBefore
    current.withdrawn_at = at
    current.save(update_fields=["withdrawn_at"])
    audit.note("withdraw endorsement", current, actor=by, at=at, reason=reason)
    return current


@transaction.atomic
def give(
    *,
    issuer: Issuer,
    kind: str,
    identifier: str,
    name: str,
    comment: str,
    ends_on: date,
    by: User,
    at: datetime,
) -> GivenEndorsement:
    """Have an endorsement of something elsewhere signed by an issuer of ours.

    Refuses UnfitIdentifier, UnfitDates and EndorsedAlready.
    """
    if not _is_identifier(identifier):
        raise UnfitIdentifier(identifier=identifier)
    if not at < _end_of(ends_on) <= at + LONGEST:
        raise UnfitDates
    if GivenEndorsement.objects.filter(issuer=issuer, identifier=identifier, withdrawn_at__isnull=True).exists():
        raise EndorsedAlready(issuer=issuer)
    given = GivenEndorsement.objects.create(
        issuer=issuer,
        kind=GivenEndorsement.Kind(kind),
        identifier=identifier,
        name=name,
        comment=comment,
        ends_on=ends_on,
        asked_by=by,
        asked_at=at,
    )
    outbox.promise("credentials.sign_endorsement", given.pk)
    audit.note("give endorsement", given, actor=by, at=at, issuer=issuer.slug, identifier=identifier)
    return given


@transaction.atomic
def take_back(*, given: GivenEndorsement, reason: str, by: User, at: datetime) -> GivenEndorsement:
    """Stand by it no more: its address says that it is gone. Refuses WithdrawnBefore."""
    current = GivenEndorsement.objects.select_for_update(no_key=True, of=("self",)).get(pk=given.pk)
    if current.withdrawn_at is not None:
        raise WithdrawnBefore
    current.withdrawn_at = at
    current.save(update_fields=["withdrawn_at"])
    audit.note("take endorsement back", current, actor=by, at=at, reason=reason)
    return current


def body_of(given: GivenEndorsement) -> Json:
    """What is to be signed; the same whenever it is asked for."""
    return open_badges.compose_endorsement(
        id=given.document_url,
        name=given.name,
        issuer=composition.profile(given.issuer),
        endorsed=given.identifier,
        comment=given.comment,
        valid_from=given.asked_at,
        valid_until=_end_of(given.ends_on),
    )


def identifier_of(endorsed: Achievement | Issuer) -> str:
    """The id about which an endorsement of it must be."""
    if isinstance(endorsed, Achievement):
        return addresses.achievement_url(endorsed)
    return addresses.issuer_did(endorsed)


def _read(content: bytes) -> Json:
    if len(content) > MAX_BYTES:
        raise NotAnEndorsement(why=_("it is larger than {count} bytes.").format(count=MAX_BYTES))
    try:
        document = strict_json.loads(content)
    except strict_json.BadJson as error:
        raise NotAnEndorsement(why=error.placed) from error
    types = document.get("type") if isinstance(document, dict) else None
    if not isinstance(types, list) or "EndorsementCredential" not in types or not document.get("proof"):
        raise NotAnEndorsement(why=_("it is no signed EndorsementCredential with its proof inside."))
    return document


def _refuse_other(document: Json, endorsed: Achievement | Issuer) -> None:
    subject = document.get("credentialSubject")
    found = str(subject.get("id", "")) if isinstance(subject, dict) else ""
    if found != identifier_of(endorsed):
        raise OfSomethingElse(endorsed=found or "?", wanted=identifier_of(endorsed))


def _problem_inside_a_credential(document: Json, endorsed: Achievement | Issuer) -> str:
    """What other software would mind in a credential that carries it, in words; empty if nothing."""
    made_up = datetime(2000, 1, 1, 12, tzinfo=UTC)
    issuer = open_badges.IssuerProfile(id="did:web:example.org", name="Example", url="https://example.org")
    achievement = open_badges.AchievementDescription(
        id="https://example.org/achievement", name="Example", description="Example", criteria_narrative="Example"
    )
    if isinstance(endorsed, Issuer):
        issuer = replace(issuer, id=identifier_of(endorsed), endorsements=[document])
    else:
        achievement = replace(achievement, id=identifier_of(endorsed), endorsements=[document])
    carrier = open_badges.compose(
        id="https://example.org/credentials/1",
        issuer=issuer,
        achievement=achievement,
        recipient=open_badges.Recipient(name="Example"),
        awarded_at=made_up,
        valid_from=made_up,
    )
    problems = [*open_badges.schema_problems(document, "strict"), *open_badges.lint(carrier)]
    return f"{problems[0].path}: {problems[0].words}" if problems else ""


def _end_of(day: date) -> datetime:
    """The last second of the day, in the institution's own time zone."""
    next_day = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(settings.TIME_ZONE))
    return next_day - timedelta(seconds=1)


def _is_identifier(identifier: str) -> bool:
    if any(not each.isprintable() or each.isspace() for each in identifier):
        return False
    if identifier.startswith(("did:web:", "did:key:")):
        return True
    try:
        parts = urlsplit(identifier)
    except ValueError:
        return False
    return parts.scheme == "https" and "." in parts.netloc

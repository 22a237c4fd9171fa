"""Turns the decision that something was earned into an award and the frozen body of its credential, many at once."""

import calendar
import hashlib
import secrets
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from credentials import composition
from credentials.composition import Part
from credentials.models import Achievement, Award, Credential, Issuer, StatusList
from credentials.standards import open_badges
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.models import AuditEntry
from portal.shared.refusals import Refusal

__all__ = [
    "BodyTooLarge",
    "NameUnfit",
    "NewAward",
    "NotPublished",
    "Part",
    "TextUnfit",
    "compose_anew",
    "issue",
    "name_fault",
    "what_can_be_awarded",
]

# Crockford's base 32: no letter that is mistaken for a digit when somebody types the code from paper.
CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 26
TEMPLATE_VERSION = 1
TRIES_FOR_FREE_PLACES = 3
# Marks that turn the direction of what follows: with them a name can be made to read as another.
TURNING_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class NotPublished(Refusal):
    """Only what is published, with all its descriptors, can be awarded."""

    words = _("“{achievement}” is still a draft, and cannot be awarded.")
    status: ClassVar[int] = 422


class NameUnfit(Refusal):
    """The name would not survive on a certificate or in a signature."""

    words = _("{learner}: {fault}")
    status: ClassVar[int] = 422


class TextUnfit(Refusal):
    """A result or the name of a part holds what cannot be signed."""

    words = _("The result “{name}” of “{achievement}” holds a character that cannot be signed.")
    status: ClassVar[int] = 422


class BodyTooLarge(Refusal):
    """The document is larger than other software accepts."""

    words = _("The credential of “{achievement}” would be larger than 64 KiB. Shorten its description or its results.")
    status: ClassVar[int] = 422


@dataclass(frozen=True)
class NewAward:
    """Who has earned what. `results` are `{"name": …, "value": …}`.

    `built_on` are the awards it stands on, by their uuids, of this call too and before it; `parts` are their
    credentials where those are known already. `derivation` writes the file of how it was decided, given the credentials
    of the awards it stands on.
    """

    learner: User
    achievement: Achievement
    results: Sequence[dict[str, str]] = ()
    parts: Sequence[Part] = ()
    built_on: Sequence[UUID] = ()
    awarded_by: User | None = None
    edition: int = 1
    uuid: UUID = field(default_factory=uuid4)
    derivation: Callable[[Mapping[UUID, Credential]], str] | None = None


def issue(
    awards: Sequence[NewAward], *, at: datetime, achievements: dict[int, Achievement] | None = None
) -> list[Award]:
    """Record the awards, freeze the bodies of their credentials, and promise their signatures.

    Belongs inside the caller's transaction, after `lock_learners` for everybody concerned. Who holds a live award of
    the same achievement and edition already is passed over and not in the answer, so a repeat is harmless. The number
    of queries depends on the number of issuers, not of awards. `achievements` may hold what `what_can_be_awarded` read
    in this transaction. Refuses with NotPublished, NameUnfit, BodyTooLarge.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("issue belongs inside the transaction of its cause.")
    if not awards:
        return []
    # 1. Everything the documents speak of, read once.
    achievements = achievements or what_can_be_awarded([new.achievement.pk for new in awards])
    _refuse_unfit(awards, achievements)

    # 2. The decisions. The constraint tells which of them are new.
    made = _record(awards, achievements, at=at)
    if not made:
        return []

    # 3. The documents, each with a place of its own in a status list.
    credentials = [_credential(award, new, at=at) for award, new in made]
    parts = _parts(credentials, made)
    _store(credentials, [new for _award, new in made], parts, achievements)

    # 4. What follows, and who did it.
    outbox.promise_many("credentials.sign", [credential.pk for credential in credentials])
    AuditEntry.objects.bulk_create(
        AuditEntry(
            **audit.entry_fields(
                "award",
                award,
                actor=new.awarded_by,
                at=at,
                concerns=new.learner,
                credential=str(credential.uuid),
                body_sha256=credential.body_sha256,
            )
        )
        for (award, new), credential in zip(made, credentials, strict=True)
    )
    return [award for award, _new in made]


def compose_anew(credential: Credential, *, recipient_name: str, at: datetime) -> Credential:
    """Store the successor of a credential: the same award with the name corrected; and promise its signature.

    The caller has locked the learner, and has marked the old one superseded: an award has one current credential.
    """
    award = credential.award
    achievements = what_can_be_awarded([award.achievement_id])
    if fault := name_fault(recipient_name):
        raise NameUnfit(learner=award.learner, fault=fault)
    award.achievement = achievements[award.achievement_id]
    new = NewAward(award.learner, award.achievement)
    parts = composition.statement_of(composition.parsed(credential.body)).parts
    successor = _credential(award, new, at=at)
    successor.recipient_name = recipient_name
    successor.derivation = credential.derivation
    _store([successor], [new], [parts], achievements)
    outbox.promise("credentials.sign", successor.pk)
    return successor


def name_fault(name: str) -> str:
    """What keeps a name from being printed and signed, in words; empty when nothing does."""
    if not name.strip():
        return str(_("there is no name to print. It is set under “Your details”."))
    if _holds_unprintable(name):
        return str(_("the name holds a character that cannot be printed."))
    return ""


def _holds_unprintable(text: str) -> bool:
    # Joiners (Cf) stay: Persian and Indic names need them.
    return any(
        unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"} or character in TURNING_MARKS for character in text
    )


def what_can_be_awarded(achievement_ids: Collection[int]) -> dict[int, Achievement]:
    """The achievements with all that their credentials speak of, in two queries."""
    found = Achievement.objects.filter(pk__in=set(achievement_ids))
    return found.select_related("issuer__parent").prefetch_related("skills").in_bulk()


def _refuse_unfit(awards: Sequence[NewAward], achievements: dict[int, Achievement]) -> None:
    for new in awards:
        achievement = achievements[new.achievement.pk]
        # What was withdrawn from the catalogue is still earned by those who had begun.
        if achievement.state == Achievement.State.DRAFT:
            raise NotPublished(achievement=achievement)
        if fault := name_fault(new.learner.name):
            raise NameUnfit(learner=new.learner, fault=fault)
        texts = [str(text) for result in new.results for text in result.values()] + [part.name for part in new.parts]
        for text in texts:
            if _holds_unprintable(text):
                raise TextUnfit(name=text, achievement=achievement)


def _record(
    awards: Sequence[NewAward], achievements: dict[int, Achievement], *, at: datetime
) -> list[tuple[Award, NewAward]]:
    """Insert the awards that are not there yet; answer those that this call made."""
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    candidates = [
        Award(
            uuid=new.uuid,
            learner=new.learner,
            achievement=achievements[new.achievement.pk],
            edition=new.edition,
            awarded_at=at,
            awarded_on=on,
            valid_until=valid_until(achievements[new.achievement.pk], on),
            awarded_by=new.awarded_by,
            results=[dict(result) for result in new.results],
        )
        for new in awards
    ]
    Award.objects.bulk_create(candidates, ignore_conflicts=True)
    # "On conflict do nothing" does not say what it did; the identifiers we chose do.
    ids = dict(Award.objects.filter(uuid__in=[award.uuid for award in candidates]).values_list("uuid", "pk"))
    made = []
    for award, new in zip(candidates, awards, strict=True):
        if award.uuid in ids:
            award.pk = ids[award.uuid]
            award._state.adding = False
            made.append((award, new))
    return made


def valid_until(achievement: Achievement, on: date) -> date | None:
    """The last day of validity: so many months on, or the end of a month that has no such day."""
    if not achievement.validity_months:
        return None
    years, month = divmod(on.month - 1 + achievement.validity_months, 12)
    year = on.year + years
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def _credential(award: Award, new: NewAward, *, at: datetime) -> Credential:
    return Credential(
        code="".join(secrets.choice(CODE_ALPHABET) for _place in range(CODE_LENGTH)),
        award=award,
        issuer=award.achievement.issuer,
        recipient_name=unicodedata.normalize("NFC", new.learner.name.strip()),
        identity_salt=secrets.token_hex(16),
        leaf_salt=secrets.token_bytes(32),
        template_version=TEMPLATE_VERSION,
        issued_at=at,
    )


def _parts(credentials: Sequence[Credential], made: Sequence[tuple[Award, NewAward]]) -> list[Sequence[Part]]:
    """For each new credential, the credentials of what it was built on: those made beside it, and earlier ones."""
    current = {credential.award.uuid: credential for credential in credentials}
    earlier = {uuid for _award, new in made for uuid in new.built_on if uuid not in current}
    if earlier:
        found = Credential.objects.filter(award__uuid__in=earlier, superseded_by__isnull=True)
        current |= {each.award.uuid: each for each in found.select_related("award__achievement")}
    return [
        [
            *new.parts,
            *(
                Part(current[uuid].award.achievement.name, current[uuid].document_url, current[uuid])
                for uuid in new.built_on
                if uuid in current
            ),
        ]
        for _award, new in made
    ]


def _store(
    credentials: list[Credential],
    news: list[NewAward],
    parts: Sequence[Sequence[Part]],
    achievements: dict[int, Achievement],
) -> None:
    """Give each credential a place in a status list, compose its body, and insert them all."""
    for tries_left in reversed(range(TRIES_FOR_FREE_PLACES)):
        for issuer in {credential.issuer for credential in credentials}:
            _place([credential for credential in credentials if credential.issuer == issuer], issuer)
        for credential, new, built_on in zip(credentials, news, parts, strict=True):
            _freeze(credential, achievements[new.achievement.pk], new, built_on)
        try:
            with transaction.atomic():
                Credential.objects.bulk_create(credentials)
            return
        except IntegrityError:
            # Somebody else took one of these places a moment ago. The constraint is the last line: draw again.
            if not tries_left:
                raise
            for credential in credentials:
                credential.pk = None


def _freeze(credential: Credential, achievement: Achievement, new: NewAward, parts: Sequence[Part]) -> None:
    if new.derivation is not None:
        standing_on = [part.credential for part in parts if part.credential is not None]
        credential.derivation = new.derivation({each.award.uuid: each for each in standing_on})
    document = composition.body(credential, credential.award, achievement, email=new.learner.email, parts=parts)
    credential.body = composition.as_text(document)
    encoded = credential.body.encode("utf-8")
    if len(encoded) > open_badges.MAX_BYTES:
        raise BodyTooLarge(achievement=achievement)
    credential.body_sha256 = hashlib.sha256(encoded).hexdigest()


def _place(credentials: list[Credential], issuer: Issuer) -> None:
    """Give each a random free bit, so that neighbours do not tell who was awarded together (T13)."""
    waiting = list(credentials)
    while waiting:
        status_list, used = _open_list(issuer)
        # A list is closed half full: random places stay easy to find, and hard to guess from.
        room = StatusList.LENGTH // 2 - used
        now, waiting = waiting[: max(room, 0)], waiting[max(room, 0) :]
        for credential, index in zip(now, _free_places(status_list, len(now)), strict=True):
            credential.status_list, credential.status_index = status_list, index
        if len(now) >= room:
            StatusList.objects.filter(pk=status_list.pk).update(is_open=False)


def _open_list(issuer: Issuer) -> tuple[StatusList, int]:
    """The list that takes new credentials, and how many it holds."""
    found = StatusList.objects.filter(issuer=issuer, is_open=True).annotate(used=Count("credentials")).first()
    if found:
        found.issuer = issuer
        return found, found.used
    number = StatusList.objects.filter(issuer=issuer).count() + 1
    StatusList.objects.bulk_create([StatusList(issuer=issuer, number=number)], ignore_conflicts=True)
    made = StatusList.objects.get(issuer=issuer, is_open=True)
    outbox.promise("credentials.publish_status_list", made.pk, version=str(made.version))
    return made, Credential.objects.filter(status_list=made).count()


def _free_places(status_list: StatusList, count: int) -> list[int]:
    places: list[int] = []
    while len(places) < count:
        # Half full at most, so three times as many hardly ever fall short.
        candidates = {secrets.randbelow(StatusList.LENGTH) for _draw in range(3 * (count - len(places)) + 8)}
        taken = Credential.objects.filter(status_list=status_list, status_index__in=candidates)
        candidates -= set(taken.values_list("status_index", flat=True))
        places.extend(candidates.difference(places))
    # Sets of small numbers come out in order; an order would tell who was first.
    secrets.SystemRandom().shuffle(places)
    return places[:count]

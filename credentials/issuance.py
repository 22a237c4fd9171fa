"""Turns the decision that something was earned into an award and the frozen body of its credential, many at once."""

import calendar
import hashlib
import secrets
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, connection
from django.utils.translation import gettext_lazy as _

from credentials import composition, described, status_places
from credentials.composition import Part
from credentials.models import Achievement, Award, Credential, Issuer
from credentials.standards import open_badges
from portal.accounts.models import User
from portal.shared import audit, inserting, outbox
from portal.shared.models import AuditEntry
from portal.shared.refusals import Unfit

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


class NotPublished(Unfit):
    """Only what is published, with all its descriptors, can be awarded."""

    words = _("“{achievement}” is still a draft, and cannot be awarded.")


class NameUnfit(Unfit):
    """The name would not survive on a certificate or in a signature."""

    words = _("{learner}: {fault}")


class TextUnfit(Unfit):
    """A result or the name of a part holds what cannot be signed."""

    words = _("The result “{name}” of “{achievement}” holds a character that cannot be signed.")


class BodyTooLarge(Unfit):
    """The document is larger than other software accepts."""

    words = _("The credential of “{achievement}” would be larger than 64 KiB. Shorten its description or its results.")


@dataclass(frozen=True)
class NewAward:
    """Who has earned what. `results` are `{"name": …, "value": …}`; without a last day the achievement tells it.

    `built_on` are the awards it stands on, by their uuids, of this call too and before it; `parts` are their
    credentials where those are known already. `derivation` writes the file of how it was decided, given the credentials
    of the awards it stands on. `source` is the short name of the body that assessed it, where that is not the issuer.
    """

    learner: User
    achievement: Achievement
    results: Sequence[dict[str, str]] = ()
    valid_until: date | None = None
    parts: Sequence[Part] = ()
    built_on: Sequence[UUID] = ()
    awarded_by: User | None = None
    edition: int = 1
    uuid: UUID = field(default_factory=uuid4)
    derivation: Callable[[Mapping[UUID, Credential]], str] | None = None
    source: str = ""


def issue(
    awards: Sequence[NewAward],
    *,
    at: datetime,
    achievements: dict[int, Achievement] | None = None,
    credentials: Mapping[UUID, Credential] | None = None,
) -> list[Award]:
    """Record the awards, freeze the bodies of their credentials, and promise their signatures.

    Belongs inside the caller's transaction, after `lock_learners` for everybody concerned. Who holds a live award of
    the same achievement and edition already is passed over and not in the answer, so a repeat is harmless. The number
    of queries depends on nothing else. `achievements` may hold what `what_can_be_awarded` read in this transaction, and
    `credentials` the current ones of all awards that these are built on, with their awards. Refuses with NotPublished,
    NameUnfit, BodyTooLarge.
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
    fresh = [_credential(award, new, at=at) for award, new in made]
    parts = _parts(fresh, made, credentials)
    _store(fresh, [new for _award, new in made], parts, achievements)

    # 4. What follows, and who did it.
    outbox.promise_many("credentials.sign", [credential.pk for credential in fresh])
    audit.write(
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
        for (award, new), credential in zip(made, fresh, strict=True)
    )
    return [award for award, _new in made]


def compose_anew(former: Sequence[tuple[Credential, str]], *, at: datetime) -> list[Credential]:
    """Store the successors of credentials: the same awards, each under the name beside it; and promise the signatures.

    The caller has locked the learners, and has marked the old ones superseded: an award has one current credential.
    Refuses NameUnfit.
    """
    achievements = what_can_be_awarded({credential.award.achievement_id for credential, _name in former})
    successors, news, parts = [], [], []
    for credential, name in former:
        award = credential.award
        if fault := name_fault(name):
            raise NameUnfit(learner=award.learner, fault=fault)
        award.achievement = achievements[award.achievement_id]
        new = NewAward(award.learner, award.achievement)
        successor = _credential(award, new, at=at)
        successor.recipient_name = name
        successor.derivation = credential.derivation
        successors.append(successor)
        news.append(new)
        parts.append(composition.statement_of(composition.parsed(credential.body)).parts)
    _store(successors, news, parts, achievements)
    outbox.promise_many("credentials.sign", [successor.pk for successor in successors])
    return successors


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


def what_can_be_awarded(achievement_ids: Collection[int], *, token: int | None = None) -> dict[int, Achievement]:
    """The achievements with all that their credentials speak of; `token` is that of `generation`, if it is known."""
    return described.achievements(achievement_ids, token=token)


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
    names = {new.source for new in awards if new.source}
    sources = {issuer.slug: issuer for issuer in Issuer.objects.filter(slug__in=names)} if names else {}
    candidates = [
        Award(
            uuid=new.uuid,
            learner=new.learner,
            achievement=achievements[new.achievement.pk],
            edition=new.edition,
            awarded_at=at,
            awarded_on=on,
            valid_until=new.valid_until or valid_until(achievements[new.achievement.pk], on),
            awarded_by=new.awarded_by,
            results=[dict(result) for result in new.results],
            source=sources.get(new.source),
        )
        for new in awards
    ]
    new_of = {new.uuid: new for new in awards}
    return [(award, new_of[award.uuid]) for award in inserting.insert_new(candidates)]


def valid_until(achievement: Achievement, on: date) -> date | None:
    """The last day of validity: so many months on, or the end of a month that has no such day."""
    if not achievement.validity_months:
        return None
    years, month = divmod(on.month - 1 + achievement.validity_months, 12)
    year = on.year + years
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def _code() -> str:
    """A code nobody can guess: five bits a letter, drawn at once."""
    drawn = secrets.randbits(5 * CODE_LENGTH)
    return "".join(CODE_ALPHABET[drawn >> place & 31] for place in range(0, 5 * CODE_LENGTH, 5))


def _credential(award: Award, new: NewAward, *, at: datetime) -> Credential:
    return Credential(
        code=_code(),
        award=award,
        issuer=award.achievement.issuer,
        recipient_name=unicodedata.normalize("NFC", new.learner.name.strip()),
        identity_salt=secrets.token_hex(16),
        leaf_salt=secrets.token_bytes(32),
        template_version=TEMPLATE_VERSION,
        issued_at=at,
    )


def _parts(
    fresh: Sequence[Credential],
    made: Sequence[tuple[Award, NewAward]],
    known: Mapping[UUID, Credential] | None,
) -> list[Sequence[Part]]:
    """For each new credential, the credentials of what it was built on: those made beside it, and earlier ones."""
    current = {**(known or {}), **{credential.award.uuid: credential for credential in fresh}}
    earlier = {uuid for _award, new in made for uuid in new.built_on if uuid not in current}
    if earlier and known is None:
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
    for _try in range(TRIES_FOR_FREE_PLACES):
        status_places.take(credentials)
        for credential, new, built_on in zip(credentials, news, parts, strict=True):
            _freeze(credential, achievements[new.achievement.pk], new, built_on)
        stored = inserting.insert_new(credentials)
        if len(stored) == len(credentials):
            return
        # Somebody else took one of these places a moment ago. The constraint is the last line: draw again. All of
        # them, since a document may speak of another one's hash.
        Credential.objects.filter(pk__in=[credential.pk for credential in stored]).delete()
        for credential in credentials:
            credential.pk, credential._state.adding = None, True
    raise IntegrityError("No credential could be stored, although places are free.")


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

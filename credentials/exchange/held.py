"""What a learner holds, as another host of badges is given it, and what such a host hands in or changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import BinaryField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Substr
from django.utils.translation import gettext_lazy as _

from credentials import claims
from credentials.issuance import name_fault
from credentials.models import Claim, Credential, LearnerRecord, WalletClient
from credentials.standards import open_badges
from credentials.verification import tokens
from portal.accounts.models import User
from portal.shared import audit, strict_json
from portal.shared.refusals import Refusal

Json = dict[str, Any]
_BADGE_TYPES = {"OpenBadgeCredential", "AchievementCredential"}
_OWN, _CLAIMED = "own", "claimed"


class NotABadge(Refusal):
    """What was handed in is no credential of Open Badges 3.0."""

    words: ClassVar[Any] = _("{why}")
    status: ClassVar[int] = 400


class NotKept(Refusal):
    """The profile would lose something silently."""

    words: ClassVar[Any] = _("{why}")
    status: ClassVar[int] = 400


@dataclass(frozen=True)
class Page:
    """Some of what is held, each text letter by letter as it was signed, and how much there is in all."""

    total: int
    documents: list[str]
    tokens: list[str]


class Change(Enum):
    """What came of handing something in."""

    CREATED = "created"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


# --- reading ------------------------------------------------------------------------------------------------------


def page_of(learner: User, *, since: datetime | None, offset: int, limit: int) -> Page:
    """Credentials issued here, and those handed in whose signature held, in the order in which they came to be here.

    At most four queries for any number. `since` leaves out what was to be had before: by the time of the log and of the
    check, and not of issue, or what was signed a little later would be missed for ever.
    """
    own = Credential.objects.filter(award__learner=learner, superseded_by__isnull=True, state=Credential.State.LOGGED)
    claimed = _claimed(learner)
    if since is not None:
        own, claimed = own.filter(logged_at__gt=since), claimed.filter(checked_at__gt=since)
    places = (
        own.order_by()
        .values_list("logged_at", "pk", Value(_OWN))
        .union(claimed.order_by().values_list("checked_at", "pk", Value(_CLAIMED)), all=True)
    )
    # The columns by number: each half of the union has names of its own.
    wanted = list(places.order_by(F("logged_at").asc(), "pk")[offset : offset + limit])
    signed = own.filter(pk__in=_ids(wanted, _OWN)).values_list("pk", "document")
    texts = {(_OWN, pk): document for pk, document in signed}
    for each in claimed.filter(pk__in=_ids(wanted, _CLAIMED)).select_related("file"):
        texts[_CLAIMED, each.pk] = bytes(each.file.content).decode("utf-8").strip()
    found = [texts[kind, pk] for _at, pk, kind in wanted if (kind, pk) in texts]
    return Page(
        places.count(),
        [text for text in found if text.startswith("{")],
        [text for text in found if not text.startswith("{")],
    )


def records_of(learner: User, *, since: datetime | None, offset: int, limit: int) -> Page:
    """The records that the learner had made (CLR 2.0), in the order in which they were signed; two queries."""
    found = LearnerRecord.objects.filter(learner=learner, state=LearnerRecord.State.SIGNED, superseded_by__isnull=True)
    if since is not None:
        found = found.filter(signed_at__gt=since)
    documents = found.order_by("signed_at", "pk").values_list("document", flat=True)
    return Page(found.count(), list(documents[offset : offset + limit]), [])


def _claimed(learner: User) -> QuerySet[Claim]:
    """What was handed in as JSON or as a token, and was not changed since it was signed; of editions the last one."""
    first = Substr("file__content", 1, 1, output_field=BinaryField())
    good = Claim.objects.filter(learner=learner, dropped_at__isnull=True, is_signed=True, is_ours=False)
    good = good.alias(first=first).filter(first__in=[b"{", b"e"])
    return good.filter(~Exists(good.filter(same=OuterRef("same"), pk__gt=OuterRef("pk"))))


def _ids(wanted: list[tuple[datetime, int, str]], kind: str) -> list[int]:
    return [pk for _at, pk, each in wanted if each == kind]


# --- handing in ---------------------------------------------------------------------------------------------------


def hand_in(*, learner: User, text: str, at: datetime) -> Change:
    """Keep a credential from elsewhere as the learner's claim; a worker checks it. Refuses NotABadge, and as `claims`.

    What the learner holds already, from here or word for word from elsewhere, is left as it is. An earlier edition is
    given out until the signature of the new one was found to hold: else anybody could replace it by a forgery.
    """
    plain = text.strip()
    document = _document_in(plain)
    if Credential.objects.filter(award__learner=learner, document=plain).exists():
        return Change.UNCHANGED
    named = {"credential_id": str(document.get("id", ""))[:500], "issuer_id": _id_of(document.get("issuer"))[:500]}
    earlier = Claim.objects.filter(learner=learner, dropped_at__isnull=True, **named)
    change = Change.REPLACED if earlier.exists() else Change.CREATED
    made, is_new = claims.claim(learner=learner, content=plain, at=at)
    if not is_new:
        return Change.UNCHANGED
    # The next edition may come before a worker has read this one.
    Claim.objects.filter(pk=made.pk).update(**named)
    return change


def _document_in(text: str) -> Json:
    if text.startswith("{"):
        try:
            document = strict_json.loads(text.encode("utf-8"))
        except strict_json.BadJson as error:
            raise NotABadge(why=str(error)) from error
        if problems := open_badges.schema_problems(document, "json-ld"):
            raise NotABadge(why=f"{problems[0].path}: {problems[0].words}")
    else:
        try:
            document = tokens.read(text).document
        except tokens.BadToken as error:
            raise NotABadge(why=str(error)) from error
    types = document.get("type")
    if not _BADGE_TYPES & set(types if isinstance(types, list) else [types]):
        raise NotABadge(why="$.type: This is no AchievementCredential.")
    return dict(document)


def _id_of(node: object) -> str:
    found = node.get("id") if isinstance(node, dict) else node
    return found if isinstance(found, str) else ""


# --- the profile --------------------------------------------------------------------------------------------------


def profile_of(learner: User) -> Json:
    return {"id": learner.uuid.urn, "type": ["Profile"], "name": learner.name, "email": learner.email}


@transaction.atomic
def change_profile(*, learner: User, profile: Mapping[str, Any], client: WalletClient, at: datetime) -> bool:
    """Take over the name; answer whether anything changed. Refuses NotKept for whatever else differs from ours.

    A name counts for what is earned from now on; it can also be set on the page of the learner's settings.
    """
    kept = profile_of(learner)
    for name, value in profile.items():
        if name not in {"@context", "name"} and kept.get(name) != value:
            raise NotKept(why=f"$.{name}: Only the name can be changed here.")
    given = profile.get("name", learner.name)
    if not isinstance(given, str) or len(given) > 200 or (fault := name_fault(given)):
        raise NotKept(
            why="$.name: " + (fault if isinstance(given, str) and len(given) <= 200 else "Too long, or no text.")
        )
    if given == learner.name:
        return False
    User.objects.filter(pk=learner.pk).update(name=given)
    audit.note("change name", learner, actor=learner, concerns=learner, at=at, wallet=client.name)
    learner.name = given
    return True

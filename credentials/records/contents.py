"""What a record holds: signed credentials as they are, and how their achievements belong together."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from credentials import composition, queries
from credentials.models import Award, Credential, LearnerRecord, SigningKey
from credentials.standards import clr, open_badges
from portal.accounts.models import User

Json = dict[str, Any]

# Room for the record's own words, its proof, and what writing the documents into a list adds.
ROOM = clr.MAX_BYTES - 16 * 1024


def choosable(learner: User) -> QuerySet[Credential]:
    """What can go into a record of this learner: in the log, superseded by nothing, and neither revoked nor suspended.

    What has expired was earned all the same.
    """
    finished = queries.current_credentials().filter(award__learner=learner, state=Credential.State.LOGGED)
    return finished.filter(award__standing=Award.Standing.ACTIVE).order_by("award__awarded_on", "id")


def with_parts(qualification: Credential, choosable: Collection[Credential]) -> list[Credential]:
    """The qualification and, of these credentials, the ones that it was built on, to any depth; itself first."""
    by_id = _by_document_id(choosable)
    found, waiting = [qualification], [qualification]
    while waiting:
        for id_ in _built_on(waiting.pop()):
            part = by_id.get(id_)
            if part is not None and part not in found:
                found.append(part)
                waiting.append(part)
    return found


def has_parts(credential: Credential) -> bool:
    """Whether its signed document names what it was built on."""
    return bool(composition.parsed(credential.document).get("evidence"))


def digest(record: LearnerRecord, credentials: Sequence[Credential]) -> str:
    """Of everything that decides what the record says: two of one digest would say the same."""
    # What a key signed that was given up since is to be had anew.
    given_up = SigningKey.objects.filter(issuer=record.issuer, state=SigningKey.State.COMPROMISED).count()
    said = [
        sorted(str(each.uuid) for each in credentials),
        str(record.award.uuid) if record.award else "",
        record.recipient_name,
        record.learner.email,
        record.issuer.slug,
        record.is_partial,
        record.language,
        given_up,
    ]
    return hashlib.sha256(json.dumps(said).encode("utf-8")).hexdigest()


def document(record: LearnerRecord, credentials: Sequence[Credential]) -> Json:
    """The record as it is to be signed."""
    with translation.override(record.language):
        name, description = _words(record)
    return clr.compose(
        id=record.document_url,
        name=name,
        description=description,
        issuer=composition.profile(record.issuer),
        recipient=open_badges.Recipient(
            name=record.recipient_name, email=record.learner.email, salt=record.identity_salt
        ),
        valid_from=record.asked_at,
        status=_status(record, credentials),
        credentials=[composition.parsed(each.document) for each in credentials],
        associations=associations(credentials),
        partial=record.is_partial,
    )


def associations(credentials: Sequence[Credential]) -> list[clr.Association]:
    """What was part of what, and what had to come before what; only where both are among these credentials.

    Whatever else a learner was built on stays their own: an association would tell of it.
    """
    by_id = _by_document_id(credentials)
    found = set()
    for whole in credentials:
        for id_ in _built_on(whole):
            if id_ in by_id:
                found.add(clr.Association(_achievement(by_id[id_]), "isPartOf", _achievement(whole)))
        for first, then in _orders(whole):
            if first in by_id and then in by_id:
                found.add(clr.Association(_achievement(by_id[first]), "precedes", _achievement(by_id[then])))
    return sorted(each for each in found if each.source != each.target)


def _status(record: LearnerRecord, credentials: Sequence[Credential]) -> Json | None:
    """Of a record of a qualification the entry of that: with it the record falls, for readers who look no deeper."""
    about = next((each for each in credentials if each.award_id == record.award_id), None)
    status: Json | None = composition.parsed(about.document).get("credentialStatus") if about else None
    return status


def _words(record: LearnerRecord) -> tuple[str, str]:
    if record.award is not None:
        name = _("{achievement}, with what it was built on").format(achievement=record.award.achievement.name)
        return name, _("A qualification together with the credentials of its parts, each signed by itself.")
    name = _("Learner record, {issuer}").format(issuer=record.issuer.name)
    return name, _("What the learner earned up to this day, each credential signed by itself.")


def _by_document_id(credentials: Collection[Credential]) -> dict[str, Credential]:
    """By the ids under which others may have named them: their own, and those of what they replaced."""
    awards = {each.award_id: each for each in credentials}
    every = Credential.objects.filter(award__in=awards).only("uuid", "award_id")
    return {each.document_url: awards[each.award_id] for each in every}


def _built_on(credential: Credential) -> list[str]:
    return [part.url for part in composition.statement_of(composition.parsed(credential.document)).parts]


def _achievement(credential: Credential) -> str:
    return clr.achievement_of(composition.parsed(credential.document))


def _orders(credential: Credential) -> Iterator[tuple[str, str]]:
    """Pairs of credentials, by their ids, of which the rule wanted the first before the second; from the receipt."""
    if not credential.derivation:
        return
    receipt = json.loads(credential.derivation)
    root = receipt["rule"]["document"].get("root", {})
    taken = _taken_below(root, receipt)
    for node in _objects(root):
        if node.get("type") == "order" and not node.get("any_order"):
            firsts, thens = ([id_ for part in node[side] for id_ in taken.get(part, ())] for side in ("first", "then"))
            yield from ((first, then) for first in firsts for then in thens)


def _taken_below(root: Json, receipt: Json) -> Mapping[str, list[str]]:
    """The ids of the credentials that counted in each part of the rule, or in one of its own parts."""
    ids = {ref: each.get("credential", {}).get("id", "") for ref, each in receipt["holdings"].items()}
    below: dict[str, list[str]] = {}
    for part in _objects(root):
        nodes = [each["id"] for each in _objects(part) if isinstance(each.get("id"), str)]
        taken = [ids[one["holding"]] for node in nodes for one in receipt["allocation"].get(node, ())]
        if isinstance(part.get("id"), str):
            below[part["id"]] = [id_ for id_ in taken if id_]
    return below


def _objects(value: Any) -> Iterator[Json]:
    """Every object in a JSON value, itself included."""
    if isinstance(value, dict):
        yield value
        for member in value.values():
            yield from _objects(member)
    elif isinstance(value, list):
        for item in value:
            yield from _objects(item)

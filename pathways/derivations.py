"""Reads the receipt of a credential: as lines in words for people, and with what opens it for whoever may see that."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.utils import translation
from django.utils.translation import gettext

from credentials.access import REGISTRAR, has_role
from credentials.models import Award, Credential
from pathways.queries import names_of_keys
from pathways.rules import notation
from pathways.rules.explain import Speaker
from pathways.rules.requirement import All, Amount, AtLeast, Group, Requirement, conditions_of
from portal.accounts.models import User

_OUR_DOCUMENT = re.compile(r"/credentials/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z")


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Something that counted in a part: its name, if the signed document tells it, and its address."""

    name: str = ""
    url: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One part of the rule with what counted in it; `exceptions` are the words of those made for this learner."""

    words: str
    counted: tuple[Counted, ...] = ()
    exceptions: tuple[str, ...] = ()
    parts: "tuple[Step, ...]" = ()


@dataclass(frozen=True, kw_only=True)
class Derived:
    """A receipt as it is read. `step` is none where the rule is written in a way that this version does not read."""

    number: int
    on: date
    sha256: str
    step: Step | None
    sealed: int


def derived(credential: Credential) -> Derived:
    """What the receipt of this credential says, in the reader's language; three queries at the most."""
    receipt = json.loads(credential.derivation)
    try:
        rule = notation.from_json(receipt["rule"]["document"])
    except notation.RuleError:
        step = None
    else:
        keys = {key for kind, key in notation.references(rule) if kind in {"award", "grade"} and key != "*"}
        step = _Reader(receipt, Speaker(names_of_keys(keys), translation), _named(credential)).step(rule.root)
    return Derived(
        number=receipt["rule"]["number"],
        on=date.fromisoformat(receipt["evaluated_on"]),
        sha256=hashlib.sha256(credential.derivation.encode()).hexdigest(),
        step=step,
        sealed=len(receipt["holdings"]),
    )


def openings_for(user: User | AnonymousUser, credential: Credential) -> dict[str, Any]:
    """What opens the commitments of the receipt: to its holder and the registrars all of it; to others the holdings
    whose own credentials are shared. Whether they may see the credential itself was asked before."""
    receipt = json.loads(credential.derivation)
    openings = openings_of(credential.award)
    holdings = openings.get("holdings", {})
    found: dict[str, Any] = {"receipt": hashlib.sha256(credential.derivation.encode()).hexdigest()}
    if user.is_authenticated and (
        credential.award.learner_id == user.pk or has_role(user, credential.issuer, REGISTRAR)
    ):
        return {**found, "holdings": holdings, "facts": openings.get("facts", {}), "others": openings.get("others", [])}
    uuids = {ref: _uuid(each.get("credential", {}).get("id", "")) for ref, each in receipt["holdings"].items()}
    shared = set(
        Credential.objects.filter(
            uuid__in=[uuid for uuid in uuids.values() if uuid], shared_at__isnull=False, state=Credential.State.LOGGED
        ).values_list("uuid", flat=True)
    )
    return {
        **found,
        "holdings": {ref: opening for ref, opening in holdings.items() if uuids.get(ref) in shared},
        "facts": {},
        "others": [],
    }


def openings_of(award: Award) -> dict[str, Any]:
    """What opens the receipt that the award's credential vouches for: that of its first derivation."""
    derivations = sorted(award.derivations.all(), key=lambda each: (each.evaluated_at, each.pk))
    return next((each.openings for each in derivations if each.openings), {})


def _uuid(url: str) -> UUID | None:
    found = _OUR_DOCUMENT.search(url)
    return UUID(found[1]) if found else None


def _named(credential: Credential) -> dict[str, str]:
    """The parts that the signed document names, by the addresses of their documents."""
    body = json.loads(credential.body)
    return {each["id"]: each.get("name", "") for each in body.get("evidence", []) if "id" in each}


@dataclass(frozen=True)
class _Reader:
    """Puts a receipt into words."""

    receipt: Mapping[str, Any]
    speaker: Speaker
    named: Mapping[str, str]

    def step(self, part: Requirement) -> Step:
        below = part.parts if isinstance(part, Group) else ()
        return Step(
            words=self._sentence(self._words(part)),
            counted=tuple(self._counted(part)),
            exceptions=tuple(self._exceptions(part.id)),
            parts=(*(self.step(each) for each in below), *self._conditions(part)),
        )

    def _conditions(self, part: Requirement) -> Iterator[Step]:
        for each in conditions_of(part):
            words = self._sentence(self.speaker.condition(each, part))
            yield Step(words=words, exceptions=tuple(self._exceptions(each.id)))

    def _words(self, part: Requirement) -> str:
        # What stands below as lines of its own is not said twice.
        if isinstance(part, AtLeast) and len(part.parts) > 1:
            return gettext("At least {count} of these {total}").format(count=part.count, total=len(part.parts))
        if isinstance(part, Group) and len(part.parts) > 1:
            return gettext("All of these") if isinstance(part, All) else gettext("One of these")
        return self.speaker.part(part, inside=False)

    def _sentence(self, phrase: str) -> str:
        return phrase[:1].upper() + phrase[1:]

    def _counted(self, part: Requirement) -> Iterator[Counted]:
        for taken in self.receipt["allocation"].get(part.id, ()):
            url = self.receipt["holdings"][taken["holding"]].get("credential", {}).get("id", "")
            amount = Decimal(taken["amount"]) if isinstance(part, Amount) else None
            yield Counted(name=self.named.get(url, ""), url=url if url in self.named else "", amount=amount)

    def _exceptions(self, node: str) -> Iterator[str]:
        for each in self.receipt["exceptions"]:
            if each["node"] == node:
                yield _exception_words(each, self.speaker)


def _exception_words(exception: Mapping[str, str], speaker: Speaker) -> str:
    words = {
        "waiver": gettext("Need not be met: waived"),
        "substitution": gettext("“{name}” was accepted in its place"),
        "extra_choice": gettext("“{name}” was let in as well"),
        "changed_limit": gettext("A number was changed to {value}"),
        "extension": gettext("The time was changed to {value}"),
    }
    said = words.get(exception["type"], gettext("An exception was made"))
    return said.format(name=speaker.name(exception.get("key", "")), value=exception.get("value", ""))

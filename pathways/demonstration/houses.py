"""Plays the houses around the demonstration college: each signs with a key of its own, and no network is needed.

The keys follow from the houses' addresses, so they are nobody's secret; nothing of the college is signed with them.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from credentials.standards import data_integrity, multikey, open_badges
from pathways.demonstration import content

Fields = dict[str, Any]


@dataclass(frozen=True)
class House:
    """A body elsewhere; `url` ends with a slash."""

    name: str
    url: str
    country_code: str

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(self.url.encode()).digest())

    @property
    def _multikey(self) -> str:
        return multikey.encode_ed25519(self._key.public_key().public_bytes_raw())

    @property
    def did(self) -> str:
        return multikey.did_key(self._multikey)

    @property
    def profile(self) -> open_badges.IssuerProfile:
        return open_badges.IssuerProfile(id=self.did, name=self.name, url=self.url, country_code=self.country_code)

    def signed(self, document: Fields, *, at: datetime) -> bytes:
        options = data_integrity.proof_options(multikey.did_key_method(self._multikey), at)
        signature = self._key.sign(data_integrity.hash_data(document, options))
        return json.dumps(data_integrity.with_proof(document, options, signature), ensure_ascii=False).encode()


def house(key: str) -> House:
    told = next(each for each in content.neighbours()["houses"] if each["key"] == key)
    return House(name=told["name"], url=told["url"], country_code=told["country_code"])


def endorsement(by: House, described: Fields, *, of: str, at: datetime) -> bytes:
    """What a house says about the thing of this identifier."""
    document = open_badges.compose_endorsement(
        id=f"{by.url}endorsements/{described['achievement']}",
        name=f"{by.name} recommends it",
        issuer=by.profile,
        endorsed=of,
        comment=described["comment"],
        valid_from=at,
    )
    return by.signed(document, at=at)


def badge(by: House, described: Fields, *, name: str, email: str, at: datetime) -> bytes:
    """A badge that a house gave to somebody, some days before `at`."""
    awarded_at = at - timedelta(days=described["awarded_days_ago"])
    url = f"{by.url}achievements/{described['slug']}"
    document = open_badges.compose(
        id=f"{by.url}badges/{described['slug']}/{described['learner']}",
        issuer=by.profile,
        achievement=open_badges.AchievementDescription(
            id=url,
            name=described["name"],
            description=described["description"],
            achievement_type="MicroCredential",
            criteria_narrative=described["criteria"],
            credits=Decimal(described["credits"]),
            in_language="en",
        ),
        recipient=open_badges.Recipient(name=name, email=email, salt=described["slug"]),
        awarded_at=awarded_at,
        valid_from=awarded_at,
        credits_earned=Decimal(described["credits"]),
    )
    return by.signed(document, at=awarded_at)

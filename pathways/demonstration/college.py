"""Knows who and what is in the demonstration college already, and brings its people and its issuers in."""

import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction

from credentials import issuers
from credentials.models import Issuer
from pathways.demonstration import content
from portal.accounts.models import User

Fields = dict[str, Any]


@dataclass
class College:
    """Who and what is there already, by the keys of the files, while the rest is made."""

    at: datetime
    people: dict[str, User] = field(default_factory=dict)
    issuers: dict[str, Issuer] = field(default_factory=dict)

    @property
    def opened_at(self) -> datetime:
        return self.days_ago(content.college()["opened_days_ago"])

    def days_ago(self, days: int, key: str = "") -> datetime:
        """A moment so many days ago; the key moves it to an hour of its own, so that not all happens at once."""
        return self.at - timedelta(days=days, minutes=zlib.crc32(key.encode()) % 480)


def address_of(key: str) -> str:
    return f"{key}@northfield.example"


def college_of(at: datetime) -> College:
    """The college as it is, with whoever belongs to it."""
    addresses = {address_of(person["key"]): person["key"] for person in _everybody(content.college())}
    people = {addresses[user.email]: user for user in User.objects.filter(email__in=addresses)}
    return College(at, people, {issuer.slug: issuer for issuer in Issuer.objects.all()})


def _everybody(files: Fields) -> list[Fields]:
    return [*files["people"], *files["learners"]]


@transaction.atomic
def load_people(college: College, files: Fields) -> None:
    # Hashed once for all: one password is known to everybody anyway, and each hash costs half a second.
    password = make_password(files["password"])
    for person in _everybody(files):
        address = address_of(person["key"])
        user = User.objects.filter(email=address).first()
        if user is None:
            rules_all = any(role["role"] == "administrator" for role in person.get("roles", ()))
            user = User.objects.create_user(
                address,
                name=person["name"],
                joined_at=college.opened_at,
                is_staff=rules_all,
                is_superuser=rules_all,
            )
            User.objects.filter(pk=user.pk).update(password=password)
            EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
        college.people[person["key"]] = user


@transaction.atomic
def load_issuers(college: College, files: Fields) -> None:
    at = college.opened_at
    for issuer in files["issuers"]:
        found = Issuer.objects.filter(slug=issuer["slug"]).first()
        if found is None:
            fields = {key: issuer[key].strip() for key in issuers.EDITABLE if key not in {"name"} and key in issuer}
            parent = college.issuers.get(issuer.get("parent", ""))
            found = issuers.create_issuer(
                slug=issuer["slug"], name=issuer["name"], parent=parent, by=None, at=at, **fields
            )
        college.issuers[issuer["slug"]] = found
    for person in files["people"]:
        for role in person.get("roles", ()):
            user, issuer = college.people[person["key"]], college.issuers[role["issuer"]]
            issuers.grant_role(user=user, issuer=issuer, role=role["role"], by=None, at=at)

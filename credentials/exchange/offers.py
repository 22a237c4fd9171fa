"""Offers of a credential to a wallet: made by its holder, fetched and redeemed by whoever was shown link and number.

The link leads to the offer, the offer holds the code, and the code is redeemed together with a number that only the
learner's screen shows: who sees the link alone gets nothing (OpenID4VCI 1.0, section 13.6).
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from credentials.exchange import details, metadata
from credentials.exchange.authorization import hash_of
from credentials.models import Award, Credential, WalletOffer
from credentials.standards.multikey import encode_base64url
from portal.accounts.models import User
from portal.shared import audit
from portal.shared.refusals import Refusal

Json = dict[str, Any]

LIFE = timedelta(minutes=10)
ACCESS_LIFE = timedelta(hours=1)
DIGITS, MOST_WRONG_NUMBERS = 6, 5
# One person's offers in an hour: each is a code that somebody may try to guess.
MOST_IN_AN_HOUR = 20


class NotFinished(Refusal):
    """Nothing is handed out before it is in the log (I4)."""

    words: ClassVar[Any] = gettext_lazy(
        "This credential is still being made. A wallet can have it once it is in the log."
    )


class Replaced(Refusal):
    """A wallet would be given what another has taken the place of."""

    words: ClassVar[Any] = gettext_lazy(
        "A newer credential has taken the place of this one. Add that one to the wallet."
    )


class Revoked(Refusal):
    """A wallet would be given what nobody believes."""

    words: ClassVar[Any] = gettext_lazy("This credential was revoked, so no wallet can be given it.")


class TooManyOffers(Refusal):
    """Codes are not made without end."""

    words: ClassVar[Any] = gettext_lazy("You have made {most} codes within an hour. Try again later.")
    status: ClassVar[int] = 429


class NotRedeemed(Exception):
    """The code opens nothing; `error` is the code of RFC 6749, section 5.2."""

    def __init__(self, error: str, words: str) -> None:
        super().__init__(words)
        self.error = error


@dataclass(frozen=True)
class Offered:
    """What the learner is shown, once: the link for the wallet, and the number to type there."""

    link: str
    number: str
    expires_at: datetime


@dataclass(frozen=True)
class Granted:
    """What a wallet was given for code and number; the details where it had asked for some."""

    access_token: str
    seconds: int
    details: list[Json]


@transaction.atomic
def offer(*, credential: Credential, by: User, at: datetime) -> Offered:
    """Let a wallet fetch the credential within ten minutes. Refuses NotFinished, Replaced, Revoked and TooManyOffers.

    An earlier offer of the same credential that nobody has redeemed ends with it. The caller has asked `access`.
    """
    if credential.state != Credential.State.LOGGED:
        raise NotFinished
    if credential.superseded_by_id is not None:
        raise Replaced
    if credential.award.standing == Award.Standing.REVOKED:
        raise Revoked
    mine = WalletOffer.objects.filter(made_by=by)
    if mine.filter(made_at__gt=at - timedelta(hours=1)).count() >= MOST_IN_AN_HOUR:
        raise TooManyOffers(most=MOST_IN_AN_HOUR)
    mine.filter(credential=credential, redeemed_at__isnull=True, expires_at__gt=at).update(expires_at=at)
    secret = secrets.token_urlsafe(32)
    code_sha256 = hash_of(_code_of(secret))
    number = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    made = WalletOffer.objects.create(
        credential=credential,
        made_by=by,
        made_at=at,
        expires_at=at + LIFE,
        link_sha256=hash_of(secret),
        code_sha256=code_sha256,
        number_hmac=_hmac_of(number, code_sha256),
    )
    audit.note("offer credential to wallet", credential, actor=by, concerns=by, at=at)
    address = settings.SITE_URL + reverse("wallet-offer", args=[secret])
    return Offered(
        f"openid-credential-offer://?credential_offer_uri={quote(address, safe='')}", number, made.expires_at
    )


def document(secret: str, *, at: datetime) -> Json | None:
    """The offer that the link leads to (OpenID4VCI 1.0, section 4.1.1), while it can be redeemed; else None."""
    found = (
        WalletOffer.objects.filter(link_sha256=hash_of(secret), expires_at__gt=at, redeemed_at__isnull=True)
        .select_related("credential__issuer")
        .first()
    )
    if found is None or found.wrong_numbers >= MOST_WRONG_NUMBERS:
        return None
    return {
        "credential_issuer": metadata.issuer_id(found.credential.issuer),
        "credential_configuration_ids": list(metadata.CONFIGURATIONS),
        "grants": {
            metadata.PRE_AUTHORIZED: {
                "pre-authorized_code": _code_of(secret),
                "tx_code": {
                    "input_mode": "numeric",
                    "length": DIGITS,
                    "description": _("The number that stands beside the code on the page of your credential."),
                },
            }
        },
    }


def redeem(*, code: str, number: str | None, wanted: Sequence[details.Wanted] = (), at: datetime) -> Granted:
    """Give a wallet access to what was offered: once, in time, and with the number. Raises NotRedeemed and BadDetails.

    A wrong number is counted whatever follows, and the fifth ends the offer.
    """
    if not code:
        raise NotRedeemed("invalid_request", "pre-authorized_code is missing.")
    if not number:
        raise NotRedeemed("invalid_request", "tx_code is missing.")
    found = WalletOffer.objects.filter(code_sha256=hash_of(code)).select_related("credential__issuer").first()
    useless = NotRedeemed("invalid_grant", "The code is not known, was used, or has expired.")
    if found is None or found.redeemed_at is not None or found.expires_at <= at:
        raise useless
    granted = details.answered(wanted, found.credential)
    # Counted first and taken back if it was right: however many try at once, each try is one.
    living = WalletOffer.objects.filter(
        pk=found.pk, redeemed_at__isnull=True, expires_at__gt=at, wrong_numbers__lt=MOST_WRONG_NUMBERS
    )
    if not living.update(wrong_numbers=F("wrong_numbers") + 1):
        raise useless
    if not constant_time_compare(_hmac_of(number, found.code_sha256), found.number_hmac):
        raise NotRedeemed("invalid_grant", "The transaction code is wrong.")
    token = secrets.token_urlsafe(32)
    redeemed = WalletOffer.objects.filter(pk=found.pk, redeemed_at__isnull=True).update(
        redeemed_at=at,
        wrong_numbers=F("wrong_numbers") - 1,
        access_sha256=hash_of(token),
        access_expires_at=at + ACCESS_LIFE,
    )
    if not redeemed:
        raise useless
    return Granted(token, int(ACCESS_LIFE.total_seconds()), granted)


def opened_by(token: str, *, at: datetime) -> WalletOffer | None:
    """The offer that an access token was given for; None for one that opens nothing (any more)."""
    found = (
        WalletOffer.objects.filter(access_sha256=hash_of(token), access_expires_at__gt=at)
        .select_related("credential__issuer", "credential__award__learner")
        .first()
    )
    return found if found is not None and found.made_by.is_active else None


def _code_of(secret: str) -> str:
    """The code of an offer follows from the secret of its link, so that neither has to be kept."""
    return encode_base64url(hashlib.sha256(f"pre-authorized code\0{secret}".encode()).digest())


def _hmac_of(number: str, salt: str) -> str:
    return salted_hmac("credentials.exchange.offers", f"{salt}\0{number}", algorithm="sha256").hexdigest()

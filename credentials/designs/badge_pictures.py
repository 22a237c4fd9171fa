"""The pictures that stand on badges, logos and artwork: taken in, found for a look, forgotten when nobody uses them."""

import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar, TypedDict

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from credentials import queries
from credentials.models import BadgeDesign, BadgePicture, Issuer
from credentials.rendering.badge import Artwork, Look, artwork
from portal.accounts.models import User
from portal.shared.refusals import Refusal

Use = BadgePicture.Use
KEPT_FOR = timedelta(days=7)
MOST_PICTURES = 200


class TooManyPictures(Refusal):
    """More pictures than any number of badges needs."""

    words: ClassVar = _("Too many pictures were handed in. Those that no badge uses are removed after {days} days.")


class NoSuchPicture(Refusal):
    """A look names a picture that its issuer has not."""

    words: ClassVar = _("The picture is not there any more. Hand it in again.")
    status: ClassVar = 422


class Pictures(TypedDict):
    """What a look names, as the drawing takes it."""

    logo: Artwork | None
    artwork: Artwork | None


def take(*, issuer: Issuer, use: str, content: bytes, name: str, by: User, at: datetime) -> BadgePicture:
    """Make a picture anew in a child process, and keep it. Refuses artwork.PictureRefused and TooManyPictures.

    Belongs outside any transaction: it takes a moment. The same picture is kept once.
    """
    if BadgePicture.objects.filter(issuer=issuer).count() >= MOST_PICTURES:
        raise TooManyPictures(days=KEPT_FOR.days)
    made = artwork.made_anew(content, use=use, name=name)
    kept, _made = BadgePicture.objects.update_or_create(
        issuer=issuer,
        use=use,
        sha256=hashlib.sha256(made.content + made.drawing.encode()).hexdigest(),
        # Handed in again it is new again: what nobody uses yet is kept for some days from now.
        defaults={"added_at": at},
        create_defaults={
            "media_type": made.media_type,
            "content": made.content,
            "drawing": made.drawing,
            "width": made.width,
            "height": made.height,
            "added_by": by,
            "added_at": at,
        },
    )
    return kept


def pictures_of(look: Look | None, issuer_id: int) -> Pictures:
    """The pictures that a look names, each read once by a process. Refuses NoSuchPicture."""
    return {
        "logo": _picture(issuer_id, Use.LOGO, look.logo) if look and look.logo else None,
        "artwork": _picture(issuer_id, Use.ARTWORK, look.artwork) if look and look.artwork else None,
    }


def logo_of(issuer: Issuer) -> str:
    """The logo that the issuer handed in last, or the nearest body above it that has one, by its hash; or nothing."""
    line = queries.ancestry(issuer)
    handed_in = BadgePicture.objects.filter(issuer__in=line, use=Use.LOGO).order_by("added_at", "pk")
    last = dict(handed_in.values_list("issuer", "sha256"))
    return next((last[each.pk] for each in line if each.pk in last), "")


def lender_of(issuer: Issuer, sha256: str) -> Issuer | None:
    """The body above that an issuer has this logo from; none where it is the issuer's own."""
    line = queries.ancestry(issuer)
    having = set(
        BadgePicture.objects.filter(issuer__in=line, use=Use.LOGO, sha256=sha256).values_list("issuer", flat=True)
    )
    nearest = next((each for each in line if each.pk in having), issuer)
    return nearest if nearest != issuer else None


# A picture never changes: its hash is its name.
@lru_cache(16)
def _picture(issuer_id: int, use: str, sha256: str) -> Artwork:
    there = BadgePicture.objects.filter(use=use, sha256=sha256)
    row = there.filter(issuer=issuer_id).first()
    if row is None and use == Use.LOGO:
        # A faculty bears the mark of its college; nobody moves from one body to another.
        row = there.filter(issuer__in=queries.ancestry(Issuer.objects.get(pk=issuer_id))[1:]).first()
    if row is None:
        raise NoSuchPicture
    return Artwork(row.sha256, row.media_type, row.width, row.height, bytes(row.content), row.drawing)


def sweep(*, at: datetime) -> None:
    """Forget pictures that no design names any more."""
    with transaction.atomic():
        looks: list[dict[str, Any]] = list(BadgeDesign.objects.values_list("look", flat=True))
        named = {look.get(use, "") for look in looks for use in Use}
        old = BadgePicture.objects.filter(added_at__lt=at - KEPT_FOR).values_list("pk", "sha256")
        BadgePicture.objects.filter(pk__in=[pk for pk, sha256 in old if sha256 not in named]).delete()

"""Tells a learner by one message that a credential is ready, once all of it is, or what is shared no longer."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import translation

from credentials import addresses
from credentials.models import Award, Credential, Rendition, SharingEnd
from portal.accounts.models import User
from portal.shared import outbox

#: So long what was read of a batch counts: of what is revoked meanwhile no message goes out.
FRESH_FOR = 1.0


def announce(credential_ids: Sequence[int], *, undrawn: Callable[[Credential], str]) -> Iterator[Callable[[], None]]:
    """What sends each message, in the order of the credentials; none of what was revoked or superseded meanwhile.

    It is promised when certificate and badge are there, when they have kept the learner waiting for too long, or when
    the certificate waits for a font: `undrawn` knows for the sake of which letters. Sent twice after a crash it bears
    the same Message-ID, so that mail programs show it once (J10). All leave by one connection.
    """
    post, read_at = get_connection(), -FRESH_FOR
    found: dict[int, Credential] = {}
    former: dict[int, Credential] = {}
    try:
        for place, id_ in enumerate(credential_ids):
            if time.monotonic() - read_at >= FRESH_FOR:
                found, former = _read(credential_ids[place:])
                read_at = time.monotonic()
            yield partial(_announce, found[id_], former.get(id_), undrawn, post)
    finally:
        post.close()


def _read(ids: Sequence[int]) -> tuple[dict[int, Credential], dict[int, Credential]]:
    """The credentials with all that their messages say, and by the same ids those that they replace."""
    rows = Credential.objects.filter(pk__in=ids).prefetch_related("renditions")
    found = rows.select_related("award__achievement__issuer", "award__learner", "issuer").in_bulk()
    replaced = Credential.objects.filter(superseded_by__in=ids).exclude(pk=F("superseded_by")).order_by("pk")
    return found, {each.superseded_by_id: each for each in replaced if each.superseded_by_id is not None}


def _announce(
    credential: Credential,
    former: Credential | None,
    undrawn: Callable[[Credential], str],
    post: BaseEmailBackend,
) -> None:
    if credential.award.standing == Award.Standing.REVOKED or credential.superseded_by_id:
        return
    if credential.state != Credential.State.LOGGED:
        raise outbox.Later(5, "The credential is not in the log yet.")
    made = {rendition.kind for rendition in credential.renditions.all()}
    has_certificate = Rendition.Kind.PDF in made
    letters = "" if has_certificate else undrawn(credential)
    mail = message(credential, former, has_certificate=has_certificate, undrawn=letters)
    try:
        post.open()
        post.send_messages([mail])
    except Exception:
        # What is left of the connection may be of no use to the next message.
        post.close()
        raise


def message(
    credential: Credential, former: Credential | None, *, has_certificate: bool, undrawn: str = ""
) -> EmailMultiAlternatives:
    """The message, in the learner's language, with the letters that no font here draws."""
    learner = credential.award.learner
    renamed = former is not None and former.recipient_name != credential.recipient_name
    context = {
        "credential": credential,
        "achievement": credential.award.achievement,
        "name": credential.recipient_name,
        "page_url": addresses.check_url(credential),
        "wallet_url": f"{settings.SITE_URL}/me/wallet/",
        "has_certificate": has_certificate,
        "undrawn": ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in undrawn),
        # Nobody is to read that they earned anew what was only corrected or renewed.
        "replaces": former is not None,
        "former_name": former.recipient_name if former is not None and renamed else "",
        "shared": credential.shared_at is not None,
    }
    return _mail(learner, "credential_ready", context, name=f"credential-{credential.uuid}")


def tell_unshared(end_id: int) -> None:
    """Say that nobody else sees the credential or record any more; sent twice it bears the same Message-ID (J10)."""
    inside = ("learner", "credential__award__achievement", "record__award__achievement")
    end = SharingEnd.objects.select_related(*inside).get(pk=end_id)
    context = {
        "end": end,
        "name": end.of.recipient_name,
        "wallet_url": f"{settings.SITE_URL}/me/wallet/",
    }
    _mail(end.learner, "unshared", context, name=f"unshared-{end.of.uuid}-{end.pk}").send()


def _mail(learner: User, template: str, context: dict[str, object], *, name: str) -> EmailMultiAlternatives:
    with translation.override(learner.language or settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string(f"email/{template}_subject.txt", context).split())
        text = render_to_string(f"email/{template}.txt", context)
        html = render_to_string(f"email/{template}.html", context)
    host = urlsplit(settings.SITE_URL).hostname
    mail = EmailMultiAlternatives(subject, text, to=[learner.email], headers={"Message-ID": f"<{name}@{host}>"})
    mail.attach_alternative(html, "text/html")
    return mail

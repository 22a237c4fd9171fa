"""Tells a learner by one message that a credential is ready, once all of it is."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from credentials import addresses
from credentials.models import Award, Credential, Rendition
from portal.shared import outbox

# A machine that cannot print must not keep the news from the learner.
LONGEST_WAIT_FOR_FILES = timedelta(minutes=10)


def announce(credential_id: int, *, at: datetime) -> None:
    """Send the message. Raises outbox.Later while certificate and badge are being made; sends none of what is revoked.

    Sent twice after a crash it bears the same Message-ID, so that mail programs show it once (J10).
    """
    credential = (
        Credential.objects.select_related("award__achievement__issuer", "award__learner", "issuer")
        .prefetch_related("renditions", "supersedes")
        .get(pk=credential_id)
    )
    if credential.award.standing == Award.Standing.REVOKED or credential.superseded_by_id:
        return
    if credential.logged_at is None:
        raise outbox.Later(5, "The credential is not in the log yet.")
    made = {rendition.kind for rendition in credential.renditions.all()}
    waited = at - credential.logged_at
    if made != set(Rendition.Kind.values) and waited < LONGEST_WAIT_FOR_FILES:
        # Soon at first, then ever less often: a long queue is not made longer by asking.
        raise outbox.Later(max(2, waited.total_seconds() / 2), "The certificate and the badge are being made.")
    message(credential, has_certificate=Rendition.Kind.PDF in made).send()


def message(credential: Credential, *, has_certificate: bool) -> EmailMultiAlternatives:
    """The message, in the learner's language."""
    learner = credential.award.learner
    context = {
        "credential": credential,
        "achievement": credential.award.achievement,
        "name": credential.recipient_name,
        "page_url": addresses.check_url(credential),
        "wallet_url": f"{settings.SITE_URL}/me/wallet/",
        "has_certificate": has_certificate,
    }
    with translation.override(learner.language or settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string("email/credential_ready_subject.txt", context).split())
        text = render_to_string("email/credential_ready.txt", context)
        html = render_to_string("email/credential_ready.html", context)
    host = urlsplit(settings.SITE_URL).hostname
    mail = EmailMultiAlternatives(
        subject, text, to=[learner.email], headers={"Message-ID": f"<credential-{credential.uuid}@{host}>"}
    )
    mail.attach_alternative(html, "text/html")
    return mail

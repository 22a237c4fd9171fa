"""Tells a learner by message what becomes of an award, withdrawn, fallen, back or soon lapsing, and of a request."""

from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation

from credentials.models import Award, StatusEvent
from pathways.models import Recognition
from portal.accounts.models import User


def tell_of_change(event_id: int) -> None:
    """Say that an award was suspended, revoked or given back; sent twice it bears the same Message-ID (J10)."""
    event = StatusEvent.objects.select_related(
        "credential__award__achievement__issuer",
        "credential__award__learner",
        "because_of__credential__award__achievement",
    ).get(pk=event_id)
    cause = event.because_of.credential.award.achievement if event.because_of else None
    _message(
        event.credential.award,
        f"change-{event.pk}",
        act=event.act,
        event=event,
        cause=cause,
        # What a person decided is not to be read as something that mends itself.
        by_person=event.by_id is not None,
    ).send()


def tell_of_lapse(award_id: int, until: date) -> None:
    """Say that an award will run out or lapse after that day, unless it has fallen meanwhile."""
    award = Award.objects.select_related("achievement__issuer", "learner").get(pk=award_id)
    if award.standing == Award.Standing.ACTIVE:
        act = "expire" if award.valid_until == until else "lapse"
        _message(award, f"lapse-{award.uuid}-{until}", act=act, until=until).send()


def tell_of_recognition(recognition_id: int) -> None:
    """Say what was decided about prior learning, as it is now."""
    found = Recognition.objects.select_related("learner", "issuer", "achievement", "claim").get(pk=recognition_id)
    if found.state == Recognition.State.ASKED:
        return
    context = {
        "recognition": found,
        "claim": found.claim,
        "achievement": found.achievement,
        "issuer": found.issuer,
        "page_url": f"{settings.SITE_URL}/me/recognition/{found.claim.uuid}/",
    }
    letter(found.learner, f"recognition-{found.uuid}-{found.state}", "recognition", context).send()


def _message(award: Award, name: str, **said: object) -> EmailMultiAlternatives:
    context = {
        "award": award,
        "achievement": award.achievement,
        "issuer": award.achievement.issuer,
        "wallet_url": f"{settings.SITE_URL}/me/wallet/",
        **said,
    }
    return letter(award.learner, name, "award_changed", context)


def letter(learner: User, name: str, template: str, said: Mapping[str, object]) -> EmailMultiAlternatives:
    """The message, in the learner's language; `name` is its own, so that one sent twice is known to be one."""
    context = {"name": learner.name, **said}
    with translation.override(learner.language or settings.LANGUAGE_CODE):
        subject = " ".join(render_to_string(f"email/{template}_subject.txt", context).split())
        text = render_to_string(f"email/{template}.txt", context)
        html = render_to_string(f"email/{template}.html", context)
    host = urlsplit(settings.SITE_URL).hostname
    mail = EmailMultiAlternatives(subject, text, to=[learner.email], headers={"Message-ID": f"<{name}@{host}>"})
    mail.attach_alternative(html, "text/html")
    return mail

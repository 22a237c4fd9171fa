"""Messages of a batch: read together, sent by one connection, and none of what fell meanwhile."""

from typing import ClassVar

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db.models import F

from credentials import announcing
from credentials.models import Award, Credential
from tests.cast import make_lena, make_noor
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


class Line(EmailBackend):
    """A connection that tells when it is opened and closed, and breaks once where it is told to."""

    told: ClassVar[list[str]] = []
    breaks_at: ClassVar[set[str]] = set()
    is_open = False

    def open(self):
        if not self.is_open:
            self.told.append("opened")
        self.is_open = True

    def close(self):
        if self.is_open:
            self.told.append("closed")
        self.is_open = False

    def send_messages(self, messages):
        for message in messages:
            if message.to[0] in self.breaks_at:
                self.breaks_at.remove(message.to[0])
                raise ConnectionResetError
        return super().send_messages(messages)


@pytest.fixture
def awards(settings, monkeypatch) -> list[Award]:
    settings.EMAIL_BACKEND = f"{__name__}.Line"
    monkeypatch.setattr(Line, "told", [])
    monkeypatch.setattr(Line, "breaks_at", set())
    achievement = make_achievement()
    made = [issue_to(learner, achievement) for learner in (make_lena(), make_noor())]
    # As if it had been signed and were in the log; what it says is all that counts here.
    Credential.objects.update(state=Credential.State.LOGGED, document=F("body"), logged_at=NOON)
    return made


def announced(awards):
    return announcing.announce([credential_of(award).pk for award in awards], undrawn=lambda _credential: "")


def to() -> list[str]:
    return [each.to[0] for each in mail.outbox]


def test_a_batch_is_read_at_once_and_leaves_by_one_connection(awards, django_assert_num_queries):
    messages = announced(awards)
    with django_assert_num_queries(3):
        for send in messages:
            send()
    assert to() == [award.learner.email for award in awards]
    assert Line.told == ["opened", "closed"]


def test_after_a_broken_connection_the_next_message_takes_another(awards):
    first, second = awards
    Line.breaks_at.add(first.learner.email)
    messages = announced(awards)
    with pytest.raises(ConnectionResetError):
        next(messages)()
    next(messages)()
    messages.close()
    assert to() == [second.learner.email]
    assert Line.told == ["opened", "closed", "opened", "closed"]


def test_of_what_is_revoked_while_others_are_sent_no_message_goes_out(awards, monkeypatch):
    monkeypatch.setattr(announcing, "FRESH_FOR", 0.0)
    messages = announced(awards)
    next(messages)()
    Award.objects.filter(pk=awards[1].pk).update(standing=Award.Standing.REVOKED)
    next(messages)()
    assert to() == [awards[0].learner.email]

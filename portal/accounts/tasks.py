"""Work of the accounts: forgets sessions that have run out, and from where they were used."""

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models.functions import Now

from portal.shared import outbox


@outbox.performs("accounts.sweep", queue="bulk", lease=300, every=86_400)
def sweep(subject_id: int) -> outbox.Store:
    def remove() -> None:
        Session.objects.filter(expire_date__lt=Now()).delete()
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()

    return remove

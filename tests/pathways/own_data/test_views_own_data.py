"""The page on which people get what is kept about them: their own, after they showed who they are, and no others'."""

import io
import time
import zipfile

import pytest
from django.test import Client

from pathways.models import DataExport
from pathways.own_data import exporting
from portal.accounts.models import User
from portal.shared import outbox
from tests.cast import make_lena, make_noor
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def signed_in(user: User, *, lately: bool = True) -> Client:
    """Signed in, and lately asked for the password."""
    client = Client()
    client.force_login(user)
    if lately:
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


def test_a_copy_is_asked_for_made_and_downloaded(django_assert_num_queries) -> None:
    lena = signed_in(make_lena())
    assert "Make a copy" in lena.get("/me/data/").text
    assert lena.post("/me/data/copy/")["Location"] == "/me/data/"
    page = lena.get("/me/data/").text
    assert "waits for its turn" in page
    assert "hx-trigger" in page
    DataExport.objects.update(done=3, total=48)
    fragment = lena.get("/me/data/?asked=2", headers={"HX-Request": "true"}).text
    assert "3 of 48 kinds of data written" in fragment
    assert "<html" not in fragment
    outbox.run_all_due()
    # Session, reader, the copy, what was asked to be erased, and what the navigation shows.
    with django_assert_num_queries(5):
        page = lena.get("/me/data/").text
    assert "Download the copy" in page
    assert "hx-trigger" not in page
    answer = lena.get(f"/me/data/copy/{DataExport.objects.get().uuid}.zip")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/zip", "private, no-store")
    assert "attachment" in answer["Content-Disposition"]
    assert "README.md" in zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()


def test_who_they_are_is_asked_first_for_making_and_for_downloading() -> None:
    lena = signed_in(make_lena(), lately=False)
    assert "/accounts/reauthenticate/" in lena.post("/me/data/copy/")["Location"]
    assert not DataExport.objects.exists()
    # Once the password is typed, what was asked for is done.
    assert lena.post("/accounts/reauthenticate/?next=/me/data/copy/", {"password": "stone-on-stone"}).status_code == 302
    export = DataExport.objects.get()
    outbox.run_all_due()
    again = signed_in(make_lena(), lately=False)
    assert "/accounts/reauthenticate/" in again.get(f"/me/data/copy/{export.uuid}.zip")["Location"]


def test_a_stranger_finds_no_copy_and_is_not_asked_who_they_are() -> None:
    export = exporting.ask(person=make_lena(), at=NOON)
    outbox.run_all_due()
    for lately in (True, False):
        assert signed_in(make_noor(), lately=lately).get(f"/me/data/copy/{export.uuid}.zip").status_code == 404
    assert "Download the copy" not in signed_in(make_noor()).get("/me/data/").text
    assert Client().get("/me/data/").status_code == 302
    assert Client().get(f"/me/data/copy/{export.uuid}.zip").status_code == 302


def test_what_is_over_or_too_often_is_said_in_words() -> None:
    lena = signed_in(make_lena())
    export = exporting.ask(person=make_lena(), at=NOON)
    gone = lena.get(f"/me/data/copy/{export.uuid}.zip", follow=True)
    assert "This copy is gone, or not made yet." in gone.text
    for _time in range(exporting.LIMIT.times):
        DataExport.objects.all().delete()
        answer = lena.post("/me/data/copy/", follow=True)
    assert "more than one person asks for" in answer.text

"""Tests `portal/views.py`: appearance and language are kept, and lead back to where the reader was."""

import pytest

from portal.accounts.models import User

pytestmark = pytest.mark.django_db


def test_the_theme_is_kept_and_stands_in_the_first_paint(client):
    answer = client.post("/appearance/", {"theme": "dark", "next": "/accounts/login/"})
    assert answer["Location"] == "/accounts/login/"
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()


def test_the_theme_follows_the_account(client):
    lena = User.objects.create_user("lena@example.org", "correct horse", name="Lena Ortiz")
    client.force_login(lena)
    client.post("/appearance/", {"theme": "light"})
    lena.refresh_from_db()
    assert lena.theme == "light"
    client.cookies.pop("theme")
    assert 'data-theme="light"' in client.get("/accounts/email/").content.decode()


def test_an_unknown_theme_is_refused(client):
    assert client.post("/appearance/", {"theme": "neon"}).status_code == 400


def test_no_one_is_sent_to_another_host(client):
    assert client.post("/appearance/", {"theme": "dark", "next": "https://evil.example/"})["Location"] == "/"
    assert client.post("/language/", {"language": "ar", "next": "//evil.example/"})["Location"] == "/"


def test_arabic_is_written_from_the_other_side(client):
    client.post("/language/", {"language": "ar"})
    page = client.get("/accounts/login/").content.decode()
    assert '<html lang="ar" dir="rtl"' in page


def test_an_unknown_language_is_refused(client):
    assert client.post("/language/", {"language": "tlh"}).status_code == 400


def test_a_cookie_cannot_write_into_the_page(client):
    client.cookies["theme"] = '"><script>'
    assert 'data-theme="auto"' in client.get("/accounts/login/").content.decode()


def test_signing_up_asks_for_the_name_as_printed(client, mailoutbox):
    answer = client.post(
        "/accounts/signup/",
        {
            "name": "ليلى بنت محمد",
            "email": "layla@example.org",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
        },
    )
    assert answer.status_code == 302
    assert User.objects.get(email="layla@example.org").name == "ليلى بنت محمد"
    assert len(mailoutbox) == 1


def test_signing_up_without_a_name_says_what_is_missing(client):
    page = client.post("/accounts/signup/", {"email": "layla@example.org"}).content.decode()
    assert 'href="#id_name"' in page
    assert 'aria-describedby="id_name_helptext id_name_error"' in page


def test_the_passkey_comes_first_on_the_login_page(client):
    page = client.get("/accounts/login/").content.decode()
    assert page.index('id="passkey_login"') < page.index('name="password"')


def test_the_administration_is_entered_by_the_same_door(client):
    answer = client.get("/admin/login/?next=/admin/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")

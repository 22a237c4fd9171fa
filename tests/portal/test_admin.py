"""Tests Django's administration of people: who may come in is shown there; what unlocks an account is not."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_lena

pytestmark = pytest.mark.django_db


def test_an_account_is_closed_with_an_audit_line(client: Client) -> None:
    ada, lena = make_ada(), make_lena()
    client.force_login(ada)
    address = reverse("admin:accounts_user_change", args=[lena.pk])
    assert client.get(reverse("admin:accounts_user_changelist"), {"q": "lena"}).status_code == 200
    assert client.post(address, {}).status_code == 302
    lena.refresh_from_db()
    assert not lena.is_active
    entry = AuditEntry.objects.get(act="change account")
    assert (entry.actor, entry.concerns, entry.details) == (ada, lena, {"is_active": False})


def test_nobody_locks_out_themselves_and_nobody_is_deleted(client: Client) -> None:
    ada = make_ada()
    client.force_login(ada)
    client.post(reverse("admin:accounts_user_change", args=[ada.pk]), {})
    ada.refresh_from_db()
    assert ada.is_active and ada.is_superuser
    assert client.post(reverse("admin:accounts_user_delete", args=[ada.pk]), {"post": "yes"}).status_code == 403


def test_a_lost_second_factor_is_removed_and_its_secret_not_shown(client: Client) -> None:
    ada, lena = make_ada(), make_lena()
    factor = Authenticator.objects.create(user=lena, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DP"})
    client.force_login(ada)
    shown = client.get(reverse("admin:mfa_authenticator_change", args=[factor.pk]))
    assert shown.status_code == 200 and b"JBSWY3DP" not in shown.content
    client.post(reverse("admin:mfa_authenticator_delete", args=[factor.pk]), {"post": "yes"})
    assert not Authenticator.objects.exists()
    assert AuditEntry.objects.get(act="remove second factor").concerns == lena


def test_what_would_let_its_reader_in_has_no_page() -> None:
    names = {model._meta.label_lower for model in admin.site._registry}
    assert names.isdisjoint({"account.emailaddress", "usersessions.usersession", "auth.group", "accounts.apitoken"})

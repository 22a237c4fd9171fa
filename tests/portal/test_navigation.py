"""Which parts of the navigation a reader sees: those of the roles they have, at the price of one question."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pathways import signatories
from portal.accounts.models import User
from portal.navigation import roles_of_reader
from tests.cast import make_ada, make_ivo, make_lena, make_noor, make_rhea
from tests.college import make_course
from tests.factories import NOON, make_issuer

pytestmark = pytest.mark.django_db


def asked_by(user: User | AnonymousUser) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    return request


def test_each_sees_what_belongs_to_their_roles() -> None:
    lena, ivo, rhea, noor = make_lena(), make_ivo(), make_rhea(), make_noor()
    make_course(ivo=ivo)
    issuer = make_issuer(registrar=rhea)
    signatories.appoint(user=noor, issuer=issuer, role="dean", by=make_ada(), at=NOON)
    nothing = {"reader_teaches": False, "reader_registers": False, "reader_signs": False}
    assert roles_of_reader(asked_by(lena)) == nothing
    assert roles_of_reader(asked_by(ivo)) == nothing | {"reader_teaches": True}
    assert roles_of_reader(asked_by(rhea)) == nothing | {"reader_registers": True}
    assert roles_of_reader(asked_by(noor)) == nothing | {"reader_signs": True}


def test_who_signs_off_finds_the_way_there_from_every_page(client: Client) -> None:
    noor = make_noor()
    client.force_login(noor)
    assert "/registry/sign-offs/" not in client.get("/catalogue/").content.decode()
    signatories.appoint(user=noor, issuer=make_issuer(registrar=make_rhea()), role="dean", by=make_ada(), at=NOON)
    assert 'href="/registry/sign-offs/"' in client.get("/catalogue/").content.decode()


def test_it_costs_one_question_and_a_visitor_none(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    lena = make_lena()
    with django_assert_num_queries(1):
        roles_of_reader(asked_by(lena))
    with django_assert_num_queries(0):
        roles_of_reader(asked_by(AnonymousUser()))
        roles_of_reader(HttpRequest())

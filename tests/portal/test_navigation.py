"""Which parts of the navigation a reader sees: those of the roles they have, at the price of one question."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from pytest_django import DjangoAssertNumQueries

from portal.accounts.models import User
from portal.navigation import roles_of_reader
from tests.cast import make_ivo, make_lena, make_rhea
from tests.college import make_course
from tests.factories import make_issuer

pytestmark = pytest.mark.django_db


def asked_by(user: User | AnonymousUser) -> HttpRequest:
    request = HttpRequest()
    request.user = user
    return request


def test_each_sees_what_belongs_to_their_roles() -> None:
    lena, ivo, rhea = make_lena(), make_ivo(), make_rhea()
    make_course(ivo=ivo)
    make_issuer(registrar=rhea)
    assert roles_of_reader(asked_by(lena)) == {"reader_teaches": False, "reader_registers": False}
    assert roles_of_reader(asked_by(ivo)) == {"reader_teaches": True, "reader_registers": False}
    assert roles_of_reader(asked_by(rhea)) == {"reader_teaches": False, "reader_registers": True}


def test_it_costs_one_question_and_a_visitor_none(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    lena = make_lena()
    with django_assert_num_queries(1):
        roles_of_reader(asked_by(lena))
    with django_assert_num_queries(0):
        roles_of_reader(asked_by(AnonymousUser()))
        roles_of_reader(HttpRequest())

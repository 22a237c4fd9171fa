"""Tests Django's administration of learning: written where that is safe, read only where acts have the say."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from pathways.models import Course, Grade
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_ivo, make_lena
from tests.college import enter, make_assignment, make_course, make_exam, make_quiz, passed, publish_rule

pytestmark = pytest.mark.django_db

MODELS = [model for model in admin.site._registry if model._meta.app_label == "pathways"]
WRITTEN = {"course", "module", "material", "assessment", "rubriccriterion", "pathway"}


@pytest.fixture
def course() -> Course:
    course = make_course(ivo=make_ivo())
    make_assignment(course)
    make_quiz(course)
    exam = make_exam(course)
    publish_rule(course.achievement, passed(exam.key))
    enter(make_lena(), exam, 71)
    return course


@pytest.fixture
def as_ada(client: Client) -> Client:
    client.force_login(make_ada())
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_each_list_and_row_is_shown(as_ada: Client, course: Course, model: type) -> None:
    name = f"admin:pathways_{model._meta.model_name}"
    assert as_ada.get(reverse(f"{name}_changelist"), {"q": "x"}).status_code == 200
    row = model._default_manager.first()
    if row is not None:
        assert as_ada.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200
    may_add = model._meta.model_name in WRITTEN
    assert as_ada.get(reverse(f"{name}_add")).status_code == (200 if may_add else 403)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_a_learner_is_not_let_in(client: Client, model: type) -> None:
    client.force_login(make_lena())
    assert client.get(reverse(f"admin:pathways_{model._meta.model_name}_changelist")).status_code == 302


def test_what_only_acts_may_change_is_not_changed_here(as_ada: Client, course: Course) -> None:
    grade = Grade.objects.get()
    address = reverse("admin:pathways_grade_change", args=[grade.pk])
    assert as_ada.post(address, {"marks": "100"}).status_code == 403
    assert as_ada.post(reverse("admin:pathways_grade_delete", args=[grade.pk]), {"post": "yes"}).status_code == 403
    grade.refresh_from_db()
    assert grade.marks == 71


def test_an_assessment_with_grades_is_not_removed(as_ada: Client, course: Course) -> None:
    exam = Grade.objects.get().assessment
    assert as_ada.post(reverse("admin:pathways_assessment_delete", args=[exam.pk]), {"post": "yes"}).status_code == 403


def test_a_change_leaves_a_line_in_the_record(as_ada: Client, course: Course) -> None:
    criterion = course.assessments.get(slug="essay").criteria.first()
    sent = {"assessment": criterion.assessment_id, "position": "1", "title": "Thought", "description": ""}
    sent |= {"levels-TOTAL_FORMS": "0", "levels-INITIAL_FORMS": "0"}
    as_ada.post(reverse("admin:pathways_rubriccriterion_change", args=[criterion.pk]), sent)
    criterion.refresh_from_db()
    assert criterion.title == "Thought"
    assert AuditEntry.objects.get(act="edit rubriccriterion").actor == make_ada()

"""The course builder: the questions of quizzes and exercises, and the rubrics of what is marked by people."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pathways import authoring_assessments
from pathways.editions import edition_of, edition_of_rubric
from pathways.forms.questions import (
    MAX_CHOICES,
    QuestionForm,
    RubricForm,
    count_of,
    question_initial,
    reshaped,
    rows_sent,
    rubric_form,
    rubric_rows,
    shape_sent,
)
from pathways.models import Assessment, Course, Material, Question
from pathways.views.authoring_pages import (
    assessment_of,
    compared,
    course_of,
    form_page,
    material_of,
    question_of,
    questions_url,
    refused_with,
    seen_next,
    status_of,
)
from portal.accounts.signed_in import SignedInRequest
from portal.shared.refusals import Refusal

Place = Assessment | Material


def _place(course: Course, kind: str, uuid: UUID) -> Place:
    """The quiz or exercise; nothing else has questions."""
    if kind == "assessment":
        assessment = assessment_of(course, uuid)
        if assessment.kind == Assessment.Kind.QUIZ:
            return assessment
    if kind == "material":
        material = material_of(course, uuid)
        if material.kind == Material.Kind.EXERCISE:
            return material
    raise Http404


def _is_begun(place: Place) -> bool:
    return isinstance(place, Assessment) and authoring_assessments.is_begun(place)


@login_required
def list_questions(request: SignedInRequest, slug: str, kind: str, uuid: UUID) -> HttpResponse:
    course = course_of(request, slug)
    place = _place(course, kind, uuid)
    context = {
        "course": course,
        "place": place,
        "kind": kind,
        "questions": list(place.questions.all()),
        "kinds": Question.Kind.choices,
        "is_begun": _is_begun(place),
    }
    return render(request, "pathways/teaching/build/questions.html", context)


@login_required
def add_question(request: SignedInRequest, slug: str, kind: str, uuid: UUID, question_kind: str) -> HttpResponse:
    course = course_of(request, slug)
    place = _place(course, kind, uuid)
    if question_kind not in Question.Kind.values:
        raise Http404
    form, status = _question_form(request, question_kind, place, {}, 4)
    if status == 422 and form.is_valid():
        refusal = refused_with(
            form,
            lambda: authoring_assessments.add_question(
                place=place, author=request.user, at=timezone.now(), **form.act_fields()
            ),
        )
        if refusal is None:
            messages.success(request, _("The question stands last."))
            return redirect(questions_url(course, place))
        status = status_of(refusal)
    title = _("New question: %(kind)s") % {"kind": Question.Kind(question_kind).label}
    return _question_page(request, course, form, place, title=title, status=status)


@login_required
def edit_question(request: SignedInRequest, slug: str, kind: str, uuid: UUID, question: UUID) -> HttpResponse:
    course = course_of(request, slug)
    place = _place(course, kind, uuid)
    there = question_of(place, question)
    rows = max(len(there.choices), 2)
    form, status = _question_form(request, there.kind, place, question_initial(there), rows)
    theirs = None
    if status == 422 and form.is_valid():
        refusal = refused_with(
            form,
            lambda: authoring_assessments.edit_question(
                question=there,
                author=request.user,
                at=timezone.now(),
                seen=request.POST.get("seen", ""),
                **form.act_fields(),
            ),
        )
        if refusal is None:
            messages.success(request, _("The question is kept."))
            return redirect(f"{questions_url(course, place)}#question-{question}")
        status = status_of(refusal)
        there = question_of(place, question)
        kept = QuestionForm(
            kind=there.kind,
            has_marks=isinstance(place, Assessment),
            rows=max(len(there.choices), 2),
            initial=question_initial(there),
        )
        theirs = compared(refusal, form, lambda: kept)
    title = _("Question %(number)d") % {"number": there.position}
    return _question_page(
        request,
        course,
        form,
        place,
        title=title,
        kicker=there.get_kind_display(),
        status=status,
        seen=seen_next(request, edition_of(there), theirs),
        differences=theirs,
    )


def _question_form(
    request: SignedInRequest, kind: str, place: Place, initial: dict[str, Any], rows: int
) -> tuple[QuestionForm, int]:
    """The form with the status of its page: 422 when it was sent to be kept, until it is."""
    has_marks = isinstance(place, Assessment)
    if request.method != "POST":
        return QuestionForm(kind=kind, has_marks=has_marks, rows=rows, initial=initial), 200
    rows = count_of(request.POST, "rows", most=MAX_CHOICES)
    if "add-choice" in request.POST:
        # Shown as it was typed, and not judged before it is sent to be kept.
        typed: dict[str, Any] = {name: request.POST[name] for name in request.POST}
        typed["right"] = request.POST.getlist("right")
        return QuestionForm(kind=kind, has_marks=has_marks, rows=min(rows + 1, MAX_CHOICES), initial=typed), 200
    return QuestionForm(request.POST, kind=kind, has_marks=has_marks, rows=rows), 422


def _question_page(
    request: SignedInRequest, course: Course, form: QuestionForm, place: Place, **context: Any
) -> HttpResponse:
    return form_page(
        request,
        course,
        form,
        place=place,
        back=questions_url(course, place),
        may_grow=form.rows < MAX_CHOICES,
        template="question_form",
        **context,
    )


@login_required
def remove_question(request: SignedInRequest, slug: str, kind: str, uuid: UUID, question: UUID) -> HttpResponse:
    """Show the question once more, and let it go."""
    course = course_of(request, slug)
    place = _place(course, kind, uuid)
    there = question_of(place, question)
    refused = ""
    if request.method == "POST":
        try:
            authoring_assessments.remove_question(question=there, author=request.user, at=timezone.now())
        except Refusal as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("The question is removed."))
            return redirect(questions_url(course, place))
    context = {
        "course": course,
        "place": place,
        "question": there,
        "refused": refused,
        "back": questions_url(course, place),
    }
    return render(request, "pathways/teaching/build/remove_question.html", context, status=409 if refused else 200)


@login_required
def edit_rubric(request: SignedInRequest, slug: str, uuid: UUID) -> HttpResponse:
    course = course_of(request, slug)
    assessment = assessment_of(course, uuid)
    if assessment.kind not in {Assessment.Kind.ASSIGNMENT, Assessment.Kind.PORTFOLIO}:
        raise Http404
    form, status, theirs = rubric_form(rubric_rows(assessment)), 200, None
    if request.method == "POST":
        rows = reshaped(rows_sent(request.POST), request.POST)
        if rows is not None:
            form = rubric_form(rows)
        else:
            form, status = RubricForm(request.POST, shape=shape_sent(request.POST)), 422
            if form.is_valid():
                refusal = refused_with(
                    form,
                    lambda: authoring_assessments.set_rubric(
                        assessment=assessment,
                        criteria=form.chosen(),
                        author=request.user,
                        at=timezone.now(),
                        seen=request.POST.get("seen", ""),
                    ),
                )
                if refusal is None:
                    messages.success(request, _("The rubric is kept."))
                    return redirect(f"{reverse('build', args=[slug])}#assessment-{uuid}")
                status = status_of(refusal)
                theirs = compared(refusal, form, lambda: rubric_form(rubric_rows(assessment)))
    return form_page(
        request,
        course,
        form,
        title=_("Rubric"),
        kicker=assessment.title,
        status=status,
        assessment=assessment,
        seen=seen_next(request, edition_of_rubric(assessment), theirs),
        differences=theirs,
        handed_in=authoring_assessments.is_handed_in(assessment),
        template="rubric",
    )

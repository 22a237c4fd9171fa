"""Assessments: quizzes with their questions, assignments with their rubrics, portfolios, exams."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pathways.models.courses import Course, Material


class Assessment(models.Model):
    """Something a learner is assessed by."""

    class Kind(models.TextChoices):
        QUIZ = "quiz", _("Quiz")
        ASSIGNMENT = "assignment", _("Assignment")
        PORTFOLIO = "portfolio", _("Portfolio")
        EXAM = "exam", _("Exam")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    course = models.ForeignKey(Course, on_delete=models.CASCADE, related_name="assessments")
    position = models.PositiveSmallIntegerField(_("position"))
    slug = models.SlugField(_("short name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    title = models.CharField(_("title"), max_length=150)
    brief = models.TextField(_("what is asked"), blank=True, help_text=_("Markdown."))
    out_of = models.DecimalField(
        _("marks in all"),
        max_digits=7,
        decimal_places=2,
        default=Decimal(100),
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    pass_marks = models.DecimalField(
        _("marks to pass"),
        max_digits=7,
        decimal_places=2,
        default=Decimal(40),
        validators=[MinValueValidator(Decimal(0))],
    )
    weight = models.DecimalField(_("weight in percent"), max_digits=5, decimal_places=2, default=Decimal(0))
    attempts_allowed = models.PositiveSmallIntegerField(_("attempts"), default=1, help_text=_("0: any number."))
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    # Late work is taken for so many days, each costing a share of the marks in all.
    late_days = models.PositiveSmallIntegerField(_("days late work is taken"), default=0)
    late_percent_per_day = models.PositiveSmallIntegerField(_("percent lost per day late"), default=0)
    files_allowed = models.PositiveSmallIntegerField(_("files"), default=3)
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=30)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["course", "slug"], name="one_assessment_slug_per_course"),
            models.CheckConstraint(condition=Q(out_of__gt=0), name="assessment_has_marks"),
            models.CheckConstraint(
                condition=Q(pass_marks__gte=0) & Q(pass_marks__lte=F("out_of")), name="pass_marks_within_marks"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("assessment", args=[self.uuid])

    @property
    def key(self) -> str:
        """How rules name it; needs the course."""
        return f"{self.course.slug}/{self.slug}"

    @property
    def is_handed_in(self) -> bool:
        """Whether learners submit something; an exam mark is entered."""
        return self.kind != self.Kind.EXAM


class Question(models.Model):
    """A question with its right answer, in a quiz or an exercise."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("One right choice")
        MULTIPLE = "multiple", _("Several right choices")
        NUMBER = "number", _("Number")
        TEXT = "text", _("Short text")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, null=True, blank=True, related_name="questions"
    )
    material = models.ForeignKey(Material, on_delete=models.CASCADE, null=True, blank=True, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    prompt = models.TextField(_("question"), help_text=_("Markdown."))
    # single, multiple: [{"text": …, "correct": true, "feedback": …}, …]; else empty.
    choices = models.JSONField(_("choices"), default=list, blank=True)
    # number: {"value": "3.5", "tolerance": "0.1"}; text: {"accepted": ["…", …]}; else empty.
    answer = models.JSONField(_("right answer"), default=dict, blank=True)
    feedback = models.TextField(_("explanation"), blank=True, help_text=_("Shown after answering. Markdown."))
    marks = models.DecimalField(
        _("marks"), max_digits=5, decimal_places=2, default=Decimal(1), validators=[MinValueValidator(Decimal("0.01"))]
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(assessment__isnull=False, material__isnull=True)
                | Q(assessment__isnull=True, material__isnull=False),
                name="question_in_one_place",
            ),
            models.CheckConstraint(condition=Q(marks__gt=0), name="question_has_marks"),
        ]

    def __str__(self) -> str:
        return self.prompt[:60]


class RubricCriterion(models.Model):
    """One thing that work is judged by."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="criteria")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(_("criterion"), max_length=150)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.title


class RubricLevel(models.Model):
    """How well a criterion is met, and the marks it brings."""

    criterion = models.ForeignKey(RubricCriterion, on_delete=models.CASCADE, related_name="levels")
    position = models.PositiveSmallIntegerField(help_text=_("From low to high."))
    title = models.CharField(_("level"), max_length=80)
    description = models.TextField(_("description"), blank=True)
    marks = models.DecimalField(
        _("marks"), max_digits=6, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(Decimal(0))]
    )

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(marks__gte=0), name="level_marks_not_negative")]

    def __str__(self) -> str:
        return self.title

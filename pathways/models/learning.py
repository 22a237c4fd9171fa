"""What learners did: enrolments, progress, submissions, and the grades they were given."""

import uuid
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pathways.models.assessment import Assessment, RubricCriterion, RubricLevel
from pathways.models.courses import Course, Material
from pathways.models.rules import Pathway, RuleVersion


class Enrolment(models.Model):
    """A learner's place in a course, and the rule version in force when they took it."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Studying")
        COMPLETED = "completed", _("Completed")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="enrolments")
    rule_version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.ACTIVE)
    enrolled_at = models.DateTimeField(_("enrolled"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering: ClassVar = ["-enrolled_at", "-id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["learner", "course"], name="one_enrolment_per_course")]

    def __str__(self) -> str:
        return f"{self.learner}, {self.course}"


class PathwayEnrolment(models.Model):
    """A learner's choice of a pathway, and the rule version in force when they started."""

    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pathway_enrolments")
    pathway = models.ForeignKey(Pathway, on_delete=models.PROTECT, related_name="enrolments")
    rule_version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(_("started"))
    left_at = models.DateTimeField(_("left"), null=True, blank=True)

    class Meta:
        verbose_name = _("pathway enrolment")
        verbose_name_plural = _("pathway enrolments")
        ordering: ClassVar = ["-started_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["learner", "pathway"], name="one_enrolment_per_pathway")
        ]

    def __str__(self) -> str:
        return f"{self.learner}, {self.pathway}"


class MaterialProgress(models.Model):
    """A learner has done a material."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="progress")
    material = models.ForeignKey(Material, on_delete=models.CASCADE, related_name="progress")
    done_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrolment", "material"], name="one_progress_per_material")
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.material}"


class Submission(models.Model):
    """What a learner handed in, once for each attempt."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        GRADED = "graded", _("Graded")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="submissions")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions")
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    text = models.TextField(_("your text"), blank=True, max_length=50_000)
    # Quiz: {question uuid: choice index | [choice indexes] | text}.
    answers = models.JSONField(default=dict, blank=True)
    saved_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    days_late = models.PositiveSmallIntegerField(default=0)
    # What the learner can show to prove what was handed in: SHA-256 over text, answers and files.
    receipt = models.CharField(max_length=64, blank=True)
    # Who is marking it now, so that two graders do not take the same one.
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering: ClassVar = ["submitted_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assessment", "learner", "attempt"], name="one_submission_per_attempt"),
            models.UniqueConstraint(
                fields=["assessment", "learner"], condition=Q(state="draft"), name="one_draft_submission"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_at__isnull=False), name="submitted_has_time"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["assessment", "submitted_at"], condition=Q(state="submitted"), name="submission_waiting"
            )
        ]

    def __str__(self) -> str:
        words = _("%(assessment)s: %(learner)s, attempt %(attempt)s")
        return words % {"assessment": self.assessment, "learner": self.learner, "attempt": self.attempt}

    def get_absolute_url(self) -> str:
        return reverse("submission", args=[self.uuid])


class SubmissionFile(models.Model):
    """A file handed in with a submission, stored under the hash of its content (reliability T4)."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=120)
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "sha256"], name="one_file_once_per_submission")
        ]

    def __str__(self) -> str:
        return self.name


class Grade(models.Model):
    """Marks given to a learner for an assessment: drafted, then released; a regrade replaces, and both stay."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RELEASED = "released", _("Released")
        REPLACED = "replaced", _("Replaced by a later grade")

    class Source(models.TextChoices):
        MARKED = "marked", _("Marked by a person")
        QUIZ = "quiz", _("Marked by itself")
        ENTERED = "entered", _("Mark entered")
        BANKED = "banked", _("Carried over from an earlier presentation")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="grades")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="grades")
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True, blank=True, related_name="grades")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT)
    source = models.CharField(_("source"), max_length=7, choices=Source, default=Source.MARKED)
    marks = models.DecimalField(_("marks"), max_digits=7, decimal_places=2, validators=[MinValueValidator(Decimal(0))])
    # The scale as it was when the grade was given, so that a later change of the assessment does not rewrite it.
    out_of = models.DecimalField(max_digits=7, decimal_places=2)
    pass_marks = models.DecimalField(max_digits=7, decimal_places=2)
    late_penalty = models.DecimalField(_("lost for lateness"), max_digits=7, decimal_places=2, default=Decimal(0))
    comment = models.TextField(_("comment"), blank=True, max_length=20_000)
    graded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("graded by"),
    )
    drafted_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    # The day that counts for rules: when the work was handed in or the exam sat.
    earned_on = models.DateField()
    replaced_by = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces")

    class Meta:
        verbose_name = _("grade")
        verbose_name_plural = _("grades")
        ordering: ClassVar = ["-drafted_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission", "state"], condition=~Q(state="replaced"), name="one_draft_and_one_released_grade"
            ),
            models.UniqueConstraint(
                fields=["assessment", "learner", "state"],
                condition=~Q(state="replaced") & Q(submission__isnull=True),
                name="one_entered_mark",
            ),
            models.CheckConstraint(condition=Q(marks__gte=0) & Q(marks__lte=F("out_of")), name="marks_within_scale"),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(released_at__isnull=False), name="released_grade_has_time"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["learner", "state"], name="grade_of_learner")]

    def __str__(self) -> str:
        return f"{Decimal(self.marks).normalize():f}/{Decimal(self.out_of).normalize():f}"

    @property
    def has_passed(self) -> bool:
        return self.marks >= self.pass_marks


class CriterionMark(models.Model):
    """The level of one criterion in one grade."""

    grade = models.ForeignKey(Grade, on_delete=models.CASCADE, related_name="criterion_marks")
    criterion = models.ForeignKey(RubricCriterion, on_delete=models.PROTECT, related_name="+")
    level = models.ForeignKey(RubricLevel, on_delete=models.PROTECT, related_name="+")
    comment = models.TextField(_("comment"), blank=True, max_length=5_000)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["grade", "criterion"], name="one_mark_per_criterion")]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.level}"

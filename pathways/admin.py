"""Shows learning in Django's own administration: courses are written here; what only acts may change is read."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from credentials.admin import ReadOnlyAdmin
from pathways.models import (
    Assessment,
    Course,
    CourseStaff,
    CriterionMark,
    Derivation,
    Enrolment,
    Grade,
    Material,
    MaterialProgress,
    Module,
    Pathway,
    PathwayEnrolment,
    Question,
    RubricCriterion,
    RubricLevel,
    RuleReference,
    RuleVersion,
    Stage,
    Submission,
    SubmissionFile,
)
from portal.shared import audit


class ReadOnlyInline(admin.TabularInline):
    """Rows that belong to the one shown, to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class NotedAdmin(admin.ModelAdmin):
    """Rows that may be written here; each change leaves its line in the record of acts (I13)."""

    list_per_page = 50

    def save_model(self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        act = f"{'edit' if change else 'create'} {obj._meta.model_name}"
        audit.note(act, obj, actor=_actor(request), at=timezone.now(), fields=sorted(form.changed_data))

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        audit.note(f"remove {obj._meta.model_name}", obj, actor=_actor(request), at=timezone.now())
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)


def _actor(request: HttpRequest) -> Any:
    return request.user


# Courses


class StaffInline(admin.TabularInline):
    model = CourseStaff
    extra = 0
    raw_id_fields = ("user",)


class ModuleInline(admin.TabularInline):
    model = Module
    extra = 0
    show_change_link = True
    fields = ("position", "slug", "title", "summary")


class AssessmentInline(admin.TabularInline):
    """New ones are added here and edited on pages of their own, where their short name is kept from changing."""

    model = Assessment
    extra = 0
    can_delete = False
    show_change_link = True
    fields = ("position", "slug", "kind", "title", "out_of", "pass_marks", "due_at")

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


@admin.register(Course)
class CourseAdmin(NotedAdmin):
    list_display = ("title", "slug", "issuer", "state", "starts_on", "ends_on")
    list_filter = ("state", "issuer", "language")
    list_select_related = ("issuer",)
    search_fields = ("title", "slug")
    raw_id_fields = ("achievement",)
    inlines = (StaffInline, ModuleInline, AssessmentInline)

    def get_readonly_fields(self, request: HttpRequest, obj: Course | None = None) -> tuple[str, ...]:
        # Opening has its own act, which asks for what is missing; rules name an opened course by its short name.
        always = ("state", "opened_at")
        return (*always, "slug") if obj and obj.opened_at else always


class MaterialInline(admin.StackedInline):
    model = Material
    extra = 0
    show_change_link = True


@admin.register(Module)
class ModuleAdmin(NotedAdmin):
    list_display = ("title", "course", "position")
    list_filter = ("course__issuer",)
    list_select_related = ("course",)
    search_fields = ("title", "course__title")
    inlines = (MaterialInline,)


class QuestionInline(admin.StackedInline):
    model = Question
    extra = 0


@admin.register(Material)
class MaterialAdmin(NotedAdmin):
    list_display = ("title", "kind", "module", "minutes")
    list_filter = ("kind",)
    list_select_related = ("module",)
    search_fields = ("title", "module__course__title")
    inlines = (QuestionInline,)


class CriterionInline(admin.StackedInline):
    model = RubricCriterion
    extra = 0
    show_change_link = True


@admin.register(Assessment)
class AssessmentAdmin(NotedAdmin):
    list_display = ("title", "course", "kind", "out_of", "pass_marks", "due_at")
    list_filter = ("kind", "course__issuer")
    list_select_related = ("course",)
    search_fields = ("title", "slug", "course__title")
    inlines = (QuestionInline, CriterionInline)

    def get_readonly_fields(self, request: HttpRequest, obj: Assessment | None = None) -> tuple[str, ...]:
        return ("slug", "course") if obj and obj.course.opened_at else ()

    def has_delete_permission(self, request: HttpRequest, obj: Assessment | None = None) -> bool:
        # What learners have handed in for it would lose its question.
        if obj is not None and (obj.submissions.exists() or obj.grades.exists()):
            return False
        return super().has_delete_permission(request, obj)


class LevelInline(admin.TabularInline):
    model = RubricLevel
    extra = 0


@admin.register(RubricCriterion)
class RubricCriterionAdmin(NotedAdmin):
    list_display = ("title", "assessment", "position")
    list_select_related = ("assessment",)
    search_fields = ("title", "assessment__title")
    inlines = (LevelInline,)


class StageInline(admin.StackedInline):
    model = Stage
    extra = 0
    raw_id_fields = ("achievements",)


@admin.register(Pathway)
class PathwayAdmin(NotedAdmin):
    list_display = ("title", "slug", "issuer", "target", "state")
    list_filter = ("state", "issuer")
    list_select_related = ("issuer", "target")
    search_fields = ("title", "slug")
    raw_id_fields = ("target",)
    readonly_fields = ("state",)
    inlines = (StageInline,)


# What only acts may change


class ReferenceInline(ReadOnlyInline):
    model = RuleReference
    show_change_link = False


@admin.register(RuleVersion)
class RuleVersionAdmin(ReadOnlyAdmin):
    """Drafts are written at the registry, where they are checked; published versions never change."""

    list_display = ("achievement", "number", "state", "author", "approver", "published_at")
    list_filter = ("state", "achievement__issuer")
    list_select_related = ("achievement", "author", "approver")
    search_fields = ("achievement__name", "achievement__slug", "content_hash")
    inlines = (ReferenceInline,)


@admin.register(Derivation)
class DerivationAdmin(ReadOnlyAdmin):
    list_display = ("award", "rule_version", "cause", "evaluated_at")
    list_filter = ("evaluator_version",)
    list_select_related = ("award__achievement", "award__learner", "rule_version__achievement")
    search_fields = ("award__learner__email", "grounds_sha256")
    show_full_result_count = False


class CriterionMarkInline(ReadOnlyInline):
    model = CriterionMark
    show_change_link = False


@admin.register(Grade)
class GradeAdmin(ReadOnlyAdmin):
    list_display = ("learner", "assessment", "marks", "out_of", "state", "source", "released_at")
    list_filter = ("state", "source")
    list_select_related = ("learner", "assessment")
    search_fields = ("learner__email", "assessment__title")
    inlines = (CriterionMarkInline,)
    show_full_result_count = False


class FileInline(ReadOnlyInline):
    model = SubmissionFile
    show_change_link = False


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ("learner", "assessment", "attempt", "state", "submitted_at", "days_late")
    list_filter = ("state",)
    list_select_related = ("learner", "assessment")
    search_fields = ("learner__email", "assessment__title", "receipt")
    inlines = (FileInline,)
    show_full_result_count = False


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = ("learner", "course", "state", "enrolled_at", "ended_at")
    list_filter = ("state", "course__issuer")
    list_select_related = ("learner", "course")
    search_fields = ("learner__email", "course__title")
    show_full_result_count = False


@admin.register(PathwayEnrolment)
class PathwayEnrolmentAdmin(ReadOnlyAdmin):
    list_display = ("learner", "pathway", "started_at", "left_at")
    list_select_related = ("learner", "pathway")
    search_fields = ("learner__email", "pathway__title")


@admin.register(MaterialProgress)
class MaterialProgressAdmin(ReadOnlyAdmin):
    list_display = ("enrolment", "material", "done_at")
    list_select_related = ("enrolment__learner", "enrolment__course", "material")
    search_fields = ("enrolment__learner__email", "material__title")
    show_full_result_count = False

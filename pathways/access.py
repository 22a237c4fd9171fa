"""Who may see and do what with courses, work and rules; what one may not see does not exist (404)."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from credentials.access import issuers_of
from credentials.models import Achievement, Issuer, IssuerRole
from pathways import judgement
from pathways.judgement import ToSign
from pathways.models import (
    Assessment,
    AwardBatch,
    Course,
    DataExport,
    Enrolment,
    ErasureRequest,
    Experience,
    LearningPlan,
    NameRequest,
    Pathway,
    Recognition,
    Rollout,
    Ruling,
    Signatory,
    Submission,
)
from portal.accounts.models import User


def courses_taught_by(user: User) -> QuerySet[Course]:
    """Courses whose staff the user is, and those of the issuers the user administers."""
    if user.is_superuser:
        return Course.objects.all()
    return Course.objects.filter(
        Q(staff__user=user) | Q(issuer__in=issuers_of(user, IssuerRole.Role.ADMINISTRATOR))
    ).distinct()


def issuers_for_authors(user: User) -> QuerySet[Issuer]:
    """For whom the user may begin a course.

    Those of which they are registrar or administrator, and those for which they teach a course already.
    """
    if user.is_superuser:
        return Issuer.objects.all()
    return Issuer.objects.filter(
        Q(pk__in=issuers_of(user, IssuerRole.Role.REGISTRAR))
        | Q(pk__in=issuers_of(user, IssuerRole.Role.ADMINISTRATOR))
        | Q(pk__in=Course.objects.filter(staff__user=user).values("issuer"))
    )


def course_for_staff(user: User, slug: str) -> Course:
    return get_object_or_404(courses_taught_by(user).select_related("issuer", "achievement"), slug=slug)


def course_for_visitor(user: User | None, slug: str) -> Course:
    """An open or closed course for anyone; a draft for its staff only."""
    course = get_object_or_404(Course.objects.select_related("issuer__parent", "achievement"), slug=slug)
    if course.state == Course.State.DRAFT and not (user and courses_taught_by(user).filter(pk=course.pk).exists()):
        raise Http404
    return course


def enrolment_for_learner(user: User, course_slug: str) -> Enrolment:
    """The learner's own place in a course; one who withdrew has none."""
    enrolments = Enrolment.objects.select_related("course__issuer", "course__achievement")
    return get_object_or_404(
        enrolments.exclude(state=Enrolment.State.WITHDRAWN), learner=user, course__slug=course_slug
    )


def assessment_for_learner(user: User, assessment_uuid: UUID) -> Assessment:
    """An assessment of a course in which the learner is enrolled."""
    places = Enrolment.objects.filter(learner=user).exclude(state=Enrolment.State.WITHDRAWN)
    return get_object_or_404(
        Assessment.objects.select_related("course__issuer").filter(course__in=places.values("course")),
        uuid=assessment_uuid,
    )


def plan_for_learner(user: User, plan_uuid: UUID) -> LearningPlan:
    """A plan that the learner keeps; nobody else sees it."""
    plans = LearningPlan.objects.prefetch_related("targets", "steps__course__achievement")
    return get_object_or_404(plans, uuid=plan_uuid, learner=user)


def export_for_person(user: User, export_uuid: UUID) -> DataExport:
    """A copy of one's own data."""
    return get_object_or_404(DataExport, person=user, uuid=export_uuid)


def erasure_for_administrator(user: User, request_uuid: UUID) -> ErasureRequest:
    operations(user)
    return get_object_or_404(ErasureRequest.objects.select_related("person"), uuid=request_uuid)


def names_for_registrar(user: User) -> QuerySet[NameRequest]:
    """Names that holders ask to be corrected on what the user's issuers awarded."""
    found = NameRequest.objects.filter(award__achievement__issuer__in=issuers_of(user, IssuerRole.Role.REGISTRAR))
    return found.select_related("award__learner", "award__achievement__issuer", "decided_by")


def name_for_registrar(user: User, request_uuid: UUID) -> NameRequest:
    return get_object_or_404(names_for_registrar(user), uuid=request_uuid)


def submission_for_learner(user: User, submission_uuid: UUID) -> Submission:
    submissions = Submission.objects.select_related("assessment__course__issuer")
    return get_object_or_404(submissions, uuid=submission_uuid, learner=user)


def submission_for_instructor(user: User, submission_uuid: UUID) -> Submission:
    """Work handed in for a course that the user teaches; never the user's own."""
    submissions = Submission.objects.select_related("assessment__course__issuer", "learner").exclude(learner=user)
    return get_object_or_404(
        submissions.exclude(state=Submission.State.DRAFT).filter(assessment__course__in=courses_taught_by(user)),
        uuid=submission_uuid,
    )


def submission_for_reader(user: User, submission_uuid: UUID) -> Submission:
    """Work for whoever may read it: its learner, or staff once it was handed in."""
    readable = Q(learner=user) | (~Q(state=Submission.State.DRAFT) & Q(assessment__course__in=courses_taught_by(user)))
    submissions = Submission.objects.select_related("assessment__course__issuer", "learner")
    return get_object_or_404(submissions.filter(readable), uuid=submission_uuid)


def achievements_for_registrar(user: User) -> QuerySet[Achievement]:
    return Achievement.objects.filter(issuer__in=issuers_of(user, IssuerRole.Role.REGISTRAR))


def achievement_for_registrar(user: User, slug: str) -> Achievement:
    return get_object_or_404(achievements_for_registrar(user).select_related("issuer__parent"), slug=slug)


def ruling_for_registrar(user: User, ruling_uuid: UUID) -> Ruling:
    """A decision about a learner in the name of an issuer of which the reader is registrar."""
    found = Ruling.objects.filter(issuer__in=issuers_of(user, IssuerRole.Role.REGISTRAR))
    people = ("learner", "author", "approver", "withdrawn_by")
    return get_object_or_404(found.select_related("achievement__issuer", "issuer", *people), uuid=ruling_uuid)


def parts_to_sign(user: User) -> list[ToSign]:
    """The parts of rules that the reader may sign off; who signs off nothing finds no desk."""
    roles = judgement.signatory_issuers(user)
    if not roles:
        raise Http404
    return judgement.parts_to_sign(roles)


def experience_for_signatory(user: User) -> QuerySet[Experience]:
    """What others have logged that the user attests in a role of theirs; what is the user's own never."""
    roles = judgement.signatory_issuers(user)
    signed = Q(pk__in=())
    for role, issuers in roles.items():
        signed |= Q(logbook__role=role, logbook__issuer__in=issuers)
    return Experience.objects.filter(signed).exclude(learner=user).select_related("learner", "logbook__issuer")


def recognitions_for_registrar(user: User) -> QuerySet[Recognition]:
    """What others have asked of an issuer of which the user is registrar; what is the user's own never."""
    found = Recognition.objects.filter(issuer__in=issuers_of(user, IssuerRole.Role.REGISTRAR)).exclude(learner=user)
    return found.select_related("learner", "issuer", "achievement__issuer", "claim__trusted", "decided_by")


def recognition_for_registrar(user: User, recognition_uuid: UUID) -> Recognition:
    return get_object_or_404(recognitions_for_registrar(user), uuid=recognition_uuid)


def attests(user: User) -> bool:
    """Whether the user has any role in which something is signed."""
    return Signatory.objects.filter(user=user).exists()


def rollouts_for_registrar(user: User) -> QuerySet[Rollout]:
    found = Rollout.objects.filter(version__achievement__issuer__in=issuers_of(user, IssuerRole.Role.REGISTRAR))
    return found.select_related("version__achievement").order_by("-begun_at", "-id")


def rollout_for_registrar(user: User, uuid: UUID) -> Rollout:
    return get_object_or_404(rollouts_for_registrar(user), uuid=uuid)


def batches_for_registrar(user: User) -> QuerySet[AwardBatch]:
    found = AwardBatch.objects.filter(achievement__issuer__in=issuers_of(user, IssuerRole.Role.REGISTRAR))
    return found.select_related("achievement", "begun_by").order_by("-begun_at", "-id")


def batch_for_registrar(user: User, uuid: UUID) -> AwardBatch:
    return get_object_or_404(batches_for_registrar(user), uuid=uuid)


def pathway_for_visitor(slug: str) -> Pathway:
    pathways = Pathway.objects.exclude(state=Pathway.State.DRAFT).select_related("target__issuer", "issuer")
    return get_object_or_404(pathways, slug=slug)


def pathway_for_registrar(user: User, slug: str) -> Pathway:
    pathways = Pathway.objects.filter(issuer__in=issuers_of(user, IssuerRole.Role.REGISTRAR))
    return get_object_or_404(pathways.select_related("target__issuer", "issuer"), slug=slug)


def registry_of(user: User) -> tuple[QuerySet[Issuer], QuerySet[Issuer]]:
    """The issuers for which the person is registrar and administrator; who is neither anywhere finds no registry."""
    registers = issuers_of(user, IssuerRole.Role.REGISTRAR)
    administers = issuers_of(user, IssuerRole.Role.ADMINISTRATOR)
    if not registers.exists() and not administers.exists():
        raise Http404
    return registers, administers


def operations(user: User) -> None:
    """The work of the whole site is shown to its administrators alone."""
    if not (user.is_active and user.is_superuser):
        raise Http404

"""Makes what the demonstration college teaches and awards: courses, qualifications and pathways, with their rules."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import transaction

from credentials import achievements
from credentials.achievements import Skill
from credentials.models import Achievement, Issuer
from pathways import authoring, rulemaking
from pathways.demonstration import content, looks
from pathways.demonstration.college import College, Fields
from pathways.holdings import institution_day
from pathways.models import Course, Pathway
from pathways.rules.examples import Example

ESCO = "European Skills, Competences, Qualifications and Occupations (ESCO)"


@transaction.atomic
def load_course(college: College, described: Fields) -> None:
    if Course.objects.filter(slug=described["slug"]).exists():
        return
    at = college.opened_at
    issuer = college.issuers[described["issuer"]]
    staff = [college.people[key] for key in described["instructors"]]
    achievement = _published_achievement(
        college,
        issuer,
        described["achievement"]
        | {
            "kind": Achievement.Kind.MICRO_CREDENTIAL,
            "summary": described["summary"],
            **{key: described[key] for key in ("outcomes", "level", "credits", "hours", "participation", "skills")},
        },
    )
    course = authoring.create_course(
        author=staff[0],
        at=at,
        slug=described["slug"],
        issuer=issuer,
        achievement=achievement,
        title=described["title"],
        summary=described["summary"],
        description=described["description"],
        hours=Decimal(described["hours"]),
        language=described["language"],
        price=Decimal(described["price"]),
    )
    for colleague in staff[1:]:
        authoring.add_staff(course=course, user=colleague, by=staff[0], at=at)
    for module in described["modules"]:
        made = authoring.add_module(
            course=course, slug=module["slug"], title=module["title"], summary=module["summary"]
        )
        for material in module["materials"]:
            authoring.add_material(module=made, **_material_fields(material))
    for assessment in described["assessments"]:
        authoring.add_assessment(course=course, **_assessment_fields(college, assessment))
    _publish_rule(college, achievement, described["achievement"]["rule"])
    authoring.open_course(course=course, by=staff[0], at=at)


@transaction.atomic
def load_qualification(college: College, described: Fields) -> None:
    if Achievement.objects.filter(slug=described["slug"]).exists():
        return
    achievement = _published_achievement(college, college.issuers[described["issuer"]], described)
    _publish_rule(college, achievement, described["rule"], described["examples"])


def load_achievement(college: College, described: Fields) -> Achievement:
    """What is awarded by hand only, and has neither course nor rule."""
    found = Achievement.objects.filter(slug=described["slug"]).first()
    return found or _published_achievement(college, college.issuers[described["issuer"]], described)


@transaction.atomic
def load_pathway(college: College, described: Fields) -> None:
    if Pathway.objects.filter(slug=described["slug"]).exists():
        return
    named = {each.slug: each for each in Achievement.objects.select_related("issuer")}
    target = named[described["target"]]
    registrar = college.people["rhea"]
    pathway = authoring.create_pathway(
        by=registrar,
        at=college.opened_at,
        slug=described["slug"],
        issuer=target.issuer,
        target=target,
        stages=[
            {
                "title": stage["title"],
                "text": stage["text"],
                "achievements": [named[slug] for slug in stage["achievements"]],
            }
            for stage in described["stages"]
        ],
        **{key: described[key] for key in ("title", "summary", "description", "audience")},
    )
    authoring.open_pathway(pathway=pathway, by=registrar, at=college.opened_at)


def _published_achievement(college: College, issuer: Issuer, described: Fields) -> Achievement:
    copied = (
        "slug",
        "kind",
        "name",
        "summary",
        "description",
        "outcomes",
        "criteria",
        "level",
        "assessment_type",
        "participation",
        "supervision",
        "subject",
        "tags",
    )
    achievement = achievements.create_achievement(
        issuer=issuer,
        by=college.people["rhea"],
        at=college.opened_at,
        credits=Decimal(described["credits"]),
        workload_hours=Decimal(described["hours"]),
        validity_months=described.get("validity_months"),
        image_alt=f"A stack of stones, the badge of {described['name']}",
        quality_assurance=issuer.quality_assurance,
        skills=[
            Skill(skill["name"], framework=ESCO if "url" in skill else "", url=skill.get("url", ""))
            for skill in described["skills"]
        ],
        **{key: described[key] for key in copied},
    )
    achievement = looks.compose_badge(college, achievement)
    return achievements.publish_achievement(
        achievement=achievement, by=college.people["baptiste"], at=college.opened_at
    )


def _publish_rule(
    college: College, achievement: Achievement, document: Fields, examples: Iterable[Fields] = ()
) -> None:
    at, rhea = college.opened_at, college.people["rhea"]
    draft = rulemaking.save_draft(achievement=achievement, document=document, author=rhea, at=at)
    for each in examples:
        draft = rulemaking.keep_example(
            achievement=achievement,
            example=_example(each, institution_day(at)),
            author=rhea,
            at=at,
            revision=draft.revision,
        )
    rulemaking.publish(achievement=achievement, approver=college.people["baptiste"], at=at)


def _example(described: Fields, on: date) -> Example:
    names = dict(Achievement.objects.filter(slug__in=described["holds"]).values_list("slug", "name"))
    word = "Enough" if described["satisfied"] else "Not enough"
    return Example(
        name=f"{word}: {', '.join(names[slug] for slug in described['holds'])}"[:200],
        met=described["satisfied"],
        on=on,
        record=rulemaking.read_learner("\n".join(described["holds"]), on),
    )


def _material_fields(described: Fields) -> Fields:
    fields = {key: described[key] for key in ("slug", "kind", "title", "minutes")}
    fields["body"] = described.get("body", described.get("summary", ""))
    match described["kind"]:
        case "exercise":
            fields["questions"] = [content.question_fields(question) for question in described["questions"]]
        case "video":
            for kind, name in (("file", described["video"]), ("captions", described["captions"])):
                fields[kind] = ContentFile((content.MEDIA / name).read_bytes(), name=name)
            fields["transcript"] = described["transcript"]
        case "file":
            fields["file"] = ContentFile(described["content"].encode(), name=described["filename"])
        case "external":
            fields["url"] = described["url"]
    return fields


def _assessment_fields(college: College, described: Fields) -> Fields:
    fields: Fields = {
        "slug": described["slug"],
        "kind": described["kind"],
        "title": described["title"],
        "brief": described["brief"],
        "out_of": Decimal(100),
        "pass_marks": Decimal(described["pass_mark"]),
        "attempts_allowed": described["attempts"],
        "late_days": described.get("late_days", 0),
        "late_percent_per_day": described.get("late_percent_per_day", 0),
        "files_allowed": described.get("files_allowed", 0),
    }
    if "due_in_days" in described:
        due = college.at + timedelta(days=described["due_in_days"])
        fields["due_at"] = due.replace(hour=23, minute=59, second=0, microsecond=0)
    if "questions" in described:
        fields["questions"] = [content.question_fields(question) for question in described["questions"]]
        fields["minutes"] = 3 * len(described["questions"])
    if "rubric" in described:
        fields["rubric"] = content.rubric_fields(described["rubric"])
        fields["minutes"] = 240
    return fields

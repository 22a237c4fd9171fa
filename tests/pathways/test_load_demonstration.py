"""Tests that the demonstration college comes about as its files say, once."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from credentials import verification
from credentials.models import (
    Achievement,
    Award,
    BadgeDesign,
    CertificateProof,
    CertificateTemplate,
    Claim,
    Credential,
    Endorsement,
    GivenEndorsement,
    IssuerRole,
    LearnerRecord,
)
from pathways import grading, rulemaking
from pathways.demonstration import afterwards, attachments, content, load
from pathways.models import (
    AwardBatch,
    Course,
    Derivation,
    Enrolment,
    Grade,
    Material,
    Pathway,
    Recognition,
    RuleVersion,
    Submission,
)
from pathways.queries import record_of
from pathways.rulebook import current
from pathways.rules.evaluate import evaluate
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import Job
from tests.factories import NOON
from tests.tools.replaying import Papers, program, replayed


def person(key: str) -> User:
    return User.objects.get(email=load.address_of(key))


def held(key: str) -> set[str]:
    return set(Award.objects.filter(learner=person(key)).values_list("achievement__slug", flat=True))


def would_award(key: str) -> list[str]:
    """What the best mark on the learner's waiting work would award; nothing is kept of it."""
    waiting = Submission.objects.select_related("assessment__course__issuer").get(
        learner=person(key), state=Submission.State.SUBMITTED
    )
    grade = grading.draft_grade(
        submission=waiting,
        levels={criterion: criterion.levels.latest("position") for criterion in waiting.assessment.criteria.all()},
        marks=None,
        comment="",
        criterion_comments={},
        grader=person("rhea"),
        at=NOON,
    )
    found = [achievement.slug for achievement in grading.would_award(grade, at=NOON)]
    grade.delete()
    return found


def doubted(client: Client) -> list[str]:
    """The rules against which something stands in the editor."""
    slugs = {entry.slug for entry in current().entries.values()}
    pages = {}
    for registrar in User.objects.filter(issuer_roles__role=IssuerRole.Role.REGISTRAR).distinct():
        client.force_login(registrar)
        asked = {slug: client.get(f"/registry/achievements/{slug}/rule/") for slug in slugs - pages.keys()}
        pages |= {slug: page for slug, page in asked.items() if page.status_code == 200}
    assert pages.keys() == slugs
    return [slug for slug, page in pages.items() if 'class="findings"' in page.text]


def with_part(document: dict[str, Any], node: str, **fields: Any) -> dict[str, Any]:
    """The document with these fields of one part put in the place of what was there."""

    def changed(part: dict[str, Any]) -> dict[str, Any]:
        below = {"parts": [changed(each) for each in part["parts"]]} if "parts" in part else {}
        return part | below | (fields if part["id"] == node else {})

    return document | {"root": changed(document["root"])}


def change_the_certificate_as_the_tour_does() -> None:
    """What the README changes can be published; what an example stands against cannot."""
    certificate = Achievement.objects.get(slug="certificate-in-data-practice")
    in_force = RuleVersion.objects.get(achievement=certificate, state=RuleVersion.State.PUBLISHED)
    changed = rulemaking.save_draft(
        achievement=certificate,
        document=with_part(in_force.document, "level", at_least=14),
        author=person("rhea"),
        at=NOON,
    )
    with pytest.raises(rulemaking.ExampleFails):
        rulemaking.publish(achievement=certificate, approver=person("baptiste"), at=NOON)
    rulemaking.save_draft(
        achievement=certificate,
        document=with_part(in_force.document, "python", any_of=["python-for-data", "machine-learning-first-steps"]),
        author=person("rhea"),
        at=NOON,
        revision=changed.revision,
    )
    assert rulemaking.publish(achievement=certificate, approver=person("baptiste"), at=NOON).number == 2


def everything_is_open_and_everybody_can_sign_in() -> None:
    # Everything that may be studied is open.
    assert Course.objects.filter(state=Course.State.OPEN).count() == len(content.courses())
    assert Pathway.objects.filter(state=Pathway.State.OPEN).count() == 3
    with Material.objects.get(slug="median-clip").captions.open() as captions:
        assert captions.read().startswith(b"WEBVTT")

    # Everybody can sign in with the password that is told, and has the part that is told.
    assert all(user.check_password("cairn-demo") for user in (person("lena"), person("astrid")))
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == User.objects.count()
    assert set(person("rhea").issuer_roles.values_list("role", flat=True)) == {"registrar"}
    assert not person("ivo").is_staff
    assert person("ivo").taught.filter(course__slug="statistics-in-practice").exists()


def every_badge_was_composed_before_it_was_given() -> bool:
    achievements = Achievement.objects.prefetch_related("badge_designs")
    return all(
        achievement.version == 1
        and [design.since_version for design in achievement.badge_designs.all()] == [1]
        and achievement.image_alt == achievement.badge_designs.all()[0].words
        for achievement in achievements
    )


def lenas_credential(slug: str) -> Credential:
    return Credential.objects.get(award__learner=person("lena"), award__achievement__slug=slug)


def let_a_worker_sign_and_check() -> None:
    """All that a worker would do with the load but for pictures, messages, and the credentials of others than Lena."""
    lenas = Credential.objects.filter(award__learner=person("lena")).values("pk")
    Job.objects.filter(kind="credentials.sign").exclude(subject_id__in=lenas).delete()
    outbox.run_due(("issue", "bulk"), let_failures_through=True)


def go_on_after_the_worker() -> None:
    """What needs a worker's work is asked for once it is done, and each thing once."""
    [waiting] = Job.objects.filter(kind=afterwards.JOB)
    assert BadgeDesign.objects.filter(published_at__isnull=True).count() == 0
    assert Recognition.objects.count() == 0
    let_a_worker_sign_and_check()

    # Awarded by hand to all who are registered here.
    batch = AwardBatch.objects.get(state="done")
    assert batch.lines.filter(state="awarded").count() == len(content.neighbours()["batch"]["to"])
    assert batch.lines.exclude(state="awarded").get().learner is None

    # What was handed in is checked, and one of two decided; the other issuer is not known here.
    found = {claim.learner: claim.verdict for claim in Claim.objects.select_related("learner")}
    assert found == {person("siyuan"): "valid", person("lena"): "unknown_issuer"}
    assert Recognition.objects.get(learner=person("siyuan")).state == "recognised"
    assert Recognition.objects.get(learner=person("lena")).state == "asked"

    # Samples are not drawn here, so the template still waits, and so does the job: not for ever every few seconds.
    waiting.refresh_from_db()
    assert waiting.state == Job.State.PENDING
    now = timezone.now()
    CertificateProof.objects.update(finished_at=now, pages=1)
    with pytest.raises(outbox.Later) as wait:
        afterwards.go_on(begun_at=now - timedelta(days=1), at=now)
    assert wait.value.seconds == afterwards.LATE
    assert CertificateTemplate.objects.get().published_by == person("rhea")
    outbox.run_due(("issue",), let_failures_through=True)
    afterwards.go_on(begun_at=now, at=now)

    # An employer can check one credential, which carries what a house elsewhere says of it, and the whole record.
    shared = lenas_credential("data-foundations")
    assert verification.verify(shared.code, at=now).verdict is verification.Verdict.VALID
    [endorsement] = json.loads(shared.document)["credentialSubject"]["achievement"]["endorsement"]
    assert endorsement == json.loads(Endorsement.objects.get().document)
    assert GivenEndorsement.objects.get().state == "signed"
    record = LearnerRecord.objects.get()
    assert record.shared_at == now
    assert record.credentials.count() == 4
    assert record.transcript.made_at is None


# One test, because loading takes some ten seconds and everything below looks at the same college.
@pytest.mark.django_db
def test_the_college_has_learners_in_every_state_and_is_loaded_once(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture, client: Client
) -> None:
    settings.MEDIA_ROOT = tmp_path
    load.load(at=NOON)

    everything_is_open_and_everybody_can_sign_in()

    # One mark is missing to Lena's certificate, one to Ananya's diploma.
    assert held("lena") == {"data-foundations", "querying-with-sql", "clear-charts", "python-for-data"}
    assert would_award("lena") == ["statistics-in-practice", "certificate-in-data-practice"]
    assert would_award("ananya") == ["data-capstone", "diploma-in-data-practice"]
    assert {"certificate-in-data-practice", "diploma-in-data-practice"} <= held("eleni")
    assert "certificate-in-care-practice" in held("hanako")

    # Haneul has three electives where two will do, so there is something to choose.
    client.force_login(person("haneul"))
    page = client.get("/me/pathways/data-practice-certificate/choices/").text
    assert "Parts with a choice" in page and page.count("does not count here") == 1

    # First aid has expired for Jürgen, and with it the way to his certificate.
    assert {"first-aid-at-work", "infection-prevention", "communication-in-care"} <= held("jurgen")
    rule = next(entry.rule for entry in current().entries.values() if entry.slug == "certificate-in-care-practice")
    verdict = evaluate(rule, record_of(person("jurgen")), NOON.date())
    expired = Award.objects.get(learner=person("jurgen"), achievement__slug="first-aid-at-work")
    assert not verdict.satisfied
    assert ("award:" + str(expired.uuid), "expired") in {(each.holding, each.code) for each in verdict.unused}

    # Work waits, of which one piece came late and one has a draft; a second attempt follows a failed one.
    waiting = Submission.objects.filter(state=Submission.State.SUBMITTED)
    assert waiting.count() >= 12
    assert waiting.get(learner=person("somchai")).days_late == 2
    assert Grade.objects.get(state=Grade.State.DRAFT).learner == person("zoe")
    khai = Submission.objects.filter(learner=person("khai"), assessment__slug="report").order_by("attempt")
    assert [each.state for each in khai] == ["graded", "submitted"]
    assert not Grade.objects.get(submission=khai[0]).has_passed
    assert waiting.get(learner=person("haneul")).files.get().media_type == "text/plain"
    assert waiting.get(learner=person("fernanda")).files.get().media_type == "application/pdf"

    # Some left, some awards were taken back, some learners are new.
    assert Enrolment.objects.get(learner=person("mateo"), course__slug="data-foundations").state == "withdrawn"
    assert Award.objects.get(learner=person("mateo")).standing == "revoked"
    assert Award.objects.get(learner=person("dmitri")).standing == "suspended"
    assert held("oneil") == set()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]

    # An outsider who is handed the papers of any of these decisions comes to the same verdict.
    replay = program()
    derivations = Derivation.objects.exclude(openings={}).prefetch_related("award__credentials")
    assert {each.award_id for each in derivations} == set(Award.objects.values_list("pk", flat=True))
    for derivation in derivations:
        [credential] = derivation.award.credentials.all()
        given = Papers(json.loads(credential.derivation), derivation.openings)
        assert replayed(tmp_path, given, replay)["verdict"] == "agrees"

    assert every_badge_was_composed_before_it_was_given()
    # The same rows are kept by the same acts on any database, and judged there by the tests of each.
    if connection.vendor == "sqlite":
        go_on_after_the_worker()

    # What stands in the editor against a rule is true, so nothing stands against these.
    assert doubted(client) == []

    change_the_certificate_as_the_tour_does()

    before = load.totals()
    told = StringIO()
    call_command("load_demonstration", stdout=told)
    assert load.totals() == before
    # The tour of the README needs whoever publishes, too.
    for word in ("cairn-demo", "lena@northfield.example", "baptiste@northfield.example"):
        assert word in told.getvalue()


def test_attachments_are_real_files_and_the_same_each_time() -> None:
    described = {"kind": "pdf", "title": "Plan (draft)", "lines": ["1 couch", "2 door"]}
    with pikepdf.open(attachments.make(described)) as document:
        assert len(document.pages) == 1
        assert b"Plan \\(draft\\)" in document.pages[0].Contents.read_bytes()
    assert attachments.make(described).read() == attachments.make(described).read()
    picture = {"kind": "chart", "title": "Waiting", "values": {"Tickets": 9, "Open queue": 12}}
    assert Image.open(attachments.make(picture)).format == "PNG"

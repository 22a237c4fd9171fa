"""A small college in which every address of the site leads somewhere: one course, two learners, staff, a credential."""

import io
from decimal import Decimal
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image

from credentials import sharing, trust
from credentials.check_sheets import checking
from credentials.designs import designing, designs
from credentials.exchange import offers
from credentials.models import (
    Achievement,
    Award,
    CertificateProof,
    Credential,
    Issuer,
    IssuerRole,
    LearnerRecord,
    LogEntry,
    SigningKey,
    Transcript,
    TrustedIssuer,
)
from credentials.records import asking
from pathways import (
    authoring,
    batches,
    enrolment,
    experience,
    grading,
    impact,
    planning,
    rulemaking,
    rulings,
    signatories,
    submissions,
)
from pathways.holdings import institution_day
from pathways.models import AwardBatch, Experience, NameRequest, Pathway, Pin
from pathways.own_data import erasing, exporting, names
from portal.accounts import tokens
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import Job
from tests import cast, college
from tests.e2e import prior_learning, small_endorsements, small_wallet
from tests.factories import credential_of, issue_to, make_achievement, make_issuer

# Wider than a small screen, and nowhere to break.
WIDE_TABLE = "\n".join("|".join([cell] * 12) for cell in ("Deviation", "---", "0.0000001"))

ROLES = ("visitor", "noor", "lena", "ivo", "rhea", "ada")


def people() -> dict[str, User | None]:
    """Everybody who may come, in the order of `ROLES`; Noor is the stranger, Ada administers issuer and site."""
    made = [cast.make_noor(), cast.make_lena(), cast.make_ivo(), cast.make_rhea(), cast.make_ada()]
    for person in made:
        person.emailaddress_set.get_or_create(email=person.email, defaults={"verified": True, "primary": True})
    return dict(zip(ROLES, [None, *made], strict=True))


def build() -> dict[str, dict[str, Any]]:
    """Make it; return what fills the addresses, by the name of the address or of the thing that it asks for."""
    now = timezone.now()
    _visitor, noor, lena, ivo, rhea, ada = people().values()
    assert noor and lena and ivo and rhea and ada
    faculty = make_issuer(registrar=rhea, slug="numbers", name="Faculty of Numbers")
    role = IssuerRole.objects.create(user=ada, issuer=faculty, role=IssuerRole.Role.ADMINISTRATOR)
    outbox.promise("credentials.create_keys", faculty.pk)
    statistics = make_achievement(issuer=faculty, slug="statistics-badge", name="Statistics for friends")
    course = college.make_course(ivo=ivo, achievement=statistics)
    module = authoring.add_module(course=course, slug="spread", title="Spread", summary="How far apart.")
    authoring.add_material(module=module, slug="why", kind="reading", title="Why", body="Means hide **spreads**.")
    exercise = authoring.add_material(
        module=module, slug="try", kind="exercise", title="Try it", questions=college.QUESTIONS
    )
    film = authoring.add_material(
        module=module,
        slug="film",
        kind="video",
        title="A film",
        file=ContentFile(b"\x1a\x45\xdf\xa3", "film.webm"),
        captions=ContentFile(b"WEBVTT\n", "film.vtt"),
        transcript="A spread.",
    )
    essay = college.make_assignment(course, files_allowed=2)
    quiz = college.make_quiz(course)
    college.make_exam(course)
    college.publish_rule(statistics, college.passed("statistics/essay"), at=now)
    writing = make_achievement(issuer=faculty, slug="writing-badge", name="Writing")
    numeracy = make_achievement(issuer=faculty, slug="numeracy", name="Numeracy", kind=Achievement.Kind.CERTIFICATE)
    college.publish_rule(numeracy, college.holds_all("statistics-badge", "writing-badge"), at=now)
    rulemaking.save_draft(achievement=numeracy, document=college.holds_all("statistics-badge"), author=rhea, at=now)
    make_achievement(issuer=faculty, slug="unfinished", name="Unfinished", published=False)
    viva = make_achievement(issuer=faculty, slug="viva", name="Viva")
    college.publish_rule(viva, {"format": 1, "root": {"type": "signed_off", "id": "said", "role": "dean"}}, at=now)
    signatory = signatories.appoint(user=ivo, issuer=faculty, role="dean", by=ada, at=now)
    to_viva = Pathway.objects.create(
        slug="to-viva", issuer=faculty, target=viva, title="Towards the viva", state="open"
    )
    enrolment.start_pathway(learner=lena, pathway=to_viva, at=now)
    exception = rulings.propose(
        learner=lena,
        achievement=numeracy,
        kind="waiver",
        node=numeracy.rule_versions.get(number=1).document["root"]["parts"][1]["id"],
        terms={},
        reason="Has written three books.",
        by=ada,
        at=now,
        valid_from=now.date(),
    )
    pathway = authoring.create_pathway(
        by=rhea, at=now, slug="towards", issuer=faculty, target=numeracy, title="Towards numeracy"
    )
    authoring.open_pathway(pathway=pathway, by=rhea, at=now)
    enrolment.start_pathway(learner=lena, pathway=pathway, at=now)
    enrolment.enrol(learner=lena, course=course, at=now)
    question = planning.Question(targets=("statistics-badge",))
    ground = planning.ground_for(lena, institution_day(now))
    kept = planning.keep(answer=planning.answer(question, ground), title="Statistics first", learner=lena, at=now)
    first = _write(lena, essay, f"A spread says how far things lie apart.\n\n{WIDE_TABLE}", now)
    handed_in_file = first.files.get()
    first = submissions.submit(submission=first, at=now)
    draft = grading.draft_grade(
        submission=first,
        levels={each: each.levels.last() for each in essay.criteria.all()},
        marks=None,
        comment="Well *seen*.",
        criterion_comments={},
        grader=ivo,
        at=now,
    )
    grading.release(grades=[draft], by=ivo, at=now)
    second = _write(lena, essay, "Better put.", now)
    answered = submissions.begin(assessment=quiz, learner=lena, at=now)
    submissions.save_draft(submission=answered, text="", answers={str(quiz.questions.last().uuid): "3.3"}, at=now)
    private = issue_to(lena, writing, at=now)
    impact.begin(draft=numeracy.rule_versions.get(state="draft"), by=rhea, at=now)
    outbox.run_all_due()
    shared = credential_of(statistics.awards.get())
    sharing.share(credential=shared, by=lena, at=now)
    token, _text = tokens.make(user=lena, name="for tests", at=now)
    material = {"course": "statistics", "module": "spread"}
    return {
        "slug": {"course": "statistics", "issuer": "numbers", "pathway": "towards", "achievement": "statistics-badge"},
        "reading": material | {"material": "why"},
        "exercise": material | {"material": "try"},
        "film": material | {"material": "film"},
        "teacher": {"person_uuid": ivo.uuid},
        "film to build": {"uuid": film.uuid},
        "exercise to build": {"uuid": exercise.uuid},
        "question to build": {"uuid": exercise.uuid, "question": exercise.questions.first().uuid},
        "batch": {"uuid": _batch(statistics, rhea, now).uuid},
        "rollout": {"uuid": numeracy.rule_versions.get(number=1).rollout.uuid},
        "plan": {"uuid": kept.uuid},
        "choice": {"uuid": _choice(lena, numeracy, shared.award, now).uuid},
        "essay": {"uuid": essay.uuid},
        "quiz": {"uuid": quiz.uuid},
        "draft file": {"uuid": essay.uuid, "file": second.files.get().uuid},
        "work": {"uuid": first.uuid},
        "work to mark": {"submission_uuid": first.uuid},
        "work file": {"uuid": first.uuid, "file": handed_in_file.uuid},
        "shared": {"code": shared.code, "uuid": shared.uuid, "index": LogEntry.objects.get(credential=shared).index},
        "private": {"code": credential_of(private).code, "uuid": credential_of(private).uuid},
        "award": {"uuid": shared.award.uuid},
        "list": {"slug": "numbers", "number": shared.status_list.number},
        "role": {"slug": "numbers", "role": role.pk},
        "key": {
            "slug": "numbers",
            "uuid": SigningKey.objects.get(issuer=faculty, purpose="credentials", state="active").uuid,
        },
        "job": {"pk": Job.objects.first().pk},
        "exception": {"uuid": exception.uuid},
        "to sign": {"slug": "viva", "node": "said", "learner": lena.uuid},
        "signatory": {"pk": signatory.pk},
        **prior_learning.asked_for(lena, writing, now),
        "logged": {"uuid": _logged(lena, rhea, now).uuid},
        "token": {"token_id": token.pk},
        "name": {"uuid": _renamed(private, lena, now).uuid},
        "erasure": {"uuid": erasing.ask(person=noor, at=now).uuid},
        "copy": {"uuid": exporting.ask(person=lena, at=now).uuid},
        "trusted": {"uuid": _relied_on(rhea, now).uuid},
        "sheet": {"code": _checked(shared.code, now)},
        "template": {"slug": "numbers", "scope": "micro-credential"},
        "sample": {"uuid": _designed(faculty, rhea, now).uuid},
        "endorsement": {"uuid": small_endorsements.received(statistics, rhea, now).uuid},
        "given": {"uuid": small_endorsements.given(faculty, rhea, now).uuid},
        "record": _recorded(lena, [shared.uuid], now, sharing_it=True),
        "private record": _recorded(lena, None, now),
        "wallet": {"client_id": small_wallet.connect(lena).client_id},
        "offer": {"secret": _offered(shared, lena, now)},
    }


def _renamed(award: Award, learner: User, now: Any) -> NameRequest:
    """Another name that its holder asks for."""
    return names.ask(award=award, wanted="Lena Maria Çelik-Ōno", why="changed", note="A deed.", by=learner, at=now)


def _offered(credential: Credential, learner: User, now: Any) -> str:
    """The secret of the link that leads to the offer of a credential to a wallet."""
    made = offers.offer(credential=credential, by=learner, at=now)
    return unquote(made.link).rpartition("/")[2]


def _recorded(learner: User, only: Any, now: Any, *, sharing_it: bool = False) -> dict[str, Any]:
    record = asking.ask_for_everything(learner=learner, at=now, only=only)
    outbox.run_all_due()
    record.refresh_from_db()
    if sharing_it:
        sharing.share_record(record=record, by=learner, at=now)
        _on_paper(record, now)
    return {"code": record.code, "uuid": record.uuid}


def _on_paper(record: LearnerRecord, at: Any) -> None:
    """The transcript as if a worker had printed it."""
    (settings.MEDIA_ROOT / "transcript.pdf").write_bytes(b"%PDF-1.7")
    Transcript.objects.create(record=record, asked_at=at, made_at=at, path="transcript.pdf", size=8)


def _checked(code: str, now: Any) -> str:
    """A finished sheet of one that is good and one that nobody knows."""
    sheet = checking.ask(content=f"{code},Lena\n{'0' * 26}\n".encode(), language="en", at=now)
    outbox.run_all_due()
    return str(sheet.code)


def _relied_on(registrar: User, now: Any) -> TrustedIssuer:
    return trust.trust_issuer(
        identifier="did:web:hill.example.edu",
        name="Hill College",
        scope="Short courses in weaving.",
        since=now.date(),
        by=registrar,
        at=now,
    )


def _batch(achievement: Achievement, rhea: User, now: Any) -> AwardBatch:
    """Of nobody but herself, and to oneself nobody awards anything."""
    named = batches.named_in(f"{rhea.email}\nnobody@example.org")
    return batches.begin(
        uuid=uuid4(), achievement=achievement, named=named, reason="Helped at the fair.", by=rhea, at=now
    )


def _designed(issuer: Issuer, registrar: User, at: Any) -> CertificateProof:
    """A version of its certificates, and the next one in draft; their samples as if a worker had drawn them."""
    picture = io.BytesIO()
    Image.new("RGB", (90, 127), "#FAF8F3").save(picture, "WEBP")
    for note in ("", "By the board."):
        choices = designs.built_in_choices() | {"note": note}
        designing.save_draft(issuer=issuer, scope="micro-credential", choices=choices, by=registrar, at=at)
        CertificateProof.objects.update(finished_at=at, picture=picture.getvalue(), width=90, height=127, pages=1)
        if not note:
            designing.publish(issuer=issuer, scope="micro-credential", reason="New arms.", by=registrar, at=at)
    found = CertificateProof.objects.first()
    assert found is not None
    return found


def _choice(learner: User, achievement: Achievement, award: Any, at: Any) -> Pin:
    return Pin.objects.create(
        learner=learner,
        achievement=achievement,
        node="elsewhere",
        holding=f"award:{award.uuid}",
        here=True,
        set_at=at,
    )


def _logged(learner: User, registrar: User, at: Any) -> Experience:
    """Work that waits for the dean's word."""
    issuer = Achievement.objects.get(slug="viva").issuer
    logbook = experience.open_logbook(issuer=issuer, slug="practice", name="Practice", role="dean", by=registrar, at=at)
    day = institution_day(at)
    return experience.state(
        learner=learner,
        logbook=logbook,
        begins_on=day,
        ends_on=day,
        hours=Decimal(8),
        place="At the clinic",
        words="Saw *patients*.",
        at=at,
    )


def _write(learner: User, assessment: Any, text: str, at: Any) -> Any:
    draft = submissions.begin(assessment=assessment, learner=learner, at=at)
    submissions.save_draft(submission=draft, text=text, answers={}, at=at)
    submissions.add_file(submission=draft, stream=io.BytesIO(f"{text}\n".encode()), name="notes.txt", at=at)
    return draft

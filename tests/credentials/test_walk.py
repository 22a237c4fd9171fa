"""The walk of one credential through its jobs: signed, logged, rendered, announced, and nothing shown early."""

import io
import json
from datetime import timedelta

import pytest
from django.core import mail
from django.http import Http404
from PIL import Image

from credentials import access, queries, renditions, revocation, tasks
from credentials.keys import keyring
from credentials.log import transparency_log
from credentials.models import Credential, LogEntry, Rendition
from credentials.rendering import badge, certificate
from credentials.rendering.failures import RendererMissing
from credentials.signing import signer
from credentials.standards import baking, checkpoint, data_integrity, merkle
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import Job
from tests.cast import make_lena
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement

pytestmark = pytest.mark.django_db


def one_pixel() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (1, 1)).save(out, "PNG")
    return out.getvalue()


ONE_PIXEL = one_pixel()
REAL_RENDER = certificate.render


@pytest.fixture(autouse=True)
def quick_rendering(monkeypatch):
    """What is drawn and printed is tested where it is made, and costs seconds."""
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)


def steps_of(credential: Credential) -> list[str]:
    return [step.state for step in queries.progress_of(credential).steps]


def test_a_credential_is_signed_logged_rendered_and_announced():
    award = issue_to(make_lena())

    outbox.run_all_due()

    credential = credential_of(award)
    assert credential.state == Credential.State.LOGGED
    assert Job.objects.exclude(state=Job.State.DONE).get().kind == "credentials.announce_late"
    data_integrity.verify_proofs(json.loads(credential.document), lambda proof: keyring.public(credential.key))
    proof = transparency_log.issue_proof(credential)
    [verifier_key] = transparency_log.verifier_keys()
    name, public = checkpoint.parse_verifier_key(verifier_key)
    head = checkpoint.verify(proof.note, name=name, public_key=public)
    merkle.verify_inclusion(merkle.leaf_hash(proof.leaf), proof.index, head.size, proof.path, head.root)
    file, _rendition = renditions.open(credential, "png")
    with file:
        assert baking.unbake_png(file.read()).text == credential.document
    [message] = mail.outbox
    assert message.to == ["lena@example.org"]
    assert credential.code in message.body
    assert message.extra_headers["Message-ID"] == f"<credential-{credential.uuid}@localhost>"
    assert queries.progress_of(credential).finished


def test_nothing_is_shown_before_it_is_in_the_log():
    lena = make_lena()
    credential = credential_of(issue_to(lena))
    store = signer.sign_credentials([credential.pk], at=NOON)
    store()

    credential = credential_of(credential.award)
    assert credential.state == Credential.State.SIGNED
    assert not Job.objects.filter(kind__in=["credentials.render_pdf", "credentials.announce"]).exists()
    assert not access.may_see_credential(lena, credential)
    with pytest.raises(Http404):
        access.finished_credential_for_holder(lena, credential.uuid)
    with pytest.raises(Http404):
        access.shared_credential(credential.code)
    with pytest.raises(outbox.Later):
        renditions.render_pdfs([credential.pk], at=NOON)
    [announce] = tasks.announce([credential.pk])
    with pytest.raises(outbox.Later):
        announce()
    assert steps_of(credential) == ["done", "done", "active", "waiting", "waiting"]


def test_each_job_run_again_changes_nothing():
    credential = credential_of(issue_to(make_lena()))
    outbox.run_all_due()
    before = Credential.objects.values().get(pk=credential.pk)
    entries = list(LogEntry.objects.order_by("index").values())
    files = list(Rendition.objects.values("sha256", "path"))

    Job.objects.exclude(kind="credentials.announce").update(state=Job.State.PENDING, due=NOON)
    outbox.run_all_due()

    assert Credential.objects.values().get(pk=credential.pk) == before
    assert list(LogEntry.objects.order_by("index").values()) == entries
    assert list(Rendition.objects.values("sha256", "path")) == files
    assert len(mail.outbox) == 1


def test_a_second_signature_is_the_same_bytes(monkeypatch):
    credential = credential_of(issue_to(make_lena()))
    documents = []
    monkeypatch.setattr(signer, "write_journal", lambda signed, at: documents.append([one.document for one in signed]))

    signer.sign_credentials([credential.pk], at=NOON)
    signer.sign_credentials([credential.pk], at=NOON + timedelta(hours=1))

    assert documents[0] == documents[1]


def test_the_document_is_the_frozen_body_whatever_is_edited_meanwhile():
    achievement = make_achievement(name="As it was")
    credential = credential_of(issue_to(make_lena(), achievement))
    achievement.name = "As it is now"
    achievement.save()
    User.objects.filter(email="lena@example.org").update(name="Lena Married")

    outbox.run_all_due()

    credential.refresh_from_db()
    document = json.loads(credential.document)
    assert document["name"] == "As it was"
    assert document.pop("proof")
    assert document == json.loads(credential.body)


def test_a_body_altered_in_the_database_is_not_signed():
    credential = credential_of(issue_to(make_lena()))
    Credential.objects.filter(pk=credential.pk).update(body=credential.body.replace("Lena", "Lana"))

    outbox.run_due()

    job = Job.objects.get(kind="credentials.sign")
    assert job.state == Job.State.QUARANTINED
    assert steps_of(credential_of(credential.award))[1] == "stuck"


def test_the_journal_holds_what_was_signed():
    credential = credential_of(issue_to(make_lena()))
    store = signer.sign_credentials([credential.pk], at=NOON)
    store()

    credential.refresh_from_db()
    path = signer.journal_file(NOON)
    assert list(signer.read_journal(path)) == [(str(credential.uuid), credential.document)]
    assert b"Lena" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_the_log_and_its_leaves_name_nobody():
    credential = credential_of(issue_to(make_lena()))
    outbox.run_all_due()

    leaf = json.loads(bytes(LogEntry.objects.get(kind="issue").leaf))
    credential.refresh_from_db()
    assert sorted(leaf) == ["at", "digest", "event", "version"]
    assert leaf["digest"] != credential.document_sha256


def test_without_a_renderer_the_certificate_waits_and_says_why(monkeypatch):
    def missing(fields, credential_document):
        raise RendererMissing("Pango is not there.")

    monkeypatch.setattr(certificate, "render", missing)
    credential = credential_of(issue_to(make_lena()))

    outbox.run_due()

    job = Job.objects.get(kind="credentials.render_pdf")
    assert (job.state, job.last_error, job.attempts) == (Job.State.PENDING, "Pango is not there.", 0)
    credential = credential_of(credential.award)
    certificate_step = queries.progress_of(credential).steps[3]
    assert (certificate_step.state, certificate_step.words) == ("active", "Pango is not there.")
    assert mail.outbox == []


def test_the_message_does_not_wait_for_ever(monkeypatch):
    def missing(fields, credential_document):
        raise RendererMissing("Pango is not there.")

    monkeypatch.setattr(certificate, "render", missing)
    credential = credential_of(issue_to(make_lena()))
    outbox.run_due()
    late = Job.objects.get(kind="credentials.announce_late")
    assert timedelta(minutes=9) < late.due - late.promised_at < timedelta(minutes=11)

    Job.objects.filter(pk=late.pk).update(due=late.promised_at)
    outbox.run_due()

    assert "the certificate follows there" in mail.outbox[0].body
    assert steps_of(credential_of(credential.award))[3:] == ["active", "done"]


def test_of_a_letter_without_a_font_the_learner_is_told_at_once_and_once(monkeypatch):
    lena = make_lena()
    User.objects.filter(pk=lena.pk).update(name="Lena ᙐ")
    credential = credential_of(issue_to(User.objects.get(pk=lena.pk)))
    monkeypatch.setattr(certificate, "render", REAL_RENDER)
    monkeypatch.setattr(certificate.fonts, "missing_glyphs", lambda text: "ᙐ" if "ᙐ" in text else "")
    outbox.run_due()
    waiting, told = (Job.objects.get(kind=f"credentials.{kind}") for kind in ("render_pdf", "announce"))
    assert "U+1650" in waiting.last_error
    assert told.due - waiting.promised_at < timedelta(minutes=1)

    Job.objects.filter(pk=told.pk).update(due=told.promised_at)
    outbox.run_due()
    [sent] = mail.outbox
    assert "no font of this site draws ᙐ (U+1650)" in sent.body
    assert "<bdi>ᙐ (U+1650)</bdi>" in sent.alternatives[0].content

    # A font was installed.
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    Job.objects.filter(pk=waiting.pk).update(due=waiting.promised_at)
    outbox.run_all_due()
    assert credential_of(credential.award).renditions.filter(kind="pdf").exists()
    assert len(mail.outbox) == 1


def test_a_message_is_not_sent_of_what_was_revoked_meanwhile():
    award = issue_to(make_lena())
    revocation.revoke(award=award, reason="issued-in-error", by=None, at=NOON)

    outbox.run_due()

    assert mail.outbox == []


def test_the_message_is_in_the_learners_language():
    lena = make_lena()
    User.objects.filter(pk=lena.pk).update(language="ar")
    credential = credential_of(issue_to(lena))

    outbox.run_all_due()

    [(html, _kind)] = mail.outbox[0].alternatives
    assert 'lang="ar" dir="rtl"' in html
    assert credential.code in html


def test_a_lost_file_is_made_again():
    credential = credential_of(issue_to(make_lena()))
    outbox.run_all_due()
    file, rendition = renditions.open(credential, "pdf")
    file.close()
    path = renditions.settings.MEDIA_ROOT / rendition.path
    path.unlink()

    with pytest.raises(renditions.NotMadeYet):
        renditions.open(credential, "pdf")
    outbox.run_all_due()

    assert path.exists()


def test_a_badge_is_drawn_once_for_all_who_earn_it(monkeypatch):
    drawn = []
    monkeypatch.setattr(badge, "draw_png", lambda art: drawn.append(art) or ONE_PIXEL)
    achievement = make_achievement()
    for learner in (make_lena(), User.objects.create_user("o@example.org", name="Other")):
        issue_to(learner, achievement)

    outbox.run_all_due()
    renditions.badge_picture(achievement)

    assert len(drawn) == 1
    assert Rendition.objects.filter(kind="png").count() == 2


def test_the_certificate_says_what_was_signed(monkeypatch):
    printed = []

    def noted(fields, credential_document):
        printed.append(fields)
        return in_a_pdf(fields, credential_document)

    monkeypatch.setattr(certificate, "render", noted)
    lena = make_lena()
    part = credential_of(issue_to(lena, make_achievement(name="Part one")))
    achievement = make_achievement(name="Whole", kind="Diploma")
    award = issue_to(lena, achievement, parts=[renditions.composition.Part("Part one", part.document_url)])
    achievement.outcomes = ["Something else"]
    achievement.save()

    outbox.run_all_due()

    [fields] = [one for one in printed if one.achievement_name == "Whole"]
    credential = credential_of(award)
    assert fields.learner_name == "Lena Çelik-Ōno"
    assert fields.outcomes == ("Reads a table", "Questions a chart")
    assert (fields.credits, fields.level) == ("2.5 ECTS credits", "EQF 5")
    assert fields.parts == (("Part one", NOON.date()),)
    assert fields.verify_url == f"http://localhost:8000/c/{credential.code}/"
    assert len(fields.stones) == 1

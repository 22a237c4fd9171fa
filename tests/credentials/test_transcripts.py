"""Tests transcripts: what they say, that they are sealed with the record inside, and who may have them."""

import io
from dataclasses import replace
from datetime import date, timedelta

import pikepdf
import pytest
from django.urls import reverse

from credentials import sharing, transcripts, verification
from credentials.designs import designing, designs
from credentials.models import Achievement, CertificateProof, Transcript
from credentials.records import asking
from credentials.rendering import certificate, failures, renderer, transcript
from credentials.rendering.transcript import Entry, TranscriptFields
from credentials.verification import State, Verdict
from portal.shared import outbox
from portal.shared.models import AuditEntry, Job
from tests.cast import make_lena, make_noor, make_rhea
from tests.credentials.rendering.pages import words
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

needs_pango = pytest.mark.skipif(not renderer.is_here(), reason=failures.install_line())
pytestmark = pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning")

DOCUMENT = b'{"type": ["VerifiableCredential", "ClrCredential"]}'


def entry(name, **fields):
    return Entry(
        **{"name": name, "issuer_name": "Faculty of Numbers", "language": "en", "awarded_on": date(2026, 2, 3)} | fields
    )


FIELDS = TranscriptFields(
    title="Learner record, Northfield College",
    holder_name="Lena Çelik-Ōno 李小龍",
    issuer_name="Northfield College",
    as_of=date(2026, 11, 21),
    verify_url="https://northfield.example/r/kE2s3m0bq7yGkqHqDqUuYwB2m8H3k1v9J0cT5xW4aZs/",
    qualifications=(entry("Diploma", parts=(("First", date(2026, 1, 2)), ("Kept back", None)), level="EQF level 5"),),
    micro_credentials=(
        entry("Old", expired=True, valid_until=date(2026, 3, 4)),
        entry("Lasting", valid_until=date(2029, 3, 4)),
        *(
            entry(f"Course {place}", results=(("Grade", f"{place}.0"),), credits="5 ECTS credits")
            for place in range(60)
        ),
    ),
    credits="300 ECTS credits",
)


def printed(fields=FIELDS):
    return transcript.render(fields, record_document=DOCUMENT, printer=renderer.print_pdf)


@pytest.fixture(scope="module")
def pages():
    return printed()


# --- on paper -----------------------------------------------------------------------------------------------------


@needs_pango
def test_it_says_all_and_each_page_says_whose_it_is_and_which(pages):
    said = words(pages).split("\f")[:-1]
    count = len(said)
    assert count > 2
    for number, page in enumerate(said, start=1):
        assert f"Page {number} / {count}" in page
        assert "Lena Çelik-Ōno 李小龍" in page
        assert "Awarded on" in page, "the head of the table comes again"
    whole = " ".join(" ".join(said).split())
    for text in ("Kept back", "First, 2 January 2026", "Grade: 59.0", "Expired on 4 March 2026", "300 ECTS credits"):
        assert text in whole
    assert "5 ECTS credits" in said[0], "a column holds what it is for in one line"
    assert "Here the transcript ends, after 63 credentials." in said[-1].replace("\n", " ")


@needs_pango
def test_it_is_tagged_archivable_and_carries_the_record(pages):
    with pikepdf.open(io.BytesIO(pages)) as pdf, pdf.open_metadata() as metadata:
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == ("3", "A", "1")
        assert pdf.attachments["credential.json"].get_file().read_bytes() == DOCUMENT
        elements = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/StructElem"]
        assert {"/H1", "/H2", "/Table", "/THead", "/TBody", "/TR", "/TH", "/TD"} <= {str(one.S) for one in elements}


def test_a_character_that_no_font_draws_is_refused_wherever_it_stands():
    for fields in (
        replace(FIELDS, holder_name="Lena \ue123"),
        replace(FIELDS, qualifications=(entry("D", parts=(("\ue123", None),)),)),
        replace(FIELDS, micro_credentials=(entry("M", results=(("Grade", "\ue123"),)),)),
    ):
        with pytest.raises(failures.GlyphsMissing, match="U\\+E123"):
            transcript.render(fields, record_document=DOCUMENT, printer=pytest.fail)


# --- asked for ----------------------------------------------------------------------------------------------------


@pytest.fixture
def record(db, monkeypatch):
    """Lena's record: a certificate with one part, and something else that she leaves out."""
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr("credentials.renditions.render_pngs", lambda ids, at: None)
    faculty = make_issuer(parent=make_issuer(name="Northfield College", slug="northfield"), name="Faculty of Numbers")
    lena = make_lena()
    part = issue_to(
        lena, make_achievement(issuer=faculty, name="Counting"), results=[{"name": "Grade", "value": "1.3"}]
    )
    issue_to(lena, make_achievement(issuer=faculty, name="Kept back"))
    whole = make_achievement(issuer=faculty, name="Numeracy", kind=Achievement.Kind.CERTIFICATE)
    held = [part, issue_to(lena, whole, built_on=[part.uuid])]
    outbox.run_all_due()
    asked = asking.ask_for_everything(learner=lena, at=NOON, only=[credential_of(each).uuid for each in held])
    outbox.run_all_due()
    asked.refresh_from_db()
    return asked


def made(record):
    transcripts.ask(record=record, by=record.learner, at=NOON)
    outbox.run_all_due()
    return Transcript.objects.get(record=record)


def content_of(found):
    with transcripts.open(found) as file:
        return file.read()


@needs_pango
def test_a_worker_prints_and_seals_it_and_its_check_knows_what_it_says(record, settings):
    found = made(record)
    pdf = content_of(found)
    said = " ".join(words(pdf).split())
    for text in (
        "Numeracy",
        "Counting, 21 November 2026",
        "Grade: 1.3",
        "2.5 ECTS credits",
        "The holder chose what is",
    ):
        assert text in said
    assert "Kept back" not in said
    report = verification.verify(pdf, at=NOON)
    assert report.verdict is Verdict.VALID
    states = {check.name: check.state for check in report.checks}
    assert (states["file"], states["pdf_signature"]) == (State.PASSED, State.PASSED)
    # Another copy is judged by what its pages say.
    copied = {check.name: check.state for check in verification.verify(pdf + b"\n", at=NOON).checks}
    assert copied["pages"] is State.PASSED
    # A lost file is promised again, and is the same one.
    (settings.MEDIA_ROOT / found.path).unlink()
    with pytest.raises(transcripts.NotMadeYet):
        transcripts.open(found)
    outbox.run_all_due()
    assert content_of(found) == pdf


@pytest.mark.one_database
def test_it_waits_for_its_record_and_is_promised_once(record):
    record.state, record.document = "asked", ""
    record.save()
    for _again in range(2):
        found = transcripts.ask(record=record, by=record.learner, at=NOON)
    assert Job.objects.filter(kind=transcripts.JOB).count() == 1
    assert AuditEntry.objects.filter(act="ask for transcript").count() == 1
    with pytest.raises(outbox.Later):
        transcripts.make(found.pk, at=NOON)
    with pytest.raises(transcripts.NotMadeYet):
        transcripts.open(found)


@pytest.mark.one_database
def test_it_looks_as_the_qualifications_of_the_body_that_seals_it(record):
    choices = designs.built_in_choices() | {"paper": "Letter"}
    root = record.issuer
    at = NOON - timedelta(days=1)
    designing.save_draft(issuer=root, scope="qualification", choices=choices, by=make_rhea(), at=at)
    CertificateProof.objects.update(finished_at=at)
    designing.publish(issuer=root, scope="qualification", reason="Letter.", by=make_rhea(), at=at)
    assert transcripts._fields(record).design.paper == "Letter"


# --- given --------------------------------------------------------------------------------------------------------


def without_printing(record):
    """Made, as far as pages can tell."""
    found = transcripts.ask(record=record, by=record.learner, at=NOON)
    return transcripts._store(found, {"made_at": NOON, "path": "transcript.pdf", "size": 4, "sha256": "0" * 64})


def test_its_holder_asks_for_it_and_takes_it_and_nobody_else(client, record, settings):
    page, own = reverse("me-record", args=[record.uuid]), reverse("me-record-transcript", args=[record.uuid])
    client.force_login(make_noor())
    assert [client.get(own).status_code, client.post(own).status_code] == [404, 404]
    client.force_login(make_lena())
    assert client.get(own).status_code == 404, "nobody asked for it"
    assert client.post(own).url == page
    assert "The transcript is being made." in client.get(page).content.decode()
    assert client.get(own).url == page
    without_printing(record)
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    (settings.MEDIA_ROOT / "transcript.pdf").write_bytes(b"%PDF")
    sent = client.get(own)
    assert (b"".join(sent.streaming_content), sent["Content-Type"]) == (b"%PDF", "application/pdf")
    assert "until then, the code on it leads others to nothing" in client.get(page).content.decode()


def test_strangers_have_it_while_the_record_is_shared(client, record, settings):
    public = reverse("record-transcript", args=[record.code])
    assert client.get(public).status_code == 404
    sharing.share_record(record=record, by=record.learner, at=NOON)
    assert client.get(public).status_code == 404, "nobody asked for it on paper"
    without_printing(record)
    # The row has lost its file: it is made again.
    waits = client.get(public)
    assert (waits.status_code, waits["Retry-After"]) == (503, "10")
    settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
    (settings.MEDIA_ROOT / "transcript.pdf").write_bytes(b"%PDF")
    sent = client.get(public)
    assert b"".join(sent.streaming_content) == b"%PDF"
    assert sent["X-Robots-Tag"] == "noindex"
    assert public in client.get(reverse("record", args=[record.code])).content.decode()
    sharing.withdraw_record(record=record, by=record.learner, at=NOON)
    assert client.get(public).status_code == 404

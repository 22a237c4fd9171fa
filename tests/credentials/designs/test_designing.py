"""Tests certificate templates: drafts, samples, and versions, which never change what was issued before."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from credentials.designs import designing, designs
from credentials.models import CertificatePicture, CertificateProof, CertificateTemplate, Rendition
from credentials.rendering import failures, renderer, samples
from credentials.rendering.design import BUILT_IN, Palette, Signer
from credentials.rendering.pictures import MAX_BYTES, PictureRefused
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import AuditEntry
from tests.cast import make_lena, make_rhea
from tests.credentials.rendering.pages import words
from tests.factories import NOON, credential_of, issue_to, make_achievement, make_issuer

MICRO, QUALIFICATION = CertificateTemplate.Scope.MICRO_CREDENTIAL, CertificateTemplate.Scope.QUALIFICATION
SOON = NOON + designing.BEFORE_IT_COUNTS
needs_pango = pytest.mark.skipif(not renderer.is_here(), reason=failures.install_line())


@pytest.fixture
def issuer(db):
    return make_issuer(slug="numbers", name="Faculty of Numbers")


def choices(**chosen):
    return designs.built_in_choices() | chosen


def draft(issuer, *, scope=MICRO, at=NOON, **chosen):
    return designing.save_draft(issuer=issuer, scope=scope, choices=choices(**chosen), by=make_rhea(), at=at)


def drawn(**said):
    """The samples as if a worker had drawn them."""
    CertificateProof.objects.update(**{"finished_at": NOON} | said)


def published(issuer, *, scope=MICRO, at=NOON, **chosen):
    draft(issuer, scope=scope, at=at, **chosen)
    drawn()
    return designing.publish(issuer=issuer, scope=scope, reason="New arms.", by=make_rhea(), at=at)


def png(size=(40, 20), colour="#14407A", **options):
    out = io.BytesIO()
    Image.new("RGBA", size, colour).save(out, "PNG", **options)
    return out.getvalue()


def taken(issuer, content, *, use="logo", name="arms.png"):
    return designing.take_picture(
        issuer=issuer, content=content, name=name, use=use, landscape=False, by=make_rhea(), at=NOON
    )


# --- versions -----------------------------------------------------------------------------------------------------


def test_a_published_version_counts_from_a_minute_on_and_a_later_one_ends_it(issuer):
    first = published(issuer, note="First.")
    assert (first.number, first.begins_at, first.ends_at) == (1, SOON, None)
    assert designs.in_force(issuer, MICRO, at=NOON) is None
    assert designs.in_force(issuer, MICRO, at=SOON) == first
    assert designs.in_force(issuer, QUALIFICATION, at=SOON) is None
    later = NOON + timedelta(days=1)
    second = published(issuer, at=later, note="Second.")
    first.refresh_from_db()
    assert (second.number, first.ends_at) == (2, second.begins_at)
    assert designs.in_force(issuer, MICRO, at=later) == first
    assert designs.in_force(issuer, MICRO, at=second.begins_at) == second
    said = AuditEntry.objects.get(act="publish certificate template", subject_id=str(second.uuid))
    assert (said.reason, said.actor.email, said.details) == ("New arms.", "rhea@example.edu", {"number": 2})


def test_who_has_no_template_uses_that_of_the_nearest_body_above(issuer):
    below = make_issuer(parent=make_issuer(parent=issuer))
    top = published(issuer)
    assert designs.in_force(below, MICRO, at=SOON) == top
    own = published(below)
    assert designs.in_force(below, MICRO, at=SOON) == own
    assert designs.in_force(issuer, MICRO, at=SOON) == top


def test_a_withdrawn_version_counts_no_more_for_what_comes_after(issuer):
    template = published(issuer)
    later = NOON + timedelta(days=1)
    designing.withdraw(template=template, reason="Wrong arms.", by=make_rhea(), at=later)
    assert designs.in_force(issuer, MICRO, at=later) == template
    assert designs.in_force(issuer, MICRO, at=later + designing.BEFORE_IT_COUNTS) is None
    assert AuditEntry.objects.get(act="withdraw certificate template").reason == "Wrong arms."
    with pytest.raises(designing.NotInForce):
        designing.withdraw(template=template, reason="Again.", by=make_rhea(), at=later)


def test_a_draft_cannot_be_withdrawn_but_discarded(issuer):
    with pytest.raises(designing.NotInForce):
        designing.withdraw(template=draft(issuer), reason="No.", by=make_rhea(), at=NOON)
    designing.discard_draft(issuer=issuer, scope=MICRO, by=make_rhea(), at=NOON)
    assert not CertificateTemplate.objects.exists()
    with pytest.raises(designing.NothingToPublish):
        designing.discard_draft(issuer=issuer, scope=MICRO, by=make_rhea(), at=NOON)


def test_saving_again_changes_the_draft_and_never_what_is_published(issuer):
    first = published(issuer, note="First.")
    draft(issuer, note="Second.")
    again = draft(issuer, note="Third.")
    first.refresh_from_db()
    assert (first.choices["note"], again.number, again.choices["note"]) == ("First.", 2, "Third.")
    assert CertificateTemplate.objects.count() == 2


def test_a_draft_that_somebody_else_changed_is_not_written_over(issuer):
    read = draft(issuer).edited_at
    other = make_lena()
    at = NOON + timedelta(minutes=5)
    designing.save_draft(issuer=issuer, scope=MICRO, choices=choices(note="Mine."), by=other, at=at, read_at=read)
    with pytest.raises(designing.ChangedMeanwhile):
        designing.save_draft(issuer=issuer, scope=MICRO, choices=choices(), by=make_rhea(), at=at, read_at=read)


def test_nothing_is_published_before_its_samples_are_drawn_and_sound(issuer):
    with pytest.raises(designing.NothingToPublish):
        designing.publish(issuer=issuer, scope=MICRO, reason="", by=make_rhea(), at=NOON)
    draft(issuer)
    publish = {"issuer": issuer, "scope": MICRO, "reason": "", "by": make_rhea(), "at": NOON}
    with pytest.raises(designing.NotProved):
        designing.publish(**publish)
    drawn()
    CertificateProof.objects.filter(sample="chinese").update(missing="歐")
    with pytest.raises(designing.Unsound, match=r"歐 \(U\+6B50\)"):
        designing.publish(**publish)
    drawn(missing="")
    # What was drawn of other choices proves nothing about these.
    draft(issuer, note="Changed.")
    with pytest.raises(designing.NotProved):
        designing.publish(**publish)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("chosen", "choice"),
    [
        ({"palette": vars(Palette(ink="#999999"))}, "ink"),
        ({"palette": vars(Palette(paper="#0A5C61"))}, "accent"),
        ({"palette": vars(Palette(line="red;}"))}, "line"),
        ({"closing": "By {learner.password}."}, "closing"),
        ({"note": "{% include 'x' %}"}, "note"),
    ],
)
def test_what_could_not_be_read_or_filled_is_not_kept(issuer, chosen, choice):
    assert choice in [fault.choice for fault in designs.faults_of(choices(**chosen), {})]
    with pytest.raises(designing.Unreadable):
        draft(issuer, **chosen)
    assert not CertificateTemplate.objects.exists()


def test_choices_mean_the_design_that_they_were_made_of(issuer):
    picture = taken(issuer, png())
    look = replace(BUILT_IN, landscape=True, note="Kept.", signers=(Signer("Ada", "Dean"),))
    kept = designs.choices_of(look, {})
    kept["logo"] = {"sha256": picture.sha256, "alternative": "Arms"}
    read = designs.design_of(kept, designs.pictures_of(issuer, kept))
    assert replace(read, logo=None) == look
    assert (read.logo.alternative, read.logo.content) == ("Arms", bytes(picture.content))
    with pytest.raises(KeyError):
        designs.pictures_of(make_issuer(), kept)


@pytest.mark.one_database
def test_a_template_is_for_micro_credentials_or_for_qualifications():
    assert designs.scope_of("MicroCredential") == MICRO
    assert {designs.scope_of(kind) for kind in ("Certificate", "Diploma", "Degree")} == {QUALIFICATION}


# --- what was issued ----------------------------------------------------------------------------------------------


@needs_pango
@pytest.mark.filterwarnings("ignore:unclosed file .*sRGB2014:ResourceWarning")
def test_a_credential_keeps_the_version_it_was_issued_under(issuer, settings):
    badge = make_achievement(issuer=issuer)
    before = issue_to(make_lena(), badge, at=NOON)
    published(issuer, note="Of the first version.")
    after = issue_to(make_lena(), badge, at=SOON, edition=2)
    outbox.run_all_due()
    assert "Of the first version." not in words(file_of(before, settings))
    made = file_of(after, settings)
    assert "Of the first version." in " ".join(words(made).split())
    # A later version, and a lost file: it is drawn again as it was.
    published(issuer, at=NOON + timedelta(days=1), note="Of the second.")
    rendition = Rendition.objects.get(credential=credential_of(after), kind="pdf")
    (settings.MEDIA_ROOT / rendition.path).unlink()
    designs._kept.clear()
    outbox.promise("credentials.render_pdf", rendition.credential_id, version="again")
    outbox.run_all_due()
    assert file_of(after, settings) == made


def file_of(award, settings):
    rendition = Rendition.objects.get(credential=credential_of(award), kind="pdf")
    return (settings.MEDIA_ROOT / rendition.path).read_bytes()


# --- samples ------------------------------------------------------------------------------------------------------


@needs_pango
@pytest.mark.one_database
def test_a_worker_draws_a_sample_and_says_how_many_pages_it_takes(issuer):
    proof = designing.ask_proof(issuer=issuer, scope=QUALIFICATION, choices=choices(), sample="full", at=NOON)
    outbox.run_all_due()
    proof.refresh_from_db()
    assert proof.is_sound
    assert proof.pages > 1
    with Image.open(io.BytesIO(bytes(proof.picture))) as seen:
        assert (seen.format, seen.size) == ("WEBP", (proof.width, proof.height))
    assert designing.ask_proof(issuer=issuer, scope=QUALIFICATION, choices=choices(), sample="full", at=SOON) == proof
    outbox.run_all_due()


@needs_pango
@pytest.mark.one_database
def test_a_character_that_no_font_draws_is_named_beside_the_sample(issuer):
    chosen = choices(signers=[{"name": "Ada \ue123", "role": "", "picture": None}])
    proof = designing.ask_proof(issuer=issuer, scope=MICRO, choices=chosen, sample="usual", at=NOON)
    outbox.run_all_due()
    proof.refresh_from_db()
    assert not proof.is_sound
    assert proof.picture, "it is shown as it would look"
    assert designing.faults_in(proof) == ["No font of this site draws \ue123 (U+E123)."]


def test_samples_are_of_names_that_sheets_find_hard():
    made = {
        sample: samples.fields_of(
            sample, BUILT_IN, qualification=True, issuer_name="A", parent_issuer_name="", site_url="https://a.example"
        )
        for sample in samples.SAMPLES
    }
    assert 195 <= len(made["longest"].learner_name) <= User._meta.get_field("name").max_length
    assert len(made["full"].parts) > 20
    assert made["arabic"].learner_name[0] == "م"


def test_old_proofs_and_pictures_that_nothing_names_are_forgotten(issuer):
    used, unused = taken(issuer, png()), taken(issuer, png(colour="#FF0000"))
    draft(issuer, logo={"sha256": used.sha256, "alternative": "Arms"})
    designing.sweep(at=NOON + designing.KEPT_FOR)
    assert CertificateProof.objects.count() == len(samples.SAMPLES)
    designing.sweep(at=NOON + designing.KEPT_FOR + timedelta(seconds=1))
    assert not CertificateProof.objects.exists()
    assert list(CertificatePicture.objects.values_list("sha256", flat=True)) == [used.sha256]
    assert unused.sha256 != used.sha256


# --- pictures -----------------------------------------------------------------------------------------------------


def test_a_picture_is_made_anew_with_nothing_of_the_old_file_in_it(issuer):
    hidden = PngImagePlugin.PngInfo()
    hidden.add_text("Comment", "who drew this, and where")
    kept = taken(issuer, png(size=(3000, 1200), pnginfo=hidden) + b"<script>")
    content = bytes(kept.content)
    assert b"where" not in content and b"script" not in content
    assert (kept.width, kept.height, kept.media_type) == (1200, 480, "image/png")
    assert taken(issuer, png(size=(3000, 1200))) == kept, "the same picture is kept once"


def test_text_must_be_read_on_all_of_a_background(issuer):
    half = Image.new("RGB", (400, 560), "white")
    ImageDraw.Draw(half).rectangle((0, 0, 400, 280), fill="#0A3040")
    out = io.BytesIO()
    half.save(out, "PNG")
    dark = taken(issuer, out.getvalue(), use="background")
    pale = taken(issuer, png(size=(400, 560), colour="#F4F0E8"), use="background")
    assert dark.darkest < 0.05
    assert dark.lightest > 0.9
    chosen = {"background": {"sha256": dark.sha256, "alternative": ""}}
    assert [fault.choice for fault in designs.faults_of(choices(**chosen), {dark.sha256: dark})] == ["ink", "accent"]
    chosen = {"background": {"sha256": pale.sha256, "alternative": ""}}
    assert designs.faults_of(choices(**chosen), {pale.sha256: pale}) == []


def test_a_logo_must_be_said_in_words(issuer):
    logo = taken(issuer, png())
    chosen = choices(logo={"sha256": logo.sha256, "alternative": " "})
    [fault] = designs.faults_of(chosen, {logo.sha256: logo})
    assert fault.choice == "logo_alternative"


def moving():
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    return out.getvalue()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "not a PNG"),
        (b"GIF89a" + bytes(60), "not a PNG"),
        (png()[:60], "could not be read"),
        (png(size=(4097, 10)), "4,096"),
        (png(size=(4000, 4000)), "8 million"),
        (moving(), "moves"),
        (bytes(MAX_BYTES + 1), "larger than 5 MB"),
    ],
    ids=["drawing", "gif", "torn", "wide", "many pixels", "moving", "large"],
)
def test_what_is_no_picture_that_can_be_printed_is_refused(issuer, content, why):
    with pytest.raises(PictureRefused, match=why):
        taken(issuer, content)
    assert not CertificatePicture.objects.exists()

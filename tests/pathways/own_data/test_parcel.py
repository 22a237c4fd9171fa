"""What a person takes away: all that is theirs, whole and plain, and nothing of anybody else."""

import io
import json
import zipfile

import pytest
from django.conf import settings

from credentials import sharing
from credentials.models import Credential, WalletCopy
from credentials.rendering import badge, certificate
from pathways import enrolment, grading
from pathways.models import Pathway, SubmissionFile
from pathways.own_data import inventory, parcel
from pathways.rules import receipt
from portal.accounts.models import User
from portal.shared import outbox
from tests.cast import make_ivo, make_lena, make_noor
from tests.college import LATER, hand_in, make_assignment, make_course, mark, passed, publish_rule
from tests.credentials.test_walk import ONE_PIXEL
from tests.credentials.walked import in_a_pdf
from tests.factories import NOON, make_achievement

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def lena(monkeypatch: pytest.MonkeyPatch) -> User:
    """Has studied, handed in, been graded and earned; so has Noor."""
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)
    course = make_course(ivo=make_ivo())
    essay = make_assignment(course)
    publish_rule(course.achievement, passed(essay.key))
    for learner in (make_lena(), make_noor()):
        work = hand_in(learner, essay, text=f"By {learner.name}.")
        path = settings.MEDIA_ROOT / "submissions" / f"{learner.pk}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"File of {learner.name}")
        SubmissionFile.objects.create(
            submission=work,
            name="../a/ü.txt",
            media_type="text/plain",
            size=1,
            sha256=f"{learner.pk:064}",
            path=f"submissions/{learner.pk}",
            added_at=NOON,
        )
        grading.release(grades=[mark(work, make_ivo())], by=make_ivo(), at=NOON)
    return make_lena()


def unpacked(person: User) -> zipfile.ZipFile:
    written = io.BytesIO()
    parcel.write(written, person, at=LATER)
    return zipfile.ZipFile(written)


def test_rows_stand_there_with_what_they_name_and_without_inner_numbers(lena: User) -> None:
    record = json.loads(json.dumps(parcel.record_of(lena)))
    [account] = record["account"]
    assert account["email"] == "lena@example.org"
    assert not {"id", "password"} & set(account)
    assert [each["course"]["slug"] for each in record["courses"]] == ["statistics"]
    assert [each["text"] for each in record["submissions"]] == [f"By {lena.name}."]
    [grade] = record["grades"]
    assert (grade["marks"], grade["state"], grade["graded_by"], grade["learner"]) == (
        "10.00",
        "released",
        make_ivo().name,
        "you",
    )
    assert {"release grade", "award"} <= {each["act"] for each in record["acts"]}
    assert [each["level"]["title"] for each in record["criterion-marks"]] == ["Convincing", "Clear"]


def test_nothing_of_anybody_else_is_there(lena: User) -> None:
    outbox.run_all_due()
    parcelled = unpacked(lena)
    noor = make_noor()
    uuids = [str(each) for each in noor.awards.values_list("uuid", flat=True)]
    for name in parcelled.namelist():
        content = parcelled.read(name)
        for of_others in (noor.name, "noor@", *uuids, "ivo@", "rhea@", "ada@"):
            assert of_others.encode() not in content, (name, of_others)


def test_files_are_there_byte_for_byte_under_names_that_lead_nowhere_else(lena: User) -> None:
    outbox.run_all_due()
    credential = Credential.objects.get(award__learner=lena)
    sharing.share(credential=credential, by=lena, at=LATER)
    sharing.withdraw(credential=credential, by=lena, at=LATER, note="To nobody.")
    sharing.share(credential=credential, by=lena, at=LATER)
    outbox.run_all_due()
    parcelled = unpacked(lena)
    assert parcelled.testzip() is None
    assert parcelled.read(f"credentials/{credential.uuid}.json").decode() == credential.document
    for rendition in credential.renditions.all():
        folder = {"pdf": "certificates", "png": "badges"}[rendition.kind]
        name = f"{folder}/{credential.uuid}-{rendition.template_version}.{rendition.kind}"
        assert parcelled.read(name) == (settings.MEDIA_ROOT / rendition.path).read_bytes()
    [work] = [name for name in parcelled.namelist() if name.startswith("submissions/")]
    assert parcelled.read(work).decode() == f"File of {lena.name}"
    assert not [name for name in parcelled.namelist() if ".." in name.split("/") or name.startswith("/")]
    assert {f"credentials/{credential.uuid}-{each}.jwt" for each in ("ES256", "RS256")} & set(parcelled.namelist())
    shown = json.loads(parcelled.read("data/disclosures.json"))
    assert [each["act"] for each in shown] == ["share credential", "stop sharing credential", "share credential"]
    [end] = json.loads(parcelled.read("data/sharing-ends.json"))
    assert (end["note"], "salt" in end) == ("To nobody.", False)
    [proof] = [name for name in parcelled.namelist() if name.startswith(f"sharing-ends/{credential.uuid}-")]
    assert parcelled.read(proof).startswith(b"c2sp.org/tlog-proof@v1\n")


def test_it_explains_every_file_and_says_what_is_missing(lena: User) -> None:
    outbox.run_all_due()
    for rendition in Credential.objects.get(award__learner=lena).renditions.filter(kind="pdf"):
        (settings.MEDIA_ROOT / rendition.path).unlink()
    parcelled = unpacked(lena)
    words = parcelled.read("README.md").decode()
    for part in inventory.PARTS:
        assert f"## data/{part.name}.json" in words
        json.loads(parcelled.read(f"data/{part.name}.json"))
    assert "could not be read" in words
    assert "`leaf_salt` is left out. It opens something" in words
    assert not [name for name in parcelled.namelist() if name.startswith("certificates/")]


def test_a_credential_is_shown_once_it_is_signed_and_logged(lena: User) -> None:
    assert not [name for name in unpacked(lena).namelist() if name.startswith("credentials/")]
    outbox.run_all_due()
    after = unpacked(lena)
    credential = Credential.objects.get(award__learner=lena)
    derivation = json.loads(after.read(f"credentials/{credential.uuid}-derivation.json"))
    [row] = json.loads(after.read("data/derivations.json"))
    # With these anybody whom the learner wants to convince can follow the decision.
    sealed = {each["sha256"] for each in derivation["holdings"].values()}
    assert sealed == {receipt.commitment(each) for each in row["openings"]["holdings"].values()} != set()


def test_the_copies_in_wallets_are_there(lena: User) -> None:
    credential = Credential.objects.get(award__learner=lena)
    WalletCopy.objects.create(credential=credential, form="ldp_vc", holder="did:key:z6Mk", asked_at=NOON, text="{}")
    [told] = parcel.record_of(lena)["wallet-copies"]
    assert (told["holder"], told["credential"]) == ("did:key:z6Mk", {"uuid": str(credential.uuid)})
    assert "text" not in told
    assert [name for name in unpacked(lena).namelist() if name.startswith("wallet-copies/")]


def test_what_a_grader_has_not_released_is_not_the_learners(lena: User) -> None:
    work = hand_in(lena, make_assignment(make_course(slug="logic", ivo=make_ivo())))
    mark(work, make_ivo())
    record = parcel.record_of(lena)
    assert (len(record["grades"]), len(record["criterion-marks"])) == (1, 2)


def test_what_was_begun_is_there(lena: User) -> None:
    target = make_achievement(slug="whole")
    pathway = Pathway.objects.create(
        slug="way", issuer=target.issuer, target=target, title="The way", state=Pathway.State.OPEN
    )
    enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON)
    assert [each["pathway"]["slug"] for each in parcel.record_of(lena)["pathways"]] == ["way"]


def test_one_kind_is_read_by_one_question_however_many_rows(lena: User, django_assert_num_queries) -> None:
    part = next(each for each in inventory.PARTS if each.name == "grades")
    with django_assert_num_queries(1):
        list(parcel.rows_of(lena, part))

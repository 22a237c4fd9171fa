"""Tests the import of a college on a small data set of the same form."""

import gzip
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from credentials.models import Award
from pathways.importing import oulad
from pathways.models import Enrolment, Grade, Submission
from portal.accounts.models import User
from portal.shared.models import AuditEntry

pytestmark = pytest.mark.django_db

COURSES = """code_module,code_presentation,module_presentation_length
AAA,2013J,268
CCC,2014B,241
DDD,2013B,240
"""
ASSESSMENTS = """code_module,code_presentation,id_assessment,assessment_type,date,weight
AAA,2013J,1752,TMA,19,40
AAA,2013J,1757,Exam,,100
CCC,2014B,2752,CMA,18,60
DDD,2013B,3752,TMA,25,50
"""
STUDENTS = """code_module,code_presentation,id_student,num_of_prev_attempts,studied_credits,final_result
AAA,2013J,1,0,60,Pass
CCC,2014B,1,0,60,Distinction
DDD,2013B,1,0,60,Pass
AAA,2013J,2,0,60,Fail
CCC,2014B,2,1,60,Pass
AAA,2013J,3,0,60,Withdrawn
"""
MARKS = """id_student,id_assessment,date_submitted,is_banked,score
1,1752,18,0,78
1,1757,230,0,60
2,1752,30,0,35
3,1752,-1,1,70
1,2752,17,0,90
2,2752,18,0,?
1,3752,20,0,55
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "courses.csv").write_text(COURSES)
    (tmp_path / "assessments.csv").write_text(ASSESSMENTS)
    (tmp_path / "studentInfo.csv").write_text(STUDENTS)
    with gzip.open(tmp_path / "studentAssessment.csv.gz", "wt") as target:
        target.write(MARKS)
    return tmp_path


def test_real_histories_earn_modules_and_the_stacks_over_them(folder: Path) -> None:
    call_command("import_oulad", folder)
    one = User.objects.get(email="learner-1@oulad.invalid")
    assert set(one.awards.values_list("achievement__slug", flat=True)) == {
        "oulad-aaa",
        "oulad-ccc",
        "oulad-ddd",
        "oulad-certificate-science",
        "oulad-certificate-breadth",
    }
    two = User.objects.get(email="learner-2@oulad.invalid")
    assert set(two.awards.values_list("achievement__slug", flat=True)) == {"oulad-ccc"}
    assert oulad.totals() == {
        "learners": 3,
        "enrolments": 6,
        "submissions": 5,
        "grades": 11,
        "micro_credentials": 4,
        "qualifications": 2,
    }


def test_a_stack_is_dated_by_the_part_that_completed_it(folder: Path) -> None:
    call_command("import_oulad", folder)
    breadth = Award.objects.get(achievement__slug="oulad-certificate-breadth")
    last = Award.objects.filter(learner=breadth.learner, achievement__slug="oulad-aaa").get()
    assert breadth.awarded_on == last.awarded_on


def test_a_mark_missing_waits_and_a_banked_one_stands_without_work(folder: Path) -> None:
    call_command("import_oulad", folder)
    waiting = Submission.objects.get(learner__email="learner-2@oulad.invalid", assessment__slug="a2752")
    assert waiting.state == Submission.State.SUBMITTED
    banked = Grade.objects.get(source=Grade.Source.BANKED)
    assert (banked.learner.email, banked.submission) == ("learner-3@oulad.invalid", None)
    left = Enrolment.objects.get(learner__email="learner-3@oulad.invalid")
    assert left.state == Enrolment.State.WITHDRAWN


def test_a_second_run_changes_nothing(folder: Path) -> None:
    call_command("import_oulad", folder)
    before = (oulad.totals(), AuditEntry.objects.count(), Award.objects.count())
    call_command("import_oulad", folder)
    assert (oulad.totals(), AuditEntry.objects.count(), Award.objects.count()) == before


def test_a_run_that_was_stopped_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oulad, "LEARNERS_AT_ONCE", 1)
    real, calls = oulad._import_group, []

    def stop_after_two(*args: object) -> None:
        calls.append(args)
        if len(calls) > 2:
            raise KeyboardInterrupt
        real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(oulad, "_import_group", stop_after_two)
        with pytest.raises(CommandError, match="run the command again"):
            call_command("import_oulad", folder)
    assert oulad.totals()["enrolments"] == 2
    call_command("import_oulad", folder)
    assert oulad.totals()["grades"] == 11
    assert oulad.totals()["qualifications"] == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("studentInfo.csv", "Fail", "Passt", "studentInfo.csv, line 5: 'Passt'"),
        ("courses.csv", "2013J", "2013X", "'2013X' is not a year and B or J"),
        ("assessments.csv", "CMA,18", "CMA,soon", "'soon' is not a whole number"),
    ],
)
def test_a_bad_row_is_named(folder: Path, file: str, old: str, new: str, words: str) -> None:
    path = folder / file
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(CommandError, match=words):
        call_command("import_oulad", folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "courses.csv").unlink()
    with pytest.raises(CommandError, match="is missing in"):
        call_command("import_oulad", folder)

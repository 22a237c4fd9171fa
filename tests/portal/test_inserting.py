"""Many rows at once, without Django's long statements: what is stored is what `save` would have stored."""

from datetime import timedelta

import pytest

from portal.shared import inserting
from portal.shared.models import Job
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def test_rows_are_changed_each_to_its_own_values_and_no_other_field() -> None:
    jobs = [Job.objects.create(kind="test", subject_id=number, queue="issue") for number in range(3)]
    for number, job in enumerate(jobs):
        job.last_error, job.due, job.token, job.kind = f"100 % '{number}'", NOON + timedelta(days=number), number, "x"

    inserting.update_each(jobs[:2], ["last_error", "due", "token"])
    inserting.update_each([], ["token"])

    stored = list(Job.objects.order_by("subject_id"))
    assert [job.last_error for job in stored] == ["100 % '0'", "100 % '1'", ""]
    assert [job.due for job in stored[:2]] == [NOON, NOON + timedelta(days=1)]
    assert [job.token for job in stored] == [0, 1, 0]
    assert {job.kind for job in stored} == {"test"}


def test_plain_values_are_stored_as_an_object_of_them_would_be() -> None:
    inserting.put(Job, ("subject_id", "version"), [], kind="none")
    inserting.put(Job, ("subject_id", "version"), [(1, "a"), (2, "100 %")], kind="put", queue="issue", due=NOON)
    inserting.insert([Job(kind="object", subject_id=1, version="a", queue="issue", due=NOON)])

    put, other = Job.objects.filter(kind="put").order_by("subject_id")
    like = Job.objects.get(kind="object")
    names = [field.attname for field in Job._meta.fields if field.attname not in ("id", "kind", "promised_at")]
    assert [getattr(put, name) for name in names] == [getattr(like, name) for name in names]
    assert put.promised_at is not None
    assert (other.subject_id, other.version, other.due) == (2, "100 %", NOON)


def test_what_is_there_already_stays_or_takes_over_the_new_values() -> None:
    job = {"kind": "put", "queue": "issue", "version": ""}
    inserting.put(Job, ("subject_id", "last_error"), [(1, "old")], **job)
    inserting.put(Job, ("subject_id", "last_error"), [(1, "new"), (2, "new")], unless_there=True, **job)
    assert list(Job.objects.order_by("subject_id").values_list("last_error", flat=True)) == ["old", "new"]

    inserting.put(
        Job, ("subject_id", "last_error"), [(1, "newest")], in_place_of=("subject_id", "kind", "version"), **job
    )
    assert list(Job.objects.order_by("subject_id").values_list("last_error", flat=True)) == ["newest", "new"]

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

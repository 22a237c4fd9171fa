"""Fills a database with a crowd, by the database's own means, for benchmarks that read from one.

`python -m tests.benchmarks.filled LEARNERS FILE` makes one and leaves it there.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import django

from tests.benchmarks.crowd import ACHIEVEMENTS, EACH, holding, key


@contextmanager
def database(learners: int) -> Iterator[None]:
    """A database of this size in a temporary file, filled by another process, whose memory is none of ours."""
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/population.sqlite3"
        subprocess.run([sys.executable, "-m", "tests.benchmarks.filled", str(learners), file], check=True)
        _open(file)
        yield


def _open(file: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    os.environ["DATABASE_URL"] = f"sqlite:///{file}"
    django.setup()


def _fill(learners: int) -> None:
    from django.core.management import call_command
    from django.db import connection, transaction

    from credentials.models import Achievement, Issuer
    from portal.accounts.models import User

    call_command("migrate", verbosity=0)

    issuer = Issuer.objects.create(slug="college", name="College", email="office@example.edu", country_code="DE")
    Achievement.objects.bulk_create(
        Achievement(
            slug=key(number),
            name=key(number),
            issuer=issuer,
            kind=Achievement.Kind.MICRO_CREDENTIAL,
            credits=each.credits,
            level=each.level,
            subject=each.subject,
            tags=sorted(each.tags),
            state=Achievement.State.PUBLISHED,
            published_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        for number in range(ACHIEVEMENTS)
        for each in [holding(number)]
    )
    first = Achievement.objects.order_by("pk").values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        # What is only to be measured need not survive a power cut; the indexes of millions of rows want room.
        cursor.execute("PRAGMA synchronous = OFF")
        cursor.execute("PRAGMA cache_size = -2000000")
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s) "
    with transaction.atomic(), connection.cursor() as cursor:
        # Everybody is a copy of one person, apart from what must differ.
        one = User.objects.create(email="0@example.edu", name="L. Earner")
        columns = [each.column for each in User._meta.concrete_fields if each.column not in {"id", "email", "uuid"}]
        names = ", ".join(columns)
        identity = ", uuid" if any(each.column == "uuid" for each in User._meta.concrete_fields) else ""
        random_uuid = ", lower(hex(randomblob(16)))" if identity else ""
        cursor.execute(
            numbers + f"INSERT INTO {User._meta.db_table} (email, {names}{identity}) "  # noqa: S608
            f"SELECT i || '@example.edu', {names}{random_uuid} FROM n, {User._meta.db_table} WHERE id = %s",
            [learners - 1, one.pk],
        )
        awards = (
            # Who is drawn the same twice has it once; a column that is missing here is an error.
            "INSERT INTO credentials_award (uuid, learner_id, achievement_id, edition, standing,"
            " awarded_at, awarded_on, earnable_again, results, criteria) SELECT lower(hex(randomblob(16))), 1 + i / %s,"
            " %s + CAST(power(abs(random()) / 9223372036854775808.0, 1.5) * %s AS int), 1, 'active',"
            " '2026-01-01 00:00:00', date('2026-11-01', '-' || abs(random() %% 2500) || ' days'), 0, '[]', '[]'"
            " FROM n WHERE true ON CONFLICT DO NOTHING"
        )
        cursor.execute(numbers + awards, [learners * EACH - 1, EACH, first, ACHIEVEMENTS])
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    _open(sys.argv[2])
    _fill(int(sys.argv[1]))

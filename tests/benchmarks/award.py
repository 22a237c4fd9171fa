"""Times one award: a grade is released, and earns a micro-credential and with it a qualification.

`python -m tests.benchmarks.award [ROUNDS]` (else 60) does so for as many learners with 5, 53 and 203 rules in
force, on its own SQLite file, and prints queries and CPU milliseconds (median, quartiles), beside the naive way in
the same process: each rule read and asked of the database, part by part, until nothing changes, and each row saved.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "CAIRN_DATA": folder,
            "DATABASE_URL": os.environ.get("BENCHMARK_DATABASE_URL", f"sqlite:///{Path(folder) / 'bench.sqlite3'}"),
            "CAIRN_LOG_LEVEL": "ERROR",
        }
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        sys.stdout.write(f"{rounds} learners each, CPU time of one release, queries without BEGIN and COMMIT\n")
        measure(rounds)


def measure(rounds: int) -> None:
    from pathways import grading
    from tests.cast import make_ivo, person
    from tests.college import hand_in, holds_all, make_assignment, make_course, mark, passed, publish_rule
    from tests.factories import NOON, make_achievement

    ivo = make_ivo()
    first, second = make_course(ivo=ivo, slug="algebra"), make_course(ivo=ivo)
    early, essay = make_assignment(first), make_assignment(second)
    publish_rule(first.achievement, passed("algebra/essay"))
    publish_rule(second.achievement, passed("statistics/essay"))
    whole = make_achievement(slug="numeracy", kind="Certificate", issuer=second.achievement.issuer)
    publish_rule(whole, holds_all("statistics-badge", "algebra-badge"))
    number = in_force = 0

    def drafts() -> Iterator[Any]:
        nonlocal number
        for _ in range(rounds):
            number += 1
            learner = person(f"learner{number}@example.org", f"Learner {number}")
            grading.release(grades=[mark(hand_in(learner, early), ivo)], by=ivo, at=NOON)
            yield mark(hand_in(learner, essay), ivo)

    for rules in (2, 50, 200):
        put_in_force(in_force, rules)
        in_force = rules
        for name, release in (("ours", grading.release), ("naive", naive_release)):
            waiting = list(drafts())
            for draft in waiting[:3]:
                release(grades=[draft], by=ivo, at=NOON)
            report(
                f"{rules + 3:4} rules, {name:5}",
                waiting[3:],
                lambda draft, release=release: release(grades=[draft], by=ivo, at=NOON),
            )


def report(name: str, drafts: list[Any], release: Callable[[Any], list[Any]]) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        awards = release(drafts[0])
    assert len(awards) == 2, awards
    asked = sum(query["sql"].split()[0] not in ("BEGIN", "COMMIT") for query in captured)
    spent = []
    for draft in drafts[1:]:
        start = time.process_time()
        release(draft)
        spent.append((time.process_time() - start) * 1000)
    low, median, high = statistics.quantiles(spent, n=4)
    sys.stdout.write(
        f"{name} {asked:5} queries {median:8.2f} ms (quartiles {low:.2f} to {high:.2f}, best {min(spent):.2f})\n"
    )


def put_in_force(first: int, last: int) -> None:
    """So many rules that look at what nobody here has."""
    from credentials.models import Achievement
    from pathways.models import RuleVersion
    from pathways.rules import notation
    from tests.factories import NOON

    like = Achievement.objects.get(slug="numeracy")
    for number in range(first, last):
        achievement = Achievement.objects.create(
            slug=f"other-{number}",
            name=f"Other {number}",
            issuer_id=like.issuer_id,
            kind=like.kind,
            state=like.state,
            published_at=NOON,
            credits=Decimal(5),
        )
        document = {"format": 1, "root": {"type": "holds", "id": "n1", "any_of": [f"other-{number + 1}"]}}
        RuleVersion.objects.create(
            achievement=achievement,
            number=1,
            state=RuleVersion.State.PUBLISHED,
            document=document,
            content_hash=notation.content_hash(notation.from_json(document)),
            edited_at=NOON,
            published_at=NOON,
        )


# --- the naive way -----------------------------------------------------------------------------------------------


def naive_release(*, grades: list[Any], by: Any, at: Any) -> list[Any]:
    from django.db import transaction

    from portal.shared import audit

    with transaction.atomic():
        [draft] = grades
        draft.refresh_from_db()
        draft.state, draft.released_at = "released", at
        draft.save()
        draft.submission.state = "graded"
        draft.submission.save()
        audit.note("release grade", draft, actor=by, at=at, concerns=draft.learner)
        return naive_awards(draft.learner, at)


def naive_awards(learner: Any, at: Any) -> list[Any]:
    from pathways.models import RuleVersion
    from pathways.rules import notation

    made: list[Any] = []
    while True:
        fresh = []
        for version in RuleVersion.objects.filter(state="published").select_related("achievement__issuer"):
            if learner.awards.filter(achievement=version.achievement).exists():
                continue
            if naive_met(notation.from_json(version.document).root, learner):
                fresh.append(naive_award(version, learner, at))
        if not fresh:
            return made
        made += fresh


def naive_met(part: Any, learner: Any) -> bool:
    from credentials.models import Award
    from pathways.models import Grade

    if hasattr(part, "parts"):
        return all(naive_met(each, learner) for each in part.parts)
    if hasattr(part, "assessment"):
        course, slug = part.assessment.split("/")
        found = Grade.objects.filter(
            learner=learner, state="released", assessment__course__slug=course, assessment__slug=slug
        )
        return any(grade.has_passed for grade in found)
    return Award.objects.filter(learner=learner, standing="active", achievement__slug__in=part.any_of).exists()


def naive_award(version: Any, learner: Any, at: Any) -> Any:
    import secrets

    from credentials import composition
    from credentials.models import Award, Credential, StatusList
    from pathways.models import Derivation
    from portal.shared import audit
    from portal.shared.models import Job

    award = Award.objects.create(
        learner=learner, achievement=version.achievement, awarded_at=at, awarded_on=at.date(), results=[]
    )
    status_list = StatusList.objects.filter(issuer=version.achievement.issuer, is_open=True).first()
    while True:
        place = secrets.randbelow(StatusList.LENGTH)
        if not Credential.objects.filter(status_list=status_list, status_index=place).exists():
            break
    credential = Credential(
        code=secrets.token_hex(13),
        award=award,
        issuer=version.achievement.issuer,
        recipient_name=learner.name,
        status_list=status_list,
        status_index=place,
        identity_salt=secrets.token_hex(16),
        leaf_salt=secrets.token_bytes(32),
        issued_at=at,
    )
    credential.body = json.dumps(composition.body(credential, award, version.achievement, email=learner.email))
    credential.save()
    Job.objects.create(kind="credentials.sign", subject_id=credential.pk, queue="issue")
    audit.note("award", award, actor=None, at=at, concerns=learner)
    Derivation.objects.create(
        award=award, rule_version=version, allocation={}, evaluator_version="", cause="", evaluated_at=at
    )
    return award


if __name__ == "__main__":
    main()

"""Everything that a decision about learners must know of them, read in one query.

The statement is written by hand, for SQLite and PostgreSQL alike: a row is the kind of thing it tells of, the learner,
an id, and text. Whatever else a rule may look at joins it as a further arm.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection

from credentials import described
from credentials.models import Achievement, Award, Credential
from pathways import holdings
from pathways.models import Grade, Recognition
from pathways.models.rulings import ruling_value
from pathways.rules.record import Holding, HoldingKind, Pin, Record
from pathways.rules.rulings import AttestedFact, RulingValue
from portal.accounts.models import User
from portal.shared import generation

WIDTH = 10
CENT = Decimal("0.01")
TENTH = Decimal("0.1")


@dataclass(frozen=True)
class GradeRow:
    """A grade that is released, or a draft that was asked for."""

    id: int
    assessment_id: int
    submission_id: int | None
    is_draft: bool
    marks: Decimal
    holding: Holding


@dataclass(frozen=True)
class Dossier:
    """One learner as decisions see them.

    `pinned` are the ids of versions no longer in force that bind them all the same. `credentials` are the current
    documents of their awards, by the award's uuid, with identifier, hash and award only. `token` is that of
    `generation`.
    """

    token: int | None
    learner: User
    record: Record
    grades: tuple[GradeRow, ...] = ()
    pinned: tuple[int, ...] = ()
    credentials: dict[UUID, Credential] = field(default_factory=dict)

    @property
    def has_suspended(self) -> bool:
        return any(each.kind == "award" and each.status == "suspended" for each in self.record.holdings)

    def holds_any(self, achievements: Collection[str]) -> bool:
        """Whether one of these, by its slug, was awarded and not revoked."""
        return any(
            each.kind == "award" and each.key in achievements and each.status == "active"
            for each in self.record.holdings
        )

    def after_release(self, drafts: Collection[int], replaced: Collection[int]) -> "Dossier":
        """The same learner once these drafts are released and these grades replaced."""
        grades = tuple(
            replace(row, is_draft=row.is_draft and row.id not in drafts)
            for row in self.grades
            if row.id not in replaced
        )
        released = tuple(row.holding for row in grades if not row.is_draft)
        others = tuple(each for each in self.record.holdings if each.kind != "grade")
        return replace(self, grades=grades, record=replace(self.record, holdings=(*released, *others)))


def dossiers_of(
    learner_ids: Iterable[int], *, drafts: Collection[int] = (), under_way: bool = False
) -> dict[int, Dossier]:
    """What is known of each of these learners; with some draft grades, and with what is under way, where asked for."""
    ids = sorted(set(learner_ids))
    if not ids:
        return {}
    rows = _rows(ids, sorted(drafts), under_way=under_way)
    found: dict[int, dict[str, list[tuple[Any, ...]]]] = {id_: defaultdict(list) for id_ in ids}
    token: int | None = None
    for row in rows:
        if row[0] == "token":
            token = int(row[3])
        else:
            found[row[1]][row[0]].append(row[2:])
    awarded = {int(row[2]) for kinds in found.values() for row in kinds["award"]}
    awarded |= {int(row[2]) for kinds in found.values() for row in kinds["recognised"] if row[2]}
    known = described.achievements(awarded, token=token)
    return {id_: _dossier(id_, kinds, token, known) for id_, kinds in found.items()}


def records_of(learner_ids: Iterable[int], *, under_way: bool = False) -> dict[int, Record]:
    """Everything rules may look at, by learner."""
    return {id_: each.record for id_, each in dossiers_of(learner_ids, under_way=under_way).items()}


def _dossier(
    id_: int, kinds: dict[str, list[tuple[Any, ...]]], token: int | None, known: Mapping[int, Achievement]
) -> Dossier:
    grades = [_grade(row) for row in sorted(kinds["grade"])]
    held = [row.holding for row in grades if not row.is_draft]
    credentials: dict[UUID, Credential] = {}
    others = []
    for _id, uuid, achievement_id, awarded_on, until, standing, again, document, sha256, allocation, *_ in sorted(
        kinds["award"]
    ):
        achievement = known[int(achievement_id)]
        award = Award(uuid=UUID(uuid), achievement=achievement)
        holding = Holding(
            id=f"award:{award.uuid}",
            earned_on=date.fromisoformat(awarded_on),
            until=date.fromisoformat(until) if until else None,
            status=holdings.award_status(standing, earnable_again=bool(again)),
            **holdings.described(achievement),
        )
        held.append(holding)
        if document:
            credentials[award.uuid] = Credential(uuid=UUID(document), body_sha256=sha256, award=award)
        if standing == Award.Standing.ACTIVE and achievement.kind != holdings.SMALLEST_KIND:
            others.append(holdings.other(achievement, _used(allocation)))
    # Of choices that do not go together the newest goes first.
    pins = [
        Pin(rule=slug, node=node, holding=held, here=bool(here))
        for _id, slug, node, held, here, *_ in sorted(kinds["choice"], key=lambda row: row[0], reverse=True)
    ]
    held += [_logged(row) for row in sorted(kinds["experience"])]
    held += [_recognised(row, known) for row in sorted(kinds["recognised"], key=lambda row: row[0])]
    rulings = [_ruling(row) for row in sorted(kinds["ruling"], key=lambda row: (row[5], row[0]))]
    begun: list[tuple[HoldingKind, str]] = [("award", row[1]) for row in kinds["studying"]]
    begun += [("grade", row[1]) for row in kinds["handed in"]]
    [(_, name, email, *_)] = kinds["learner"] or [(0, "", "")]
    record = Record(
        holdings=tuple(held),
        under_way=frozenset(begun),
        # Those in force on the day of a decision are found by `exceptions`; these are for whoever only shows them.
        facts={each.name: each.value for each in rulings if isinstance(each, AttestedFact)},
        rulings=tuple(rulings),
        others=tuple(others),
        pins=tuple(pins),
    )
    return Dossier(
        token=token,
        # Whatever else somebody asks of the learner is read then.
        learner=User.from_db(connection.alias, ["id", "email", "name"], [id_, email, name]),
        record=record,
        grades=tuple(grades),
        pinned=tuple(sorted({row[0] for row in kinds["pin"]})),
        credentials=credentials,
    )


def _used(allocation: str | None) -> frozenset[str]:
    parts = json.loads(allocation) if allocation else {}
    return frozenset(taken["holding"] for part in parts.values() for taken in part)


def _ruling(row: tuple[Any, ...]) -> RulingValue:
    _id, uuid, kind, slug, node, since, until, terms, *_ = row
    return ruling_value(
        uuid=UUID(uuid),
        kind=kind,
        slug=slug or "",
        node=node,
        terms=json.loads(terms),
        since=date.fromisoformat(since),
        until=date.fromisoformat(until) if until else None,
    )


def _logged(row: tuple[Any, ...]) -> Holding:
    _id, uuid, key, begins_on, ends_on, hours, issuer, role, *_ = row
    return holdings.logged_holding(
        uuid=UUID(uuid),
        key=key,
        begins_on=date.fromisoformat(begins_on),
        ends_on=date.fromisoformat(ends_on),
        hours=Decimal(hours).quantize(TENTH),
        issuer=issuer,
        role=role,
    )


def _recognised(row: tuple[Any, ...], known: Mapping[int, Achievement]) -> Holding:
    _id, uuid, achievement_id, earned_on, until, amount, level, subject, issuer, *_ = row
    achievement = known[int(achievement_id)] if achievement_id else None
    return holdings.recognised_holding(
        uuid=UUID(uuid),
        achievement=achievement,
        key=Recognition(uuid=UUID(uuid), achievement=achievement).key,
        terms=holdings.Terms(
            credits=Decimal(amount).quantize(CENT),
            level=int(level) if level else None,
            subject=subject,
            earned_on=date.fromisoformat(earned_on),
            valid_until=date.fromisoformat(until) if until else None,
        ),
        outside_issuer=issuer,
    )


def _grade(row: tuple[Any, ...]) -> GradeRow:
    id_, uuid, key, earned_on, marks, out_of, pass_marks, issuer, assessment, submission, state = row
    return GradeRow(
        id=id_,
        assessment_id=int(assessment),
        submission_id=int(submission) if submission else None,
        is_draft=state == Grade.State.DRAFT,
        marks=Decimal(marks).quantize(CENT),
        holding=holdings.marks_holding(
            uuid=UUID(uuid),
            key=key,
            earned_on=date.fromisoformat(earned_on),
            marks=Decimal(marks).quantize(CENT),
            out_of=Decimal(out_of).quantize(CENT),
            pass_marks=Decimal(pass_marks).quantize(CENT),
            issuer=issuer,
        ),
    )


def _rows(ids: list[int], drafts: list[int], *, under_way: bool) -> list[tuple[Any, ...]]:
    statement, arms = _statement(len(ids), len(drafts), under_way)
    values: list[Any] = []
    for arm in arms:
        values += drafts if arm == "drafts" else ids
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@cache
def _statement(learners: int, drafts: int, under_way: bool) -> tuple[str, tuple[str, ...]]:
    """The statement, and whose ids its places take, in order."""
    wanted = [name for name in _ARMS if (name != "drafts" or drafts) and (name not in UNDER_WAY or under_way)]
    arms = [_ARMS[name].format(ids=", ".join(["%s"] * (drafts if name == "drafts" else learners))) for name in wanted]
    token = _select("'token'", "0", "0", "token", source=generation.TABLE)
    return " UNION ALL ".join([token, *arms]), tuple(wanted)


def _select(kind: str, learner: str, id_: str, *columns: str, source: str) -> str:
    texts = [f"CAST({column} AS text)" for column in columns] + ["''"] * (WIDTH - len(columns))
    return f"SELECT {kind}, {learner}, {id_}, {', '.join(texts)} FROM {source}"  # noqa: S608 - no value of anybody's


_GRADE = _select(
    "'grade'",
    "g.learner_id",
    "g.id",
    "g.uuid",
    "c.slug || '/' || a.slug",
    "g.earned_on",
    "g.marks",
    "g.out_of",
    "g.pass_marks",
    "i.slug",
    "g.assessment_id",
    "g.submission_id",
    "g.state",
    source="pathways_grade g JOIN pathways_assessment a ON a.id = g.assessment_id "
    "JOIN pathways_course c ON c.id = a.course_id JOIN credentials_issuer i ON i.id = c.issuer_id",
)
# What is withdrawn from the catalogue is still earned by those who had begun.
_PIN = (
    "JOIN pathways_ruleversion v ON v.id = e.rule_version_id JOIN credentials_achievement w ON w.id = v.achievement_id "
)
_PIN += "WHERE e.learner_id IN ({ids}) AND (v.state = 'retired' OR (v.state = 'published' AND w.state = 'withdrawn'))"
UNDER_WAY = ("studying", "handed in")
# Each arm speaks of the learners in {ids}, but for the drafts, which are asked for by their own.
_ARMS = {
    "learner": _select(
        "'learner'", "u.id", "u.id", "u.name", "u.email", source="accounts_user u WHERE u.id IN ({ids})"
    ),
    "grades": _GRADE + " WHERE g.state = 'released' AND g.learner_id IN ({ids})",
    "drafts": _GRADE + " WHERE g.state = 'draft' AND g.id IN ({ids})",
    "awards": _select(
        "'award'",
        "w.learner_id",
        "w.id",
        "w.uuid",
        "w.achievement_id",
        "w.awarded_on",
        "w.valid_until",
        "w.standing",
        "CASE WHEN w.earnable_again THEN 'yes' ELSE '' END",
        "d.uuid",
        "d.body_sha256",
        # Only what is larger than a micro-credential uses what another could use as well.
        "CASE WHEN w.standing = 'active' AND k.kind <> 'MicroCredential' THEN (SELECT CAST(x.allocation AS text) "
        "FROM pathways_derivation x WHERE x.award_id = w.id ORDER BY x.id DESC LIMIT 1) END",
        source="credentials_award w JOIN credentials_achievement k ON k.id = w.achievement_id "
        "LEFT JOIN credentials_credential d "
        "ON d.award_id = w.id AND d.superseded_by_id IS NULL WHERE w.learner_id IN ({ids})",
    ),
    "rulings": _select(
        "'ruling'",
        "r.learner_id",
        "r.id",
        "r.uuid",
        "r.kind",
        "w.slug",
        "r.node",
        "r.valid_from",
        "r.valid_until",
        "r.terms",
        source="pathways_ruling r LEFT JOIN credentials_achievement w ON w.id = r.achievement_id "
        "WHERE r.state = 'approved' AND r.learner_id IN ({ids})",
    ),
    "choices": _select(
        "'choice'",
        "p.learner_id",
        "p.id",
        "w.slug",
        "p.node",
        "p.holding",
        "CASE WHEN p.here THEN 'yes' ELSE '' END",
        source="pathways_pin p JOIN credentials_achievement w ON w.id = p.achievement_id WHERE p.learner_id IN ({ids})",
    ),
    "experience": _select(
        "'experience'",
        "e.learner_id",
        "e.id",
        "e.uuid",
        "b.slug",
        "e.begins_on",
        "e.ends_on",
        "e.hours",
        "i.slug",
        "e.role",
        source="pathways_experience e JOIN pathways_logbook b ON b.id = e.logbook_id "
        "JOIN credentials_issuer i ON i.id = b.issuer_id WHERE e.state = 'attested' AND e.learner_id IN ({ids})",
    ),
    "recognitions": _select(
        "'recognised'",
        "r.learner_id",
        "r.id",
        "r.uuid",
        "r.achievement_id",
        "r.earned_on",
        "r.valid_until",
        "r.credits",
        "r.level",
        "r.subject",
        "r.outside_issuer",
        source="pathways_recognition r WHERE r.state = 'recognised' AND r.learner_id IN ({ids})",
    ),
    "pins of courses": _select("'pin'", "e.learner_id", "e.rule_version_id", source="pathways_enrolment e " + _PIN),
    "pins of pathways": _select(
        "'pin'",
        "e.learner_id",
        "e.rule_version_id",
        source="pathways_pathwayenrolment e " + _PIN + " AND e.left_at IS NULL",
    ),
    "studying": _select(
        "'studying'",
        "e.learner_id",
        "e.id",
        "w.slug",
        source="pathways_enrolment e JOIN pathways_course c ON c.id = e.course_id "
        "JOIN credentials_achievement w ON w.id = c.achievement_id "
        "WHERE e.state = 'active' AND e.learner_id IN ({ids})",
    ),
    "handed in": _select(
        "'handed in'",
        "s.learner_id",
        "s.id",
        "c.slug || '/' || a.slug",
        source="pathways_submission s JOIN pathways_assessment a ON a.id = s.assessment_id "
        "JOIN pathways_course c ON c.id = a.course_id WHERE s.state = 'submitted' AND s.learner_id IN ({ids})",
    ),
}

"""No act leaves a kept page behind it: after each, what is shown equals what is made without anything kept.

Pages name nothing that they hang on (portal/decisions/0003), so nothing here is about one act. That all are tried, or
named as beside these pages, is held against the code.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import MagicMock
from uuid import UUID, uuid4

import pytest
import time_machine
from django.apps import apps
from django.core.cache import caches
from django.db import DataError, IntegrityError, models, transaction
from django.test import Client

from credentials import achievements, endorsing, issuers, renditions, revocation, sharing, trust
from credentials.designs import badges
from credentials.issuance import Part
from credentials.keys import keyring, token_keys
from credentials.models import Achievement, Award, Credential, SigningKey, StatusEvent, TokenKey
from credentials.rendering import badge, certificate
from credentials.rendering.badge import Look
from credentials.verification.judgement import SKEW
from pathways import (
    authoring,
    authoring_assessments,
    conferral,
    enrolment,
    grading,
    pinning,
    planning,
    rulings,
    today,
)
from pathways.models import Course, Pathway, PathwayEnrolment
from portal.accounts.models import User
from portal.shared import kept_pages, outbox, readings
from portal.shared.models import AuditEntry
from tests.acts import names_in_code
from tests.cast import make_ada, make_ivo, make_lena, make_noor, make_rhea
from tests.college import hand_in, make_assignment, make_course, mark, passed, publish_rule
from tests.credentials.foreigner import Foreigner
from tests.credentials.test_walk import ONE_PIXEL
from tests.credentials.walked import finished, in_a_pdf, share
from tests.factories import NOON, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db

NOW = NOON + timedelta(days=1)
# The token of each request's own, and when a page says that it was judged.
_OWN = re.compile(rb'value="\w{64}"|X-CSRFToken": "\w{64}"|Checked <time[^>]*>[^<]*')
PART_ENDS, WHOLE_ENDS = date(2026, 12, 1), date(2026, 12, 20)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[time_machine.Traveller]:
    monkeypatch.setattr(certificate, "render", in_a_pdf)
    monkeypatch.setattr(badge, "draw_png", lambda art: ONE_PIXEL)
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock
    caches[kept_pages.CACHE].clear()


class Watched:
    """Pages that are asked for after each act; `shown` counts those that were not made anew."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, client: Client, *addresses: str) -> None:
        self._client = client
        self._addresses = addresses
        self._held: list[bool] = []
        self.shown = self.made = 0
        asked_again = readings.are_as_before
        monkeypatch.setattr(readings, "are_as_before", lambda taken: self._note(asked_again(taken)))
        for address in addresses:
            assert self._get(address).status_code == 200

    def _note(self, held: bool) -> bool:
        self._held.append(held)
        return held

    def _get(self, address: str) -> Any:
        return self._client.get(address)

    def pass_over(self, clock: time_machine.Traveller, *moments: datetime) -> None:
        """Look just after each moment at what was made just before."""
        for moment in moments:
            clock.move_to(moment - timedelta(seconds=1))
            caches[kept_pages.CACHE].clear()
            for address in self._addresses:
                self._get(address)
            clock.move_to(moment + timedelta(seconds=1))
            self.look(str(moment))
        caches[kept_pages.CACHE].clear()
        clock.move_to(NOW)

    def look(self, after: str) -> None:
        """What was made anew just now is as new as can be; what was not must be as if it were."""
        for address in self._addresses:
            self._held.clear()
            shown = self._get(address)
            if self._held != [True]:
                self.made += 1
                continue
            self.shown += 1
            caches[kept_pages.CACHE].clear()
            fresh = self._get(address)
            assert _OWN.sub(b"", shown.content) == _OWN.sub(b"", fresh.content), f"{address} after {after}"


Step = tuple[str, Callable[[], object]]


def walk(steps: list[Step], watched: Watched) -> None:
    """Do each, and look; each must write the line of the act whose name it has."""
    for name, act in steps:
        last = AuditEntry.objects.order_by("pk").last()
        act()
        written = AuditEntry.objects.filter(pk__gt=last.pk if last else 0).values_list("act", flat=True)
        assert name in written, f"{name}: {list(written)}"
        watched.look(name)


# --- what strangers see -------------------------------------------------------------------------------------------


@dataclass
class Shown:
    """A qualification and the part it was built on, both shared by Lena; Rhea keeps the register, Ada the keys."""

    part: Credential
    whole: Credential
    lena: User
    noor: User
    rhea: User
    ada: User


@pytest.fixture
def shown() -> Shown:
    rhea = make_rhea()
    issuer = make_issuer(registrar=rhea, email="office@example.edu")
    reading = make_achievement(issuer=issuer, name="Reading data")
    part = share(finished(issue_to(make_lena(), reading, valid_until=PART_ENDS)))
    whole = share(
        finished(
            issue_to(
                make_lena(),
                make_achievement(issuer=issuer, name="Data certificate"),
                parts=[Part("Reading data", part.document_url)],
                valid_until=WHOLE_ENDS,
            )
        )
    )
    return Shown(part, whole, make_lena(), make_noor(), rhea, make_ada())


def of_strangers(world: Shown) -> list[Step]:
    part, whole, lena, ada = world.part, world.whole, world.lena, world.ada
    achievement, issuer = whole.award.achievement, whole.issuer
    hill = Foreigner()
    by: dict[str, Any] = {"by": world.rhea, "at": NOW}
    kept: dict[str, Any] = {}

    def keep(name: str, value: Any) -> None:
        kept[name] = value

    def done(value: Any) -> Any:
        outbox.run_all_due()
        return value

    def key(purpose: str) -> SigningKey:
        return keyring.active_key(purpose, None if purpose == "log" else issuer)

    def publish_look() -> None:
        fresh = Achievement.objects.get(pk=achievement.pk)
        badges.publish(achievement=fresh, art=renditions.art_with(fresh, Look(colour="blue")), **by)

    def give_tokens_up() -> None:
        token_key = token_keys.key_of(issuer, TokenKey.Algorithm.ES256, at=NOW)
        token_keys.give_up(token_key, by=ada, at=NOW, reason="Lost.")

    def endorse() -> None:
        document = hill.endorsement(endorsing.identifier_of(achievement))
        said = {"content": json.dumps(document).encode(), "endorsed": achievement, "scope": "All of it."}
        keep("endorsement", endorsing.receive(**said, **by))

    def endorse_hill() -> None:
        said = {"kind": "Profile", "identifier": hill.did, "name": "Hill", "comment": "Sound."}
        keep("given", endorsing.give(issuer=issuer, ends_on=date(2027, 1, 1), **said, **by))

    trusted = {"name": "Hill", "scope": "Reviews.", "since": date(2020, 1, 1)}
    return [
        ("award", lambda: done(issue_to(world.noor, part.award.achievement))),
        ("edit issuer", lambda: issuers.edit_issuer(issuer=issuer, name="Faculty of Numbers", **by)),
        (
            "edit achievement",
            lambda: achievements.edit_achievement(achievement=achievement, summary="More of it.", **by),
        ),
        ("withdraw achievement", lambda: achievements.withdraw_achievement(achievement=achievement, **by)),
        ("publish achievement", lambda: achievements.publish_achievement(achievement=achievement, **by)),
        ("trust issuer", lambda: keep("entry", trust.trust_issuer(identifier=hill.did, **trusted, **by))),
        ("add endorsement", endorse),
        ("withdraw endorsement", lambda: endorsing.withdraw(endorsement=kept["endorsement"], reason="Ended.", **by)),
        (
            "change trust in issuer",
            lambda: trust.change_trust(
                entry=kept["entry"], **trusted | {"scope": "Degrees."}, until=None, kinds=(), grounds="", **by
            ),
        ),
        ("withdraw trust in issuer", lambda: trust.withdraw_trust(entry=kept["entry"], reason="Ended.", **by)),
        ("give endorsement", endorse_hill),
        ("take endorsement back", lambda: endorsing.take_back(given=kept["given"], reason="Ended.", **by)),
        (
            "save badge draft",
            lambda: badges.save_draft(achievement=achievement, chosen=Look(colour="blue"), words="Blue.", **by),
        ),
        ("publish badge", publish_look),
        ("suspend award", lambda: revocation.suspend(award=part.award, reason="under-review", **by)),
        ("reinstate award", lambda: revocation.reinstate(award=part.award, **by)),
        ("stop sharing credential", lambda: sharing.withdraw(credential=part, by=lena, at=NOW)),
        ("share credential", lambda: sharing.share(credential=part, by=lena, at=NOW)),
        ("supersede credential", lambda: done(revocation.supersede(award=part.award, recipient_name="Lena Ono", **by))),
        ("revoke award", lambda: done(revocation.revoke(award=part.award, reason="misconduct", **by))),
        ("retire key", lambda: done(keyring.rotate(key("status"), by=ada, at=NOW))),
        ("retire key", lambda: done(keyring.rotate(key("log"), by=ada, at=NOW))),
        ("retire key", lambda: done(keyring.rotate(key("credentials"), by=ada, at=NOW))),
        ("mark key for tokens as compromised", give_tokens_up),
        ("suspend award", lambda: revocation.suspend(award=whole.award, reason="under-review", **by)),
        ("reinstate award", lambda: done(revocation.reinstate(award=whole.award, **by))),
        ("stop sharing credential", lambda: sharing.withdraw(credential=whole, by=lena, at=NOW)),
        ("share credential", lambda: sharing.share(credential=whole, by=lena, at=NOW)),
        ("supersede credential", lambda: revocation.supersede(award=whole.award, recipient_name="Lena Ono", **by)),
        ("mark key as compromised", lambda: keyring.mark_compromised(key=whole.key, by=ada, at=NOW, reason="Lost.")),
        ("revoke award", lambda: revocation.revoke(award=whole.award, reason="misconduct", **by)),
    ]


@pytest.mark.one_database
def test_no_act_and_no_day_leaves_the_page_of_a_credential_behind(
    client: Client, monkeypatch: pytest.MonkeyPatch, shown: Shown, clock: time_machine.Traveller
) -> None:
    address = f"/c/{shown.whole.code}/"
    assert unnoticed(client, address) > 40
    watched = Watched(monkeypatch, client, address)
    part_ends, whole_ends = (datetime.combine(day, time.max, UTC) for day in (PART_ENDS, WHOLE_ENDS))
    watched.pass_over(clock, part_ends, whole_ends, whole_ends + SKEW)
    walk(of_strangers(shown), watched)
    assert watched.shown >= 5 <= watched.made


# --- what a learner sees ------------------------------------------------------------------------------------------

RULE = {
    "type": "all",
    "id": "whole",
    "parts": [
        {"type": "holds", "id": "core", "any_of": ["tables", "charts"]},
        {"type": "count", "id": "free", "at_least": 1, "pool": {"achievements": ["tables", "charts", "sums"]}},
        {"type": "holds", "id": "last", "any_of": ["thesis"]},
    ],
}


@dataclass
class Learning:
    """Lena on the way to a certificate, with two of its parts, and a course that earns the third."""

    course: Course
    place: PathwayEnrolment
    tables: Award
    lena: User
    ivo: User
    rhea: User
    ada: User


@pytest.fixture
def learning() -> Learning:
    lena, rhea = make_lena(), make_rhea()
    issuer = make_issuer(registrar=rhea)
    made = {
        slug: make_achievement(slug=slug, name=slug.title(), credits=Decimal(5), issuer=issuer)
        for slug in ("tables", "charts", "sums", "thesis")
    }
    analyst = make_achievement(slug="analyst", kind=Achievement.Kind.CERTIFICATE, issuer=issuer)
    publish_rule(analyst, {"format": 1, "root": RULE})
    pathway = Pathway.objects.create(slug="into", issuer=issuer, target=analyst, title="Into it", state="open")
    enrolment.start_pathway(learner=lena, pathway=pathway, at=NOON)
    for slug in ("tables", "charts"):
        issue_to(lena, made[slug])
    course = make_course(ivo=make_ivo(), achievement=made["sums"])
    module = authoring.add_module(course=course, slug="means", title="Means")
    authoring.add_material(module=module, slug="mean", kind="reading", title="The mean", body="Add up.", minutes=9)
    make_assignment(course)
    publish_rule(made["sums"], passed("statistics/essay"))
    make_assignment(make_course(slug="writing", achievement=made["thesis"]))
    publish_rule(made["thesis"], passed("writing/essay"))
    place = PathwayEnrolment.objects.select_related("pathway__target", "learner").get()
    tables = Award.objects.get(achievement__slug="tables")
    return Learning(course, place, tables, lena, make_ivo(), rhea, make_ada())


def of_a_learner(world: Learning) -> list[Step]:
    course, place, tables = world.course, world.place, world.tables
    lena, ivo, ada = world.lena, world.ivo, world.ada
    analyst, issuer, essay = place.pathway.target, course.issuer, course.assessments.get()
    by: dict[str, Any] = {"by": world.rhea, "at": NOW}
    kept: dict[str, Any] = {}

    def keep(name: str, value: Any) -> None:
        kept[name] = value

    def plan() -> Any:
        answer = planning.answer(planning.Question(targets=("analyst",)), planning.ground_for(lena, NOW.date()))
        return planning.keep(answer=answer, title="Mine", learner=lena, at=NOW)

    def waiver() -> Any:
        return rulings.propose(
            learner=lena,
            achievement=analyst,
            kind="waiver",
            node="last",
            terms={},
            reason="Taught it.",
            valid_from=NOW.date(),
            **by,
        )

    def newer_rule() -> None:
        publish_rule(analyst, {"format": 1, "root": {**RULE, "parts": RULE["parts"][1:]}}, at=NOW)

    return [
        ("enrol", lambda: enrolment.enrol(learner=lena, course=course, at=NOW)),
        ("edit course", lambda: authoring.edit_course(course=course, author=ivo, at=NOW, title="Numbers")),
        (
            "edit assessment",
            lambda: authoring_assessments.edit_assessment(
                assessment=essay, author=ivo, at=NOW, due_at=NOW + timedelta(days=2)
            ),
        ),
        ("submit", lambda: keep("work", hand_in(lena, essay))),
        ("release grade", lambda: grading.release(grades=[mark(kept["work"], ivo, at=NOW)], by=ivo, at=NOW)),
        ("keep plan", lambda: keep("plan", plan())),
        ("drop plan", lambda: planning.drop(kept=kept["plan"], learner=lena, at=NOW)),
        ("suspend award", lambda: revocation.suspend(award=tables, reason="under-review", **by)),
        ("reinstate award", lambda: revocation.reinstate(award=tables, **by)),
        ("supersede credential", lambda: revocation.supersede(award=tables, recipient_name="Lena Ono", **by)),
        ("grant role", lambda: issuers.grant_role(user=lena, issuer=issuer, role="registrar", by=ada, at=NOW)),
        ("edit issuer", lambda: issuers.edit_issuer(issuer=issuer, name="Faculty of Numbers", **by)),
        (
            "choose what counts",
            lambda: keep(
                "pin", pinning.pin(place=place, node="free", holding=f"award:{tables.uuid}", here=True, at=NOW)
            ),
        ),
        ("take choice back", lambda: pinning.unpin(place=place, pin=kept["pin"], at=NOW)),
        ("publish rule", newer_rule),
        ("move to newer rule", lambda: enrolment.move_up(learner=lena, pathway=place.pathway, at=NOW)),
        ("propose exception", lambda: keep("ruling", waiver())),
        ("approve exception", lambda: rulings.approve(ruling=kept["ruling"], by=ada, at=NOW)),
        ("withdraw decision", lambda: rulings.withdraw(ruling=kept["ruling"], answer="In error.", by=ada, at=NOW)),
        (
            "award by hand",
            lambda: conferral.confer(
                learner=lena, achievement=Achievement.objects.get(slug="thesis"), reason="Written elsewhere.", **by
            ),
        ),
        ("edit pathway", lambda: authoring.edit_pathway(pathway=place.pathway, title="Into numbers", **by)),
        ("withdraw from course", lambda: enrolment.withdraw(learner=lena, course=course, at=NOW)),
        ("revoke award", lambda: revocation.revoke(award=tables, reason="misconduct", **by)),
        ("close course", lambda: authoring.close_course(course=course, by=ivo, at=NOW)),
    ]


@pytest.mark.one_database
def test_no_act_leaves_a_page_of_the_learner_behind(
    client: Client, monkeypatch: pytest.MonkeyPatch, learning: Learning
) -> None:
    client.force_login(learning.lena)
    steps = of_a_learner(learning)
    turn = [name for name, _act in steps].index("choose what counts")
    # Each act is tried on the page that says most of it, and each page with every column that it reads.
    for address, acts in (("/me/", steps[:turn]), ("/me/pathways/into/", steps[turn:])):
        watched = Watched(monkeypatch, client, address)
        walk(acts, watched)
        assert watched.made >= 5


# --- every row, and every act -------------------------------------------------------------------------------------


# A truth is a number, and a moment a day, so they stand first.
_OTHERWISE: dict[type, Callable[[Any], Any]] = {
    bool: lambda value: not value,
    int: lambda value: value + 1,
    Decimal: lambda value: value + 1,
    str: lambda value: f"{value}x",
    list: lambda value: [*value, "x"],
    dict: lambda value: value | {"x": 1},
    date: lambda value: value + timedelta(days=1),
    UUID: lambda _value: uuid4(),
    bytes: lambda value: b"x" + value,
}


def another(field: models.Field, value: Any) -> Any:
    """Some other value that the field may have; None where that is not known."""
    if field.choices:
        return next(choice for choice, _words in field.flatchoices if choice != value)
    if isinstance(field, models.ForeignKey):
        return (value or 0) + 1_000_000
    if value is None and isinstance(field, models.DateField):
        return NOW
    return next((change(value) for kind, change in _OTHERWISE.items() if isinstance(value, kind)), None)


def columns_read(taken: list[readings.Reading]) -> Iterator[tuple[type[models.Model], models.Field]]:
    """Every column of every table that was asked for anything."""
    statements = " ".join(reading.statement for reading in taken)
    for model in apps.get_models():
        if f'"{model._meta.db_table}"' in statements:
            yield from ((model, field) for field in model._meta.concrete_fields if not field.primary_key)


def unnoticed(client: Client, address: str) -> int:
    """Change each column that may have been read: how many changes are noticed. No other changes the page."""
    with readings.written_down() as read:
        before = client.get(address).content
    noticed, others = 0, []
    for model, field in columns_read(read.taken):
        with contextlib.suppress(IntegrityError, DataError), transaction.atomic():
            change(model, field)
            if readings.are_as_before(read.taken):
                others.append((model, field))
            else:
                noticed += 1
            transaction.set_rollback(True)
    with transaction.atomic():
        for model, field in others:
            change(model, field)
        caches[kept_pages.CACHE].clear()
        assert _OWN.sub(b"", client.get(address).content) == _OWN.sub(b"", before), (address, others)
        transaction.set_rollback(True)
    caches[kept_pages.CACHE].clear()
    return noticed


def change(model: type[models.Model], field: models.Field) -> None:
    for row in model._base_manager.all():
        changed = {field.attname: another(field, getattr(row, field.attname))}
        model._base_manager.filter(pk=row.pk).update(**changed)


@pytest.mark.one_database
def test_whatever_is_changed_in_a_table_that_was_read_and_whenever_it_is_the_page_is_as_new(
    client: Client, monkeypatch: pytest.MonkeyPatch, learning: Learning, clock: time_machine.Traveller
) -> None:
    client.force_login(learning.lena)
    enrolment.enrol(learner=learning.lena, course=learning.course, at=NOON)
    due = NOW + timedelta(days=5)
    learning.course.assessments.update(due_at=due)
    Watched(monkeypatch, client, "/me/").pass_over(clock, due - today.URGENT, due)
    for address in ("/me/", "/me/wallet/", "/me/pathways/into/"):
        assert unnoticed(client, address) > 40


# Acts that change no row of which these pages speak, or none that others would not change as well.
BESIDE = {
    "wallets, records and programs have pages of their own; that a record is shared is a row that was read": {
        "ask for record", "share record", "stop sharing record",
        "connect wallet", "disconnect wallet", "hand credential to wallet", "offer credential to wallet", "change name",
        "end tokens of a code used twice", "make API token", "withdraw API token", "ask for transcript",
        "make record anew",
    },
    "what is brought from elsewhere has pages of its own until it counts as a holding": {
        "claim credential", "show key of claim", "find claim changed", "take back claim", "ask for recognition",
        "recognise prior learning", "refuse recognition", "withdraw recognition", "take back request",
        "let recognition stand", "state experience", "attest experience", "refuse experience", "withdraw experience",
        "open logbook",
    },
    "keys are made before anything is signed with them": {
        "activate key", "make next key", "make key for tokens", "make seal", "ask for key rotation",
        "retire key for tokens",
    },
    "drafts, and looks of certificates, are shown to those who write them": {
        "save rule draft", "set terms of rule", "write example", "take out example", "discard badge draft",
        "begin certificate template", "discard certificate template", "publish certificate template",
        "withdraw certificate template",
    },
    "what is made new is on no page before somebody learns it or is awarded it": {
        "create achievement", "create issuer", "withdraw role",
    },
    "courses are built before they are studied; who studies them is shown the same rows": {
        "create course", "open course", "edit module", "edit material", "set rubric", "add question", "edit question",
        "remove question", "add course staff", "remove course staff", "create pathway", "open pathway",
        "close pathway", "remove {…}", "{…} {…}",
    },
    "another door to an act that is done here": {
        "enrol again", "complete course", "start pathway", "leave pathway", "rule takes effect", "attest fact",
        "sign off part", "refuse exception", "keep award", "begin batch", "stop batch", "go on with batch",
        "stop rollout", "go on with rollout", "appoint signatory", "dismiss signatory",
    },
    "what people ask about their own data has pages of its own; what is erased are rows that were read": {
        "ask for copy of data", "export data of person", "ask for erasure", "take back erasure", "decline erasure",
        "erase person", "ask for another name", "take back another name", "decline another name",
    },
    "those who keep the site see it": {"change account", "remove second factor", "reconciliation found", "retry job"},
}  # fmt: skip


@pytest.mark.one_database
def test_every_act_is_done_here_or_has_its_reason() -> None:
    done = {name for name, _act in of_strangers(MagicMock()) + of_a_learner(MagicMock())}
    beside = set().union(*BESIDE.values())
    acts = {name for name in names_in_code() if name != "{…} award"}
    acts |= {f"{how} award" for how in StatusEvent.Act if how != StatusEvent.Act.SUPERSEDE}
    assert acts - done - beside == set()
    assert (done | beside) - acts == set()
    assert not done & beside

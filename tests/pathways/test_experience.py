"""Experience outside of courses: it counts once it is attested in the role of its logbook, and until taken back."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from credentials.models import Award
from pathways import experience, rollout, rulemaking, signatories
from pathways.dossiers import records_of
from pathways.models import Experience, Logbook
from pathways.own_data import parcel
from pathways.rules import notation
from pathways.rules.text import from_text
from portal.accounts.models import User
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_ivo, make_lena, make_noor, make_rhea
from tests.college import publish_rule
from tests.factories import NOON, make_achievement, make_issuer

pytestmark = pytest.mark.django_db
TODAY = NOON.date()
DESK_QUERIES = 8


@pytest.fixture
def logbook() -> Logbook:
    """Practice that Ivo attests as ward sister, and a badge for a hundred hours of it."""
    issuer = make_issuer(registrar=make_rhea())
    made = experience.open_logbook(
        issuer=issuer, slug="ward-practice", name="Practice on a ward", role="ward sister", by=make_rhea(), at=NOON
    )
    signatories.appoint(user=make_ivo(), issuer=issuer, role="ward sister", by=make_ada(), at=NOON)
    rule = "earn 100; unit hours; achievements ward-practice; repeats"
    publish_rule(make_achievement(slug="carer", issuer=issuer), notation.to_json(from_text(rule)))
    return made


def logged(logbook: Logbook, learner: User, hours: int = 60, **fields: Any) -> Experience:
    said = {"begins_on": TODAY - timedelta(days=20), "ends_on": TODAY, "place": "St Anne", "words": "Night shifts."}
    return experience.state(learner=learner, logbook=logbook, hours=Decimal(hours), at=NOON, **said | fields)


def standings(learner: User) -> dict[str, str]:
    return dict(learner.awards.values_list("achievement__slug", "standing"))


def test_attested_hours_add_up_and_award_and_fall_when_they_are_taken_back(logbook: Logbook) -> None:
    lena, ivo = make_lena(), make_ivo()
    first, second = logged(logbook, lena), logged(logbook, lena, begins_on=TODAY - timedelta(days=90))
    experience.attest(experience=first, by=ivo, at=NOON)
    assert standings(lena) == {}
    assert [each.slug for each in experience.foresee(second, at=NOON).earns] == ["carer"]
    experience.attest(experience=second, by=ivo, at=NOON)
    assert standings(lena) == {"carer": "active"}
    held = [each for each in records_of([lena.pk])[lena.pk].holdings if each.kind == "recognised"]
    assert {(each.hours, each.to, each.source, each.tags) for each in held} == {
        (Decimal(60), TODAY, "attested", frozenset({"as=ward sister"}))
    }
    experience.withdraw(experience=first, answer="The roster says otherwise.", by=ivo, at=NOON)
    assert standings(lena) == {"carer": "suspended"}
    third = logged(logbook, lena)
    experience.attest(experience=third, by=ivo, at=NOON)
    assert standings(lena) == {"carer": "active"}
    acts = AuditEntry.objects.filter(concerns=lena, act__endswith="experience").values_list("act", flat=True)
    assert sorted(acts) == ["attest experience"] * 3 + ["state experience"] * 3 + ["withdraw experience"]


def test_a_published_rule_finds_who_has_the_hours(logbook: Logbook) -> None:
    lena, ivo = make_lena(), make_ivo()
    experience.attest(experience=logged(logbook, lena), by=ivo, at=NOON)
    short = make_achievement(slug="helper")
    version = publish_rule(short, notation.to_json(from_text("earn 50; unit hours; achievements ward-practice")))
    found = rollout.begin(version=version, at=NOON)
    rollout.roll_out(found.ranges.get().pk, at=NOON)
    assert Award.objects.get(achievement=short).learner == lena


def test_a_rule_that_names_no_logbook_there_is_cannot_be_published() -> None:
    rule = notation.to_json(from_text("earn 50; unit hours; achievements moon-walks"))
    with pytest.raises(rulemaking.NotPublishable, match="moon-walks"):
        publish_rule(make_achievement(slug="walker"), rule)


@pytest.mark.parametrize("act", ["attest", "refuse"])
def test_who_has_not_the_role_decides_nothing(logbook: Logbook, act: str) -> None:
    entry = logged(logbook, make_lena())
    said = {"answer": "No."} if act == "refuse" else {}
    with pytest.raises(signatories.NotSignatory):
        getattr(experience, act)(experience=entry, by=make_rhea(), at=NOON, **said)


def test_nobody_attests_their_own(logbook: Logbook) -> None:
    with pytest.raises(experience.OwnExperience):
        experience.attest(experience=logged(logbook, make_ivo()), by=make_ivo(), at=NOON)


def test_what_is_decided_is_not_decided_again(logbook: Logbook) -> None:
    entry, ivo = logged(logbook, make_lena()), make_ivo()
    with pytest.raises(experience.NotAttested):
        experience.withdraw(experience=entry, answer="No.", by=ivo, at=NOON)
    with pytest.raises(experience.NoReason):
        experience.refuse(experience=entry, answer=" ", by=ivo, at=NOON)
    experience.refuse(experience=entry, answer="Not seen there.", by=ivo, at=NOON)
    with pytest.raises(experience.DecidedAlready):
        experience.attest(experience=entry, by=ivo, at=NOON)


def test_what_cannot_have_been_is_refused(logbook: Logbook) -> None:
    lena = make_lena()
    for begins_on, ends_on in (
        (TODAY, TODAY - timedelta(days=1)),
        (TODAY, TODAY + timedelta(days=1)),
        (date(1899, 1, 1), TODAY),
    ):
        with pytest.raises(experience.NotADay):
            logged(logbook, lena, begins_on=begins_on, ends_on=ends_on)
    with pytest.raises(experience.TooManyHours):
        logged(logbook, lena, hours=25, begins_on=TODAY)


def test_a_logbook_is_not_called_as_an_achievement(logbook: Logbook) -> None:
    for slug in ("carer", "ward-practice"):
        with pytest.raises(experience.NameTaken):
            experience.open_logbook(
                issuer=logbook.issuer, slug=slug, name="Other", role="dean", by=make_rhea(), at=NOON
            )


# --- pages --------------------------------------------------------------------------------------------------------


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_learner_logs_and_sees_only_their_own(logbook: Logbook) -> None:
    logged(logbook, make_noor(), place="Elsewhere")
    client = signed_in(make_lena())
    said = {"logbook": logbook.pk, "begins_on": "2026-11-01", "ends_on": "2026-11-02", "hours": "12.5"}
    answer = client.post("/me/experience/", said | {"place": "St Anne", "words": "Shifts."})
    assert answer.status_code == 302
    page = client.get("/me/experience/").text
    assert "St Anne" in page
    assert "Elsewhere" not in page
    assert Experience.objects.get(learner=make_lena()).state == "stated"
    assert client.post("/me/experience/", said | {"place": "St Anne", "words": "x", "hours": "49"}).status_code == 422
    assert [each["place"] for each in parcel.record_of(make_lena())["experience"]] == ["St Anne"]


def test_the_desk_shows_what_waits_and_lets_its_signatory_decide(
    logbook: Logbook, django_assert_num_queries: Any
) -> None:
    entry, client = logged(logbook, make_lena(), hours=120), signed_in(make_ivo())
    client.get("/registry/experience/")
    with django_assert_num_queries(DESK_QUERIES):
        page = client.get("/registry/experience/").text
    logged(logbook, make_noor())
    with django_assert_num_queries(DESK_QUERIES):
        client.get("/registry/experience/")
    assert make_lena().name in page
    address = f"/registry/experience/{entry.uuid}/"
    assert "Attesting it awards" in client.get(address).text
    assert client.post(f"{address}refuse/", {"answer": ""}).status_code == 422
    assert client.post(f"{address}attest/", {}).status_code == 302
    assert standings(make_lena()) == {"carer": "active"}
    assert make_lena().name in client.get("/registry/experience/?state=attested").text
    assert client.post(f"{address}withdraw/", {"answer": "A mix-up."}).status_code == 302
    assert standings(make_lena()) == {"carer": "suspended"}


def test_a_stranger_finds_nothing(logbook: Logbook) -> None:
    entry = logged(logbook, make_lena())
    for stranger in (make_noor(), make_lena(), make_rhea()):
        client = signed_in(stranger)
        assert client.get("/registry/experience/").status_code == 404
        assert client.get(f"/registry/experience/{entry.uuid}/").status_code == 404
        assert client.post(f"/registry/experience/{entry.uuid}/attest/").status_code == 404
    assert signed_in(make_noor()).get("/registry/logbooks/").status_code == 404
    assert Client().get("/me/experience/").status_code == 302


def test_a_registrar_opens_a_logbook(logbook: Logbook) -> None:
    client = signed_in(make_rhea())
    said = {"issuer": logbook.issuer_id, "name": "Flying", "slug": "flying", "role": "flight instructor"}
    assert client.post("/registry/logbooks/", said).status_code == 302
    assert client.post("/registry/logbooks/", said).status_code in {409, 422}
    assert "flight instructor" in client.get("/registry/logbooks/").text
    foreign = make_issuer()
    assert client.post("/registry/logbooks/", said | {"issuer": foreign.pk, "slug": "x"}).status_code == 422

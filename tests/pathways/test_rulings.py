"""Tests what people decide about a learner: facts, sign-offs, exceptions, and what follows from each."""

from datetime import date, timedelta

import pytest

from credentials.models import Achievement, Award
from pathways import foreseeing, rulings, signatories, standing
from pathways.models import Derivation, Ruling, Signatory
from pathways.own_data import parcel
from portal.accounts.models import User
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_ivo, make_lena, make_noor, make_rhea
from tests.college import LATER, decide_afresh, enter, holds_all, make_course, make_exam, passed, publish_rule
from tests.factories import NOON, make_achievement

pytestmark = pytest.mark.django_db

TODAY = NOON.date()


def college() -> tuple[list, Achievement]:
    """Two exams with their badges, and a certificate of both."""
    exams = []
    for slug in ("algebra", "geometry"):
        course = make_course(slug=slug)
        exams.append(make_exam(course))
        publish_rule(course.achievement, passed(f"{slug}/exam"))
    certificate = make_achievement(slug="mathematics", name="Mathematics")
    publish_rule(certificate, holds_all("algebra-badge", "geometry-badge"))
    return exams, certificate


def node(achievement: Achievement, place: int) -> str:
    """The id of the part in this place below the root."""
    return achievement.rule_versions.get(state="published").document["root"]["parts"][place]["id"]


def propose(learner: User, achievement: Achievement, **fields) -> Ruling:
    return rulings.propose(
        **{
            "learner": learner,
            "achievement": achievement,
            "kind": "waiver",
            "node": node(achievement, 1),
            "terms": {},
            "reason": "Taught geometry for ten years.",
            "by": make_rhea(),
            "at": NOON,
            "valid_from": TODAY,
        }
        | fields
    )


def standings(learner: User) -> dict[str, str]:
    return dict(learner.awards.values_list("achievement__slug", "standing"))


# --- exceptions ---------------------------------------------------------------------------------------------------


def test_an_approved_waiver_awards_what_it_completes_in_its_own_commit() -> None:
    lena = make_lena()
    (algebra, _geometry), certificate = college()
    enter(lena, algebra, 60)
    proposed = propose(lena, certificate)
    assert standings(lena) == {"algebra-badge": "active"}
    assert [each.slug for each in foreseeing.foresee_ruling(proposed, at=NOON).earns] == ["mathematics"]
    rulings.approve(ruling=proposed, by=make_ada(), at=LATER)
    assert standings(lena) == {"algebra-badge": "active", "mathematics": "active"}
    assert Derivation.objects.get(award__achievement=certificate).rulings == [str(proposed.uuid)]
    acts = AuditEntry.objects.filter(subject_type="pathways.ruling").order_by("id").values_list("act", "actor__email")
    assert list(acts) == [
        ("propose exception", "rhea@example.edu"),
        ("approve exception", "ada@example.edu"),
    ]


def test_what_rests_on_a_waiver_falls_with_it_and_not_before() -> None:
    lena = make_lena()
    (algebra, geometry), certificate = college()
    enter(lena, algebra, 60)
    ruling = rulings.approve(
        ruling=propose(lena, certificate, valid_until=TODAY + timedelta(days=10)), by=make_ada(), at=NOON
    )
    # That its days are over takes nothing away from who was awarded meanwhile.
    assert decide_afresh(lena, at=NOON + timedelta(days=30)) == []
    assert standings(lena)["mathematics"] == "active"
    assert [each.achievement.slug for each in foreseeing.foresee_withdrawal(ruling, at=LATER).falls] == ["mathematics"]
    rulings.withdraw(ruling=ruling, answer="The papers were another's.", by=make_rhea(), at=LATER)
    assert standings(lena)["mathematics"] == "suspended"
    enter(lena, geometry, 60)
    assert standings(lena)["mathematics"] == "active"


def test_a_waiver_outlives_the_version_it_was_made_for() -> None:
    lena = make_lena()
    (algebra, _geometry), certificate = college()
    rulings.approve(ruling=propose(lena, certificate), by=make_ada(), at=NOON)
    document = certificate.rule_versions.get(state="published").document
    document["root"]["parts"].append({"type": "passed", "id": "oral", "assessment": "algebra/exam"})
    publish_rule(certificate, document, at=LATER)
    enter(lena, algebra, 60, at=LATER)
    assert standings(lena)["mathematics"] == "active"


def test_a_substitute_counts_for_this_learner_alone() -> None:
    lena, noor = make_lena(), make_noor()
    (algebra, _geometry), certificate = college()
    other = make_course(slug="logic")
    exam = make_exam(other)
    publish_rule(other.achievement, passed("logic/exam"))
    ruling = propose(lena, certificate, kind="substitution", terms={"key": "logic-badge"})
    rulings.approve(ruling=ruling, by=make_ada(), at=NOON)
    for learner in (lena, noor):
        enter(learner, algebra, 60)
        enter(learner, exam, 60)
    assert "mathematics" in standings(lena)
    assert "mathematics" not in standings(noor)


def test_nobody_approves_what_they_proposed(settings) -> None:
    lena, rhea = make_lena(), make_rhea()
    _exams, certificate = college()
    proposed = propose(lena, certificate)
    with pytest.raises(rulings.NeedsSecondPerson):
        rulings.approve(ruling=proposed, by=rhea, at=NOON)
    settings.SINGLE_REGISTRAR = True
    assert rulings.approve(ruling=proposed, by=rhea, at=NOON).state == "approved"


def test_nobody_decides_about_their_own_record() -> None:
    rhea = make_rhea()
    _exams, certificate = college()
    with pytest.raises(rulings.OwnRecord):
        propose(rhea, certificate)
    proposed = propose(rhea, certificate, by=make_ada())
    with pytest.raises(rulings.OwnRecord):
        rulings.approve(ruling=proposed, by=rhea, at=NOON)
    rulings.approve(ruling=proposed, by=make_ivo(), at=NOON)
    with pytest.raises(rulings.OwnRecord):
        rulings.withdraw(ruling=proposed, answer="No.", by=rhea, at=NOON)
    assert Ruling.objects.get().state == "approved"


def test_what_is_refused_changes_nothing_and_is_not_approved_later() -> None:
    lena, ada = make_lena(), make_ada()
    (algebra, _geometry), certificate = college()
    enter(lena, algebra, 60)
    proposed = propose(lena, certificate)
    with pytest.raises(rulings.NoReason):
        rulings.refuse(ruling=proposed, answer=" ", by=ada, at=NOON)
    refused = rulings.refuse(ruling=proposed, answer="No papers.", by=ada, at=NOON)
    assert (refused.state, refused.answer) == ("refused", "No papers.")
    with pytest.raises(rulings.DecidedAlready):
        rulings.approve(ruling=proposed, by=ada, at=NOON)
    with pytest.raises(rulings.NotInForce):
        rulings.withdraw(ruling=proposed, answer="Why not.", by=ada, at=NOON)
    assert standings(lena) == {"algebra-badge": "active"}


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"node": "gone"}, rulings.NoSuchPart),
        ({"reason": "  "}, rulings.NoReason),
        ({"valid_from": date(2026, 11, 21), "valid_until": date(2026, 11, 20)}, rulings.EndsBeforeItBegins),
        ({"valid_from": date(1, 1, 1)}, rulings.EndsBeforeItBegins),
        ({"kind": "substitution", "terms": {"key": "nothing"}}, rulings.UnknownKey),
        ({"kind": "substitution", "terms": {}}, rulings.DoesNotFit),
        ({"kind": "extra-choice", "terms": {"key": "algebra-badge"}}, rulings.DoesNotFit),
        ({"kind": "changed-limit", "terms": {"field": "at_least", "value": "3"}}, rulings.DoesNotFit),
        ({"kind": "fact", "terms": {"name": "born", "value": "1990-01-01"}}, rulings.DoesNotFit),
    ],
)
def test_an_exception_that_means_nothing_is_refused(said: dict, refusal: type) -> None:
    lena = make_lena()
    _exams, certificate = college()
    with pytest.raises(refusal):
        propose(lena, certificate, **said)
    assert not Ruling.objects.exists()


def test_a_decision_never_changes() -> None:
    lena = make_lena()
    _exams, certificate = college()
    proposed = propose(lena, certificate)
    with pytest.raises(RuntimeError):
        proposed.save()


# --- facts and sign-offs ------------------------------------------------------------------------------------------


def declared(learner: User, programme: str, **fields) -> Ruling:
    issuer = Achievement.objects.get(slug="law").issuer
    return rulings.attest(
        **{
            "learner": learner,
            "issuer": issuer,
            "name": "programme",
            "value": programme,
            "reason": "Seen in the register.",
            "by": make_rhea(),
            "at": NOON,
            "valid_from": TODAY,
        }
        | fields
    )


def law() -> Achievement:
    achievement = make_achievement(slug="law")
    fact = {"type": "fact", "id": "f", "name": "programme", "one_of": ["law"]}
    publish_rule(achievement, {"format": 1, "root": fact})
    return achievement


def test_an_attested_fact_is_looked_at_and_a_withdrawn_one_is_not() -> None:
    lena = make_lena()
    law()
    declared(lena, "arts")
    assert standings(lena) == {}
    ruling = declared(lena, "law", valid_from=TODAY - timedelta(days=1))
    # The fact that begins last counts.
    assert standings(lena) == {}
    rulings.withdraw(ruling=ruling, answer="Mistaken.", by=make_rhea(), at=NOON)
    ruling = declared(lena, "law")
    assert standings(lena) == {"law": "active"}
    rulings.withdraw(ruling=ruling, answer="Mistaken.", by=make_rhea(), at=LATER)
    assert standings(lena) == {"law": "suspended"}


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"name": ""}, rulings.UnfitFact),
        ({"name": "x" * 61}, rulings.UnfitFact),
        ({"value": "a\0b"}, rulings.UnfitFact),
        ({"name": "prior.earned"}, rulings.UnfitFact),
        ({"reason": ""}, rulings.NoReason),
    ],
)
def test_a_fact_that_cannot_be_kept_is_refused(said: dict, refusal: type) -> None:
    law()
    with pytest.raises(refusal):
        declared(make_lena(), "law", **said)
    assert not Ruling.objects.exists()


def signed_rule() -> Achievement:
    achievement = make_achievement(slug="thesis", name="Thesis")
    publish_rule(
        achievement, {"format": 1, "root": {"type": "signed_off", "id": "viva", "role": "dean", "about": "viva"}}
    )
    return achievement


def test_a_sign_off_is_given_by_who_has_the_role_and_completes_what_waited() -> None:
    lena, ivo = make_lena(), make_ivo()
    thesis = signed_rule()
    words = {"learner": lena, "achievement": thesis, "node": "viva", "reason": "Defended today.", "by": ivo, "at": NOON}
    with pytest.raises(signatories.NotSignatory):
        rulings.sign_off(**words)
    Signatory.objects.create(user=ivo, issuer=thesis.issuer, role="dean")
    with pytest.raises(rulings.NoSuchPart):
        rulings.sign_off(**words | {"node": "other"})
    ruling = rulings.sign_off(**words)
    assert standings(lena) == {"thesis": "active"}
    with pytest.raises(rulings.SignedAlready):
        rulings.sign_off(**words)
    rulings.withdraw(ruling=ruling, answer="It was another Lena.", by=make_rhea(), at=LATER)
    assert standings(lena) == {"thesis": "suspended"}
    rulings.sign_off(**words | {"at": LATER})
    assert standings(lena) == {"thesis": "active"}


def test_nobody_signs_off_for_themselves() -> None:
    ivo = make_ivo()
    thesis = signed_rule()
    Signatory.objects.create(user=ivo, issuer=thesis.issuer, role="dean")
    with pytest.raises(rulings.OwnRecord):
        rulings.sign_off(learner=ivo, achievement=thesis, node="viva", reason="Defended.", by=ivo, at=NOON)


def test_a_person_may_give_back_what_fell_with_a_decision() -> None:
    lena, rhea = make_lena(), make_rhea()
    (algebra, _geometry), certificate = college()
    enter(lena, algebra, 60)
    ruling = rulings.approve(ruling=propose(lena, certificate), by=make_ada(), at=NOON)
    rulings.withdraw(ruling=ruling, answer="No papers.", by=rhea, at=LATER)
    award = Award.objects.get(achievement=certificate)
    standing.reinstate(award=award, reason="review-ended", public_note="", by=rhea, at=LATER)
    assert decide_afresh(lena, at=LATER) == []
    assert standings(lena)["mathematics"] == "active"


def test_a_learner_takes_away_what_was_decided_about_them() -> None:
    lena = make_lena()
    _exams, certificate = college()
    rulings.refuse(ruling=propose(lena, certificate), answer="No papers.", by=make_ada(), at=NOON)
    [said] = parcel.record_of(lena)["decisions"]
    assert (said["kind"], said["state"], said["answer"]) == ("waiver", "refused", "No papers.")
    assert parcel.record_of(make_noor())["decisions"] == []

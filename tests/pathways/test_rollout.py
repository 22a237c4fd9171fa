"""Tests asking a published version for everybody, in parts, stopped and gone on with; and counting it beforehand."""

import random

import pytest
from django.core import mail
from django.db import transaction

from credentials.models import Achievement, Award, StatusEvent
from pathways import enrolment, impact, rollout, rulebook, rulemaking, rulings, standing
from pathways.models import Derivation, ImpactCount, ImpactLine, Pathway, Rollout
from portal.accounts.ledger import lock_learners
from portal.accounts.models import User
from portal.shared import outbox
from portal.shared.models import AuditEntry
from tests.cast import make_ada, make_lena, make_noor, make_rhea, person
from tests.college import holds_all, publish_rule
from tests.factories import NOON, issue_to, make_achievement

pytestmark = pytest.mark.django_db(transaction=True)
Change = ImpactLine.Change
IN_ERROR = StatusEvent.Reason.ISSUED_IN_ERROR


def draft_of(achievement: Achievement, document: dict) -> "rulemaking.RuleVersion":
    return rulemaking.save_draft(achievement=achievement, document=document, author=make_author(), at=NOON)


def make_author() -> User:
    return User.objects.filter(email="author@example.edu").first() or person("author@example.edu", "Otto Autor")


def publish(achievement: Achievement) -> Rollout:
    """Publish the draft and do what that promises, but not sign, print and mail what is awarded."""
    approver = User.objects.filter(email="approver@example.edu").first() or person("approver@example.edu", "Anna Prove")
    found = rollout.begin(version=rulemaking.publish(achievement=achievement, approver=approver, at=NOON), at=NOON)
    for part in found.ranges.all():
        while not found.ranges.get(pk=part.pk).finished_at:
            carry_on(rollout.roll_out(part.pk, at=NOON))
    found.refresh_from_db()
    return found


def carry_on(store: outbox.Store | None) -> None:
    """As the end of a job does, in a transaction of its own."""
    assert store is not None
    with transaction.atomic():
        store()


def counted(draft: "rulemaking.RuleVersion") -> ImpactCount:
    count = impact.begin(draft=draft, by=None, at=NOON)
    while count.state != ImpactCount.State.READY:
        carry_on(impact.count_on(count.pk, at=NOON))
        count.refresh_from_db()
    return count


def changes(count: ImpactCount) -> set[tuple[str, str, str]]:
    return set(count.lines.values_list("learner__email", "change", "achievement__slug"))


def held() -> set[tuple[str, str]]:
    return set(Award.objects.values_list("learner__email", "achievement__slug"))


def test_everybody_who_satisfies_a_new_version_is_awarded() -> None:
    lena, noor = make_lena(), make_noor()
    part, certificate = make_achievement(slug="part"), make_achievement(slug="certificate")
    issue_to(lena, part)
    draft_of(certificate, holds_all("part"))
    found = publish(certificate)
    assert held() == {(lena.email, "part"), (lena.email, "certificate")}
    assert found.state == Rollout.State.DONE
    assert sum(each.people_asked for each in found.ranges.all()) == found.people == User.objects.count()
    assert [each.awards for each in found.ranges.all()] == [1]
    assert not Award.objects.filter(learner=noor).exists()


def stack() -> dict[str, Achievement]:
    """A certificate of one part now, of two by the draft; a diploma of the certificate, and a prize of the diploma."""
    made = {
        slug: make_achievement(slug=slug, kind=Achievement.Kind.CERTIFICATE)
        for slug in ("one", "two", "certificate", "diploma", "prize")
    }
    publish_rule(made["certificate"], holds_all("one", "two"))
    publish_rule(made["diploma"], holds_all("certificate"))
    publish_rule(made["prize"], holds_all("diploma"))
    return made


def test_a_preview_says_exactly_what_publishing_does() -> None:
    made = stack()
    lena, noor, ada, rhea = make_lena(), make_noor(), make_ada(), make_rhea()
    nameless = person("nameless@example.edu", "N. N.")
    for learner in (lena, noor, nameless):
        issue_to(learner, made["one"])
    issue_to(ada, made["two"])
    User.objects.filter(pk=nameless.pk).update(name="")
    outbox.run_all_due()
    draft = draft_of(made["certificate"], holds_all("one"))
    before, mails = held(), len(mail.outbox)
    count = counted(draft)
    assert held() == before
    assert rulebook.current().entries.get(draft.pk) is None
    expected = {
        (learner.email, Change.GAINS, slug) for learner in (lena, noor) for slug in ("certificate", "diploma", "prize")
    } | {(nameless.email, Change.HELD_UP, "certificate")}
    assert changes(count) == expected
    publish(made["certificate"])
    outbox.run_all_due()
    assert {(email, slug) for email, change, slug in expected if change == Change.GAINS} == held() - before
    assert count.mails == len(mail.outbox) - mails == 6
    assert not Award.objects.filter(learner=rhea).exists()


def test_what_was_granted_is_kept_and_said() -> None:
    made = stack()
    lena = make_lena()
    issue_to(lena, made["one"])
    draft_of(made["certificate"], holds_all("one"))
    publish(made["certificate"])
    before = held()
    count = counted(draft_of(made["certificate"], holds_all("one", "two")))
    assert changes(count) == {(lena.email, Change.KEEPS, "certificate")}
    publish(made["certificate"])
    assert held() == before
    assert set(Award.objects.values_list("standing", flat=True)) == {"active"}


def test_counting_writes_nothing_but_the_count() -> None:
    made = stack()
    issue_to(make_lena(), made["one"])
    draft = draft_of(made["certificate"], holds_all("one"))
    outbox.run_all_due()
    entries, jobs = AuditEntry.objects.count(), outbox.Job.objects.exclude(kind="pathways.count_impact").count()
    counted(draft)
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert AuditEntry.objects.count() == entries
    assert outbox.Job.objects.exclude(kind="pathways.count_impact").count() == jobs


def test_a_count_that_is_interrupted_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(impact, "SECONDS_AT_ONCE", -1.0)
    monkeypatch.setattr(rollout, "SETTLED_AT_ONCE", 2)
    made = stack()
    for number in range(5):
        issue_to(person(f"l{number}@example.edu", f"L {number}"), made["one"])
    count = counted(draft_of(made["certificate"], holds_all("one")))
    assert count.lines.count() == 15
    assert count.people_asked == count.people
    assert outbox.Job.objects.filter(kind="pathways.count_impact").count() == 4


def test_a_count_is_stale_once_a_rule_has_changed() -> None:
    made = stack()
    draft = draft_of(made["certificate"], holds_all("one"))
    count = counted(draft)
    assert not impact.is_stale(count, draft)
    publish_rule(made["prize"], holds_all("one"))
    assert impact.is_stale(count, draft)


def test_a_rollout_stops_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollout, "SECONDS_AT_ONCE", -1.0)
    monkeypatch.setattr(rollout, "SETTLED_AT_ONCE", 2)
    rhea = make_rhea()
    part, certificate = make_achievement(slug="part"), make_achievement(slug="certificate")
    for number in range(5):
        issue_to(person(f"l{number}@example.edu", f"L {number}"), part)
    outbox.run_all_due()
    version = publish_rule(certificate, holds_all("part"))
    rollout.begin(version=version, at=NOON)
    found = Rollout.objects.get()
    [part_of] = found.ranges.all()
    store = rollout.roll_out(part_of.pk, at=NOON)
    assert Award.objects.filter(achievement=certificate).count() == 2
    rollout.stop(rollout=found, by=rhea, at=NOON)
    carry_on(store)
    outbox.run_all_due()
    assert Award.objects.filter(achievement=certificate).count() == 2
    with pytest.raises(rollout.NotRunning):
        rollout.stop(rollout=found, by=rhea, at=NOON)
    rollout.go_on(rollout=found, by=rhea, at=NOON)
    with pytest.raises(rollout.NotStopped):
        rollout.go_on(rollout=found, by=rhea, at=NOON)
    outbox.run_all_due()
    found.refresh_from_db()
    [part_of] = found.ranges.all()
    assert (found.state, part_of.awards, part_of.people_asked) == (Rollout.State.DONE, 5, found.people)
    acts = AuditEntry.objects.filter(subject_type__endswith="rollout").values_list("act", flat=True)
    assert sorted(acts) == ["go on with rollout", "stop rollout"]


def test_a_range_that_is_rolled_out_again_gives_nothing_again() -> None:
    lena = make_lena()
    part, certificate = make_achievement(slug="part"), make_achievement(slug="certificate")
    issue_to(lena, part)
    version = publish_rule(certificate, holds_all("part"))
    rollout.begin(version=version, at=NOON)
    [part_of] = Rollout.objects.get().ranges.all()
    for _time in range(2):
        rollout.roll_out(part_of.pk, at=NOON)
    part_of.refresh_from_db()
    assert part_of.awards == Award.objects.filter(achievement=certificate).count() == 1


def test_a_version_that_was_replaced_is_asked_no_more() -> None:
    part, certificate = make_achievement(slug="part"), make_achievement(slug="certificate")
    issue_to(make_lena(), part)
    first = publish_rule(certificate, holds_all("part"))
    rollout.begin(version=first, at=NOON)
    make_achievement(slug="other")
    publish_rule(certificate, holds_all("other"))
    outbox.run_all_due()
    assert Rollout.objects.get(version=first).state == Rollout.State.REPLACED
    assert not Award.objects.filter(achievement=certificate).exists()


def test_a_fresh_award_does_not_wait_for_those_of_a_rollout() -> None:
    lena, noor = make_lena(), make_noor()
    part, certificate = make_achievement(slug="part"), make_achievement(slug="certificate")
    issue_to(lena, part)
    outbox.run_all_due()
    mail.outbox.clear()
    version = publish_rule(certificate, holds_all("part"))
    rollout.begin(version=version, at=NOON)
    rollout.roll_out(version.rollout.ranges.get().pk, at=NOON)
    issue_to(noor, certificate)
    outbox.run_due(["issue", "render", "mail"])
    assert [message.to for message in mail.outbox] == [[noor.email]]
    outbox.run_all_due()
    assert [message.to for message in mail.outbox] == [[noor.email], [lena.email]]


# --- the preview is what happens --------------------------------------------------------------------------------------


def any_of(*slugs: str) -> dict:
    return {"format": 1, "root": {"type": "any", "parts": [{"type": "holds", "any_of": [slug]} for slug in slugs]}}


def happened(achievement: Achievement) -> set[tuple[str, str, str]]:
    """Publish the draft, and say what has come of it in the words of a preview."""
    awards, events, derivations = (
        set(model.objects.values_list("pk", flat=True)) for model in (Award, StatusEvent, Derivation)
    )
    publish(achievement)
    made = Award.objects.exclude(pk__in=awards)
    found = {(award.learner.email, Change.GAINS, award.achievement.slug) for award in made}
    for event in StatusEvent.objects.exclude(pk__in=events):
        award = event.credential.award
        found.add((award.learner.email, impact.CHANGES[StatusEvent.Act(event.act)], award.achievement.slug))
    for derivation in Derivation.objects.exclude(pk__in=derivations).exclude(award__in=made):
        award = derivation.award
        found.add((award.learner.email, Change.OTHER_GROUNDS, award.achievement.slug))
    return found


def mails_promised() -> int:
    """A credential that is signed is announced once it is all there; a change is told by itself."""
    return outbox.Job.objects.filter(kind__in=["credentials.sign", "pathways.tell_of_change"]).count()


def happening(count: ImpactCount) -> set[tuple[str, str, str]]:
    return {line for line in changes(count) if line[1] in impact.HAPPENS}


def test_what_comes_back_through_a_new_award_is_foreseen() -> None:
    made = {
        slug: make_achievement(slug=slug, kind=Achievement.Kind.CERTIFICATE)
        for slug in ("one", "two", "bridge", "wide", "top")
    }
    publish_rule(made["wide"], any_of("one", "bridge"))
    publish_rule(made["top"], holds_all("wide"))
    lena, noor = make_lena(), make_noor()
    for learner in (lena, noor):
        part = issue_to(learner, made["one"])
        with transaction.atomic():
            lock_learners([learner.pk])
            standing.settle_afresh(learner_ids=[learner.pk], cause="issued", at=NOON)
        issue_to(learner, made["two"])
        if learner == lena:
            standing.revoke(
                award=part,
                reason=IN_ERROR,
                public_note="Issued in error.",
                by=make_rhea(),
                at=NOON,
            )
    assert set(
        Award.objects.filter(learner=lena, standing="suspended").values_list("achievement__slug", flat=True)
    ) == {
        "wide",
        "top",
    }
    outbox.run_all_due()
    sent = len(mail.outbox)
    count = counted(draft_of(made["bridge"], holds_all("two")))
    expected = {
        (lena.email, Change.GAINS, "bridge"),
        (noor.email, Change.GAINS, "bridge"),
        (lena.email, Change.RETURNS, "wide"),
        (lena.email, Change.RETURNS, "top"),
    }
    assert happening(count) >= expected
    assert happened(made["bridge"]) == happening(count)
    outbox.run_all_due()
    # Two that are awarded, and two that come back.
    assert count.mails == len(mail.outbox) - sent == 4


def test_exceptions_and_older_versions_that_bind_are_foreseen() -> None:
    made = stack()
    lena, noor, ada, rhea = make_lena(), make_noor(), make_ada(), make_rhea()
    in_force = made["certificate"].rule_versions.get(state="published")
    pathway = Pathway.objects.create(
        slug="to", issuer=made["certificate"].issuer, target=made["certificate"], title="To", state="open"
    )
    # Bound to the version of both parts, which the draft makes harder; and one for whom a part is waived.
    enrolment.start_pathway(learner=noor, pathway=pathway, at=NOON)
    third = make_achievement(slug="three")
    issue_to(lena, made["one"])
    issue_to(noor, made["two"])
    exception = rulings.propose(
        learner=lena,
        achievement=made["certificate"],
        kind="waiver",
        node=in_force.document["root"]["parts"][1]["id"],
        terms={},
        reason="Has written three books.",
        by=rhea,
        at=NOON,
        valid_from=NOON.date(),
    )
    rulings.approve(ruling=exception, by=ada, at=NOON)
    issue_to(ada, made["one"])
    issue_to(ada, third)
    count = counted(draft_of(made["certificate"], holds_all("one", "three")))
    assert (ada.email, Change.GAINS, "certificate") in happening(count)
    assert (lena.email, Change.KEEPS, "certificate") not in changes(count)
    assert happened(made["certificate"]) == happening(count)


@pytest.mark.parametrize("seed", range(3))
def test_a_preview_of_any_small_world_is_what_happens(seed: int) -> None:
    """Random holdings, some of them withdrawn, under random rules stacked on one another."""
    chance = random.Random(seed)  # noqa: S311
    slugs = ["a", "b", "c", "d", "first", "second", "third"]
    made = {slug: make_achievement(slug=slug, kind=Achievement.Kind.CERTIFICATE) for slug in slugs}

    def document(below: list[str]) -> dict:
        return chance.choice([holds_all, any_of])(*chance.sample(below, chance.randrange(1, 3)))

    for place, slug in enumerate(("first", "second", "third")):
        publish_rule(made[slug], document(slugs[: 4 + place]))
    people = [person(f"p{number}@example.edu", f"P {number}") for number in range(6)]
    for learner in people:
        held = [issue_to(learner, made[slug]) for slug in chance.sample(slugs[:4], chance.randrange(4))]
        with transaction.atomic():
            lock_learners([learner.pk])
            standing.settle_afresh(learner_ids=[learner.pk], cause="issued", at=NOON)
        for award in held:
            if chance.random() < 0.4:
                standing.suspend(
                    award=award,
                    reason=IN_ERROR,
                    public_note="Looked into.",
                    by=make_rhea(),
                    at=NOON,
                )
    count = counted(draft_of(made["first"], document(slugs[:4])))
    promised = mails_promised()
    assert happened(made["first"]) == happening(count)
    assert count.mails == mails_promised() - promised

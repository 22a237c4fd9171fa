"""Prior learning: a credential from elsewhere counts once a registrar has recognised it, and never before."""

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials import claims, trust
from credentials.models import Achievement, Award, Claim, Issuer
from pathways import notices, recognition, reconciliation, rollout
from pathways.dossiers import records_of
from pathways.holdings import Terms
from pathways.models import Recognition
from pathways.queries import FELL
from pathways.rules import notation
from pathways.rules.text import from_text
from portal.accounts.models import User
from portal.shared.models import AuditEntry, Job
from tests.cast import make_lena, make_noor, make_rhea
from tests.college import holds_all, publish_rule
from tests.credentials.foreigner import Foreigner
from tests.credentials.test_claims import address, badge
from tests.factories import NOON, issue_to, make_achievement, make_issuer

pytestmark = pytest.mark.django_db

TODAY = NOON.date()
LATER = NOON + timedelta(hours=1)
TERMS = Terms(credits=Decimal(3), level=5, earned_on=date(2026, 3, 1))


@pytest.fixture
def issuer() -> Issuer:
    return make_issuer(registrar=make_rhea())


@pytest.fixture
def maps(issuer: Issuer) -> Achievement:
    """Half of a certificate that asks for nothing else than its two parts."""
    maps = make_achievement(slug="maps", name="Maps", issuer=issuer)
    make_achievement(slug="compass", name="Compass", issuer=issuer)
    walker = make_achievement(slug="walker", name="Walker", issuer=issuer, kind=Achievement.Kind.CERTIFICATE)
    publish_rule(walker, holds_all("maps", "compass"))
    issue_to(make_lena(), Achievement.objects.get(slug="compass"))
    return maps


@pytest.fixture
def college() -> Foreigner:
    college = Foreigner()
    trust.trust_issuer(
        identifier=college.did,
        name="Hill College",
        scope="short courses",
        since=date(2020, 1, 1),
        by=make_rhea(),
        at=NOON,
    )
    return college


def claimed(college: Foreigner, learner: User | None = None, mail: str = "lena@example.org", **changes: Any) -> Claim:
    document = badge(college, *([address(mail)] if mail else []), **changes)
    claim, _new = claims.claim(learner=learner or make_lena(), content=json.dumps(document), at=NOON)
    return check(claim)


def check(claim: Claim, verdict: str = "") -> Claim:
    """Looked at by the worker; found to be something else, where a verdict is given."""
    store = claims.check(claim.pk, at=NOON)
    assert store is not None
    with transaction.atomic():
        store()
    if verdict:
        Claim.objects.filter(pk=claim.pk).update(verdict=verdict)
    claim.refresh_from_db()
    return claim


def asked(claim: Claim, achievement: Achievement | None = None, issuer: Issuer | None = None) -> Recognition:
    return recognition.ask(
        learner=claim.learner, claim=claim, achievement=achievement, issuer=issuer, words="I did this.", at=NOON
    )


def recognise(asked_for: Recognition, terms: Terms = TERMS, by: User | None = None, **said: Any) -> Recognition:
    words = {"holder_words": "", "answer": "The same outcomes."} | said
    return recognition.recognise(recognition=asked_for, terms=terms, by=by or make_rhea(), at=LATER, **words)


def standings(learner: User) -> dict[str, str]:
    return dict(learner.awards.values_list("achievement__slug", "standing"))


def recognised_by(learner: User) -> list[Any]:
    return [each for each in records_of([learner.pk])[learner.pk].holdings if each.kind == "recognised"]


def test_what_is_recognised_as_an_achievement_completes_what_asks_for_it(maps: Achievement, college: Foreigner) -> None:
    request = asked(claimed(college), maps)
    assert standings(make_lena()) == {"compass": "active"}
    assert [each.slug for each in recognition.foresee(request, TERMS, at=NOON).earns] == ["walker"]

    made = recognise(request)

    assert standings(make_lena()) == {"compass": "active", "walker": "active"}
    [held] = recognised_by(make_lena())
    assert (held.key, held.credits, held.level, held.source) == ("maps", Decimal(3), 5, "recognised")
    assert (held.issuer, held.earned_on) == (college.did, date(2026, 3, 1))
    assert (made.verdict, made.decided_by, made.state) == ("valid", make_rhea(), "recognised")
    line = AuditEntry.objects.get(act="recognise prior learning")
    assert (line.concerns, line.actor, line.reason) == (make_lena(), make_rhea(), "The same outcomes.")
    # The certificate says what it was built on, and an outside badge is none of ours.
    assert Award.objects.get(achievement__slug="walker").derivations.get().cause == "recognise prior learning"


def test_what_is_recognised_as_credits_counts_in_pools(issuer: Issuer, college: Foreigner) -> None:
    make_achievement(slug="other", issuer=issuer)
    rule = "earn 2; sources recognised, transferred; subjects Data; level at least 4"
    publish_rule(make_achievement(slug="wanderer", issuer=issuer, subject="Walks"), notation.to_json(from_text(rule)))
    request = asked(claimed(college), issuer=issuer)
    recognise(request, Terms(credits=Decimal(5), level=4, subject="Data", earned_on=TODAY))
    assert standings(make_lena()) == {"wanderer": "active"}
    assert recognised_by(make_lena())[0].key == f"recognised-{request.uuid}"


def test_a_withdrawal_takes_back_what_stood_on_it(maps: Achievement, college: Foreigner) -> None:
    made = recognise(asked(claimed(college), maps))
    recognition.withdraw(recognition=made, answer="Mistaken for another.", by=make_rhea(), at=LATER)
    assert standings(make_lena()) == {"compass": "active", "walker": "suspended"}
    assert recognised_by(make_lena()) == []
    assert Claim.objects.get().watched_at is None
    # The same credential may be asked about again.
    recognise(asked(Claim.objects.get(), maps))
    assert standings(make_lena()) == {"compass": "active", "walker": "active"}


def test_a_refusal_and_a_request_taken_back_count_for_nothing(maps: Achievement, college: Foreigner) -> None:
    claim = claimed(college)
    first = asked(claim, maps)
    with pytest.raises(recognition.NotYours):
        recognition.take_back(recognition=first, by=make_noor(), at=NOON)
    recognition.take_back(recognition=first, by=make_lena(), at=NOON)
    second = asked(claim, maps)
    recognition.refuse(recognition=second, answer="Too short.", by=make_rhea(), at=LATER)
    assert recognised_by(make_lena()) == []
    for act in (recognition.refuse, recognition.withdraw, recognition.let_stand):
        with pytest.raises((recognition.DecidedAlready, recognition.NotRecognised)):
            act(recognition=second, answer="Again.", by=make_rhea(), at=LATER)
    with pytest.raises(recognition.DecidedAlready):
        recognition.take_back(recognition=second, by=make_lena(), at=LATER)


@pytest.mark.one_database
@pytest.mark.parametrize("said", [{"answer": " "}, {"by": "lena"}, {"holder": "somebody"}])
def test_no_reason_or_ones_own_or_nobody_knows_whose_is_refused(
    maps: Achievement, college: Foreigner, said: dict[str, str]
) -> None:
    claim = claimed(college, mail=said.get("holder", "lena@example.org"))
    request = asked(claim, maps)
    by = make_lena() if "by" in said else make_rhea()
    with pytest.raises((recognition.NoReason, recognition.OwnRecord, recognition.HolderNotShown)):
        recognise(request, by=by, answer=said.get("answer", "Good."))
    assert recognised_by(make_lena()) == []
    if "holder" in said:
        recognise(request, holder_words="Saw her passport.")
        assert len(recognised_by(make_lena())) == 1


@pytest.mark.one_database
@pytest.mark.parametrize(
    "terms",
    [
        Terms(credits=Decimal(1), earned_on=TODAY + timedelta(days=1)),
        Terms(credits=Decimal(1), earned_on=date(1899, 12, 31)),
        Terms(credits=Decimal(1), earned_on=TODAY, valid_until=TODAY - timedelta(days=1)),
        Terms(credits=Decimal(301), earned_on=TODAY),
        Terms(credits=Decimal(-1), earned_on=TODAY),
        Terms(credits=Decimal(0), earned_on=TODAY),
        Terms(credits=Decimal(1), level=0, earned_on=TODAY),
        Terms(credits=Decimal(1), level=9, earned_on=TODAY),
    ],
)
def test_terms_that_cannot_be_are_refused(issuer: Issuer, college: Foreigner, terms: Terms) -> None:
    with pytest.raises((recognition.NotADay, recognition.NotAnAmount, recognition.NotALevel)):
        recognise(asked(claimed(college), issuer=issuer), terms)


@pytest.mark.one_database
@pytest.mark.parametrize("verdict", ["altered", "revoked", "suspended"])
def test_nothing_can_rest_on_what_is_not_sound(maps: Achievement, college: Foreigner, verdict: str) -> None:
    claim = check(claimed(college), verdict)
    with pytest.raises(recognition.NotSound):
        asked(claim, maps)
    # It became so after it was asked.
    request = asked(check(claim), maps)
    check(claim, verdict)
    with pytest.raises(recognition.NotSound):
        recognise(request)


@pytest.mark.one_database
def test_what_could_not_be_checked_may_be_asked_and_not_recognised(maps: Achievement, college: Foreigner) -> None:
    claim = check(claimed(college), "could_not_be_checked")
    request = asked(claim, maps)
    with pytest.raises(recognition.NotSound):
        recognise(request)
    check(claim)
    recognise(request)


@pytest.mark.one_database
def test_an_issuer_whom_nobody_knows_may_be_weighed_if_its_signature_holds(maps: Achievement) -> None:
    stranger = Foreigner()
    recognise(asked(claimed(stranger), maps))
    assert standings(make_lena())["walker"] == "active"
    unsigned = claimed(stranger, name="Other")
    Claim.objects.filter(pk=unsigned.pk).update(is_signed=False)
    with pytest.raises(recognition.NotSound):
        asked(unsigned, maps)


def test_one_credential_counts_once_whoever_brings_it(maps: Achievement, college: Foreigner) -> None:
    claim = claimed(college)
    request = asked(claim, maps)
    with pytest.raises(recognition.AskedAlready):
        asked(claim, maps)
    # Another copy of it, and somebody else's.
    text = json.dumps(json.loads(bytes(claim.file.content)), indent=1)
    copy, _new = claims.claim(learner=make_lena(), content=text, at=NOON)
    theirs, _new = claims.claim(learner=make_noor(), content=text, at=NOON)
    requests = [asked(check(copy), maps), asked(check(theirs), maps)]
    recognise(request)
    for each in requests:
        with pytest.raises(recognition.CountedAlready):
            recognise(each, holder_words="Says so.")
    assert recognised_by(make_noor()) == []


@pytest.mark.one_database
def test_what_was_issued_here_is_not_recognised_again(maps: Achievement, college: Foreigner) -> None:
    claim = claimed(college)
    Claim.objects.filter(pk=claim.pk).update(is_ours=True)
    with pytest.raises(recognition.IssuedHere):
        asked(claim, maps)


@pytest.mark.one_database
def test_only_ones_own_claim_that_was_checked_is_asked_about(maps: Achievement, college: Foreigner) -> None:
    claim = claimed(college)
    with pytest.raises(recognition.NotYours):
        recognition.ask(learner=make_noor(), claim=claim, achievement=maps, words="", at=NOON)
    fresh, _new = claims.claim(learner=make_lena(), content="{}", at=NOON)
    with pytest.raises(recognition.NotCheckedYet):
        asked(fresh, maps)
    with pytest.raises(recognition.NotOffered):
        asked(claim, make_achievement(published=False))


def test_a_later_revocation_asks_for_a_review_and_changes_nothing_by_itself(
    maps: Achievement, college: Foreigner
) -> None:
    made = recognise(asked(claimed(college), maps))
    with pytest.raises(recognition.NotFallen):
        recognition.let_stand(recognition=made, answer="Fine.", by=make_rhea(), at=LATER)
    check(made.claim, "revoked")
    assert list(Recognition.objects.filter(FELL)) == [made]
    assert standings(make_lena())["walker"] == "active"
    recognition.let_stand(recognition=made, answer="Their college closed.", by=make_rhea(), at=LATER)
    assert not Recognition.objects.filter(FELL).exists()
    # Suspended, then revoked, is news each time; expired is none.
    check(made.claim, "suspended")
    assert Recognition.objects.filter(FELL).count() == 1
    check(made.claim, "expired")
    assert not Recognition.objects.filter(FELL).exists()


def test_recognised_learning_is_found_by_a_published_rule_and_by_the_night(
    issuer: Issuer, maps: Achievement, college: Foreigner
) -> None:
    recognise(asked(claimed(college), maps))
    helper = make_achievement(slug="helper", issuer=issuer)
    begun = rollout.begin(version=publish_rule(helper, holds_all("maps")), at=NOON)
    rollout.roll_out(begun.ranges.get().pk, at=NOON)
    assert Award.objects.get(achievement=helper).learner == make_lena()
    assert reconciliation.reconcile(learner_ids=[make_lena().pk], at=LATER) == []


@pytest.mark.one_database
def test_the_learner_is_told_and_so_is_nobody_of_a_request_taken_back(maps: Achievement, college: Foreigner) -> None:
    made = recognise(asked(claimed(college), maps))
    assert Job.objects.filter(kind="pathways.tell_of_recognition", version="recognised").count() == 1
    notices.tell_of_recognition(made.pk)
    [message] = mail.outbox
    assert message.subject == "Recognised: Reading maps"
    assert "as “Maps”: it counts with 3 credits" in message.body
    assert "The same outcomes." in message.body


ACTS = ("ask", "take back", "recognise", "refuse", "withdraw", "let stand", "revoked", "valid", "unreachable")


@pytest.mark.one_database
def test_never_does_anything_count_before_it_is_recognised_or_after(maps: Achievement, college: Foreigner) -> None:
    """Whatever order people and nights come in: what the rules see is what a registrar has decided, and no more."""
    lena, rhea, noor = make_lena(), make_rhea(), make_noor()
    claim = claimed(college)

    @settings(max_examples=10, deadline=None)
    @given(st.lists(st.sampled_from(ACTS), max_size=7))
    def in_any_order(acts: list[str]) -> None:
        point = transaction.savepoint()
        counts = False
        for act in acts:
            request = Recognition.objects.filter(claim=claim).order_by("-id").first()
            try:
                with transaction.atomic():
                    match act:
                        case "ask":
                            asked(Claim.objects.get(pk=claim.pk), maps)
                        case "revoked" | "valid":
                            check(claim, act)
                        case "unreachable":
                            Claim.objects.filter(pk=claim.pk).update(trouble="Away.")
                        case _ if request is None:
                            continue
                        case "take back":
                            recognition.take_back(recognition=request, by=lena, at=NOON)
                        case "recognise":
                            recognise(request)
                            assert Claim.objects.get(pk=claim.pk).verdict == "valid"
                            counts = True
                        case _:
                            doing = getattr(recognition, act.replace(" ", "_"))
                            doing(recognition=request, answer="So be it.", by=rhea, at=NOON)
                            counts = counts and act != "withdraw"
            except (recognition.Refusal, claims.Refusal):
                pass
            assert bool(recognised_by(lena)) is counts
            assert recognised_by(noor) == []
            walker = lena.awards.filter(achievement__slug="walker", standing="active")
            assert walker.exists() is counts
        transaction.savepoint_rollback(point)
        assert connection.in_atomic_block

    in_any_order()

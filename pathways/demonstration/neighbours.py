"""What passes between the demonstration college and houses elsewhere: trust, endorsements, and badges handed in."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction

from credentials import claims, endorsing, trust
from credentials.models import Achievement, Claim, Endorsement, GivenEndorsement, Issuer, TrustedIssuer
from pathways import recognition
from pathways.demonstration import content, houses
from pathways.demonstration.college import College, Fields
from pathways.holdings import Terms, institution_day
from pathways.models import Recognition


@transaction.atomic
def trust_houses(college: College) -> None:
    """Enter those houses into the registry of trust on which the college relies."""
    for described in content.neighbours()["houses"]:
        identifier = houses.house(described["key"]).did
        if "trusted" not in described or TrustedIssuer.objects.filter(identifier=identifier).exists():
            continue
        relied = described["trusted"]
        at = college.days_ago(relied["days_ago"])
        trust.trust_issuer(
            identifier=identifier,
            name=described["name"],
            scope=relied["scope"],
            grounds=relied["grounds"],
            since=institution_day(at),
            by=college.people["rhea"],
            at=at,
        )


def exchange_endorsements(college: College) -> None:
    """Take in what a house signed about an achievement, before anybody is awarded it; and speak for one elsewhere."""
    described = content.neighbours()
    if not Endorsement.objects.exists():
        told = described["endorsement"]
        achievement = Achievement.objects.select_related("issuer").get(slug=told["achievement"])
        by, at = houses.house(told["by"]), college.opened_at + timedelta(days=20)
        endorsing.receive(
            content=houses.endorsement(by, told, of=endorsing.identifier_of(achievement), at=at),
            endorsed=achievement,
            scope=told["scope"],
            by=college.people["rhea"],
            at=at,
        )
    if not GivenEndorsement.objects.exists():
        given = described["given"]
        endorsing.give(
            issuer=Issuer.objects.get(slug=given["issuer"]),
            ends_on=institution_day(college.at) + timedelta(days=365 * given["years"]),
            by=college.people["rhea"],
            at=college.at,
            **{key: given[key] for key in ("kind", "identifier", "name", "comment")},
        )


@transaction.atomic
def hand_badges_in(college: College) -> None:
    """Let learners hand in what they earned elsewhere; a worker checks it, and it counts for nothing yet."""
    for described in content.neighbours()["badges"]:
        learner = college.people[described["learner"]]
        if not Claim.objects.filter(learner=learner).exists():
            claims.claim(
                learner=learner,
                content=_badge(described, college),
                name=f"{described['slug']}.json",
                at=college.days_ago(described["claimed_days_ago"], described["learner"]),
            )


def _badge(described: Fields, college: College) -> bytes:
    learner = college.people[described["learner"]]
    by = houses.house(described["by"])
    return houses.badge(by, described, name=learner.name, email=learner.email, at=college.at)


def ask_for_recognition(college: College) -> bool:
    """Ask that they count, once they are checked, and decide on some; say whether nothing more is to be waited for."""
    answers = [_ask(described, college) for described in content.neighbours()["badges"]]
    return all(answers)


@transaction.atomic
def _ask(described: Fields, college: College) -> bool:
    learner = college.people[described["learner"]]
    claim = Claim.objects.filter(learner=learner, dropped_at__isnull=True).order_by("pk").first()
    if claim is None or Recognition.objects.filter(learner=learner).exists():
        return True
    if not claim.verdict:
        return False
    asked = recognition.ask(
        learner=learner,
        claim=claim,
        achievement=Achievement.objects.select_related("issuer").get(slug=described["asks_for"]),
        words=described["words"],
        at=college.at,
    )
    if decided := described.get("recognised"):
        earned_on = institution_day(claim.awarded_at or college.at)
        recognition.recognise(
            recognition=asked,
            terms=Terms(credits=Decimal(decided["credits"]), level=decided["level"], earned_on=earned_on),
            holder_words="",
            answer=decided["answer"],
            by=college.people["rhea"],
            at=college.at,
        )
    return True

"""Acts the demonstration college out: everything comes about through the acts that people use, at times in the past.

Each course, qualification and learner is loaded in a transaction of its own and passed over when it is there, so that
the load may be stopped and repeated, and a second one changes nothing. What needs a worker's work follows in a job
(`afterwards`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from credentials.models import Achievement, Award, Issuer
from pathways.demonstration import afterwards, content, histories, looks, neighbours, offers, teaching
from pathways.demonstration.college import College, address_of, load_issuers, load_people
from pathways.models import (
    Assessment,
    Course,
    Enrolment,
    Grade,
    Material,
    Module,
    Pathway,
    Question,
    RuleVersion,
    Submission,
)
from portal.accounts.models import User
from portal.shared import outbox

Progress = Callable[[str], None]

COUNTED = {
    "people": User,
    "issuers": Issuer,
    "achievements": Achievement,
    "rules": RuleVersion,
    "courses": Course,
    "modules": Module,
    "materials": Material,
    "questions": Question,
    "assessments": Assessment,
    "pathways": Pathway,
    "enrolments": Enrolment,
    "submissions": Submission,
    "grades": Grade,
    "awards": Award,
}


def load(*, at: datetime, progress: Progress = lambda _what: None) -> None:
    """Make whatever of the college is not there yet; `at` is the day from which the files count backwards."""
    college = College(at)
    files = content.college()
    progress("people and issuers")
    load_people(college, files)
    load_issuers(college, files)
    neighbours.trust_houses(college)
    for course in content.courses():
        progress(course["title"])
        teaching.load_course(college, course)
    for qualification in files["qualifications"]:
        progress(qualification["name"])
        teaching.load_qualification(college, qualification)
    for pathway in files["pathways"]:
        teaching.load_pathway(college, pathway)
    progress("what neighbours say")
    neighbours.exchange_endorsements(college)
    for learner in files["learners"]:
        progress(learner["name"])
        histories.load_history(college, learner)
    offers.load(at=at)
    progress("certificates, badges from elsewhere, awards by hand")
    looks.draft_certificate(college)
    neighbours.hand_badges_in(college)
    afterwards.award_to_many(college)
    outbox.promise(afterwards.JOB, int(at.timestamp()))


def totals() -> dict[str, int]:
    """How many there are of each thing."""
    return {name: model._default_manager.count() for name, model in COUNTED.items()}


@dataclass(frozen=True)
class Login:
    """Somebody as whom a visitor would look round."""

    role: str
    name: str
    address: str


def logins() -> list[Login]:
    """One person of each role, the learner first, and whoever publishes what the registrar writes.

    The password is one for all.
    """
    wanted = {
        "lena": "learner",
        "ivo": "instructor",
        "rhea": "registrar",
        "baptiste": "registrar",
        "astrid": "administrator",
    }
    everybody = (*content.college()["people"], *content.college()["learners"])
    names = {person["key"]: person["name"] for person in everybody}
    return [Login(role, names[key], address_of(key)) for key, role in wanted.items()]

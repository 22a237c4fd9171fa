"""What can only happen in the demonstration college once a worker has signed, drawn and checked what came before."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from credentials import sharing, transcripts
from credentials.models import Credential, LearnerRecord
from credentials.records import asking
from pathways import batches
from pathways.demonstration import content, looks, neighbours, teaching
from pathways.demonstration.college import College, address_of, college_of
from pathways.models import AwardBatch
from portal.shared import outbox

JOB = "pathways.go_on_with_demonstration"
# Where the machine cannot print, say, nobody is to look for it every few seconds for ever.
SOON, LATE, PATIENCE = 5, 600, timedelta(minutes=10)


@transaction.atomic
def award_to_many(college: College) -> None:
    """Name many to whom a worker awards the same by hand."""
    described = content.neighbours()["batch"]
    if AwardBatch.objects.exists():
        return
    achievement = teaching.load_achievement(college, described["achievement"])
    addresses = [address_of(key) for key in described["to"]]
    batches.begin(
        uuid=uuid.uuid4(),
        achievement=achievement,
        named=batches.named_in("\n".join([*addresses, described["nobody"]])),
        reason=described["reason"],
        by=college.people[described["by"]],
        at=college.at,
    )


def go_on(*, begun_at: datetime, at: datetime) -> None:
    """Do what has become possible. Belongs in a worker, and may run twice; raises outbox.Later while some waits."""
    college = college_of(at)
    done = [
        neighbours.ask_for_recognition(college),
        show_credential(college),
        show_record(college),
        looks.publish_certificate(college.people["rhea"], at=at),
    ]
    if not all(done):
        raise outbox.Later(SOON if at - begun_at < PATIENCE else LATE, "What came before is not finished yet.")


@transaction.atomic
def show_credential(college: College) -> bool:
    """Let a learner share one credential, for an employer to check; say whether nothing more is to be waited for."""
    shown = content.neighbours()["shown"]
    held = Credential.objects.filter(
        award__learner=college.people[shown["learner"]],
        award__achievement__slug=shown["credential"],
        superseded_by__isnull=True,
    )
    credential = held.first()
    if credential is None or credential.shared_at is not None:
        return True
    if credential.state != Credential.State.LOGGED:
        return False
    sharing.share(credential=credential, by=college.people[shown["learner"]], at=college.at)
    return True


@transaction.atomic
def show_record(college: College) -> bool:
    """Let the same learner ask for a record of all they hold and its transcript, and share it once it is signed."""
    learner = college.people[content.neighbours()["shown"]["learner"]]
    record = LearnerRecord.objects.filter(learner=learner).order_by("pk").first()
    if record is None:
        held = Credential.objects.filter(award__learner=learner, superseded_by__isnull=True)
        if held.exclude(state=Credential.State.LOGGED).exists():
            return False
        record = asking.ask_for_everything(learner=learner, at=college.at)
        transcripts.ask(record=record, by=learner, at=college.at)
    if record.shared_at is None and record.state == LearnerRecord.State.SIGNED:
        sharing.share_record(record=record, by=learner, at=college.at)
    return record.shared_at is not None

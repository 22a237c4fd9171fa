"""What must hold at the end, whatever happened: asked of the rows alone, and of the evaluator, not of the acts."""

from collections import Counter
from datetime import date

from credentials.models import Award, Credential, LogEntry
from pathways.dossiers import records_of
from pathways.models import RuleVersion
from pathways.rules import notation
from pathways.rules.evaluate import evaluate
from portal.accounts.models import User
from portal.shared.models import Job


def assert_settled(on: date) -> None:
    """I1, I2: each learner holds once, and active, what the rules in force give them on their final record."""
    rules = {
        version.achievement.slug: notation.from_json(version.document)
        for version in RuleVersion.objects.filter(state="published").select_related("achievement")
    }
    learners = User.objects.filter(grades__isnull=False).distinct()
    for learner in learners:
        record = records_of([learner.pk])[learner.pk]
        live = Counter(learner.awards.exclude(standing="revoked").values_list("achievement__slug", flat=True))
        assert max(live.values(), default=0) <= 1, f"{learner} holds something twice: {live}"
        ended = set(learner.awards.exclude(standing="active").values_list("achievement__slug", flat=True))
        for slug, rule in rules.items():
            satisfied = evaluate(rule, record, on).satisfied
            active = learner.awards.filter(achievement__slug=slug, standing="active").exists()
            if slug not in ended:
                assert satisfied == active, f"{learner}, {slug}: satisfied {satisfied}, active {active}"
            elif fell_by_itself(learner, slug):
                assert not satisfied, f"{learner}, {slug} is suspended on good grounds"
    for award in Award.objects.all():
        assert award.credentials.filter(superseded_by=None).count() == 1


def fell_by_itself(learner: User, slug: str) -> bool:
    award = learner.awards.filter(achievement__slug=slug).latest("id")
    last = award.credentials.get(superseded_by=None).status_events.order_by("id").last()
    return award.standing == "suspended" and last.reason == "part-withdrawn"


def assert_log_is_honest() -> None:
    """I5, and that all work is done: every credential in the log once, places without gaps."""
    assert not Job.objects.exclude(state="done").exclude(kind="credentials.announce_late").exists()
    assert set(Credential.objects.values_list("state", flat=True)) <= {"logged"}
    places = list(LogEntry.objects.order_by("index").values_list("index", flat=True))
    assert places == list(range(len(places)))
    issued = Counter(LogEntry.objects.filter(kind="issue").values_list("credential", flat=True))
    assert issued == Counter(Credential.objects.values_list("pk", flat=True))

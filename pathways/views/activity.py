"""What is happening: credentials being made, work being marked, and everything that was done with the account."""

from collections.abc import Mapping

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import pgettext_lazy as p_

from credentials.models import Credential
from credentials.queries import progress_of, wallet_of
from pathways.models import Submission
from pathways.queries import names_of_keys
from portal.accounts.signed_in import SignedInRequest
from portal.shared.models import AuditEntry
from portal.shared.pages import page_of

PAGE = 30
RUNNING = 10

# The acts of audit lines in words; one without words here is said as it is kept.
ACTS = {
    "award": p_("act", "Awarded"),
    "enrol": p_("act", "Enrolled"),
    "enrol again": p_("act", "Enrolled again"),
    "complete course": p_("act", "Completed"),
    "withdraw from course": p_("act", "Left the course"),
    "start pathway": p_("act", "Took as a goal"),
    "leave pathway": p_("act", "Gave up as a goal"),
    "submit": p_("act", "Handed in"),
    "release grade": p_("act", "Grade released"),
    "share credential": p_("act", "Shared"),
    "stop sharing credential": p_("act", "Stopped sharing"),
    "revoke": p_("act", "Revoked"),
    "suspend": p_("act", "Suspended"),
    "reinstate": p_("act", "Reinstated"),
    "supersede": p_("act", "Replaced by a new one"),
}


@login_required
def show_activity(request: SignedInRequest) -> HttpResponse:
    entries = AuditEntry.objects.filter(concerns=request.user).select_related("actor", "concerns")
    page = page_of(entries, request, size=PAGE)
    names = names_of_keys(key for entry in page if (key := entry.details.get("assessment")))
    unfinished = wallet_of(request.user).exclude(state=Credential.State.LOGGED)[:RUNNING]
    waiting = (
        Submission.objects.filter(learner=request.user, state=Submission.State.SUBMITTED)
        .select_related("assessment__course")
        .order_by("submitted_at")
    )
    context = {
        "page": page,
        "entries": [(entry, ACTS.get(entry.act, entry.act), _thing(entry, names)) for entry in page],
        "making": [(credential, progress_of(credential)) for credential in unfinished],
        "waiting": list(waiting),
    }
    return render(request, "pathways/learning/activity.html", context)


def _thing(entry: AuditEntry, names: Mapping[str, str]) -> str:
    """What the act was about, without the name of the reader, which every line would repeat."""
    assessment = entry.details.get("assessment")
    if assessment:
        return f"{names.get(assessment, assessment)}: {entry.subject_words}"
    name = str(entry.concerns)
    return entry.subject_words.removeprefix(f"{name}, ").removesuffix(f" – {name}").replace(f": {name} (", " (")

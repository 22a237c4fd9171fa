"""Stops work that goes on in groups, and goes on with it: awards to many, and a version asked for everybody."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from portal.shared.refusals import Refusal


def stop_or_go_on(request: HttpRequest, act: str, *, stop: Callable[[], object], go_on: Callable[[], object]) -> None:
    """Do the act of this name, "stop" or "go-on", and say what came of it; there is no page of any other."""
    acts = {"stop": stop, "go-on": go_on}
    if act not in acts:
        raise Http404
    try:
        acts[act]()
    except Refusal as refusal:
        messages.warning(request, str(refusal))
    else:
        words = {"stop": _("It is stopped. What was awarded stays."), "go-on": _("It goes on where it was stopped.")}
        messages.success(request, words[act])

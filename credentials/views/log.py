"""The public log: its page, its entries, and the plain files of C2SP tlog-tiles for monitors. Public."""

import json
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from credentials import access, addresses, queries
from credentials.log import cosigning, log_reading
from credentials.models import LogEntry
from credentials.standards import checkpoint, merkle
from credentials.views import proof_drawing, showing
from portal.shared import rate_limit
from portal.shared.refusals import Refusal

# A healthy sequencer takes entries in within seconds.
STOPPED_AFTER = timedelta(minutes=5)
_RECENT = 12
# A tile of a given width never changes (C2SP tlog-tiles).
_FOR_EVER = "public, max-age=31536000, immutable"
_SECONDS = "public, max-age=5"
_COSIGNATURES = rate_limit.Limit(times=60, seconds=60)
_MAX_NOTE = 8 * 1024


@require_safe
def show_log(request: HttpRequest) -> HttpResponse:
    """How large the log is, what its newest signed head says, and how to watch it. Public."""
    head = log_reading.latest()
    pending = LogEntry.objects.filter(index__isnull=True).order_by("id").first()
    keys = log_reading.keys_that_signed()
    stopped = pending is not None and pending.recorded_at < timezone.now() - STOPPED_AFTER
    context = {
        "head": head,
        "recent": LogEntry.objects.filter(index__lt=head.size).order_by("-index")[:_RECENT] if head else [],
        "stopped_since": pending.recorded_at if pending is not None and stopped else None,
        "cosignatures": list(head.cosignatures.all()) if head else [],
        "verifier_keys": [name for name, key in keys if key.compromised_at is None],
        "given_up_keys": [(name, key) for name, key in keys if key.compromised_at is not None],
        "origin": addresses.log_origin(),
        "base": f"{settings.SITE_URL}/log",
    }
    return render(request, "credentials/log.html", context)


@require_safe
def show_entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry, and the proof that the newest head holds it, drawn. Public."""
    if index >= 2**63:
        raise Http404
    entry = get_object_or_404(LogEntry.objects.select_related("key__issuer"), index=index)
    try:
        proof = log_reading.proof_of(entry)
    except log_reading.NotInLog:
        raise Http404 from None
    head = checkpoint.parse_checkpoint(checkpoint.parse_note(proof.note).text)
    drawing = proof_drawing.drawn(proof)
    context = {
        "entry": entry,
        "leaf": json.dumps(json.loads(proof.leaf), indent=2, ensure_ascii=False),
        "leaf_hash": merkle.leaf_hash(proof.leaf).hex(),
        "proof": proof,
        "root": head.root.hex(),
        # Only what was worked out here just now is called proved.
        "holds": drawing.boxes[-1].hash == head.root.hex(),
        "drawing": drawing,
        "before": index - 1 if index else None,
        "after": index + 1 if index + 1 < proof.size else None,
    }
    return render(request, "credentials/log_entry.html", context)


@require_safe
def show_checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed head (C2SP tlog-checkpoint). Public."""
    head = log_reading.latest()
    if head is None:
        return HttpResponse(status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "5"})
    return showing.document(request, log_reading.cosigned_note(head), "text/plain; charset=utf-8", cache=_SECONDS)


@csrf_exempt
@require_POST
def add_cosignatures(request: HttpRequest) -> HttpResponse:
    """Take in a head with the lines of witnesses that are known here; whoever sends it need not be one. Public."""
    allowed = rate_limit.spend("cosignatures", rate_limit.address_of(request), _COSIGNATURES)
    if not allowed.allowed:
        return HttpResponse(status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": str(allowed.retry_after)})
    note = request.read(_MAX_NOTE + 1)
    if len(note) > _MAX_NOTE:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        taken = cosigning.take_in(note.decode("utf-8"))
    except (UnicodeDecodeError, Refusal) as refusal:
        return HttpResponse(f"{refusal}\n", status=HTTPStatus.UNPROCESSABLE_ENTITY, content_type="text/plain")
    return HttpResponse("".join(taken), content_type="text/plain; charset=utf-8")


@require_safe
def show_proof(request: HttpRequest, code: str) -> HttpResponse:
    """The proof that a shared credential is in the log, with the salt that ties its leaf to it. Public."""
    credential = queries.credential_by_code(code)
    if credential is None or not access.may_see_credential(request.user, credential):
        raise Http404
    try:
        proof = log_reading.issue_proof(credential)
    except log_reading.NotInLog:
        raise Http404 from None
    extra = {"leaf": proof.leaf.decode("utf-8"), "salt": bytes(credential.leaf_salt).hex()}
    text = log_reading.tlog_proof(proof, json.dumps(extra).encode("utf-8"))
    response = showing.document(request, text, "text/plain; charset=utf-8", cache="no-cache")
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def show_tile(request: HttpRequest, level: str, place: str, width: str = "") -> HttpResponse:
    """The hashes of one tile; level "entries" gives the entries themselves (C2SP tlog-tiles). Public."""
    index = _number(place)
    wide = int(width) if width else merkle.TILE_WIDTH
    if index is None or (width and wide >= merkle.TILE_WIDTH):
        raise Http404
    try:
        if level == "entries":
            content = log_reading.entry_bundle(index, wide)
        else:
            content = log_reading.tile(int(level), index, wide)
    except (log_reading.NotInLog, merkle.MissingTile):
        raise Http404 from None
    return showing.document(request, content, "application/octet-stream", cache=_FOR_EVER)


def _number(place: str) -> int | None:
    """The index of `x001/x234/067`, in its one proper spelling."""
    index = int("".join(group.removeprefix("x") for group in place.split("/")))
    return index if merkle.tile_path(0, index) == f"tile/0/{place}" and index < 2**63 else None

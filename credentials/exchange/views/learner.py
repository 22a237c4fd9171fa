"""What a learner does about wallets: add a credential to one, see which ones are connected, disconnect one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from credentials import access
from credentials.exchange import connections, offers
from credentials.rendering import qr
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_of


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_to_wallet(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """How to add a credential to a wallet; the answer to a post is the offer, shown once and never again."""
    credential = access.finished_credential_for_holder(request.user, uuid)
    context: dict[str, Any] = {"credential": credential, "achievement": credential.award.achievement}
    if request.method == "POST":
        made = offers.offer(credential=credential, by=request.user, at=timezone.now())
        # Drawn by us from an address of ours: there is nothing of anybody's in it.
        context |= {"offer": made, "drawn": mark_safe(qr.svg(made.link))}  # noqa: S308
    return render(request, "exchange/add_to_wallet.html", context)


@login_required
@never_cache
@require_GET
def show_wallets(request: SignedInRequest) -> HttpResponse:
    found = page_of(connections.of_learner(request.user, at=timezone.now()), request)
    return render(request, "exchange/wallets.html", {"page": found})


@login_required
@require_POST
def disconnect(request: SignedInRequest, client_id: UUID) -> HttpResponse:
    client = get_object_or_404(connections.connected_to(request.user), client_id=str(client_id))
    connections.disconnect(client=client, by=request.user, at=timezone.now())
    messages.success(
        request, _("“%(name)s” is disconnected, and can read nothing of yours any more.") % {"name": client}
    )
    return redirect("me-wallets")

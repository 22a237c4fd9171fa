"""The endpoints of OpenID4VCI 1.0: metadata, offer, nonce, credential, deferred credential, notification."""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from credentials.exchange import handing_out, metadata, nonces, offers
from credentials.exchange.handing_out import HandedOut, Refused
from credentials.exchange.views import answering
from credentials.models import Issuer, WalletCopy, WalletOffer
from portal.shared import problems

Json = dict[str, Any]
Endpoint = Callable[[HttpRequest, WalletOffer, Json], HttpResponse]


@answering.for_programs("GET")
def describe_issuer(_request: HttpRequest, slug: str) -> HttpResponse:
    """What wallets read before they ask anything else. Public."""
    return answering.document(metadata.of_credential_issuer(get_object_or_404(Issuer, slug=slug)))


@answering.for_programs("GET")
def show_offer(_request: HttpRequest, secret: str) -> HttpResponse:
    """The offer that the code on a learner's screen leads to. Public: whoever has the link still needs the number."""
    found = offers.document(secret, at=timezone.now())
    if found is None:
        return problems.problem(HTTPStatus.NOT_FOUND, _("This offer has ended, or was used. Ask for a new one."))
    return JsonResponse(found)


@answering.for_programs("POST")
def make_nonce(_request: HttpRequest) -> HttpResponse:
    """Public."""
    return JsonResponse({"c_nonce": nonces.make()})


def _with_access(endpoint: Endpoint) -> Callable[[HttpRequest], HttpResponse]:
    """Let in who brings the access token of an offer, and tell refusals as the standard has them."""

    @wraps(endpoint)
    def answer(request: HttpRequest) -> HttpResponse:
        token = answering.bearer_token(request)
        offer = offers.opened_by(token, at=timezone.now()) if token else None
        if offer is None:
            # RFC 6750, section 3.1: no error is named to who brings nothing.
            said = 'Bearer error="invalid_token"' if token else "Bearer"
            response = answering.error("invalid_token", HTTPStatus.UNAUTHORIZED)
            response["WWW-Authenticate"] = said
            return response
        body = answering.object_of(request)
        if body is None:
            return answering.error(_MALFORMED.get(endpoint.__name__, "invalid_credential_request"))
        try:
            return endpoint(request, offer, body)
        except Refused as refusal:
            return answering.error(refusal.error, description=str(refusal))

    return answer


_MALFORMED = {"take_notification": "invalid_notification_request"}


@answering.for_programs("POST")
@_with_access
def hand_out(_request: HttpRequest, offer: WalletOffer, body: Json) -> HttpResponse:
    return _answer(handing_out.ask(offer, body, at=timezone.now()))


@answering.for_programs("POST")
@_with_access
def hand_out_later(_request: HttpRequest, offer: WalletOffer, body: Json) -> HttpResponse:
    return _answer(handing_out.ask_again(offer, body.get("transaction_id")))


@answering.for_programs("POST")
@_with_access
def take_notification(_request: HttpRequest, offer: WalletOffer, body: Json) -> HttpResponse:
    handing_out.note_event(offer, body.get("notification_id"), body.get("event"), at=timezone.now())
    return HttpResponse(status=HTTPStatus.NO_CONTENT)


def _answer(handed_out: HandedOut) -> HttpResponse:
    named = str(handed_out.transfer.uuid)
    if not handed_out.text:
        return JsonResponse({"transaction_id": named, "interval": handing_out.INTERVAL}, status=HTTPStatus.ACCEPTED)
    handing_out.note_fetched(handed_out, at=timezone.now())
    # The document is not written anew: what was signed goes out letter by letter.
    text = handed_out.text if handed_out.form is WalletCopy.Form.EMBEDDED else json.dumps(handed_out.text)
    content = f'{{"credentials":[{{"credential":{text}}}],"notification_id":{json.dumps(named)}}}'
    return HttpResponse(content, content_type="application/json; charset=utf-8")

"""The endpoints of OAuth 2: the page on which a learner agrees, tokens, revocation, registration, and metadata."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from oauth2_provider.forms import AllowForm
from oauth2_provider.views import AuthorizationView, RevokeTokenView, TokenView

from credentials.exchange import connections, details, metadata, offers, registration, scopes
from credentials.exchange.views import answering

_library_token: Callable[[HttpRequest], HttpResponse] = TokenView.as_view()
_library_revocation: Callable[[HttpRequest], HttpResponse] = RevokeTokenView.as_view()


class ConsentForm(AllowForm):
    """What the learner agrees to: of what was asked for, what is still ticked."""

    granted = forms.MultipleChoiceField(choices=[(name, name) for name in scopes.WORDS], required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        client = connections.client_of(cleaned.get("client_id"))
        # Refusing leads back to the wallet as well: nowhere but where it said it is at home.
        if client is None or not client.redirect_uri_allowed(cleaned.get("redirect_uri", "")):
            raise forms.ValidationError(_("This request is not complete."))
        asked = cleaned.get("scope", "").split()
        granted = [name for name in asked if name in cleaned.get("granted", [])]
        if cleaned.get("allow"):
            if not set(granted) - {scopes.STAY_CONNECTED}:
                raise forms.ValidationError(_("Nothing is left that it may do. Tick something, or refuse."))
            cleaned["scope"] = " ".join(granted)
        return cleaned


@method_decorator(never_cache, name="dispatch")
class Consent(AuthorizationView):
    """The page on which a learner lets a wallet do something for them, or refuses."""

    template_name = "exchange/consent.html"
    form_class = ConsentForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # A wallet may ask to be let in unseen where it was let in before; here the learner is asked each time.
        asked = request.GET.copy()
        asked.pop("approval_prompt", None)
        request.GET = asked  # type: ignore[assignment]  # the library reads it from the request alone
        try:
            response: HttpResponse = super().get(request, *args, **kwargs)
        except ValueError:
            # How the library says that the address is not encoded as addresses are.
            response = self.render_to_response({}, status=HTTPStatus.BAD_REQUEST)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        form = context["form"]
        asked = (form["scope"].value() or "").split()
        client_id = form["client_id"].value()
        context["client"] = connections.client_of(client_id)
        context["host"] = urlsplit(form["redirect_uri"].value() or "").netloc
        context["asked"] = [(name, scopes.WORDS[name]) for name in asked if name in scopes.WORDS]
        return context

    def form_invalid(self, form: ConsentForm) -> HttpResponse:
        if connections.client_of(form["client_id"].value()) is None:
            return self.render_to_response({}, status=HTTPStatus.BAD_REQUEST)
        return self.render_to_response(self.get_context_data(form=form), status=HTTPStatus.UNPROCESSABLE_ENTITY)

    def form_valid(self, form: ConsentForm) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
            client = connections.client_of(form.cleaned_data["client_id"])
            if client is not None and form.cleaned_data.get("allow"):
                granted = form.cleaned_data["scope"].split()
                connections.note_consent(client=client, by=self.request.user, granted=granted, at=timezone.now())
        return response

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **kwargs)
        client = context.get("client")
        if client is not None:
            # The answer to this form leads to the wallet, and browsers hold that against the page that sent it.
            origin = "https://" + urlsplit(client.about).netloc
            response._csp_update = {"form-action": [origin]}  # type: ignore[attr-defined]
        return response


@answering.for_programs("POST")
def token(request: HttpRequest) -> HttpResponse:
    """Codes and refresh tokens for access tokens. Public; whoever asks proves with what it has."""
    if not request.POST.get("grant_type"):
        return answering.error("invalid_request", description="grant_type is missing.")
    if request.POST["grant_type"] == metadata.PRE_AUTHORIZED:
        return _pre_authorized(request)
    by_code = request.POST.get("grant_type") == "authorization_code"
    with transaction.atomic():
        response = _library_token(request)
        if response.status_code != HTTPStatus.OK and by_code:
            # The library keeps the token before it finds that another request has used the code up.
            transaction.set_rollback(True)
    if response.status_code != HTTPStatus.OK and by_code:
        connections.end_what_came_of(request.POST.get("code", ""), at=timezone.now())
    return _asking_for_basic(response)


def _asking_for_basic(response: HttpResponse) -> HttpResponse:
    """RFC 6749, section 5.2: who did not show which client it is is told how to; the library names a token instead."""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Basic realm="wallets"'
    return response


def _pre_authorized(request: HttpRequest) -> HttpResponse:
    form = request.POST
    try:
        wanted = details.read(form["authorization_details"]) if "authorization_details" in form else []
        granted = offers.redeem(
            code=form.get("pre-authorized_code", ""), number=form.get("tx_code"), wanted=wanted, at=timezone.now()
        )
    except details.BadDetails as refusal:
        return answering.error("invalid_authorization_details", description=str(refusal))
    except offers.NotRedeemed as refusal:
        return answering.error(refusal.error, description=str(refusal))
    answer = {"access_token": granted.access_token, "token_type": "Bearer", "expires_in": granted.seconds}
    return JsonResponse(answer | ({"authorization_details": granted.details} if wanted else {}))


@answering.for_programs("POST")
def revoke(request: HttpRequest) -> HttpResponse:
    """RFC 7009. Public; a wallet proves that it is the one whom the token was given."""
    return _asking_for_basic(_library_revocation(request))


@answering.for_programs("POST", times=10)
def register(request: HttpRequest) -> HttpResponse:
    """RFC 7591. Public: a wallet that registers may ask learners, and is shown nothing before one agrees."""
    body = answering.object_of(request)
    if body is None:
        return answering.error("invalid_client_metadata", description="The body must be a JSON object.")
    try:
        registered = registration.register(body)
    except registration.BadMetadata as refusal:
        return answering.error(refusal.error, description=str(refusal))
    return JsonResponse(registration.described(registered), status=HTTPStatus.CREATED)


@answering.for_programs("GET")
def describe_server(_request: HttpRequest) -> HttpResponse:
    """RFC 8414. Public."""
    return answering.document(metadata.of_authorization_server())

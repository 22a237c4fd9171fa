"""Another host of badges: registers, is let in by a learner, and asks; it shares no line with the site."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from portal.accounts.models import User
from tests.credentials.exchange.small_wallet import challenge_of

Json = dict[str, Any]
SCOPE = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"
READ, ADD = f"{SCOPE}credential.readonly", f"{SCOPE}credential.upsert"
PROFILE, CHANGE = f"{SCOPE}profile.readonly", f"{SCOPE}profile.update"
RECORDS = "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.readonly"
STAY = "offline_access"
HOME = "https://host.example.org"


def registration(**changes: Any) -> Json:
    return {
        "client_name": "Hall of badges",
        "client_uri": HOME,
        "logo_uri": f"{HOME}/logo.png",
        "tos_uri": f"{HOME}/terms",
        "policy_uri": f"{HOME}/privacy",
        "software_id": "hall",
        "software_version": "1.0",
        "redirect_uris": [f"{HOME}/back"],
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": " ".join((READ, ADD, PROFILE, CHANGE, STAY)),
    } | changes


@dataclass
class Host:
    """What such a host keeps of one learner's house."""

    description: Json = field(default_factory=dict)
    client_id: str = ""
    secret: str = ""
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    access: str = ""
    refresh: str = ""
    client: Client = field(default_factory=Client)

    # --- finding the way ------------------------------------------------------------------------------------------

    def discover(self, at: str = "/ims/ob/v3p0/discovery") -> "Host":
        self.description = self.client.get(at).json()
        return self

    @property
    def scheme(self) -> Json:
        return dict(self.description["components"]["securitySchemes"]["OAuth2ACG"])

    @property
    def flow(self) -> Json:
        return dict(self.scheme["flows"]["authorizationCode"])

    def register(self, **changes: Any) -> "Host":
        answer = self.post_json(self.scheme["x-imssf-registrationUrl"], registration(**changes))
        assert answer.status_code == 201, answer.content
        self.client_id, self.secret = answer.json()["client_id"], answer.json()["client_secret"]
        return self

    def request(self, *scopes: str, **changes: str | None) -> str:
        """Where the learner's browser is sent."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": f"{HOME}/back",
            "scope": " ".join(scopes),
            "state": "pebble",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        } | changes
        query = urlencode({name: value for name, value in asked.items() if value is not None})
        return f"{urlsplit(self.flow['authorizationUrl']).path}?{query}"

    # --- tokens ---------------------------------------------------------------------------------------------------

    def token(self, **form: str | None) -> Any:
        basic = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        sent = {name: value for name, value in form.items() if value is not None}
        path = urlsplit(self.flow["tokenUrl"]).path
        answer = self.client.post(path, sent, headers={"Authorization": f"Basic {basic}"})
        if answer.status_code == 200:
            self.access, self.refresh = answer.json()["access_token"], answer.json().get("refresh_token", "")
        return answer

    def redeem(self, code: str, **changes: str | None) -> Any:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": f"{HOME}/back",
            "code_verifier": self.verifier,
        } | changes
        return self.token(**form)

    def renew(self, token: str | None = None) -> Any:
        return self.token(grant_type="refresh_token", refresh_token=token or self.refresh)

    def revoke(self, token: str, **form: str) -> Any:
        basic = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        path = "/oauth/revoke"
        return self.client.post(path, {"token": token, **form}, headers={"Authorization": f"Basic {basic}"})

    # --- the API --------------------------------------------------------------------------------------------------

    def get(self, name: str, **query: Any) -> Any:
        return self.client.get(f"/ims/ob/v3p0/{name}", query, headers={"Authorization": f"Bearer {self.access}"})

    def put(self, name: str, body: Json) -> Any:
        return self.client.put(
            f"/ims/ob/v3p0/{name}",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.access}"},
        )

    def post(self, name: str, text: str, content_type: str = "application/json") -> Any:
        return self.client.post(
            f"/ims/ob/v3p0/{name}",
            text,
            content_type=content_type,
            headers={"Authorization": f"Bearer {self.access}"},
        )

    def post_json(self, url: str, body: Any) -> Any:
        return self.client.post(urlsplit(url).path, json.dumps(body), content_type="application/json")


def agree(host: Host, learner: User, *scopes: str, granted: tuple[str, ...] | None = None) -> Any:
    """The learner reads the page and agrees to what is asked for, or to a part of it; answer where that leads."""
    browser = Client()
    browser.force_login(learner)
    page = browser.get(host.request(*scopes))
    assert page.status_code == 200, page.content
    form = {bound.name: bound.value() or "" for bound in page.context["form"].hidden_fields()}
    ticked = list(scopes if granted is None else granted)
    return browser.post("/oauth/authorize/", form | {"granted": ticked, "allow": "yes"})


def code_in(answer: Any) -> str:
    return parse_qs(urlsplit(answer["Location"]).query)["code"][0]


def connected(learner: User, *scopes: str, at: str = "/ims/ob/v3p0/discovery", **registered: Any) -> Host:
    """A host that began at this description, and that the learner has let in."""
    host = Host().discover(at).register(**registered)
    assert host.redeem(code_in(agree(host, learner, *scopes))).status_code == 200
    return host

"""A wallet that the small college knows, and how it asks a learner to be let in."""

from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone
from oauth2_provider.models import get_access_token_model, set_token_value

from credentials.exchange import scopes
from credentials.models import WalletClient
from portal.accounts.models import User

CLIENT_ID = "6f0c3f1e-4ed5-4b6c-9a51-51d5c2a1f001"
HOME = "https://wallet.example.org"
REQUEST = "?" + urlencode(
    {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": f"{HOME}/back",
        "scope": f"{scopes.READ_CREDENTIALS} {scopes.READ_PROFILE} {scopes.STAY_CONNECTED}",
        "state": "pebble",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
)


def connect(learner: User) -> WalletClient:
    """The wallet, let in by the learner to read what they hold."""
    client = WalletClient.objects.create(
        client_id=CLIENT_ID,
        client_secret="never used",
        hash_client_secret=False,
        client_type=WalletClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=WalletClient.GRANT_AUTHORIZATION_CODE,
        name="Rucksack",
        redirect_uris=f"{HOME}/back",
        about=HOME,
        logo=f"{HOME}/logo.png",
        terms=f"{HOME}/terms",
        policy=f"{HOME}/privacy",
        software_id="rucksack",
        software_version="1",
        scope=" ".join(scopes.WORDS),
    )
    token = get_access_token_model()(
        user=learner,
        application=client,
        scope=scopes.READ_CREDENTIALS,
        expires=timezone.now() + timedelta(hours=1),
    )
    set_token_value(token, "pebble")
    token.save()
    return client

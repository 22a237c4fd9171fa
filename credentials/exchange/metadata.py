"""What programs read first: where the endpoints are, and what each of them takes (RFC 8414, OpenID4VCI 1.0)."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from credentials import addresses
from credentials.exchange import scopes
from credentials.models import Issuer, WalletCopy
from credentials.standards.contexts import CREDENTIALS_V2, OPEN_BADGES_EXTENSIONS, OPEN_BADGES_V3

Json = dict[str, Any]

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
_BASIC = ["client_secret_basic"]
PROOF_ALGORITHMS = ["ES256", "EdDSA"]
# Names that stand in offers and in requests of wallets; each is a form of one and the same credential.
CONFIGURATIONS = {"OpenBadge_ldp_vc": WalletCopy.Form.EMBEDDED, "OpenBadge_jwt_vc_json": WalletCopy.Form.TOKEN}


def url_of(name: str) -> str:
    return settings.SITE_URL + reverse(name)


def of_authorization_server() -> Json:
    return {
        "issuer": settings.SITE_URL,
        "authorization_endpoint": url_of("oauth-authorize"),
        "token_endpoint": url_of("oauth-token"),
        "revocation_endpoint": url_of("oauth-revoke"),
        "registration_endpoint": url_of("oauth-register"),
        "scopes_supported": list(scopes.WORDS),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", PRE_AUTHORIZED],
        "token_endpoint_auth_methods_supported": _BASIC,
        "revocation_endpoint_auth_methods_supported": _BASIC,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "authorization_details_types_supported": ["openid_credential"],
        # OpenID4VCI 1.0, section 12.3: a wallet that was given an offer needs no account with us.
        "pre-authorized_grant_anonymous_access_supported": True,
    }


def issuer_id(issuer: Issuer) -> str:
    """The name of an issuer among wallets: its address, which its DID says as well."""
    return addresses.issuer_url(issuer)


def of_credential_issuer(issuer: Issuer) -> Json:
    """OpenID4VCI 1.0, section 12.2.4."""
    return {
        "credential_issuer": issuer_id(issuer),
        "authorization_servers": [settings.SITE_URL],
        "credential_endpoint": url_of("wallet-credential"),
        "nonce_endpoint": url_of("wallet-nonce"),
        "deferred_credential_endpoint": url_of("wallet-deferred"),
        "notification_endpoint": url_of("wallet-notification"),
        "display": [{"name": issuer.name}],
        "credential_configurations_supported": {
            name: _configuration(form, issuer) for name, form in CONFIGURATIONS.items()
        },
    }


def _configuration(form: WalletCopy.Form, issuer: Issuer) -> Json:
    is_token = form is WalletCopy.Form.TOKEN
    definition: Json = {"type": ["VerifiableCredential", "OpenBadgeCredential"]}
    if not is_token:
        definition = {"@context": [CREDENTIALS_V2, OPEN_BADGES_V3, OPEN_BADGES_EXTENSIONS], **definition}
    return {
        "format": form.value,
        "cryptographic_binding_methods_supported": ["did:key", "did:jwk", "jwk"],
        "credential_signing_alg_values_supported": ["ES256"] if is_token else ["eddsa-rdfc-2022"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": PROOF_ALGORITHMS}},
        "credential_definition": definition,
        "credential_metadata": {
            "display": [{"name": f"Open Badge – {issuer.name}", "locale": "en"}],
            "claims": [
                {"path": ["credentialSubject", "achievement", "name"], "display": [{"name": "Achievement"}]},
                {"path": ["awardedDate"], "display": [{"name": "Awarded"}]},
                {"path": ["validUntil"], "display": [{"name": "Valid until"}]},
            ],
        },
    }

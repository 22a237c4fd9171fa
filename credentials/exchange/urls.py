"""The addresses of the exchange with wallets; those that programs look for are spelt out by the standards."""

from django.urls import URLPattern, path

from credentials.exchange.views import badge_connect, issuance, learner, oauth

_OPEN_BADGES, _RECORDS = "ims/ob/v3p0", "ims/clr/v2p0"

urlpatterns: list[URLPattern] = [
    # What a learner sees.
    path("me/wallets/", learner.show_wallets, name="me-wallets"),
    path("me/wallets/<uuid:client_id>/disconnect/", learner.disconnect, name="me-wallet-disconnect"),
    path("me/wallet/<uuid:uuid>/add/", learner.add_to_wallet, name="me-credential-add"),
    path("oauth/authorize/", oauth.Consent.as_view(), name="oauth-authorize"),
    # OAuth 2.
    path("oauth/token", oauth.token, name="oauth-token"),
    path("oauth/revoke", oauth.revoke, name="oauth-revoke"),
    path("oauth/register", oauth.register, name="oauth-register"),
    path(".well-known/oauth-authorization-server", oauth.describe_server, name="oauth-metadata"),
    # Open Badges 3.0, section 6.
    path(f"{_OPEN_BADGES}/credentials", badge_connect.credentials, name="ob-api-credentials"),
    path(f"{_OPEN_BADGES}/profile", badge_connect.profile, name="ob-api-profile"),
    path(f"{_OPEN_BADGES}/discovery", badge_connect.discovery, name="ob-api-discovery"),
    # The CLR Standard 2.0 has the same API.
    path(f"{_RECORDS}/credentials", badge_connect.records, name="clr-api-credentials"),
    path(f"{_RECORDS}/discovery", badge_connect.records_discovery, name="clr-api-discovery"),
    # OpenID4VCI 1.0: the well-known part stands before the issuer's path; drafts had it behind.
    path(".well-known/openid-credential-issuer/issuers/<slug:slug>", issuance.describe_issuer, name="wallet-issuer"),
    path(
        "issuers/<slug:slug>/.well-known/openid-credential-issuer", issuance.describe_issuer, name="wallet-issuer-old"
    ),
    path("wallet/offers/<str:secret>", issuance.show_offer, name="wallet-offer"),
    path("wallet/nonce", issuance.make_nonce, name="wallet-nonce"),
    path("wallet/credential", issuance.hand_out, name="wallet-credential"),
    path("wallet/deferred", issuance.hand_out_later, name="wallet-deferred"),
    path("wallet/notification", issuance.take_notification, name="wallet-notification"),
]

"""Forgets what opens nothing any more: used nonces, offers, codes and tokens whose time has passed."""

from datetime import datetime, timedelta

from oauth2_provider.models import clear_expired

from credentials.models import UsedCode, UsedNonce, WalletClient, WalletOffer

OFFERS_KEPT = timedelta(days=1)
# Long after a code has run out, it may still turn up where it should not.
CODES_KEPT = timedelta(days=30)
# Who registers and is let in by nobody in so long may register again.
UNUSED_KEPT = timedelta(days=90)


def sweep(*, at: datetime) -> None:
    UsedNonce.objects.filter(expires_at__lt=at).delete()
    UsedCode.objects.filter(used_at__lt=at - CODES_KEPT).delete()
    # What was handed out stays to be looked up; an offer that came to nothing need not.
    WalletOffer.objects.filter(expires_at__lt=at - OFFERS_KEPT, transfers__isnull=True).delete()
    # With the settings of the library: codes, access tokens, and refresh tokens that lay unused too long.
    clear_expired()
    WalletClient.objects.filter(
        created__lt=at - UNUSED_KEPT, accesstoken__isnull=True, refreshtoken__isnull=True, grant__isnull=True
    ).delete()

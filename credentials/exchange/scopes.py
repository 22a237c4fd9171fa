"""What a wallet may be allowed to do for a learner, in words that the learner reads before agreeing."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from oauth2_provider.scopes import BaseScopes

_OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"
READ_CREDENTIALS = f"{_OPEN_BADGES}credential.readonly"
ADD_CREDENTIALS = f"{_OPEN_BADGES}credential.upsert"
READ_PROFILE = f"{_OPEN_BADGES}profile.readonly"
CHANGE_PROFILE = f"{_OPEN_BADGES}profile.update"
# Of the Comprehensive Learner Record 2.0, whose API is the same with records in place of credentials.
READ_RECORDS = "https://purl.imsglobal.org/spec/clr/v2p0/scope/credential.readonly"
STAY_CONNECTED = "offline_access"

WORDS: dict[str, Promise] = {
    READ_CREDENTIALS: _("Read all your credentials, those not shared included, and take copies"),
    READ_RECORDS: _("Read the records that you had made of what you earned"),
    ADD_CREDENTIALS: _("Hand in credentials from elsewhere as yours"),
    READ_PROFILE: _("Read your name and your e-mail address"),
    CHANGE_PROFILE: _("Change your name as it is printed on what you earn next"),
    STAY_CONNECTED: _("Go on doing so while you are away, until you disconnect it"),
}


class Scopes(BaseScopes):
    """The scopes above; what a wallet registered for is the most that it may ask learners for."""

    def get_all_scopes(self) -> dict[str, Promise]:
        return WORDS

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        return list(WORDS) if application is None else application.scope.split()

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        # Who asks for nothing in particular is given nothing.
        return []

"""Tells who holds a key: a presentation that answers our challenge was signed with it just now, for this site."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from credentials.standards import data_integrity, data_model, jose
from credentials.standards.contexts import CREDENTIALS_V2
from credentials.verification import any_credential, tokens
from portal.shared import strict_json

Json = dict[str, Any]


class NotShown(Exception):
    """The presentation does not show it; the words say why, to a person."""


def shown_by(text: str, *, challenge: str, at: datetime) -> str:
    """The DID whose key signed this presentation for this site and this challenge. Raises NotShown.

    It may come with its proof inside or as a token, and may hold credentials or none; those it holds are judged too.
    The sites of DIDs may be asked, so never call it while rows are locked.
    """
    document, shown = _read(text)
    wishes = any_credential.Wishes(challenge=challenge, domain=settings.SITE_URL)
    outcome = any_credential.verify_presentation(document, wishes, at=at)
    if outcome.errors:
        raise NotShown(" ".join(part for part in (outcome.errors[0].title, outcome.errors[0].detail) if part))
    if len(shown) != 1:
        raise NotShown(_("It does not say whose key signed it, or was signed with the keys of several."))
    return shown.pop()


def _read(text: str) -> tuple[Json, set[str]]:
    """The presentation, and whose keys it says that it was signed with."""
    plain = text.strip()
    if tokens.COMPACT.match(plain):
        envelope = {
            "@context": [CREDENTIALS_V2],
            "type": data_model.ENVELOPED_PRESENTATION,
            "id": f"data:application/vp+jwt,{plain}",
        }
        try:
            payload = jose.read(plain).payload
        except jose.BadJose as error:
            raise NotShown(str(error)) from error
        owner = data_model.id_of(payload.get("holder")) or str(payload.get("iss", ""))
        return envelope, {owner} - {""}
    try:
        document = strict_json.loads(plain.encode("utf-8", "surrogatepass"))
    except strict_json.BadJson as error:
        raise NotShown(f"{error.path}: {error.words}") from error
    if not isinstance(document, dict):
        raise NotShown(_("This is no presentation."))
    try:
        methods = [str(proof.get("verificationMethod")) for proof in data_integrity.proofs_of(document)]
    except data_integrity.MalformedProof as error:
        raise NotShown(_("Nobody signed this presentation.")) from error
    return document, {method.partition("#")[0] for method in methods}

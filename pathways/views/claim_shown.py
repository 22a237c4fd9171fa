"""How a claim to a credential from elsewhere is shown, to its learner and to those who decide about it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from credentials.check_sheets.results import VERDICTS
from credentials.models import Claim
from credentials.verification import BELIEVED, State, Verdict
from credentials.verification.report import MEANINGS
from credentials.views import showing

# Tone, mark and words of whose it is.
HOLDERS = {
    Claim.Holder.ADDRESS: ("earned", "earned", _("The learner’s, by its e-mail address")),
    Claim.Holder.KEY: ("earned", "earned", _("The learner’s, by the key of their wallet")),
    Claim.Holder.NAME: ("attention", "unknown", _("Bears the same name only")),
    Claim.Holder.SOMEBODY: ("attention", "unknown", _("Issued to another name or address")),
    Claim.Holder.NOT_SHOWN: ("attention", "unknown", _("Does not show whose it is")),
}
# The same, as it is said to the learner.
YOURS = {
    Claim.Holder.ADDRESS: ("earned", "earned", _("Yours, by its e-mail address")),
    Claim.Holder.KEY: ("earned", "earned", _("Yours, by the key of your wallet")),
    Claim.Holder.NAME: ("attention", "unknown", _("Bears your name, which proves little")),
}
_TONES = {"valid": ("earned", "earned"), "expired": ("attention", "expires-soon"), "revoked": ("wrong", "revoked")}


def context(claim: Claim, *, to_learner: bool) -> dict[str, Any]:
    """What the templates of a claim need; `to_learner` is whether the learner reads it, or somebody who decides."""
    verdict = Verdict(claim.verdict) if claim.verdict else None
    holder = Claim.Holder(claim.holder)
    issuer_known = not any(name == "issuer" and State(state) is State.FAILED for name, state, _words in claim.checks)
    return {
        "claim": claim,
        "kind": showing.KINDS[verdict] if verdict else "",
        "believed": verdict in BELIEVED and issuer_known,
        "issuer_known": issuer_known,
        "checks": [
            (MEANINGS[name], words, *showing.STATES[State(state)])
            for name, state, words in claim.checks
            if name in MEANINGS
        ],
        "holder": (to_learner and YOURS.get(holder)) or HOLDERS[holder],
        "links": [(name, url) for name, url in claim.evidence if url.startswith(("https://", "http://"))],
    }


def row(claim: Claim) -> dict[str, Any]:
    """One line of a list; needs its recognitions loaded."""
    kind = showing.KINDS[Verdict(claim.verdict)] if claim.verdict else ""
    tone, mark = _TONES.get(kind, ("attention" if kind else "not-yet", "unknown" if kind else "not-yet"))
    words = VERDICTS[Verdict(claim.verdict)] if claim.verdict else _("Is being checked")
    return {
        "claim": claim,
        "tone": tone,
        "mark": mark,
        "words": words,
        "last": next(iter(claim.recognitions.all()), None),
    }

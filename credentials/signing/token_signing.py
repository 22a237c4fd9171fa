"""Makes credentials into signed tokens (VC-JWT in the form of Open Badges 3.0), for software that reads no proofs.

A token says what the credential says, word for word, and names its subject by a number that means nothing elsewhere:
the form demands a name, and the learner's own would tell more than the credential does. Status lists are made into
tokens as they stand, in the form of VC-JOSE-COSE.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from credentials import addresses, composition
from credentials.keys import key_files, token_keys
from credentials.models import Credential, Issuer, Token, TokenKey
from credentials.signing.signer import SignatureDoubtful
from credentials.standards import jose, open_badges, vc_jose
from portal.shared import outbox

Json = dict[str, Any]
WAIT_FOR_THE_LOG, WAIT_FOR_THE_SWITCH = 5, 60


def sign_tokens(credential_ids: Sequence[int], *, at: datetime) -> Callable[[], None] | None:
    """Sign each credential with each kind of key of its issuer; answer what stores the tokens.

    Raises outbox.Later for what is not in the log yet (I4) and while signing is stopped, outbox.Quarantine for a
    document that fails the check.
    """
    credentials = list(Credential.objects.filter(pk__in=credential_ids).select_related("issuer").order_by("id"))
    if any(credential.state != Credential.State.LOGGED for credential in credentials):
        raise outbox.Later(WAIT_FOR_THE_LOG, "The credential is not in the log yet.")
    there = set(Token.objects.filter(credential__in=credentials).values_list("credential_id", "algorithm"))
    keys: dict[tuple[Issuer, str], TokenKey] = {}
    made = []
    for credential in credentials:
        for algorithm in TokenKey.Algorithm.values:
            if (credential.pk, algorithm) in there:
                continue
            place = credential.issuer, algorithm
            try:
                if place not in keys:
                    keys[place] = token_keys.key_of(*place, at=at)
                text = signed(statement_of(credential), keys[place])
            except key_files.SigningStopped as stopped:
                raise outbox.Later(WAIT_FOR_THE_SWITCH, str(stopped)) from stopped
            made.append(Token(credential=credential, algorithm=algorithm, key=keys[place], text=text, made_at=at))
    return (lambda: _store(made)) if made else None


def statement_of(credential: Credential) -> Json:
    """What a token of the credential says: the body that was frozen, and the name of its subject."""
    body = composition.parsed(credential.body)
    subject = {"id": addresses.subject_id(credential), **body["credentialSubject"]}
    return {**body, "credentialSubject": subject}


def signed(document: Json, key: TokenKey) -> str:
    """The document as a token, verified. Raises outbox.Quarantine, SignatureDoubtful, key_files.KeyRefused."""
    if problems := open_badges.lint(document):
        raise outbox.Quarantine(f"{document.get('id')}: {problems[0].path}: {problems[0].words}")
    # The form of Open Badges 3.0 names the type of the token, not of what is in it.
    return _signed({"typ": "JWT"}, vc_jose.badge_claims(document), key)


def signed_as_it_stands(document: Json, key: TokenKey) -> str:
    """The document as a token of VC-JOSE-COSE, verified. Raises SignatureDoubtful, key_files.KeyRefused."""
    return _signed(vc_jose.header("vc"), document, key)


def _signed(header: Mapping[str, str], claims: Json, key: TokenKey) -> str:
    named = {"alg": key.algorithm, "kid": token_keys.method_id(key), **header}
    text = jose.signed_by(named, claims, lambda content: token_keys.sign(key, content))
    # As a stranger reads it: from the text, by the published key.
    read = jose.read(text)
    try:
        jose.verify(read, jose.public_key_of(key.public_jwk))
    except jose.BadJose as error:
        raise SignatureDoubtful(f"The new token of {claims['id']} does not verify.") from error
    if read.payload != claims:
        raise SignatureDoubtful(f"The new token of {claims['id']} says something else.")
    return text


def _store(made: Sequence[Token]) -> None:
    # A key may have been given up while it signed: what it made is not kept.
    good = set(
        TokenKey.objects.select_for_update(no_key=True)
        .filter(pk__in={token.key_id for token in made}, compromised_at__isnull=True)
        .values_list("pk", flat=True)
    )
    Token.objects.bulk_create([token for token in made if token.key_id in good], ignore_conflicts=True)

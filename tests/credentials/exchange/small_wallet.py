"""A small wallet: reads an offer, redeems it, proves its key and fetches, by HTTP and by code of its own."""

import base64
import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client

Json = dict[str, Any]
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
GRANT = "urn:ietf:params:oauth:grant-type:pre-authorized_code"


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass(frozen=True)
class Key:
    """A key of the wallet, of one of the two kinds."""

    private: Any

    @classmethod
    def ed25519(cls) -> "Key":
        return cls(ed25519.Ed25519PrivateKey.generate())

    @classmethod
    def p256(cls) -> "Key":
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @property
    def algorithm(self) -> str:
        return "EdDSA" if isinstance(self.private, ed25519.Ed25519PrivateKey) else "ES256"

    @property
    def jwk(self) -> Json:
        if self.algorithm == "EdDSA":
            return {"kty": "OKP", "crv": "Ed25519", "x": b64(self.private.public_key().public_bytes_raw())}
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])}

    @property
    def did(self) -> str:
        public = self.private.public_key()
        if self.algorithm == "EdDSA":
            content = b"\xed\x01" + public.public_bytes_raw()
        else:
            content = b"\x80\x24" + public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        number, digits = int.from_bytes(content, "big"), ""
        while number:
            number, digit = divmod(number, 58)
            digits = BASE58[digit] + digits
        return f"did:key:z{digits}"

    @property
    def did_jwk(self) -> str:
        return f"did:jwk:{b64(json.dumps(self.jwk).encode())}"

    def sign(self, header: Json, payload: Json) -> str:
        message = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(payload).encode())}"
        if self.algorithm == "EdDSA":
            signature = self.private.sign(message.encode())
        else:
            r, s = decode_dss_signature(self.private.sign(message.encode(), ec.ECDSA(hashes.SHA256())))
            signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return f"{message}.{b64(signature)}"


@dataclass
class Wallet:
    """Somebody's program, which knows nothing but what the standard tells it."""

    client: Client = field(default_factory=Client)
    key: Key = field(default_factory=Key.ed25519)
    issuer: str = ""
    metadata: Json = field(default_factory=dict)
    token: str = ""

    # --- how it speaks --------------------------------------------------------------------------------------------

    def get(self, url: str) -> Any:
        return self.client.get(_path(url))

    def post(self, url: str, body: object = None, **headers: str) -> Any:
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.post(_path(url), headers={"Authorization": f"Bearer {self.token}", **headers}, **sent)

    # --- the walk -------------------------------------------------------------------------------------------------

    def read(self, link: str) -> Json:
        """Take an offer in, and look up who makes it; answer the grant."""
        address = parse_qs(urlsplit(link).query)["credential_offer_uri"][0]
        offer = self.get(address).json()
        self.issuer = offer["credential_issuer"]
        parts = urlsplit(self.issuer)
        self.metadata = self.get(f"/.well-known/openid-credential-issuer{parts.path}").json()
        assert self.metadata["credential_issuer"] == self.issuer
        assert set(offer["credential_configuration_ids"]) <= set(self.metadata["credential_configurations_supported"])
        return dict(offer["grants"][GRANT])

    def server(self) -> Json:
        [server] = self.metadata["authorization_servers"]
        parts = urlsplit(server)
        found = self.get(f"/.well-known/oauth-authorization-server{parts.path}").json()
        assert found["issuer"] == server
        return dict(found)

    def redeem(self, code: str, number: str | None) -> Any:
        form = {"grant_type": GRANT, "pre-authorized_code": code} | ({} if number is None else {"tx_code": number})
        answer = self.client.post(_path(self.server()["token_endpoint"]), form)
        if answer.status_code == 200:
            self.token = answer.json()["access_token"]
        return answer

    def nonce(self) -> str:
        return str(self.client.post(_path(self.metadata["nonce_endpoint"])).json()["c_nonce"])

    def proof(self, *, header: Json | None = None, key: Key | None = None, **claims: Any) -> str:
        """A proof that holds, but for what is said otherwise."""
        key = key or self.key
        head = {"typ": "openid4vci-proof+jwt", "alg": key.algorithm, "jwk": key.jwk} if header is None else header
        payload = {"aud": self.issuer, "iat": int(time.time())} | claims
        if "nonce" not in payload:
            payload["nonce"] = self.nonce()
        return key.sign(head, {name: value for name, value in payload.items() if value is not None})

    def ask(self, *proofs: str, form: str = "OpenBadge_ldp_vc", **more: Any) -> Any:
        body = {"credential_configuration_id": form, "proofs": {"jwt": list(proofs)}} | more
        return self.post(self.metadata["credential_endpoint"], body)

    def ask_again(self, transaction: str) -> Any:
        return self.post(self.metadata["deferred_credential_endpoint"], {"transaction_id": transaction})

    def tell(self, notification: str, event: str) -> Any:
        body = {"notification_id": notification, "event": event}
        return self.post(self.metadata["notification_endpoint"], body)


def challenge_of(verifier: str) -> str:
    return b64(hashlib.sha256(verifier.encode()).digest())


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")

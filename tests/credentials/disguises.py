"""Hostile files that say the signed thing in a way that programs overlook, or that lean on what libraries let pass.

Their signatures fit, or seem to: what is wrong is that readers of one file would see two things in it.
"""

import base64
import copy
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from credentials.standards import data_integrity, multikey
from credentials.verification import Verdict
from tests.credentials.foreigner import V2, Ecdsa, Foreigner, b64, entry, signed_token
from tests.credentials.hostile import ALTERED, UNCHECKED, UNKNOWN_ISSUER, UNREADABLE, Hostile
from tests.factories import NOON

Json = dict[str, Any]

_OF = "https://www.w3.org/2018/credentials#"
_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"
# Keys of small order: a lax library takes one signature of theirs for every document, or for each second or eighth.
SMALL = [
    b"\x01" + bytes(31),
    b"\xec" + b"\xff" * 30 + b"\x7f",
    bytes(32),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    b"\xee" + b"\xff" * 30 + b"\x7f",
    b"\x01" + bytes(30) + b"\x80",
]
ANY = b"\x01" + bytes(63)


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def _move(name: str, to: str) -> Callable[[Json], None]:
    def change(document: Json) -> None:
        value = document.pop(name)
        document[to] = value if isinstance(value, dict) else {"@value": value, "@type": _TIME}

    return change


def _with(*changes: Callable[[Json], object]) -> Callable[[Json], None]:
    def change(document: Json) -> None:
        for each in changes:
            each(document)

    return change


def context(**terms: object) -> Callable[[Json], None]:
    return lambda document: document["@context"].append(
        {name.replace("at_", "@"): term for name, term in terms.items()}
    )


#: How an end of validity may be hidden without touching the signature.
HIDING: dict[str, Callable[[Json], None]] = {
    "by its full address": _move("validUntil", f"{_OF}validUntil"),
    "by an alias": _with(context(vu={"@id": f"{_OF}validUntil"}), _move("validUntil", "vu")),
    "by a prefix": _with(context(c=_OF), _move("validUntil", "c:validUntil")),
    "by half a name": _with(context(at_vocab=f"{_OF}valid"), _move("validUntil", "Until")),
    "beside it": lambda d: d.update(
        {"@included": [{"id": d["id"], "type": "VerifiableCredential", "validUntil": d.pop("validUntil")}]}
    ),
    "in a nest": lambda d: d.update({"@nest": {"validUntil": d.pop("validUntil")}}),
    "in a nest by another name": _with(context(n="@nest"), lambda d: d.update(n={"validUntil": d.pop("validUntil")})),
    "where it speaks of itself": lambda d: d["credentialSubject"]["https://x.example/of"].update(
        type="VerifiableCredential", validUntil=d.pop("validUntil")
    ),
}


def expired(by: Foreigner) -> Json:
    about = {"id": "did:example:noor", "https://x.example/of": {"id": "https://elsewhere.example/credentials/1"}}
    return by.credential(validUntil="2026-02-01T00:00:00Z", credentialSubject=about)


def _hidden(_document: str) -> Iterator[Hostile]:
    key = Foreigner()
    for name, hide in HIDING.items():
        changed = copy.deepcopy(expired(key))
        hide(changed)
        yield Hostile(f"hidden: the end, {name}", _json(changed), ALTERED)
    told = key.credential(credentialStatus=entry("https://elsewhere.example/status/1"))
    turned = copy.deepcopy(told)
    said = turned.pop("credentialStatus")
    turned["@included"] = [{**said, "@reverse": {f"{_OF}credentialStatus": {"@id": turned["id"]}}}]
    yield Hostile("hidden: the status, turned around", _json(turned), ALTERED)
    for name, left in (("nothing", None), ("none", [])):
        moved = copy.deepcopy(told)
        _move("credentialStatus", f"{_OF}credentialStatus")(moved)
        yield Hostile(f"hidden: the status, {name} left", _json(moved | {"credentialStatus": left}), UNREADABLE)
    soon = key.sign(key.body(), expires="2026-02-01T00:00:00Z")
    proof = soon["proof"][0]
    proof["https://w3id.org/security#expiration"] = {"@value": proof.pop("expires"), "@type": _TIME}
    yield Hostile("hidden: the end of the proof", _json(soon), ALTERED)
    kinds = key.credential(type=["VerifiableCredential", "EnvelopedVerifiableCredential"])
    kinds |= {"type": ["VerifiableCredential"], "@type": ["EnvelopedVerifiableCredential"]}
    yield Hostile("hidden: a type", _json(kinds), ALTERED)
    other = key.credential()
    context(issuer="https://evil.example/issuer")(other)
    yield Hostile("hidden: another meaning of a word", _json(other), ALTERED)


def _weak(_document: str) -> Iterator[Hostile]:
    for place, public in enumerate(SMALL):
        text = multikey.encode_ed25519(public)
        weak = Foreigner(f"did:key:{text}")
        for tried in range(32):
            body = weak.body(id=f"https://elsewhere.example/credentials/{tried}")
            options = data_integrity.proof_options(f"{weak.did}#{text}", NOON)
            document = data_integrity.with_proof(body, options, ANY)
            if _lax(public, data_integrity.hash_data(body, options)):
                break
        yield Hostile(f"weak: key {place} of small order", _json(document), ALTERED)
    text = multikey.encode_ed25519(SMALL[0])
    did = f"did:key:{text}"
    token = signed_token(Foreigner(did).body(), {"alg": "EdDSA", "kid": f"{did}#{text}"}, lambda _message: ANY)
    yield Hostile("weak: a token by a key of small order", token.encode(), ALTERED)
    bodies = {
        "for agreement": b"\xec\x01" + b"\x09" * 32,
        "private": b"\x80\x26" + b"\x07" * 32,
        "cut": b"\xed\x01" + b"\x07" * 31,
        "of no kind": b"\x07" * 32,
    }
    for name, body in bodies.items():
        yield Hostile(f"weak: a did:key {name}", _json(_by(f"did:key:{multikey.encode_multibase(body)}")), ALTERED)
    later = "did:key:" + multikey.encode_multibase(b"\xe7\x01\x02" + b"\x11" * 32)
    yield Hostile("weak: a did:key of a kind not known here", _json(_by(later)), UNCHECKED)


def _lax(public: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(ANY, message)
    except InvalidSignature:
        return False
    return True


def _by(did: str) -> Json:
    key = Foreigner(did)
    return key.sign(key.body(), f"{did}#{did.removeprefix('did:key:')}")


def _shapes(_document: str) -> Iterator[Hostile]:
    key = Foreigner()
    good = key.credential()
    wrong: dict[str, Json] = {
        "several ids": {"id": ["https://a.example/1", "https://a.example/2"]},
        "an id of its own making": {"id": "_:b0"},
        "an issuer by name": {"issuer": "Harvard University"},
        "a subject that is a text": {"credentialSubject": [good["credentialSubject"], "x"]},
        "evidence that is a text": {"evidence": "https://a.example/e"},
        "a schema without an address": {"credentialSchema": {"type": "JsonSchema"}},
        "a name that is a number": {"name": 5},
    }
    for name, change in wrong.items():
        yield Hostile(f"shape: {name}", _json(good | change), UNREADABLE)
    tomorrow = key.sign(key.body(), created="2190-01-01T00:00:00Z")
    yield Hostile("shape: signed in the future, of a stranger", _json(tomorrow), Verdict.NOT_YET_VALID)
    zoneless = key.sign(key.body(), expires="2026-02-01T00:00:00")
    yield Hostile("shape: a proof that ends in no zone", _json(zoneless), ALTERED)
    yield Hostile("shape: contexts in a list of lists", _json(good | {"@context": [[V2]]}), UNREADABLE)
    old = {
        "@context": "https://w3id.org/openbadges/v2",
        "id": "https://evil.example/1",
        "type": "Assertion",
        "recipient": {"type": "email", "hashed": False, "identity": "noor@learner.example"},
        "badge": "https://evil.example/badge",
        "verification": {"type": ["hosted"]},
    }
    yield Hostile("shape: an old badge to be checked in several ways", _json(old), UNREADABLE)
    sealed = {"payload": b64(good), "signatures": [{"protected": b64({"alg": "EdDSA"}), "signature": b64(bytes(64))}]}
    yield Hostile("shape: sealed as Europass has it", _json(sealed), UNCHECKED)
    ecdsa = Ecdsa()
    did = "did:jwk:" + b64(ecdsa.jwk)
    yield Hostile("shape: a suite that the key is not for", _json(key.sign(key.body(issuer=did), f"{did}#0")), ALTERED)
    both = key.body() | {"iss": key.did, "vc": {name: each for name, each in good.items() if name != "proof"}}
    yield Hostile("token: a credential in a credential", key.token(both).encode(), UNREADABLE)
    inner = {"iss": key.did, "vc": both["vc"], "vp": {"type": ["VerifiablePresentation"]}}
    yield Hostile("token: a credential and a presentation", key.token(inner).encode(), UNREADABLE)
    for kind in ("vp+jwt", "openid4vci-proof+jwt", "at+jwt"):
        yield Hostile(f"token: {kind}", key.token(key.body(), {"typ": kind}).encode(), UNREADABLE)
    padded = key.token(key.body()).replace(".", "=.", 1)
    yield Hostile("token: filled up", padded.encode(), UNREADABLE)
    stretched = base64.b64encode(_json(good)).decode()
    yield Hostile("text: base64 and nothing else", stretched.encode(), UNREADABLE)


def _drawings(_document: str) -> Iterator[Hostile]:
    start = b'<svg xmlns="http://www.w3.org/2000/svg" '
    yield Hostile(
        "svg: too many attributes", start + b" ".join(b'a%d="1"' % n for n in range(150_000)) + b"/>", UNREADABLE
    )
    yield Hostile(
        "svg: too many names",
        start + b" ".join(b"xmlns:a%d='u:%d'" % (n, n) for n in range(90_000)) + b"/>",
        UNREADABLE,
    )
    yield Hostile("svg: too deep", start + b">" + b"<g>" * 40_000 + b"</g>" * 40_000 + b"</svg>", UNREADABLE)


_STATED = "Noor, Weaving, Guild"
_HIDDEN = {
    "invisible": f"BT 3 Tr /F1 20 Tf 60 700 Td ({_STATED}) Tj ET",
    "white": f"1 1 1 rg BT /F1 20 Tf 60 700 Td ({_STATED}) Tj ET",
    "tiny": f"BT /F1 0.1 Tf 60 700 Td ({_STATED}) Tj ET",
    "beside the page": f"BT /F1 20 Tf 2000 700 Td ({_STATED}) Tj ET",
    "cut away": f"q 0 0 1 1 re W n BT /F1 20 Tf 60 700 Td ({_STATED}) Tj ET Q",
    "painted over": f"BT /F1 20 Tf 60 700 Td ({_STATED}) Tj ET 1 1 1 rg 0 0 600 900 re f",
}


def paper(content: bytes, marks: str) -> bytes:
    """A PDF of one page, with these marks on it, that carries a document."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = pdf.make_stream(marks.encode())
    pdf.attachments["credential.json"] = content
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _doubled(first: bytes, second: bytes, *, one_name: bool) -> bytes:
    """A PDF in which one program finds the one document, and another the other."""
    pdf = pikepdf.open(io.BytesIO(paper(first, "")))
    names = pdf.Root.Names.EmbeddedFiles.Names
    other = pdf.make_stream(second)
    if one_name:
        file = pikepdf.Dictionary(Type=pikepdf.Name.Filespec, F=names[0], EF=pikepdf.Dictionary(F=other))
        names.append(names[0])
        names.append(pdf.make_indirect(file))
    else:
        names[1].EF.UF = other
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _hidden_words(_document: str) -> Iterator[Hostile]:
    key = Foreigner()
    said = {"@context": [V2, "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"], "name": "Weaving"}
    issuer = {"id": key.did, "type": ["Profile"], "name": "Guild"}
    content = _json(key.credential(**said, issuer=issuer))
    shown = paper(content, f"BT /F1 20 Tf 60 700 Td ({_STATED}) Tj ET")
    yield Hostile("paper: what was signed, to be seen", shown, UNKNOWN_ISSUER)
    changed = content.replace(b"Weaving", b"Surgery")
    yield Hostile("paper: two documents of one name", _doubled(content, changed, one_name=True), UNREADABLE)
    yield Hostile("paper: two forms of one document", _doubled(content, changed, one_name=False), UNREADABLE)
    for name, marks in _HIDDEN.items():
        other = "0 g BT /F1 30 Tf 60 500 Td (Doctor of everything) Tj ET"
        yield Hostile(f"paper: what was signed, {name}", paper(content, f"{marks} {other}"), ALTERED)


KINDS: dict[str, Callable[[str], Iterator[Hostile]]] = {
    "hidden": _hidden,
    "weak": _weak,
    "shapes": _shapes,
    "drawings": _drawings,
    "hidden words": _hidden_words,
}

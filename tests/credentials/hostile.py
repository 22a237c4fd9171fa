"""Hostile files of our own making: what somebody would hand in to be taken for a holder, or to bring a check down.

Made by code from one sound credential, since bombs are small only until they are opened. Each has the one verdict it
must get; those marked as bombs must get it although working through them would never end.
"""

import base64
import copy
import io
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from PIL import Image

from credentials.standards import baking, multikey
from credentials.verification import Verdict
from tests.credentials.foreigner import V2, Ecdsa, Foreigner, b64, entry, signed_token

Json = dict[str, Any]

ALTERED, UNREADABLE = Verdict.ALTERED, Verdict.UNREADABLE
UNCHECKED, UNKNOWN_ISSUER = Verdict.COULD_NOT_BE_CHECKED, Verdict.UNKNOWN_ISSUER


@dataclass(frozen=True)
class Hostile:
    """One file, and what must be said of it."""

    name: str
    content: bytes
    verdict: Verdict
    is_bomb: bool = False


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


# --- tampered -----------------------------------------------------------------------------------------------------


def _tampered(document: str) -> Iterator[Hostile]:
    changes: dict[str, Callable[[Json], object]] = {
        "name": lambda d: d.update(name="Doctor of everything"),
        "holder": lambda d: d["credentialSubject"]["identifier"][1].update(identityHash="Mallory"),
        "credits": lambda d: d["credentialSubject"].update(creditsEarned=300),
        "longer": lambda d: d.update(validUntil="2099-01-01T00:00:00Z"),
        "earlier": lambda d: d.update(validFrom="2001-01-01T00:00:00Z"),
        "no status": lambda d: d.pop("credentialStatus"),
        "status elsewhere": lambda d: d["credentialStatus"].update(statusListCredential="https://evil.example/1"),
        "status out of range": lambda d: d["credentialStatus"].update(statusListIndex="99999999"),
        "another issuer": lambda d: d["issuer"].update(id="did:web:evil.example"),
        "another number": lambda d: d.update(id=d["id"][:-4] + "0000"),
        "undefined term": lambda d: d.update(honours="with distinction"),
        "undefined term within": lambda d: d["credentialSubject"].update(honours="with distinction"),
        "context put before": lambda d: d["@context"].insert(1, "https://w3id.org/security/data-integrity/v2"),
        "context with a default": lambda d: d["@context"].append({"@vocab": "https://evil.example/#"}),
        "context that renames": lambda d: d["@context"].append({"name": "https://schema.org/alternateName"}),
        "context taken away": lambda d: d["@context"].pop(),
        "no proof": lambda d: d.pop("proof"),
        "empty proof": lambda d: d.update(proof=[]),
        "proof of nothing": lambda d: d.update(proof=[{}]),
        "proof for another purpose": lambda d: d["proof"][0].update(proofPurpose="authentication"),
        "proof made earlier": lambda d: d["proof"][0].update(created="2001-01-01T00:00:00Z"),
        "proof value cut": lambda d: d["proof"][0].update(proofValue=d["proof"][0]["proofValue"][:-1]),
        "proof value of zeros": lambda d: d["proof"][0].update(proofValue="z" + "1" * 64),
        "proof value in another base": lambda d: d["proof"][0].update(proofValue="u" + "A" * 86),
        "second proof of nobody": lambda d: d["proof"].append({"type": "DataIntegrityProof"}),
        "key of evil": lambda d: d["proof"][0].update(verificationMethod="did:web:evil.example#k"),
        "holder as type": lambda d: d.update(type=[*d["type"], "https://evil.example/Degree"]),
    }
    for name, change in changes.items():
        changed = json.loads(document)
        change(changed)
        yield Hostile(f"tampered: {name}", _json(changed), ALTERED)
    key = Foreigner()
    unsigned = {name: value for name, value in json.loads(document).items() if name != "proof"}
    did = unsigned["issuer"]["id"]
    yield Hostile("signed by a stranger in our name", _json(key.sign(unsigned, f"{did}#{key.multikey}")), ALTERED)
    yield Hostile("signed by a stranger's own key", _json(key.sign(unsigned, key.method)), ALTERED)
    swapped = copy.deepcopy(unsigned)
    swapped["issuer"]["id"] = key.did
    yield Hostile("our number under a stranger's name", _json(key.sign(swapped)), ALTERED)


def _misspelt(document: str) -> Iterator[Hostile]:
    text = document.encode()
    spelt = {
        "a name twice": text.replace(b'"name":', b'"name":"Doctor","name":', 1),
        "a name twice, deep": text.replace(b'"identityHash":', b'"identityHash":"x","identityHash":', 1),
        "byte order mark": b"\xef\xbb\xbf" + text,
        "UTF-16": document.encode("utf-16-le"),
        "broken UTF-8": text.replace(b'"name":"', b'"name":"\xff', 1),
        "NUL": text.replace(b'"name":"', b'"name":"\\u0000', 1),
        "half a surrogate": text.replace(b'"name":"', b'"name":"\\ud800', 1),
        "not a number": text.replace(b'"@context"', b'"n":NaN,"@context"', 1),
        "infinity": text.replace(b'"@context"', b'"n":-Infinity,"@context"', 1),
        "beyond all numbers": text.replace(b'"@context"', b'"n":1e400,"@context"', 1),
        "endless number": text.replace(b'"@context"', b'"n":' + b"9" * 5_000 + b',"@context"', 1),
        "cut off": text[:-40],
        "two of them": text + text,
        "comment": text.replace(b"{", b"{/* */", 1),
        "nested lists": b"[" * 100_000 + b"]" * 100_000,
        "nested objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "nested within": text.replace(b'"@context"', b'"n":' + b"[" * 60 + b"]" * 60 + b',"@context"', 1),
        "a long text": b'{"a":"' + b"a" * 4_000_000 + b'"}',
        "many members": b"{" + b",".join(b'"%d":1' % n for n in range(200_000)) + b"}",
        "only brackets": b"{" * 4_900_000,
        "empty": b"",
        "zeros": bytes(1_000),
        "too large": b"{" + b" " * 6_000_000 + b"}",
    }
    for name, content in spelt.items():
        yield Hostile(f"misspelt: {name}", content, UNREADABLE)


# --- tokens -------------------------------------------------------------------------------------------------------


def _tokens(document: str) -> Iterator[Hostile]:
    key, ecdsa = Foreigner(), Ecdsa()
    body, ours = key.body(), {name: value for name, value in json.loads(document).items() if name != "proof"}
    for alg in ("none", "None", "nOnE", "HS256", "HS512"):
        yield Hostile(f"token: alg {alg}", f"{b64({'alg': alg})}.{b64(body)}.".encode(), ALTERED)
    sealed = f"{b64({'alg': 'HS256'})}.{b64(body)}.{b64(b'x' * 32)}"
    yield Hostile("token: sealed with a shared secret", sealed.encode(), ALTERED)
    brought = {"alg": "ES256", "jwk": ecdsa.jwk}
    yield Hostile("token: brings its own key", signed_token(body, brought, ecdsa.sign).encode(), ALTERED)
    yield Hostile("token: ours, by a stranger", signed_token(ours, brought, ecdsa.sign).encode(), ALTERED)
    pointing = {"alg": "ES256", "jku": "https://evil.example/keys", "x5u": "https://169.254.169.254/"}
    yield Hostile("token: points to keys", signed_token(body, pointing, ecdsa.sign).encode(), ALTERED)
    path = {"alg": "EdDSA", "kid": "../../etc/passwd"}
    yield Hostile("token: a path for a key", signed_token(body, path, lambda _m: bytes(64)).encode(), ALTERED)
    good = key.token(body)
    head, payload, tail = good.split(".")
    yield Hostile("token: another payload", f"{head}.{b64(body | {'name': 'Doctor'})}.{tail}".encode(), ALTERED)
    yield Hostile("token: signature cut", f"{head}.{payload}.{tail[:-2]}".encode(), ALTERED)
    yield Hostile("token: no signature", f"{head}.{payload}.".encode(), ALTERED)
    yield Hostile("token: sound, of a stranger", good.encode(), UNKNOWN_ISSUER)
    twice = base64.urlsafe_b64encode(b'{"iss":"a","iss":"b"}').rstrip(b"=").decode()
    yield Hostile("token: a name twice", f"{head}.{twice}.{tail}".encode(), UNREADABLE)
    yield Hostile("token: demands", key.token(body, {"crit": ["b64"], "b64": False}).encode(), UNREADABLE)
    yield Hostile("token: two issuers", key.token(body | {"iss": "did:web:evil.example"}).encode(), UNREADABLE)
    yield Hostile("token: a bomb of zeros", b"A" * 390_000 + b"." + b"A" * 100 + b"." + b"A", UNREADABLE)


# --- foreign ------------------------------------------------------------------------------------------------------


def _foreign(_document: str) -> Iterator[Hostile]:
    for did in (
        "did:web:localhost",
        "did:web:127.0.0.1",
        "did:web:2130706433",
        "did:web:0x7f.1",
        "did:web:%5B::1%5D",
        "did:web:169.254.169.254",
        "did:web:metadata.google.internal",
        "did:web:evil.example%3A22",
        "did:web:evil.example:..:..",
        "did:web:user%40evil.example",
        "did:nothing:1",
    ):
        yield Hostile(f"foreign: {did}", _json(Foreigner(did).credential()), UNCHECKED)
    for address in ("https://localhost/1", "https://169.254.169.254/1", "http://evil.example/1", "file:///etc/passwd"):
        signed = Foreigner().credential(credentialStatus=entry(address))
        yield Hostile(f"foreign: status at {address}", _json(signed), UNCHECKED)
    for name, moment, verdict in (
        ("validUntil", "2001-01-01T00:00:00Z", Verdict.EXPIRED),
        ("validFrom", "2190-01-01T00:00:00Z", Verdict.NOT_YET_VALID),
    ):
        yield Hostile(f"foreign: {name}", _json(Foreigner().credential(**{name: moment})), verdict)
        unproven = Foreigner("did:web:evil.invalid").credential(**{name: moment})
        yield Hostile(f"foreign: {name}, by whose key is not known", _json(unproven), UNCHECKED)
    gone = Foreigner().credential(validUntil="2001-01-01T00:00:00Z", credentialStatus=entry("https://localhost/1"))
    yield Hostile("foreign: run out, and its status not to be had", _json(gone), Verdict.EXPIRED)
    for moment in ("2025-03-01T00:00:00", "2025-03-01", "2025-02-30T00:00:00Z", "2025-03-01T00:00:00+15:00", "", 7, []):
        signed = Foreigner().credential(validFrom=moment)
        yield Hostile(f"foreign: begins at {moment!r}", _json(signed), UNREADABLE)
    for moment in ("2025-03-01T00:00:00+14:00", "2025-03-01T00:00:00.12345678901234567890Z"):
        signed = Foreigner().credential(validFrom=moment)
        yield Hostile(f"foreign: begins at {moment}", _json(signed), UNKNOWN_ISSUER)
    turned = Foreigner().credential(validFrom="2190-01-02T00:00:00Z", validUntil="2190-01-01T00:00:00Z")
    yield Hostile("foreign: ends before it begins", _json(turned), UNREADABLE)
    again = Foreigner()
    again.did = f"did:key:{multikey.encode_multibase(multikey.decode_multibase(again.multikey), 'u')}"
    spelt = again.sign(again.body(), f"{again.did}#{again.did.removeprefix('did:key:')}")
    yield Hostile("foreign: its key in another alphabet", _json(spelt), ALTERED)
    unknown = Foreigner().credential()
    unknown["@context"].append("https://evil.example/context.json")
    yield Hostile("foreign: a vocabulary of its own", _json(unknown), UNCHECKED)
    for address in ("file:///etc/passwd", "https://169.254.169.254/", "http://localhost:6379/"):
        leading = Foreigner().credential() | {"@context": [V2, address]}
        yield Hostile(f"foreign: a vocabulary at {address}", _json(leading), UNCHECKED)


def _graphs(_document: str) -> Iterator[Hostile]:
    for count, name in ((9, "nine that point at each other"), (40, "forty that point at each other")):
        nodes = [{"id": f"_:n{n}", "type": "https://x.example/Node"} for n in range(count)]
        for node in nodes:
            node["https://x.example/to"] = [{"id": other["id"]} for other in nodes if other is not node]
        poison = Foreigner().body(
            credentialSubject={"id": "did:example:1", "https://x.example/has": nodes},
        )
        proof = Foreigner().credential()["proof"]
        yield Hostile(f"graph: {name}", _json(poison | {"proof": proof}), ALTERED)
        did = Foreigner("did:web:evil.invalid")
        yield Hostile(f"graph: {name}, unsigned", _json(poison | {"issuer": did.did, "proof": proof}), ALTERED)
    key = Foreigner()
    nodes = [{"id": f"_:n{n}", "type": "https://x.example/Node"} for n in range(10)]
    for node in nodes:
        node["https://x.example/to"] = [{"id": other["id"]} for other in nodes if other is not node]
    poison = key.body(credentialSubject={"id": "did:example:1", "https://x.example/has": nodes})
    proof = copy.deepcopy(key.credential()["proof"])
    yield Hostile("graph: by its own key", _json(poison | {"proof": proof}), UNCHECKED, is_bomb=True)
    deep: Json = {"@vocab": "https://x.example/"}
    for _ in range(10):
        deep = {"a": {"@id": "https://x.example/a", "@context": deep}}
    scoped = key.body() | {"@context": [V2, deep], "proof": proof}
    # They say nothing of what was signed, so that the signature holds, as it should.
    yield Hostile("graph: contexts in contexts", _json(scoped), UNKNOWN_ISSUER)


# --- files --------------------------------------------------------------------------------------------------------


def _png(size: int = 8) -> bytes:
    out = io.BytesIO()
    Image.new("L", (size, size), "white").save(out, "png")
    return out.getvalue()


def empty_png(side: int) -> bytes:
    """A sound picture of one colour, made row by row: small as a file, and far too large when unfolded."""
    packer = zlib.compressobj(9)
    rows = b"".join(packer.compress(bytes(1 + side // 8)) for _ in range(side)) + packer.flush()
    head = struct.pack(">II", side, side) + b"\x01\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _pictures(document: str) -> Iterator[Hostile]:
    picture = _png()
    baked = baking.bake_png(picture, document)
    place = picture.index(b"IDAT") - 4
    keyword = b"openbadgecredential"
    text = keyword + b"\0\0\0\0\0" + document.encode()
    packed = zlib.compress(b"{" * 50_000_000, 9)

    def with_chunks(*chunks: bytes) -> bytes:
        return picture[:place] + b"".join(chunks) + picture[place:]

    yield Hostile("png: changed inside", baked.replace(b"Data literacy", b"Data mastery!"), UNREADABLE)
    yield Hostile("png: two credentials", with_chunks(_chunk(b"iTXt", text), _chunk(b"iTXt", text)), UNREADABLE)
    yield Hostile("png: a packed bomb", with_chunks(_chunk(b"zTXt", keyword + b"\0\0" + packed)), UNREADABLE)
    other = _chunk(b"tEXt", b"openbadges\0https://elsewhere.example/1")
    yield Hostile("png: two credentials of two standards", baked[:33] + other + baked[33:], UNREADABLE)
    yield Hostile(
        "png: a packed bomb, new form",
        with_chunks(_chunk(b"iTXt", keyword + b"\0\1\0\0\0" + packed)),
        UNREADABLE,
    )
    yield Hostile("png: cut off", baked[:-20], UNREADABLE)
    yield Hostile("png: something after it", baked + b"PK\3\4", UNREADABLE)
    yield Hostile("png: a length beyond it", picture[:place] + b"\xff\xff\xff\xff" + baked[place + 4 :], UNREADABLE)
    yield Hostile("png: ten thousand chunks", with_chunks(*[_chunk(b"tEXt", b"a\0b")] * 12_000), UNREADABLE)
    wide = struct.pack(">II", 2**31 - 1, 2**31 - 1) + b"\x08\0\0\0\0"
    yield Hostile("png: two milliard wide", picture[:8] + _chunk(b"IHDR", wide) + picture[33:], UNREADABLE)
    yield Hostile("png: nothing inside", picture, UNREADABLE)
    yield Hostile("png: a link to inside", baking.bake_png(picture, "https://127.0.0.1/1"), UNCHECKED)
    yield Hostile("png: nine hundred million points", empty_png(30_000), UNREADABLE)
    yield Hostile("jpeg: cut off", b"\xff\xd8\xff\xe0" + bytes(100), UNREADABLE)
    yield Hostile("webp: nothing", b"RIFF\x10\0\0\0WEBPVP8 " + bytes(16), UNREADABLE)
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    inside = baking.bake_svg(drawing, document)
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    entity = b'<!DOCTYPE svg [<!ENTITY l0 "lol">' + laughs + b"]>"
    yield Hostile("svg: a milliard laughs", entity + inside.replace(b"><op", b">&l11;<op", 1), UNREADABLE)
    stolen = b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    yield Hostile("svg: a file of ours", stolen + drawing, UNREADABLE)
    yield Hostile("svg: a script", drawing[:-2] + b"><script>alert(1)</script></svg>", UNREADABLE)
    older = b'<o:assertion xmlns:o="http://openbadges.org" verify="https://elsewhere.example/1"/></svg>'
    yield Hostile("svg: two credentials of two standards", inside.replace(b"</svg>", older), UNREADABLE)
    deeper = b"<g>" + older.replace(b"</svg>", b"</g></svg>")
    yield Hostile("svg: a second credential, deeper", inside.replace(b"</svg>", deeper), UNREADABLE)
    mastery = inside.replace(b"Data literacy", b"Data mastery")
    yield Hostile("svg: changed inside", mastery, ALTERED)
    script = mastery.replace(b"</svg>", b'<script href="https://evil.example/x.js"/></svg>')
    yield Hostile("svg: changed, with a script", script, ALTERED)
    yield Hostile("svg: nested", b"<g>" * 200_000, UNREADABLE)
    yield Hostile("svg: page", b"<!doctype html><script>alert(1)</script>", UNREADABLE)


def _pdf(*attachments: bytes, text: str = "", **members: Any) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    for number, content in enumerate(attachments):
        pdf.attachments[f"{number}.json"] = content
    if text:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        pdf.pages[0].Contents = pdf.make_stream(f"BT /F1 12 Tf 50 500 Td ({text}) Tj ET".encode())
    for name, value in members.items():
        pdf.Root[f"/{name}"] = value
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def _papers(document: str) -> Iterator[Hostile]:
    content = document.encode()
    yield Hostile("pdf: another page around it", _pdf(content, text="Mallory is a Doctor of everything"), ALTERED)
    changed = content.replace(b"Data literacy", b"Data mastery")
    yield Hostile("pdf: changed inside", _pdf(changed), ALTERED)
    yield Hostile("pdf: two documents", _pdf(content, changed), UNREADABLE)
    long = b'\xef\xbb\xbf {"n":"' + b"x" * 300_000 + content[1:]
    yield Hostile("pdf: two documents, one too long to be read", _pdf(content, long), UNREADABLE)
    yield Hostile("pdf: nothing inside", _pdf(), UNREADABLE)
    yield Hostile("pdf: twenty files", _pdf(*[b"{%d" % n for n in range(20)]), UNREADABLE)
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    yield Hostile("pdf: a script", _pdf(changed, OpenAction=script), ALTERED)
    yield Hostile("pdf: cut off", _pdf(content)[:400], UNREADABLE)
    yield Hostile("pdf: only its name", b"%PDF-1.7\n", UNREADABLE)
    yield Hostile("pdf: a ring of references", b"%PDF-1.7\n1 0 obj 1 0 R endobj trailer<</Root 1 0 R>>", UNREADABLE)
    out = io.BytesIO()
    locked = pikepdf.open(io.BytesIO(_pdf(content)))
    locked.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    yield Hostile("pdf: locked", out.getvalue(), UNREADABLE)
    packed = zlib.compressobj(9)
    head = packed.compress(b"{") + packed.flush(zlib.Z_FULL_FLUSH)
    block = packed.compress(b"{" * 1_000_000) + packed.flush(zlib.Z_FULL_FLUSH)
    bomb = pikepdf.new()
    bomb.add_blank_page()
    bomb.attachments["bomb.json"] = b"{}"
    bomb.attachments["bomb.json"].get_file().obj.write(head + block * 4_000, filter=pikepdf.Name.FlateDecode)
    out = io.BytesIO()
    bomb.save(out)
    yield Hostile("pdf: four milliard brackets", out.getvalue(), UNREADABLE, is_bomb=True)
    many = pikepdf.new()
    for _ in range(600):
        many.add_blank_page()
    out = io.BytesIO()
    many.save(out)
    yield Hostile("pdf: six hundred pages", out.getvalue(), UNREADABLE)


def _tangled(count: int) -> list[Json]:
    nodes: list[Json] = [{"id": f"_:n{n}"} for n in range(count)]
    for node in nodes:
        node["https://x.example/to"] = [{"id": other["id"]} for other in nodes if other is not node]
    return nodes


def _weights(_document: str) -> Iterator[Hostile]:
    """What weighs much more than it looks: once many of a thing that is heavy, or a step that compares all with all."""
    start = b'<svg xmlns="http://www.w3.org/2000/svg"'
    names = start + b' xmlns:a="' + b"u" * 400_000 + b'">' + b"<a:b/>" * 90_000 + b"</svg>"
    yield Hostile("weight: a long namespace before many names", names, UNREADABLE)
    inherited = start + b'><g xmlns="' + b"u" * 2_000_000 + b'">' + b"<b/>" * 90_000 + b"</g></svg>"
    yield Hostile("weight: a long namespace for all of them", inherited, UNREADABLE)
    sheet = b'{"type":"CheckSheet","lines":[' + b"[]," * 690_000 + b"1]}"
    yield Hostile("weight: a sheet of lists", sheet, UNREADABLE)
    key = Foreigner()
    subject = {"id": "did:example:1"} | {f"https://x.example/{n}": [f"t{i}" for i in range(400)] for n in range(20)}
    proof = key.credential()["proof"]
    yield Hostile(
        "weight: all compared with all", _json(key.body(credentialSubject=subject) | {"proof": proof}), UNCHECKED
    )
    badges, records = (
        f"https://purl.imsglobal.org/spec/{name}"
        for name in ("ob/v3p0/context-3.0.3.json", "clr/v2p0/context-2.0.1.json")
    )
    repeated = key.body() | {"@context": [V2, *[badges, records] * 200], "proof": proof}
    yield Hostile("weight: four hundred contexts", _json(repeated), UNCHECKED)
    numbers = key.body() | {"proof": proof, "n": [1] * 80_000}
    yield Hostile("weight: eighty thousand numbers", _json(numbers), UNCHECKED)
    poison = key.body(credentialSubject={"id": "did:example:1", "https://x.example/has": _tangled(10)}) | {
        "proof": proof
    }
    held = {"type": ["ClrSubject"], "verifiableCredential": [poison | {"id": f"urn:x:{n}"} for n in range(25)]}
    said = {"@context": [V2, records, badges], "type": ["VerifiableCredential", "ClrCredential"], "name": "All"}
    record = _json(key.body(**said, credentialSubject=held) | {"proof": proof})
    yield Hostile("weight: a record of bombs", record, UNCHECKED, is_bomb=True)
    endorsed = key.body(**{"@context": [V2, badges]}) | {
        "proof": proof,
        "endorsement": [poison | {"id": f"urn:x:{n}"} for n in range(8)],
    }
    yield Hostile("weight: endorsed by bombs", _json(endorsed), UNCHECKED, is_bomb=True)


# All of a kind, made from the signed document of one of our credentials.
KINDS: dict[str, Callable[[str], Iterator[Hostile]]] = {
    "tampered": _tampered,
    "misspelt": _misspelt,
    "tokens": _tokens,
    "foreign": _foreign,
    "graphs": _graphs,
    "pictures": _pictures,
    "papers": _papers,
    "weights": _weights,
}

"""Signed heads of the transparency log (C2SP tlog-checkpoint in C2SP signed-note), as text that people can read too.

A checkpoint is the name of the log, its size and its root hash, one a line; signatures follow after an empty line.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ED25519 = b"\x01"
_COSIGNATURE = b"\x04"
_SIGNATURE_MARK = "— "
_MAX_CHARACTERS = 65_536
_MAX_SIGNATURES = 100
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f]+\Z")
_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,17})\Z", re.ASCII)
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")


class BadNote(ValueError):
    """The text is not a signed note, or not one that holds a checkpoint."""


class NotSigned(Exception):
    """No signature on the note is a valid one of the key asked for."""


@dataclass(frozen=True)
class Checkpoint:
    """The head of a log: its name, how many leaves it has, and the root over them."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The text that is signed, ended by a newline (tlog-checkpoint, "Note text"); raises BadNote."""
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode("ascii"), *self.extensions]
        if len(self.root) != hashlib.sha256().digest_size or not 0 <= self.size < 10**18:
            raise BadNote("A checkpoint has a size and a root of 32 bytes.")
        if any(not line or _CONTROL.search(line) or "\n" in line for line in lines):
            raise BadNote("A line of a checkpoint is empty or holds a control character.")
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: who claims to have signed, the four bytes that hint at the key, and the signature."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True)
class SignedNote:
    """A text with its signatures, none of them checked yet."""

    text: str
    signatures: Sequence[NoteSignature] = field(default_factory=tuple)


def key_id(name: str, public_key: bytes) -> bytes:
    """The first 4 bytes of SHA-256 over name, newline, 0x01 and the 32 byte Ed25519 key (signed-note, "Signatures")."""
    return _key_id(_ED25519, name, public_key)


def verifier_key(name: str, public_key: bytes) -> str:
    """The key as others configure it: `name+hex key id+base64(0x01 ‖ key)` (signed-note, "Verifier keys")."""
    return _key_text(_ED25519, name, public_key)


def parse_verifier_key(text: str) -> tuple[str, bytes]:
    """Name and 32 byte Ed25519 public key of a verifier key; raises BadNote where its parts do not agree."""
    return _parse_key(_ED25519, text, "The text is not the verifier key of an Ed25519 key.")


def signed(checkpoint: Checkpoint, *, name: str, public_key: bytes, sign: Callable[[bytes], bytes]) -> str:
    """The signed note of a checkpoint. `sign` turns its UTF-8 text into an Ed25519 signature. Raises BadNote."""
    text = checkpoint.text()
    return f"{text}\n{_signature_line(name, key_id(name, public_key), sign(text.encode('utf-8')))}"


def with_signature(note: str, signature: NoteSignature) -> str:
    """The note with one more line at its end, as from a witness; raises BadNote."""
    parse_note(note)
    return note + _signature_line(signature.name, signature.key_id, signature.signature)


def witness_key(name: str, public_key: bytes) -> str:
    """The key of a witness as others configure it (C2SP tlog-cosignature): another type, so another key id."""
    return _key_text(_COSIGNATURE, name, public_key)


def parse_witness_key(text: str) -> tuple[str, bytes]:
    """Name and 32 byte Ed25519 public key of a witness; raises BadNote where its parts do not agree."""
    return _parse_key(_COSIGNATURE, text, "The text is not the key of a witness.")


def cosigned_message(text: str, at: int) -> bytes:
    """What a witness signs: the head, and when it was seen to extend those before (tlog-cosignature, "Format")."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def cosignature_line(name: str, public_key: bytes, at: int, signature: bytes) -> str:
    """The line that a witness adds to a note; raises BadNote."""
    return _signature_line(name, _witness_key_id(name, public_key), at.to_bytes(8, "big") + signature)


def cosigned_at(note: SignedNote, *, name: str, public_key: bytes) -> tuple[int, str]:
    """When this witness cosigned the head, in seconds since 1970, and its line; raises NotSigned."""
    wanted = _witness_key_id(name, public_key)
    key = Ed25519PublicKey.from_public_bytes(public_key)
    for line in note.signatures:
        if (line.name, line.key_id) != (name, wanted) or len(line.signature) != 72:
            continue
        at = int.from_bytes(line.signature[:8], "big")
        if _is_valid(key, line.signature[8:], cosigned_message(note.text, at)):
            return at, _signature_line(name, wanted, line.signature)
    raise NotSigned(f"The note bears no valid cosignature of {name}.")


def _witness_key_id(name: str, public_key: bytes) -> bytes:
    return _key_id(_COSIGNATURE, name, public_key)


def _key_id(kind: bytes, name: str, public_key: bytes) -> bytes:
    _check_name(name)
    return hashlib.sha256(name.encode("utf-8") + b"\n" + kind + public_key).digest()[:4]


def _key_text(kind: bytes, name: str, public_key: bytes) -> str:
    encoded = base64.b64encode(kind + public_key).decode("ascii")
    return f"{name}+{_key_id(kind, name, public_key).hex()}+{encoded}"


def _parse_key(kind: bytes, text: str, otherwise: str) -> tuple[str, bytes]:
    name, _, rest = text.partition("+")
    hint, _, encoded = rest.partition("+")
    content = _decode(encoded)
    if len(content) != 33 or content[:1] != kind or _key_id(kind, name, content[1:]).hex() != hint:
        raise BadNote(otherwise)
    return name, content[1:]


def parse_note(note: str) -> SignedNote:
    """Text and signatures of a signed note, nothing checked yet (signed-note, "Format"); raises BadNote."""
    if len(note) > _MAX_CHARACTERS or _CONTROL.search(note):
        raise BadNote("The note is too long or holds a control character.")
    before, separator, after = note.rpartition("\n\n")
    lines = after.split("\n")
    if not separator or not before or lines.pop() != "" or not 0 < len(lines) <= _MAX_SIGNATURES:
        raise BadNote("The note has no signatures after an empty line.")
    return SignedNote(f"{before}\n", tuple(map(_parse_signature, lines)))


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in the text of a note (tlog-checkpoint, "Note text"); raises BadNote."""
    lines = text.removesuffix("\n").split("\n")
    if len(lines) < 3:
        raise BadNote("A checkpoint has three lines or more.")
    origin, size, root, *extensions = lines
    if not _SIZE.match(size):
        raise BadNote("The second line of a checkpoint is its size.")
    checkpoint = Checkpoint(origin, int(size), _decode(root), tuple(extensions))
    if checkpoint.text() != text:
        raise BadNote("The checkpoint is not written in the one proper way.")
    return checkpoint


def verify(note: str, *, name: str, public_key: bytes, origin: str | None = None) -> Checkpoint:
    """The checkpoint of a note that this key signed, signatures of others being passed over (signed-note, "Verifying").

    With `origin`, a checkpoint of another log is refused. Raises BadNote, or NotSigned where no line of this name and
    key id is a valid signature.
    """
    parsed = parse_note(note)
    wanted = key_id(name, public_key)
    signatures = [line.signature for line in parsed.signatures if (line.name, line.key_id) == (name, wanted)]
    key = Ed25519PublicKey.from_public_bytes(public_key)
    if not any(_is_valid(key, signature, parsed.text.encode("utf-8")) for signature in signatures):
        raise NotSigned(f"The note bears no valid signature of {name}.")
    checkpoint = parse_checkpoint(parsed.text)
    if origin is not None and checkpoint.origin != origin:
        raise BadNote(f"The checkpoint is of the log {checkpoint.origin!r}, not of {origin!r}.")
    return checkpoint


def _is_valid(key: Ed25519PublicKey, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _signature_line(name: str, hint: bytes, signature: bytes) -> str:
    _check_name(name)
    if len(hint) != 4 or not signature:
        raise BadNote("A signature line has a key id of 4 bytes and a signature.")
    return f"{_SIGNATURE_MARK}{name} {base64.b64encode(hint + signature).decode('ascii')}\n"


def _parse_signature(line: str) -> NoteSignature:
    if not line.startswith(_SIGNATURE_MARK):
        raise BadNote("A signature line begins with a dash.")
    name, _, encoded = line.removeprefix(_SIGNATURE_MARK).partition(" ")
    _check_name(name)
    content = _decode(encoded)
    if len(content) < 5:
        raise BadNote("A signature line has a key id and a signature.")
    return NoteSignature(name, content[:4], content[4:])


def _check_name(name: str) -> None:
    if not _NAME.match(name):
        raise BadNote(f"{name!r} cannot be the name of a key.")


def _decode(encoded: str) -> bytes:
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote("The text is not base64.") from error
    if base64.b64encode(content).decode("ascii") != encoded:
        raise BadNote("The base64 is not written in the one proper way.")
    return content

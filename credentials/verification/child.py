"""The child process in which foreign documents are worked through: it may be ended at any moment, and knows no secret.

Run as a script by `limits`; it knows the pure core and nothing of Django. Each question and each answer is a JSON
object after its length in four bytes.
"""

import base64
import io
import json
import resource
import struct
import sys
from typing import Any, BinaryIO

import pikepdf

from credentials.standards import data_integrity, linked_data, multikey
from credentials.standards.contexts import UnknownContext

MEMORY = 1024 * 1024 * 1024
MAX_ATTACHMENTS = 16
MAX_ATTACHMENT_BYTES = 256 * 1024

Json = dict[str, Any]


def proof(question: Json) -> Json:
    """Whether one proof of a document holds under a key."""
    try:
        data_integrity.verify_proof(
            question["document"], question["proof"], multikey.decode_key(question["key"]).content
        )
    except data_integrity.BadSignature as error:
        return {"outcome": "bad-signature", "words": str(error)}
    except data_integrity.UnsupportedProof as error:
        return {"outcome": "unsupported", "words": str(error)}
    except data_integrity.ProofError as error:
        return {"outcome": "malformed", "words": str(error)}
    except (UnknownContext, linked_data.BadDocument) as error:
        return _unfit(error)
    return {"outcome": "holds"}


def covered(question: Json) -> Json:
    """Whether a signature would cover every part of a document, for one whose key is not to be had."""
    document = {name: value for name, value in question["document"].items() if name != "proof"}
    try:
        linked_data.canonical_n_quads(document)
    except (UnknownContext, linked_data.BadDocument) as error:
        return _unfit(error)
    return {"outcome": "holds"}


def _unfit(error: UnknownContext | linked_data.BadDocument) -> Json:
    match error:
        case UnknownContext():
            return {"outcome": "unknown-context", "words": error.url}
        case linked_data.DataLoss():
            return {"outcome": "not-covered", "words": error.words, "path": error.path}
        case linked_data.TooLarge():
            return {"outcome": "too-large", "words": error.words, "path": error.path}
    return {"outcome": "bad-document", "words": error.words, "path": error.path}


def pdf(question: Json) -> Json:
    """The texts of the JSON files that a PDF carries."""
    content = io.BytesIO(base64.b64decode(question["content"]))
    try:
        with pikepdf.open(content) as opened:
            if len(opened.attachments) > MAX_ATTACHMENTS:
                return {"outcome": "too-large"}
            found = {}
            for name, specification in opened.attachments.items():
                attached = specification.get_file().read_bytes()
                if len(attached) <= MAX_ATTACHMENT_BYTES and attached.lstrip()[:1] in (b"{", b"e"):
                    # A document attached under two names is one document.
                    found[attached] = name
    except pikepdf.PasswordError:
        return {"outcome": "locked"}
    return {"outcome": "read", "found": [base64.b64encode(text).decode("ascii") for text in found]}


ACTS = {"proof": proof, "covered": covered, "pdf": pdf}


def read(source: BinaryIO) -> Json | None:
    """The next question; None when whoever asks is gone."""
    head = source.read(4)
    if len(head) < 4:
        return None
    question: Json = json.loads(source.read(struct.unpack(">I", head)[0]))
    return question


def write(target: BinaryIO, answer: Json) -> None:
    content = json.dumps(answer).encode("ascii")
    target.write(struct.pack(">I", len(content)) + content)
    target.flush()


def main() -> None:
    # Not every system can limit itself; the time limit of the parent holds everywhere.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    write(target, {"outcome": "ready"})
    while (question := read(source)) is not None:
        try:
            answer = ACTS[question["act"]](question)
        except MemoryError:
            answer = {"outcome": "too-large", "words": "The document takes too much memory.", "path": "$"}
        except Exception as error:
            # Libraries meet hostile input in ways of their own; whatever went wrong, nothing was found to hold.
            answer = {"outcome": "broken", "words": type(error).__name__, "path": "$"}
        write(target, answer)


if __name__ == "__main__":
    main()

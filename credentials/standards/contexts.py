"""The JSON-LD contexts we sign and check with: a fixed set on disk, and nothing from the network."""

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
EXAMPLES_V2 = "https://www.w3.org/ns/credentials/examples/v2"
DATA_INTEGRITY_V2 = "https://w3id.org/security/data-integrity/v2"
OPEN_BADGES_V3 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OPEN_BADGES_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
CLR_V2 = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
OPEN_BADGES_V2 = "https://w3id.org/openbadges/v2"
DID_V1 = "https://www.w3.org/ns/did/v1"
MULTIKEY_V1 = "https://w3id.org/security/multikey/v1"
JWK_V1 = "https://w3id.org/security/jwk/v1"

FOLDER = Path(__file__).parent / "contexts"


class UnknownContext(Exception):
    """A document names a context outside the fixed set; `url` is its address."""

    def __init__(self, url: str) -> None:
        super().__init__(f"The context {url!r} is not one of those known here.")
        self.url = url


class AlteredContext(Exception):
    """A context file does not have the digest that its index promises: the installation is damaged."""


class ContextSet(Mapping[str, dict[str, Any]]):
    """Contexts by URL, usable as a PyLD document loader.

    The texts are read once. They are shared, so callers must not change them.
    """

    def __init__(self, documents: Mapping[str, dict[str, Any]]) -> None:
        self._documents = dict(documents)

    def __getitem__(self, url: str) -> dict[str, Any]:
        try:
            return self._documents[url]
        except KeyError:
            raise UnknownContext(url) from None

    def __contains__(self, url: object) -> bool:
        return url in self._documents

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def __call__(self, url: str, options: object = None) -> dict[str, Any]:
        """Answer as a JSON-LD 1.1 document loader (JSON-LD 1.1 API, section 9.4); raises UnknownContext."""
        return {
            "contextUrl": None,
            "documentUrl": url,
            # A copy, because processors resolve addresses in what they are given.
            "document": copy.deepcopy(self[url]),
            "contentType": "application/ld+json",
            # PyLD keeps what it has worked out for a context that calls itself static. Ours never change.
            "tag": "static",
        }

    def with_more(self, documents: Mapping[str, dict[str, Any]]) -> "ContextSet":
        """A larger set, for the vectors of tests: their example context would let any term pass."""
        return ContextSet({**self._documents, **documents})


@cache
def known() -> ContextSet:
    """The contexts of `contexts/index.json`; raises AlteredContext where a digest differs."""
    index = json.loads((FOLDER / "index.json").read_bytes())
    return ContextSet({url: _read(FOLDER / entry["file"], entry["sha256"]) for url, entry in index.items()})


@cache
def for_conformance() -> ContextSet:
    """The known contexts and the one of the W3C's examples, which lets any term pass: for test suites, never else."""
    return known().with_more(
        {EXAMPLES_V2: json.loads((FOLDER / "credentials-examples-v2.test-only.json").read_bytes())}
    )


def file_of(url: str) -> bytes | None:
    """The very bytes published at the address of a known context; None for any other."""
    # Of version 1 we have the terms, but not the white space that was published.
    return _files().get(url) if url != CREDENTIALS_V1 else None


@cache
def _files() -> dict[str, bytes]:
    index = json.loads((FOLDER / "index.json").read_bytes())
    return {url: (FOLDER / entry["file"]).read_bytes() for url, entry in index.items()}


def _read(path: Path, sha256: str) -> dict[str, Any]:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise AlteredContext(f"{path.name} does not have the digest given in index.json.")
    document: dict[str, Any] = json.loads(content)
    return document

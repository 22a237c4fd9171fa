#!/usr/bin/env python3
"""Watches a transparency log from outside: nothing in it may change, vanish, or be told to two people in two ways.

In: the log's address, and the key it signs with. It reads what the log publishes for everybody, remembers what it saw
in one file, and says what does not fit: a head that does not extend the one before (rewritten history), two heads of
one size (a fork), a log that shrank, an entry that is not the one its place was made for (a changed row), a change of
status that follows from nothing, and revocations that stand in the log and not in the lists, or the other way round;
and a key to go by that the log says was given up.

Where nothing is found it may cosign the head, as a witness for others. It needs Python 3.11 and `cryptography`; one
file, no line of the site's own code.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import contextlib
import gzip
import hashlib
import json
import re
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

WIDTH = 256
HASH = 32
LARGEST = 32 * 1024 * 1024
SECONDS = 30
MOST_LISTS = 1_000
LOG_KEY, WITNESS_KEY = 1, 4
AGREES, FOUND, CANNOT = 0, 1, 2


class CannotCheck(Exception):
    """Something could not be had or read, so that nothing can be said."""


@dataclass(frozen=True)
class Head:
    """A signed head: the log's name, how many entries it has, the root over them, and the text as it was signed."""

    origin: str
    size: int
    root: bytes
    text: str
    note: str


@dataclass(frozen=True)
class Finding:
    """One thing that does not fit: what kind of thing, and in words what."""

    kind: str
    words: str


# --- signed notes ---------------------------------------------------------------------------------------------------


def key_parts(text: str, kind: int) -> tuple[str, bytes, bytes]:
    """Name, key id and key of `name+hex+base64`."""
    try:
        name, hint, encoded = text.split("+", 2)
        content = base64.b64decode(encoded, validate=True)
    except (ValueError, binascii.Error) as error:
        raise CannotCheck(f"{text!r} is not a key.") from error
    if len(content) != 33 or content[0] != kind or key_id(name, content).hex() != hint:
        raise CannotCheck(f"{text!r} is not a key of the kind that is asked for.")
    return name, key_id(name, content), content[1:]


def key_id(name: str, typed_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + typed_key).digest()[:4]


def lines_of(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a note, and of each line of signature its name with key id and signature."""
    text, separator, rest = note.rpartition("\n\n")
    found = []
    for line in rest.splitlines():
        mark, _, named = line.partition(" ")
        name, _, encoded = named.partition(" ")
        try:
            content = base64.b64decode(encoded, validate=True)
        except binascii.Error as error:
            raise CannotCheck("The head is not a signed note.") from error
        if mark != "—" or len(content) < 5:
            raise CannotCheck("The head is not a signed note.")
        found.append((name, content))
    if not separator or not found:
        raise CannotCheck("The head is not a signed note.")
    return text + "\n", found


def head_of(note: str, keys: Sequence[str]) -> Head:
    """The head in a note that one of these keys signed."""
    text, signatures = lines_of(note)
    for key in keys:
        name, hint, public = key_parts(key, LOG_KEY)
        for signer, content in signatures:
            if (signer, content[:4]) == (name, hint) and holds(public, content[4:], text.encode()):
                return _head(text, note)
    raise CannotCheck("The head is signed by none of the keys that were given. See which the log has now, on its page.")


def _head(text: str, note: str) -> Head:
    lines = text.splitlines()
    try:
        head = Head(lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True), text, note)
    except (IndexError, ValueError) as error:
        raise CannotCheck("The head is not written as a checkpoint.") from error
    if len(head.root) != HASH or head.size < 0:
        raise CannotCheck("The head is not written as a checkpoint.")
    return head


def cosigners(head: Head, witnesses: Sequence[str]) -> list[str]:
    """Which of these witnesses cosigned the head (C2SP tlog-cosignature)."""
    _text, signatures = lines_of(head.note)
    found = []
    for key in witnesses:
        name, hint, public = key_parts(key, WITNESS_KEY)
        for signer, content in signatures:
            if (signer, content[:4]) == (name, hint) and len(content) == 76:
                at = int.from_bytes(content[4:12], "big")
                if holds(public, content[12:], cosigned(head, at)):
                    found.append(name)
                    break
    return found


def cosigned(head: Head, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{head.text}".encode()


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


# --- the tree -------------------------------------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    return hashlib.sha256(b"\0" + entry).digest()


class Root:
    """The root over leaf hashes, taken in one by one (RFC 9162, section 2.1.1)."""

    def __init__(self) -> None:
        self.size = 0
        self._waiting: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        height, found = 0, leaf
        while self._waiting and self._waiting[-1][0] == height:
            found = hashlib.sha256(b"\x01" + self._waiting.pop()[1] + found).digest()
            height += 1
        self._waiting.append((height, found))
        self.size += 1

    def value(self) -> bytes:
        if not self._waiting:
            return hashlib.sha256(b"").digest()
        found = self._waiting[-1][1]
        for _height, left in reversed(self._waiting[:-1]):
            found = hashlib.sha256(b"\x01" + left + found).digest()
        return found


def place(index: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))


# --- what is published ----------------------------------------------------------------------------------------------


class Published:
    """The log's files, as anybody gets them."""

    def __init__(self, url: str) -> None:
        if not re.match(r"https://|http://(?:localhost|127\.0\.0\.1)[:/]", url):
            raise CannotCheck("A log is asked by https.")
        self.url = url.rstrip("/")

    def head(self, keys: Sequence[str]) -> Head:
        return head_of(read(f"{self.url}/checkpoint").decode("utf-8", "replace"), keys)

    def bundle(self, number: int, size: int) -> list[bytes]:
        """The entries under one tile of the lowest level."""
        width = min(WIDTH, size - number * WIDTH)
        content = read(f"{self.url}/tile/entries/{place(number)}{'' if width == WIDTH else f'.p/{width}'}")
        entries, at = [], 0
        while at + 2 <= len(content):
            end = at + 2 + int.from_bytes(content[at : at + 2], "big")
            entries.append(content[at + 2 : end])
            at = end
        if at != len(content) or len(entries) != width:
            raise CannotCheck(f"The entries under tile {number} cannot be read.")
        return entries

    def tile(self, number: int, size: int) -> bytes:
        width = min(WIDTH, size - number * WIDTH)
        return read(f"{self.url}/tile/0/{place(number)}{'' if width == WIDTH else f'.p/{width}'}")


def read(url: str, data: bytes | None = None) -> bytes:
    request = urllib.request.Request(url, data=data, headers={"User-Agent": "log-monitor"})  # noqa: S310 - judged before
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
            content: bytes = answer.read(LARGEST + 1)
    except (OSError, urllib.error.URLError) as error:
        raise CannotCheck(f"{url}: {error}") from error
    if len(content) > LARGEST:
        raise CannotCheck(f"{url}: too long.")
    return content


# --- what was seen --------------------------------------------------------------------------------------------------


class Memory:
    """The heads and leaf hashes seen so far, in one file."""

    def __init__(self, path: Path) -> None:
        self._rows = sqlite3.connect(path)
        self._rows.executescript(
            "CREATE TABLE IF NOT EXISTS heads (size INTEGER, root BLOB, note TEXT, at INTEGER, UNIQUE (size, root));"
            "CREATE TABLE IF NOT EXISTS leaves (place INTEGER PRIMARY KEY, hash BLOB, entry BLOB);"
            "CREATE TABLE IF NOT EXISTS lists (url TEXT PRIMARY KEY, bits TEXT);"
        )

    def newest(self) -> tuple[int, bytes] | None:
        found: tuple[int, bytes] | None = self._rows.execute(
            "SELECT size, root FROM heads ORDER BY size DESC LIMIT 1"
        ).fetchone()
        return found

    def root_of(self, size: int) -> bytes | None:
        found = self._rows.execute("SELECT root FROM heads WHERE size = ?", (size,)).fetchone()
        return found[0] if found else None

    def hashes(self, start: int = 0) -> Iterator[bytes]:
        for (found,) in self._rows.execute("SELECT hash FROM leaves WHERE place >= ? ORDER BY place", (start,)):
            yield found

    def entries(self) -> Iterator[bytes]:
        for (found,) in self._rows.execute("SELECT entry FROM leaves ORDER BY place"):
            yield found

    def keep(self, head: Head, entries: Sequence[bytes], start: int) -> None:
        with self._rows:
            self._rows.executemany(
                "INSERT INTO leaves VALUES (?, ?, ?)",
                ((number, leaf_hash(entry), entry) for number, entry in enumerate(entries, start)),
            )
            self._rows.execute(
                "INSERT OR IGNORE INTO heads VALUES (?, ?, ?, ?)", (head.size, head.root, head.note, int(time.time()))
            )

    def lists(self) -> list[tuple[str, int]]:
        """What each list withdrew when it was seen last."""
        return [(url, int(bits, 16)) for url, bits in self._rows.execute("SELECT url, bits FROM lists ORDER BY url")]

    def keep_lists(self, bits: dict[str, int]) -> None:
        with self._rows:
            self._rows.executemany(
                "INSERT OR REPLACE INTO lists VALUES (?, ?)", [(url, f"{each:x}") for url, each in bits.items()]
            )

    def keep_evidence(self, head: Head) -> None:
        """A head that does not fit: two of them, each signed, are a proof that nobody can deny."""
        with self._rows:
            self._rows.execute("CREATE TABLE IF NOT EXISTS evidence (note TEXT UNIQUE, at INTEGER)")
            self._rows.execute("INSERT OR IGNORE INTO evidence VALUES (?, ?)", (head.note, int(time.time())))

    def close(self) -> None:
        self._rows.close()


# --- the judgement --------------------------------------------------------------------------------------------------


def watch(log: Published, keys: Sequence[str], memory: Memory) -> tuple[Head, list[Finding]]:
    """Hold what the log says now against what it said before; remember it where it fits."""
    head = log.head(keys)
    findings = _against_former(head, memory)
    known = memory.newest()
    start = known[0] if known else 0
    if not findings and head.size >= start:
        findings = _grown(log, head, memory, start)
    if findings:
        memory.keep_evidence(head)
    return head, findings


def _against_former(head: Head, memory: Memory) -> list[Finding]:
    known = memory.newest()
    same = memory.root_of(head.size)
    if same is not None and same != head.root:
        return [Finding("fork", f"There are two signed heads over {head.size} entries, with different roots.")]
    if known is not None and head.size < known[0]:
        words = f"The log has {head.size} entries now, and a head over {known[0]} was seen before."
        return [Finding("rewritten", words)]
    return []


def _grown(log: Published, head: Head, memory: Memory, start: int) -> list[Finding]:
    """Take in what is new, and look again at what was there."""
    root = Root()
    kept = list(memory.hashes())
    for leaf in kept:
        root.add(leaf)
    findings: list[Finding] = []
    new: list[bytes] = []
    for number in range(-(-head.size // WIDTH)):
        entries = log.bundle(number, head.size)
        hashes = [leaf_hash(entry) for entry in entries]
        if b"".join(hashes) != log.tile(number, head.size)[: len(hashes) * HASH]:
            findings += _not_as_its_hash(log.tile(number, head.size), hashes, number * WIDTH)
        for index, (entry, found) in enumerate(zip(entries, hashes, strict=True), number * WIDTH):
            if index >= start:
                new.append(entry)
                root.add(found)
            elif kept[index] != found:
                findings.append(Finding("changed", f"Entry {index} is not the one that was seen before."))
    if root.value() != head.root and not findings:
        findings.append(
            Finding(
                "rewritten", f"The head over {head.size} entries does not extend what was seen, of {start} entries."
            )
        )
    if not findings:
        memory.keep(head, new, start)
        findings += _unfounded(list(memory.entries()), start)
    return findings


def _not_as_its_hash(tile: bytes, hashes: list[bytes], first: int) -> list[Finding]:
    return [
        Finding("changed", f"Entry {first + number} is not the one that its place in the tree was made for.")
        for number, found in enumerate(hashes)
        if tile[number * HASH : (number + 1) * HASH] != found
    ]


def _unfounded(entries: list[bytes], start: int) -> list[Finding]:
    """Entries that follow from nothing: an issue told twice, a change of status that names no entry before it.

    That somebody shares something no longer names nothing before it, so as to tell nobody of what; but it is told once.
    """
    findings = []
    of: dict[str, bytes] = {}
    for index, entry in enumerate(entries):
        said = parsed(entry)
        event, digest = said.get("event"), str(said.get("digest"))
        wrong = ""
        if event == "issue":
            wrong = "tells an issue a second time" if digest in of else ""
        elif event == "unshare":
            wrong = "tells a second time that something is shared no longer" if digest in of else ""
        elif event in {"revoke", "suspend", "reinstate", "supersede"}:
            if digest not in of:
                wrong = "changes the status of what was never issued"
            elif said.get("previous") != of[digest].hex():
                wrong = "does not follow from the entry before it"
        else:
            continue
        of[digest] = leaf_hash(entry)
        if wrong and index >= start:
            findings.append(Finding("unfounded", f"Entry {index} {wrong}."))
    return findings


def given_up(entries: Iterator[bytes], keys: Sequence[str]) -> list[Finding]:
    """Which of the keys that this run goes by the log itself says were given up: a thief may sign heads with them."""
    lost = {said.get("key_sha256") for said in map(parsed, entries) if said.get("event") == "key-compromised"}
    return [
        Finding("given-up", f"{key} was given up as compromised. Go by the keys that the log names now.")
        for key in keys
        if hashlib.sha256(multibase(key_parts(key, LOG_KEY)[2]).encode()).hexdigest() in lost
    ]


def unannounced(log: Published, entries: Iterator[bytes]) -> list[Finding]:
    """Which keys issuers publish that the log does not tell of, or of which it says that they were given up."""
    named: dict[str, set[str]] = {}
    lost: set[str] = set()
    for said in map(parsed, entries):
        event, key = said.get("event"), str(said.get("key"))
        if event in {"key-active", "key-retired"}:
            named.setdefault(str(said.get("controller")), set()).add(key)
        elif event == "key-compromised":
            lost.add(key)
            named.setdefault(str(said.get("controller")), set())
    findings = []
    for issuer in sorted(each for each in named if each.startswith("did:web:")):
        for key in _published(log, issuer):
            if key not in named[issuer]:
                findings.append(Finding("unannounced", f"{issuer} publishes {key}, of which the log does not tell."))
            elif key in lost:
                findings.append(Finding("unannounced", f"{issuer} publishes {key}, which was given up."))
    return findings


def _published(log: Published, issuer: str) -> list[str]:
    """The names of the keys in an issuer's DID document, on the site of the log."""
    url = f"{log.url.removesuffix('/log')}/issuers/{issuer.rpartition(':')[2]}/did.json"
    try:
        methods = json.loads(read(url))["verificationMethod"]
        return [str(each["id"]).rpartition("#")[2] for each in methods]
    except (KeyError, TypeError, ValueError) as error:
        raise CannotCheck(f"{url}: the keys cannot be read.") from error


def multibase(public: bytes) -> str:
    """An Ed25519 key as the log's entries name it: base 58, behind the prefix of its kind (W3C Multikey)."""
    number, digits = int.from_bytes(b"\xed\x01" + public, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit] + digits
    return f"z{digits}"


def parsed(entry: bytes) -> dict[str, Any]:
    try:
        said = json.loads(entry)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def compare_others(log: Published, memory: Memory) -> list[Finding]:
    """Whether what else the site publishes fits the log: the keys of its issuers, and their status lists."""
    return [*unannounced(log, memory.entries()), *compare_lists(log, memory)]


def compare_lists(log: Published, memory: Memory) -> list[Finding]:
    """Whether the status lists withdraw and suspend as many as the log tells of, and still all that they withdrew."""
    told = _told(memory.entries())
    lists = [url for issuer in sorted(told.issuers) for url in _lists_of(log, issuer)]
    withdrawn = {url: _bits(url) for url in lists}
    suspended = sum(_bits(f"{url}/suspension").bit_count() for url in lists)
    findings = []
    if (listed := sum(bits.bit_count() for bits in withdrawn.values())) != told.withdrawn:
        words = f"{told.withdrawn} credentials are withdrawn in the log, and {listed} in the status lists."
        findings.append(Finding("hidden", words))
    if suspended != told.suspended:
        words = f"{told.suspended} credentials are suspended in the log, and {suspended} in the status lists."
        findings.append(Finding("hidden", words))
    # As many others may be withdrawn in their place; but what was withdrawn once is so for good.
    for url, before in memory.lists():
        if lost := (before & ~withdrawn.get(url, 0)).bit_count():
            findings.append(Finding("hidden", f"{url} withdraws {lost} credentials no longer that it withdrew before."))
    if not findings:
        memory.keep_lists(withdrawn)
    return findings


@dataclass(frozen=True)
class Told:
    """What the log tells of status: how many are withdrawn, how many suspended, and whose lists there are."""

    withdrawn: int
    suspended: int
    issuers: frozenset[str]


def _told(entries: Iterator[bytes]) -> Told:
    withdrawn: set[str] = set()
    suspended: set[str] = set()
    issuers: set[str] = set()
    for entry in entries:
        said = parsed(entry)
        event, digest = said.get("event"), str(said.get("digest"))
        if event in {"revoke", "supersede"}:
            withdrawn.add(digest)
            suspended.discard(digest)
        elif event == "suspend":
            suspended.add(digest)
        elif event == "reinstate":
            suspended.discard(digest)
        if str(said.get("controller", "")).startswith("did:web:"):
            issuers.add(str(said["controller"]))
    return Told(len(withdrawn), len(suspended), frozenset(issuers))


def _lists_of(log: Published, issuer: str) -> Iterator[str]:
    """The addresses of an issuer's lists on the site of the log: they are numbered from 1."""
    slug = issuer.rpartition(":")[2]
    base = log.url.removesuffix("/log")
    for number in range(1, MOST_LISTS):
        url = f"{base}/issuers/{slug}/status/{number}"
        try:
            read(url)
        except CannotCheck as error:
            if "404" in str(error):
                return
            raise
        yield url


def _bits(url: str) -> int:
    """The bits of a list, as one number."""
    try:
        encoded = json.loads(read(url))["credentialSubject"]["encodedList"]
        packed = base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))
        return int.from_bytes(gzip.decompress(packed), "big")
    except (KeyError, TypeError, ValueError, OSError) as error:
        raise CannotCheck(f"{url}: the list cannot be read.") from error


# --- bearing witness ------------------------------------------------------------------------------------------------


def new_key(name: str, path: Path) -> str:
    """Make the key of a witness; answer its public half as others configure it."""
    key = Ed25519PrivateKey.generate()
    with path.open("x", encoding="utf-8") as file:
        path.chmod(0o600)
        json.dump({"name": name, "seed": base64.b64encode(key.private_bytes_raw()).decode()}, file)
    return public_half(path)


def public_half(path: Path) -> str:
    name, key = _own_key(path)
    typed = bytes([WITNESS_KEY]) + key.public_key().public_bytes_raw()
    return f"{name}+{key_id(name, typed).hex()}+{base64.b64encode(typed).decode()}"


def cosign(head: Head, path: Path, at: int) -> str:
    """The note of the head with our line under it."""
    name, key = _own_key(path)
    typed = bytes([WITNESS_KEY]) + key.public_key().public_bytes_raw()
    signature = at.to_bytes(8, "big") + key.sign(cosigned(head, at))
    line = f"— {name} {base64.b64encode(key_id(name, typed) + signature).decode()}\n"
    return f"{head.text}\n{line}"


def _own_key(path: Path) -> tuple[str, Ed25519PrivateKey]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return said["name"], Ed25519PrivateKey.from_private_bytes(base64.b64decode(said["seed"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotCheck(f"{path} holds no key of a witness.") from error


# --- the command ----------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Watches a transparency log from outside.")
    parser.add_argument("log", nargs="?", help="its address, as in https://learn.example.edu/log")
    parser.add_argument("--key", action="append", default=[], help="a key that it signs with")
    parser.add_argument("--state", type=Path, default=Path("monitor.sqlite3"), help="where what was seen is kept")
    parser.add_argument("--lists", action="store_true", help="also hold status lists and issuers' keys against it")
    parser.add_argument("--patience", type=float, default=70.0, help="seconds until a list must have followed")
    parser.add_argument("--witness", action="append", default=[], help="the key of a witness who must have cosigned")
    parser.add_argument("--cosign", type=Path, help="cosign the head with the key in this file, and hand it in")
    parser.add_argument("--new-key", metavar="NAME", help="make the key of a witness in the file of --cosign")
    parser.add_argument("--json", action="store_true", help="answer for programs")
    given = parser.parse_args(arguments)
    try:
        if given.new_key:
            if given.cosign is None:
                parser.error("--new-key needs --cosign FILE, where the key is kept")
            print(new_key(given.new_key, given.cosign))
            return AGREES
        if not given.log or not given.key:
            parser.error("the address of the log and --key are needed")
        return _watch(given)
    except CannotCheck as error:
        answer = {"result": "cannot be checked", "findings": [], "why": str(error)}
        print(json.dumps(answer) if given.json else f"cannot be checked\n{error}")
        return CANNOT


def _watch(given: argparse.Namespace) -> int:
    log = Published(given.log)
    with contextlib.closing(Memory(given.state)) as memory:
        head, findings = watch(log, given.key, memory)
        findings = findings or given_up(memory.entries(), given.key)
        if given.lists and not findings:
            findings = compare_others(log, memory)
            for _again in range(2):
                if not findings:
                    break
                # A list follows the log within a minute; and the log goes on while lists are read.
                time.sleep(given.patience)
                head, findings = watch(log, given.key, memory)
                findings = findings or compare_others(log, memory)
    seen = cosigners(head, given.witness)
    # Before asking for the others: two witnesses who each wait for the other would both wait for ever.
    if given.cosign is not None and not findings:
        own = cosign(head, given.cosign, int(time.time()))
        read(f"{log.url}/cosignatures", own.encode())
        seen += cosigners(replace(head, note=own), given.witness)
    findings += [
        Finding("unwitnessed", f"{name} has not cosigned the newest head.")
        for name in (key_parts(key, WITNESS_KEY)[0] for key in given.witness)
        if name not in seen
    ]
    if given.json:
        said = [{"kind": finding.kind, "words": finding.words} for finding in findings]
        result = "does not fit" if findings else "fits"
        print(json.dumps({"result": result, "size": head.size, "root": head.root.hex(), "findings": said}))
    else:
        print("does not fit" if findings else f"fits: {head.size} entries, root {head.root.hex()}")
        for finding in findings:
            print(f"- {finding.kind}: {finding.words}")
    return FOUND if findings else AGREES


if __name__ == "__main__":
    sys.exit(main())

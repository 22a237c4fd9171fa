"""The one way out: fetches what a foreign site publishes, and cannot be led to a machine inside (reliability T6).

Whoever hands in a document chooses the addresses in it. So only https on its own port is spoken, to a name whose every
address is public; the connection goes to one of the addresses that were looked at, which a second answer of the name
server can no longer change; and size and time are bounded whatever the other side does.
"""

import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from portal.shared import strict_json

SECONDS = 5.0
MAX_BYTES = 256 * 1024
_MAX_RAW_BYTES = MAX_BYTES + 64 * 1024
_MAX_URL_CHARACTERS = 2_000
_PIECE = 16 * 1024

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_PLAIN = re.compile(r"[\x21-\x7e]+\Z")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Python's own `is_global` has changed its mind between releases, and lets through what leads elsewhere by translation.
_NOT_PUBLIC_4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
    )
]
# Of IPv6 only what is given out to be reached; mapped, compatible, NAT64, local and multicast lie outside of it.
_GIVEN_OUT_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = [
    ipaddress.IPv6Network(network)
    # Protocol assignments with Teredo and benchmarking, documentation twice, 6to4.
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]


class FetchError(Exception):
    """Nothing was fetched; the message says why, to a person. Nobody may take it for an answer of the other side."""


class SwitchedOff(FetchError):
    """This installation asks no other site."""


class Forbidden(FetchError):
    """The address is none that may be asked, whatever stands there."""


class Unreachable(FetchError):
    """The other side did not answer, not in time, or not with what was asked for; `status` is its answer, if any."""

    def __init__(self, words: str, status: int = 0) -> None:
        super().__init__(words)
        self.status = status


class TooLarge(FetchError):
    """The answer is longer than is read here."""


def is_public(address: Address) -> bool:
    """Whether an address is one of the open network, reached as it is and not by translation."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _GIVEN_OUT_6 and not any(address in network for network in _NOT_PUBLIC_6)


def look_up(name: str) -> list[str]:
    """Every address of a host name, as the machine's own resolver tells."""
    found = socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class Outbound:
    """How to go out. The defaults are the only ones that a site uses; tests lead a name to a server of their own."""

    resolve: Callable[[str], Sequence[str]] = look_up
    allows: Callable[[Address], bool] = is_public
    port: int = 443
    tls: ssl.SSLContext | None = None

    def fetch(self, url: str, *, accept: str = "application/json", seconds: float = SECONDS) -> bytes:
        """What stands at an https address, unpacked. Raises FetchError; a status other than 200 is one."""
        deadline = time.monotonic() + min(seconds, SECONDS)
        host, path = _parts(url)
        addresses = self._addresses(host, deadline)
        try:
            with self._connected(addresses, host, deadline) as secured:
                return _answer(secured, host, path, accept, deadline)
        except FetchError:
            raise
        except TimeoutError as error:
            raise Unreachable(f"{host} did not answer in time.") from error
        except ssl.SSLCertVerificationError as error:
            raise Unreachable(f"{host} could not show that it is {host}.") from error
        except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
            raise Unreachable(f"{host} could not be reached, or answered with what is no answer.") from error

    def _addresses(self, host: str, deadline: float) -> list[str]:
        found = _within(lambda: self.resolve(host), deadline)
        if found is None:
            raise Unreachable(f"The address of {host} could not be found out.")
        addresses = [ipaddress.ip_address(address.partition("%")[0]) for address in found]
        # One that leads inside makes all of them suspect: the name server would choose which of them is taken.
        if not addresses or not all(self.allows(address) for address in addresses):
            raise Forbidden(f"{host} is not a machine on the open network.")
        return [str(address) for address in addresses]

    def _connected(self, addresses: Sequence[str], host: str, deadline: float) -> ssl.SSLSocket:
        error: OSError = TimeoutError()
        for place, address in enumerate(addresses[:4], start=1):
            # One that is silent must leave time for the next.
            left = _left(deadline) / (2 if place < len(addresses[:4]) else 1)
            try:
                plain = socket.create_connection((address, self.port), timeout=left)
            except OSError as failed:
                error = failed
                continue
            try:
                plain.settimeout(_left(deadline))
                return (self.tls or _tls()).wrap_socket(plain, server_hostname=host)
            except BaseException:
                plain.close()
                raise
        raise error


def fetch(url: str, *, accept: str = "application/json", seconds: float = SECONDS) -> bytes:
    """What stands at a public https address. Raises FetchError, of which SwitchedOff is one.

    Never to be called while rows are locked: the other side would say how long (T6). Raises RuntimeError if it is.
    """
    if not settings.FETCH:
        raise SwitchedOff("This site asks no other site.")
    # The blocks that a test puts around everything are no locks of ours.
    if any(not block._from_testcase for block in connection.atomic_blocks):  # type: ignore[attr-defined]
        raise RuntimeError("Another site is not asked inside a transaction.")
    return way_out().fetch(url, accept=accept, seconds=seconds)


def fetch_json(url: str, *, accept: str = "application/json", seconds: float = SECONDS) -> Any:
    """The JSON that stands at a public https address, read as strictly as any. Raises FetchError."""
    return read_json(fetch(url, accept=accept, seconds=seconds))


def read_json(content: bytes) -> Any:
    """The JSON of an answer: as strict as any, 32 deep at most. Raises Unreachable."""
    try:
        return strict_json.loads(content, max_bytes=MAX_BYTES)
    except strict_json.BadJson as error:
        raise Unreachable("The answer is not sound JSON.") from error


_way_out = Outbound()


def way_out() -> Outbound:
    """How `fetch` goes out."""
    return _way_out


def _parts(url: str) -> tuple[str, str]:
    """Host, and path with query, of an address that may be asked."""
    if len(url) > _MAX_URL_CHARACTERS or not _PLAIN.match(url):
        raise Forbidden("The address is too long, or holds what no address holds.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Forbidden("The address cannot be read.") from error
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or port not in (None, 443):
        raise Forbidden("Only addresses that begin with https, and name no port, are asked.")
    if parts.username is not None or parts.password is not None or "\\" in url:
        raise Forbidden("An address with a name or a password in it is not asked.")
    labels = host.split(".")
    # The last label of a name on the open network is never a number; that of an IPv4 address is, however it is spelt.
    if len(host) > 253 or len(labels) < 2 or not all(map(_LABEL.match, labels)) or not labels[-1][0].isalpha():
        raise Forbidden("The address does not name a host on the open network.")
    return host, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _within(act: Callable[[], Sequence[str]], deadline: float) -> Sequence[str] | None:
    """What the act gives, if it does so in time; a resolver knows no limit of its own, so it is left behind."""
    found: list[Sequence[str]] = []

    def run() -> None:
        try:
            found.append(act())
        except (OSError, UnicodeError):
            return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_left(deadline))
    return found[0] if found else None


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@cache
def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class _Bounded(io.RawIOBase):
    """The bytes of a connection, up to a deadline and a number: a read waits only for what is left of the whole."""

    def __init__(self, secured: ssl.SSLSocket, deadline: float) -> None:
        self._secured = secured
        self._deadline = deadline
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._secured.settimeout(_left(self._deadline))
        count = self._secured.recv_into(buffer)
        self._count += count
        if self._count > _MAX_RAW_BYTES:
            raise TooLarge("The answer is longer than is read here.")
        return count


class _Readable:
    """As much of a socket as http.client asks for to read an answer."""

    def __init__(self, raw: _Bounded) -> None:
        self._raw = raw

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._raw, _PIECE)


def _answer(secured: ssl.SSLSocket, host: str, path: str, accept: str, deadline: float) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        f"Accept: {accept}",
        "Accept-Encoding: gzip, identity",
        "User-Agent: Cairn",
        "Connection: close",
    ]
    secured.settimeout(_left(deadline))
    secured.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
    response = http.client.HTTPResponse(_Readable(_Bounded(secured, deadline)), method="GET")  # type: ignore[arg-type]
    try:
        response.begin()
        if 300 <= response.status < 400:
            raise Unreachable(f"{host} points to another address; that is not followed.")
        if response.status != http.client.OK:
            raise Unreachable(f"{host} answered {response.status}.", response.status)
        return _body(response, host)
    finally:
        response.close()


def _body(response: http.client.HTTPResponse, host: str) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip"}:
        raise Unreachable(f"{host} answered in an encoding that was not asked for.")
    expander = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
    parts: list[bytes] = []
    size = 0
    while piece := response.read(_PIECE):
        # Expanded only as far as is read, whatever the packed bytes promise.
        expanded = piece if expander is None else expander.decompress(piece, MAX_BYTES + 1 - size)
        parts.append(expanded)
        size += len(expanded)
        if size > MAX_BYTES:
            raise TooLarge("The answer is longer than is read here.")
    if response.length or (expander is not None and not expander.eof):
        raise Unreachable(f"{host} broke off its answer.")
    return b"".join(parts)

"""The one way out: fetches from open names over https, and cannot be led inside, kept waiting, or fed a bomb."""

import gzip
import ipaddress
import time
import zlib
from pathlib import Path

import pytest
from django.db import transaction

from portal.shared import outbound
from portal.shared.outbound import Forbidden, Outbound, SwitchedOff, TooLarge, Unreachable
from tests.portal import foreign_site

URL = "https://college.example/did.json"


@pytest.fixture(scope="module")
def running_site(tmp_path_factory):
    with foreign_site.running(tmp_path_factory.mktemp("foreign")) as site:
        yield site


@pytest.fixture
def site(running_site):
    running_site.pages.clear()
    running_site.asked.clear()
    return running_site


def test_what_stands_at_an_address_is_fetched(site):
    site.serve("/did.json?v=1", '{"id": "did:web:college.example"}')

    assert site.way().fetch(f"{URL}?v=1") == b'{"id": "did:web:college.example"}'
    assert site.asked == ["/did.json?v=1"]


def test_a_packed_answer_is_unpacked(site):
    site.serve("/did.json", gzip.compress(b"{}" * 100), Content_Encoding="gzip")

    assert site.way().fetch(URL) == b"{}" * 100


def test_an_answer_in_pieces_is_put_together(site):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"2\r\n{}\r\n3\r\n\n\n\n\r\n0\r\n\r\n")

    site.pages["/did.json"] = answer

    assert site.way().fetch(URL) == b"{}\n\n\n"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(site, status):
    site.serve("/did.json", "", status=status, Location="https://status.example/other")
    site.serve("/other", "{}")

    with pytest.raises(Unreachable):
        site.way().fetch(URL)
    assert site.asked == ["/did.json"]


@pytest.mark.parametrize("status", [201, 204, 206, 404, 410, 500, 503])
def test_only_a_plain_answer_is_one(site, status):
    site.serve("/did.json", "", status=status)

    with pytest.raises(Unreachable):
        site.way().fetch(URL)


def test_a_long_answer_is_not_read_to_its_end(site):
    site.serve("/did.json", b"a" * outbound.MAX_BYTES)
    assert len(site.way().fetch(URL)) == outbound.MAX_BYTES

    site.serve("/did.json", b"a" * (outbound.MAX_BYTES + 1))
    with pytest.raises(TooLarge):
        site.way().fetch(URL)


def test_an_answer_without_end_is_cut_off(site):
    def answer(handler):
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b" " * 65_536)

    site.pages["/did.json"] = answer

    with pytest.raises(TooLarge):
        site.way().fetch(URL)


def test_headers_without_end_are_cut_off(site):
    def answer(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            handler.wfile.write(b"X-More: " + b"a" * 60_000 + b"\r\n")

    site.pages["/did.json"] = answer

    with pytest.raises((TooLarge, Unreachable)):
        site.way().fetch(URL)


def test_a_small_answer_that_unfolds_into_gigabytes_is_cut_off(site):
    packed = zlib.compressobj(9, wbits=31)
    bomb = b"".join([packed.compress(b"\0" * 1_000_000) for _ in range(60)] + [packed.flush()])
    assert len(bomb) < outbound.MAX_BYTES
    site.serve("/did.json", bomb, Content_Encoding="gzip")

    with pytest.raises(TooLarge):
        site.way().fetch(URL)


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "nonsense"])
def test_an_encoding_that_was_not_asked_for_is_refused(site, encoding):
    site.serve("/did.json", "{}", Content_Encoding=encoding)

    with pytest.raises(Unreachable):
        site.way().fetch(URL)


@pytest.mark.parametrize("body", [b"{}", gzip.compress(b"{}", mtime=0)[:-4]], ids=["plain", "cut short"])
def test_what_is_not_packed_as_it_says_is_no_answer(site, body):
    site.serve("/did.json", body, Content_Encoding="gzip")

    with pytest.raises(Unreachable):
        site.way().fetch(URL)


def test_an_answer_that_drips_is_given_up_in_time(site):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b" ")
            time.sleep(0.05)

    site.pages["/did.json"] = answer
    begun = time.monotonic()

    with pytest.raises(Unreachable, match="in time"):
        site.way().fetch(URL, seconds=0.3)
    assert time.monotonic() - begun < 1


def test_headers_that_drip_are_given_up_in_time(site):
    def answer(handler):
        for letter in b"HTTP/1.1 200 OK\r\nX-More: " + b"a" * 100:
            handler.wfile.write(bytes([letter]))
            time.sleep(0.05)

    site.pages["/did.json"] = answer

    with pytest.raises(Unreachable, match="in time"):
        site.way().fetch(URL, seconds=0.3)


def test_an_answer_that_breaks_off_is_none(site):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{}")

    site.pages["/did.json"] = answer

    with pytest.raises(Unreachable):
        site.way().fetch(URL)


def test_a_name_server_that_is_silent_is_given_up_in_time():
    begun = time.monotonic()

    with pytest.raises(Unreachable):
        Outbound(resolve=lambda _name: time.sleep(2) or ["8.8.8.8"]).fetch(URL, seconds=0.2)
    assert time.monotonic() - begun < 1


def test_a_site_that_is_another_one_is_refused(site):
    site.serve("/did.json", "{}")

    with pytest.raises(Unreachable, match="could not show"):
        site.way(["elsewhere.example"]).fetch("https://elsewhere.example/did.json")
    assert site.asked == []


def test_a_site_that_only_vouches_for_itself_is_refused(site):
    site.serve("/did.json", "{}")
    way = site.way()

    with pytest.raises(Unreachable, match="could not show"):
        Outbound(resolve=way.resolve, allows=way.allows, port=way.port).fetch(URL)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - an address to refuse, not to listen on
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.9.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:2::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_what_is_not_on_the_open_network_is_never_asked(address):
    assert not outbound.is_public(ipaddress.ip_address(address))

    with pytest.raises(Forbidden):
        Outbound(resolve=lambda _name: ["8.8.8.8", address]).fetch(URL)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::1"])
def test_what_is_on_the_open_network_may_be_asked(address):
    assert outbound.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "http://college.example/did.json",
        "ftp://college.example/did.json",
        "file:///etc/passwd",
        "https://college.example:8443/did.json",
        "https://college.example:80/did.json",
        "https://college.example:0/did.json",
        "https://college.example:x/did.json",
        "https://user@college.example/did.json",
        "https://user:word@college.example/did.json",
        "https://@college.example/did.json",
        "https://college.example\\@127.0.0.1/did.json",
        "https://college.example/a\r\nX: y",
        "https://college.example/ä",
        "https://cöllege.example/",
        "https://localhost/did.json",
        "https://college/did.json",
        "https://127.0.0.1/did.json",
        "https://127.1/did.json",
        "https://2130706433/did.json",
        "https://0x7f.0.0.1/did.json",
        "https://127.0.0.0x1/did.json",
        "https://[::1]/did.json",
        "https://[::ffff:127.0.0.1]/did.json",
        "https://169.254.169.254/latest/meta-data/",
        "https://college..example/",
        "https://-college.example/",
        "https://college.example./",
        "https:///did.json",
        "https://",
        "//college.example/did.json",
        "college.example",
        "",
        "https://college.example/" + "a" * 3000,
    ],
)
def test_addresses_of_another_kind_are_not_even_looked_up(url):
    def resolve(name):
        raise AssertionError(name)

    with pytest.raises(Forbidden):
        Outbound(resolve=resolve).fetch(url)


def test_the_name_is_looked_up_once_and_that_very_address_is_asked(site):
    site.serve("/did.json", "{}")
    way = site.way()
    answers = iter([["127.0.0.1"]])

    rebound = Outbound(resolve=lambda _name: next(answers), allows=way.allows, port=way.port, tls=way.tls)

    assert rebound.fetch(URL) == b"{}"


def test_an_address_that_is_silent_leaves_time_for_the_next(site):
    site.serve("/did.json", "{}")
    way = site.way()

    both = Outbound(resolve=lambda _name: ["127.0.0.2", "127.0.0.1"], allows=way.allows, port=way.port, tls=way.tls)

    assert both.fetch(URL) == b"{}"


@pytest.mark.parametrize(
    "body", ["", "{", "[" * 33 + "]" * 33, '{"a": 1, "a": 2}', '{"a": NaN}', b"\xff", '{"a": "\\u0000"}']
)
def test_json_is_read_as_strictly_as_any(site, monkeypatch, settings, body):
    settings.FETCH = True
    monkeypatch.setattr(outbound, "_way_out", site.way())
    site.serve("/did.json", body)

    with pytest.raises(Unreachable):
        outbound.fetch_json(URL)


def test_an_installation_may_ask_nobody(settings):
    settings.FETCH = False

    with pytest.raises(SwitchedOff):
        outbound.fetch(URL)


@pytest.mark.django_db
def test_nobody_is_asked_while_rows_are_locked(settings):
    settings.FETCH = True

    with transaction.atomic(), pytest.raises(RuntimeError):
        outbound.fetch(URL)


def test_it_stands_alone():
    """The way out is one: nothing else of ours opens a connection to a place that others chose."""
    root = Path(outbound.__file__).parents[2]
    opening = ("socket.create_connection", "urlopen(", "http.client.HTTPSConnection", "import requests", "import httpx")
    allowed = {"portal/shared/outbound.py"}
    found = {
        str(path.relative_to(root))
        for package in ("portal", "credentials", "pathways")
        for path in (root / package).rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in opening)
    }
    assert found - allowed <= {path for path in found if path.startswith("portal/shared/supervision/")}

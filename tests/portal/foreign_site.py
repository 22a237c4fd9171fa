"""A foreign site on this machine: https with a certificate for its names, and whatever answers a test gives it."""

import contextlib
import datetime
import http.server
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.shared.outbound import Outbound

NAMES = ("college.example", "status.example")

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


class ForeignSite:
    """Its pages by path, what it was asked, and the way out that leads to it."""

    def __init__(self, port: int, authority: Path) -> None:
        self.port = port
        self.pages: dict[str, Answer] = {}
        self.asked: list[str] = []
        self._tls = ssl.create_default_context(cafile=str(authority))

    def serve(self, path: str, body: bytes | str, *, status: int = 200, **headers: str) -> None:
        content = body.encode() if isinstance(body, str) else body

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.send_header("Content-Length", str(len(content)))
            handler.end_headers()
            handler.wfile.write(content)

        self.pages[path] = answer

    def way(self, names: Sequence[str] = NAMES) -> Outbound:
        """As a site goes out, but for where its names lead and that this machine counts as public."""

        def resolve(name: str) -> list[str]:
            if name not in names:
                raise OSError("There is no such name.")
            return ["127.0.0.1"]

        return Outbound(resolve=resolve, allows=lambda address: address.is_loopback, port=self.port, tls=self._tls)


@cache
def _certificate(names: Sequence[str]) -> bytes:
    """Key and self-signed certificate in one PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(serialization.Encoding.PEM)


@contextlib.contextmanager
def running(folder: Path, names: Sequence[str] = NAMES) -> Iterator[ForeignSite]:
    """The site while a test lasts."""
    pem = folder / "foreign-site.pem"
    pem.write_bytes(_certificate(names))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            site.asked.append(self.path)
            # Whoever has heard enough hangs up, and a server must bear that.
            with contextlib.suppress(OSError):
                site.pages.get(self.path, lambda handler: handler.send_error(404))(self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def finish_request(self, request: object, client_address: object) -> None:
            # The handshake belongs into the thread of the request: a caller that is silent keeps nobody waiting.
            with contextlib.suppress(OSError), context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)

    server = Server(("127.0.0.1", 0), Handler)
    site = ForeignSite(server.server_address[1], pem)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()

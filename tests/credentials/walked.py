"""Credentials that have gone all their way, for tests of what strangers see."""

import io

import pikepdf

from credentials import sharing
from credentials.models import Award, Credential
from portal.shared import outbox
from tests.cast import make_lena
from tests.factories import NOON, credential_of, issue_to


def in_a_pdf(fields: object, credential_document: bytes) -> bytes:
    """A PDF of one empty page that carries the document: the real certificate takes a second to print."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.attachments["credential.json"] = credential_document
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def finished(award: Award) -> Credential:
    outbox.run_all_due()
    return credential_of(award)


def issued(*args: object, **fields: object) -> Credential:
    """A credential of Lena's in the log, with its files, and shared with nobody."""
    return finished(issue_to(make_lena(), *args, **fields))


def shared(*args: object, **fields: object) -> Credential:
    return share(issued(*args, **fields))


def share(credential: Credential) -> Credential:
    return sharing.share(credential=credential, by=credential.award.learner, at=NOON)

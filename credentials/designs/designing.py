"""Acts on certificate templates: pictures taken, drafts kept, samples drawn, versions published and withdrawn."""

import hashlib
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

import pypdfium2
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image

from credentials.designs import designs
from credentials.designs.designs import Choices
from credentials.models import CertificatePicture, CertificateProof, CertificateTemplate, Issuer
from credentials.rendering import certificate, limited, pictures, samples
from credentials.rendering.failures import RendererMissing, RenderFailed
from portal.accounts.models import User
from portal.shared import audit, outbox
from portal.shared.refusals import Refusal

Scope = CertificateTemplate.Scope
Proof = CertificateProof

#: A version counts from so much later on: whoever then looks for what was in force finds it committed.
BEFORE_IT_COUNTS = timedelta(minutes=1)
KEPT_FOR = timedelta(days=7)
MOST_PICTURES = 200
WAIT_FOR_A_PERSON = 600
# A sheet on a screen, in pixels across its shorter side; and how many pages of it are shown.
_ACROSS, _PAGES_SHOWN = 900, 2


class Unreadable(Refusal):
    """Choices that would make a certificate nobody could read."""

    words = _("This cannot be kept: {faults}")
    status: ClassVar[int] = 422


class ChangedMeanwhile(Refusal):
    """Somebody else edited the draft since it was read."""

    words = _("{name} has changed this draft meanwhile. Look at it again.")


class NothingToPublish(Refusal):
    """There is no draft."""

    words = _("There is no draft to publish.")


class NotInForce(Refusal):
    """It is not the version that counts."""

    words = _("This version does not count any more.")


class NotProved(Refusal):
    """The samples of this draft are not drawn yet, or no longer kept."""

    words = _("Not all samples of this draft are drawn yet. Draw them, look at them, and publish it then.")


class Unsound(Refusal):
    """A sample could not be printed as it should."""

    words = _("This draft cannot be published: {faults}")
    status: ClassVar[int] = 422


class TooManyPictures(Refusal):
    """More pictures than any number of templates needs."""

    words = _("Too many pictures were handed in. Those that no template uses are removed after {days} days.")


def take_picture(
    *, issuer: Issuer, content: bytes, name: str, use: str, landscape: bool, by: User, at: datetime
) -> CertificatePicture:
    """Make a picture anew in a child process, and keep it. Refuses pictures.PictureRefused and TooManyPictures.

    Belongs outside any transaction: it takes a moment. The same picture is kept once.
    """
    if CertificatePicture.objects.filter(issuer=issuer).count() >= MOST_PICTURES:
        raise TooManyPictures(days=KEPT_FOR.days)
    made = pictures.made_anew(content, use=use, name=name, landscape=landscape)
    kept, _made = CertificatePicture.objects.get_or_create(
        issuer=issuer,
        sha256=hashlib.sha256(made.content).hexdigest(),
        defaults={
            "media_type": made.media_type,
            "content": made.content,
            "width": made.width,
            "height": made.height,
            "darkest": made.darkest,
            "lightest": made.lightest,
            "added_by": by,
            "added_at": at,
        },
    )
    return kept


@transaction.atomic
def lend_pictures(*, template: CertificateTemplate, to: Issuer, by: User, at: datetime) -> None:
    """Give an issuer the pictures of a template of another, so that a draft of its own may begin from it."""
    for row in designs.pictures_of(template.issuer, template.choices).values():
        row.pk, row.issuer, row.added_by, row.added_at = None, to, by, at
        CertificatePicture.objects.bulk_create([row], ignore_conflicts=True)


@transaction.atomic
def save_draft(
    *,
    issuer: Issuer,
    scope: str,
    choices: Choices,
    by: User,
    at: datetime,
    read_at: datetime | None = None,
) -> CertificateTemplate:
    """Keep what was chosen as the draft of an issuer for a kind, and promise its samples.

    `read_at` is when the draft was edited that the reader saw. Refuses Unreadable and ChangedMeanwhile.
    """
    if faults := designs.faults_of(choices, designs.pictures_of(issuer, choices)):
        raise Unreadable(faults=" ".join(fault.words for fault in faults))
    draft = _draft(issuer, scope)
    if draft is None:
        last = CertificateTemplate.objects.filter(issuer=issuer, scope=scope).aggregate(last=Max("number"))["last"]
        draft = CertificateTemplate.objects.create(
            issuer=issuer, scope=scope, number=(last or 0) + 1, choices=choices, author=by, edited_at=at
        )
        audit.note("begin certificate template", draft, actor=by, at=at)
    else:
        if read_at is not None and draft.edited_at > read_at and draft.author_id != by.pk:
            raise ChangedMeanwhile(name=draft.author)
        draft.choices, draft.author, draft.edited_at = choices, by, at
        draft.save(update_fields=["choices", "author", "edited_at"])
    for sample in samples.SAMPLES:
        ask_proof(issuer=issuer, scope=scope, choices=choices, sample=sample, at=at)
    return draft


@transaction.atomic
def discard_draft(*, issuer: Issuer, scope: str, by: User, at: datetime) -> None:
    """Forget a draft; what was published stays. Refuses NothingToPublish."""
    draft = _draft(issuer, scope)
    if draft is None:
        raise NothingToPublish
    audit.note("discard certificate template", draft, actor=by, at=at)
    draft.delete()


@transaction.atomic
def publish(*, issuer: Issuer, scope: str, reason: str, by: User, at: datetime) -> CertificateTemplate:
    """Let certificates look as the draft says, of credentials issued from a minute on; it never changes again.

    Refuses NothingToPublish, NotProved, and Unsound where a sample lacks a glyph or cannot be printed.
    """
    draft = _draft(issuer, scope)
    if draft is None:
        raise NothingToPublish
    proofs = {proof.sample: proof for proof in proofs_of(issuer, scope, draft.choices)}
    if any(sample not in proofs or proofs[sample].finished_at is None for sample in samples.SAMPLES):
        raise NotProved
    if faults := [words for proof in proofs.values() for words in faults_in(proof)]:
        raise Unsound(faults=" ".join(dict.fromkeys(faults)))
    draft.begins_at = at + BEFORE_IT_COUNTS
    before = _without_end(issuer, scope)
    if before is not None:
        _end(before, draft.begins_at)
    draft.published_by, draft.published_at = by, at
    draft.save(update_fields=["begins_at", "published_by", "published_at"])
    audit.note("publish certificate template", draft, actor=by, at=at, reason=reason, number=draft.number)
    return draft


@transaction.atomic
def withdraw(*, template: CertificateTemplate, reason: str, by: User, at: datetime) -> CertificateTemplate:
    """Let it count no more for credentials issued from a minute on: what stands above it does, or the built-in.

    What was issued before keeps its looks. Refuses NotInForce.
    """
    Issuer.objects.select_for_update(no_key=True).get(pk=template.issuer_id)
    current = CertificateTemplate.objects.get(pk=template.pk)
    if current.published_at is None or current.ends_at is not None:
        raise NotInForce
    _end(current, at + BEFORE_IT_COUNTS)
    audit.note("withdraw certificate template", current, actor=by, at=at, reason=reason, number=current.number)
    return current


def _draft(issuer: Issuer, scope: str) -> CertificateTemplate | None:
    """The draft, if there is one; until the transaction ends nobody else changes this issuer's templates."""
    Issuer.objects.select_for_update(no_key=True).get(pk=issuer.pk)
    found = CertificateTemplate.objects.select_related("author")
    return found.filter(issuer=issuer, scope=Scope(scope), published_at__isnull=True).first()


def _without_end(issuer: Issuer, scope: str) -> CertificateTemplate | None:
    found = CertificateTemplate.objects.filter(issuer=issuer, scope=scope)
    return found.filter(published_at__isnull=False, ends_at__isnull=True).first()


def _end(template: CertificateTemplate, at: datetime) -> None:
    template.ends_at = at
    template.save(update_fields=["ends_at"])


# --- samples ------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask_proof(*, issuer: Issuer, scope: str, choices: Choices, sample: str, at: datetime) -> CertificateProof:
    """Promise to draw choices with a made-up learner; the same again is the proof that is there, for longer."""
    proof, made = CertificateProof.objects.get_or_create(
        issuer=issuer,
        digest=_digest(issuer, scope, choices),
        sample=sample,
        defaults={"scope": Scope(scope), "choices": choices, "asked_at": at},
    )
    if made:
        outbox.promise("credentials.prove_certificate", proof.pk)
    elif proof.asked_at < at:
        CertificateProof.objects.filter(pk=proof.pk).update(asked_at=at)
    return proof


def proofs_of(issuer: Issuer, scope: str, choices: Choices) -> list[CertificateProof]:
    """The proofs of these choices that are there or promised, without their pictures."""
    found = CertificateProof.objects.filter(issuer=issuer, digest=_digest(issuer, scope, choices)).defer("picture")
    order = list(samples.SAMPLES)
    return sorted(found, key=lambda proof: order.index(proof.sample))


def _digest(issuer: Issuer, scope: str, choices: Choices) -> str:
    """Of all that is on the sheet: another name of the issuer, or another release that prints, is another sheet."""
    parent = issuer.parent.name if issuer.parent else ""
    return designs.digest_of({**choices, "of": [scope, issuer.name, parent, certificate.VERSION]})


def faults_in(proof: CertificateProof) -> list[str]:
    """Why what was drawn must not go out, in words; none of them while it waits."""
    found = [proof.fault] if proof.fault else []
    if proof.missing:
        named = ", ".join(f"{character} (U+{ord(character):04X})" for character in proof.missing)
        found.append(gettext("No font of this site draws {characters}.").format(characters=named))
    return found


def prove(proof_id: int, *, at: datetime) -> Callable[[], None] | None:
    """Draw a sample. Belongs in a worker; raises outbox.Later where the machine cannot print."""
    proof = (
        CertificateProof.objects.filter(pk=proof_id, finished_at__isnull=True).select_related("issuer__parent").first()
    )
    if proof is None:
        return None
    issuer = proof.issuer
    fields = samples.fields_of(
        proof.sample,
        designs.design_of(proof.choices, designs.pictures_of(issuer, proof.choices)),
        qualification=proof.scope == Scope.QUALIFICATION,
        issuer_name=issuer.name,
        parent_issuer_name=issuer.parent.name if issuer.parent else "",
        site_url=settings.SITE_URL,
    )
    said: dict[str, object] = {"finished_at": at, "missing": certificate.missing_glyphs(fields)[:200]}
    try:
        pdf = certificate.print_whole(fields, credential_document=b"{}", printer=limited.print_pdf)
    except RendererMissing as missing:
        raise outbox.Later(WAIT_FOR_A_PERSON, str(missing)) from missing
    except RenderFailed as failure:
        said["fault"] = gettext("It could not be printed: {why}").format(why=failure)[:500]
    else:
        said["picture"], said["width"], said["height"], said["pages"] = _seen(pdf)
    return lambda: _finish(proof, said)


def _finish(proof: CertificateProof, said: dict[str, object]) -> None:
    CertificateProof.objects.filter(pk=proof.pk, finished_at__isnull=True).update(**said)


def _seen(pdf: bytes) -> tuple[bytes, int, int, int]:
    """The first pages as one picture for a screen (WebP), its size, and how many pages there are."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        count = len(document)
        pages = []
        for number in range(min(count, _PAGES_SHOWN)):
            page = document[number]
            scale = _ACROSS / min(page.get_width(), page.get_height())
            pages.append(page.render(scale=scale).to_pil().convert("RGB"))
    finally:
        document.close()
    gap = 24 if len(pages) > 1 else 0
    height = sum(page.height for page in pages) + gap
    whole = Image.new("RGB", (pages[0].width, height), "#808080")
    top = 0
    for page in pages:
        whole.paste(page, (0, top))
        top += page.height + gap
    target = io.BytesIO()
    whole.save(target, "WEBP", quality=80, method=2)
    return target.getvalue(), whole.width, whole.height, count


def sweep(*, at: datetime) -> None:
    """Forget old proofs, and pictures that no version of a template names any more."""
    with transaction.atomic():
        CertificateProof.objects.filter(asked_at__lt=at - KEPT_FOR).delete()
        named = {
            (issuer, sha256)
            for model in (CertificateTemplate, CertificateProof)
            for issuer, choices in model._default_manager.values_list("issuer", "choices")
            for sha256 in designs.pictures_named(choices)
        }
        old = CertificatePicture.objects.filter(added_at__lt=at - KEPT_FOR).values_list("pk", "issuer", "sha256")
        unused = [pk for pk, issuer, sha256 in old if (issuer, sha256) not in named]
        CertificatePicture.objects.filter(pk__in=unused).delete()

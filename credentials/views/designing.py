"""The pages on which registrars design certificates: a form with a live preview, versions, publishing, withdrawing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from credentials import access
from credentials.designs import designing, designs
from credentials.designs.design_forms import DesignForm, ReasonForm
from credentials.designs.designs import Choices
from credentials.models import CertificatePicture, CertificateProof, CertificateTemplate, Issuer
from credentials.rendering import samples
from portal.accounts.signed_in import SignedInRequest
from portal.shared import rate_limit
from portal.shared.models import AuditEntry, Job
from portal.shared.pages import page_of, page_or_fragment
from portal.shared.refusals import Refusal

Scope = CertificateTemplate.Scope
# A person who tries colours does not ask for more.
LIMIT = rate_limit.Limit(times=200, seconds=600)
# Seconds until the page asks again, ever more patiently.
WAITS = (1, 1, 2, 5)
VERSIONS = 20


@login_required
@require_safe
def list_templates(request: SignedInRequest) -> HttpResponse:
    """What each issuer of the reader uses for each kind: its own version, that of a body above, or the built-in."""
    issuers = access.issuers_designed_by(request.user)
    page = page_of(issuers.order_by("name").select_related("parent"), request)
    now = timezone.now()
    own = {
        (template.issuer_id, template.scope): template
        for template in CertificateTemplate.objects.filter(
            issuer__in=[issuer.pk for issuer in page], published_at__isnull=True
        ).defer("choices")
    }
    used = designs.all_in_force(list(page), at=now)
    rows = [
        (issuer, scope, used[issuer.pk, scope.value], own.get((issuer.pk, scope.value)))
        for issuer in page
        for scope in Scope
    ]
    context = {"page": page, "rows": rows, "registers": access.registers(request.user)}
    return render(request, "credentials/designing/list.html", context)


@login_required
def edit_template(request: SignedInRequest, slug: str, scope: str) -> HttpResponse:
    """The draft as a form beside its samples; without a draft, the version that counts, to begin with."""
    issuer = access.issuer_for_designing(request.user, slug, scope)
    used = designs.in_force(issuer, scope, at=timezone.now())
    draft, begun_from = _begun_from(request, issuer, scope, used)
    form = _form(request, begun_from, draft)
    status = 200
    if request.method == "POST":
        status = 413 if form.is_bound and not form.is_valid() and form.too_large else 422
        if form.is_valid():
            try:
                draft = designing.save_draft(
                    issuer=issuer,
                    scope=scope,
                    choices=_chosen(request, form, _taken(request, issuer, form), issuer, begun_from),
                    by=request.user,
                    at=timezone.now(),
                    read_at=form.cleaned_data["read_at"],
                )
            except _FormFaulty:
                pass
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Kept as a draft. Its samples are being drawn."))
                sample = form.cleaned_data["sample"]
                return redirect(f"{reverse('registry-certificate', args=[slug, scope])}?sample={sample}#preview")
    sample = _sample(request.GET.get("sample", ""))
    proofs = designing.proofs_of(issuer, scope, _choices_of(begun_from))
    proof = next((each for each in proofs if each.sample == sample), None)
    context = {
        **_about(issuer, scope),
        "form": form,
        "draft": draft,
        "begun_from": begun_from,
        "used": used,
        "sample": sample,
        "proof": proof,
        "versions": _versions(issuer, scope),
        **_waiting(request, proof),
    }
    return render(request, "credentials/designing/edit.html", context, status=status)


class _FormFaulty(Exception):
    """What is wrong stands in the form."""


def _begun_from(
    request: SignedInRequest, issuer: Issuer, scope: str, used: CertificateTemplate | None
) -> tuple[CertificateTemplate | None, CertificateTemplate | None]:
    """The draft if there is one; and what the form is filled with: a version asked for, the draft, or what counts.

    What counts (`used`) may be a version of a body above; None is the built-in certificate.
    """
    own = CertificateTemplate.objects.filter(issuer=issuer, scope=scope)
    draft = own.filter(published_at__isnull=True).select_related("author").first()
    asked = request.GET.get("from", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else None
    version = own.filter(number=number, published_at__isnull=False).first() if number else None
    if version is None and draft is None:
        # One that begins to count in a minute is what whoever published it goes on from.
        version = own.filter(published_at__isnull=False, ends_at__isnull=True).first() or used
    return draft, version or draft


def _choices_of(begun_from: CertificateTemplate | None) -> Choices:
    return begun_from.choices if begun_from else designs.built_in_choices()


def _form(
    request: SignedInRequest, begun_from: CertificateTemplate | None, draft: CertificateTemplate | None
) -> DesignForm:
    initial = {"sample": _sample(request.GET.get("sample", ""))}
    if draft is not None:
        initial["read_at"] = draft.edited_at.isoformat()
    return DesignForm(request.POST or None, request.FILES or None, choices=_choices_of(begun_from), initial=initial)


def _taken(request: SignedInRequest, issuer: Issuer, form: DesignForm) -> dict[str, CertificatePicture]:
    taken = {}
    for field, use, file in form.files_given():
        try:
            taken[field] = designing.take_picture(
                issuer=issuer,
                content=file.read(),
                name=file.name or "",
                use=use,
                landscape=form.cleaned_data["orientation"] == "landscape",
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(field, str(refusal))
    if form.errors:
        raise _FormFaulty
    return taken


def _chosen(
    request: SignedInRequest,
    form: DesignForm,
    taken: dict[str, CertificatePicture],
    issuer: Issuer,
    begun_from: CertificateTemplate | None,
) -> Choices:
    choices = form.choices(taken)
    if begun_from is not None and begun_from.issuer_id != issuer.pk:
        designing.lend_pictures(template=begun_from, to=issuer, by=request.user, at=timezone.now())
    form.show(designs.faults_of(choices, designs.pictures_of(issuer, choices)))
    if form.errors:
        raise _FormFaulty
    return choices


def _sample(asked: str) -> str:
    return asked if asked in samples.SAMPLES else next(iter(samples.SAMPLES))


def _about(issuer: Issuer, scope: str) -> dict[str, Any]:
    return {"issuer": issuer, "scope": scope, "scope_words": Scope(scope).label, "samples": samples.SAMPLES}


def _versions(issuer: Issuer, scope: str) -> list[tuple[CertificateTemplate, str, str]]:
    """The latest versions with the word for what they are, and why they were published."""
    found = list(
        CertificateTemplate.objects.filter(issuer=issuer, scope=scope, published_at__isnull=False)
        .select_related("published_by")
        .defer("choices")[:VERSIONS]
    )
    lines = AuditEntry.objects.filter(
        act="publish certificate template", subject_id__in=[str(each.uuid) for each in found]
    )
    reasons = dict(lines.values_list("subject_id", "reason"))
    now = timezone.now()
    return [(each, _standing(each, now), reasons.get(str(each.uuid), "")) for each in found]


def _standing(template: CertificateTemplate, now: Any) -> str:
    if template.in_force(now):
        return "counts"
    return "soon" if template.begins_at is not None and template.begins_at > now else "over"


# --- previews -----------------------------------------------------------------------------------------------------


@login_required
@require_POST
def preview_template(request: SignedInRequest, slug: str, scope: str) -> HttpResponse:
    """Have what the form holds drawn with one sample, kept or not; pictures count once they are kept."""
    issuer = access.issuer_for_designing(request.user, slug, scope)
    used = designs.in_force(issuer, scope, at=timezone.now())
    _draft, begun_from = _begun_from(request, issuer, scope, used)
    form = DesignForm(request.POST, choices=_choices_of(begun_from))
    allowed = rate_limit.spend("certificate preview", str(request.user.pk), LIMIT)
    context: dict[str, Any] = {
        **_about(issuer, scope),
        "form": form,
        "before": _before(request, request.POST.get("shown", "")),
        **_waiting(request),
    }
    if not allowed.allowed:
        response = _shown(request, {**context, "too_often": True}, status=429)
        response["Retry-After"] = str(allowed.retry_after)
        return response
    if not form.is_valid():
        return _shown(request, context, status=422)
    try:
        chosen = _chosen(request, form, {}, issuer, begun_from)
    except _FormFaulty:
        return _shown(request, context, status=422)
    proof = designing.ask_proof(
        issuer=issuer,
        scope=scope,
        choices=chosen,
        sample=_sample(form.cleaned_data["sample"]),
        at=timezone.now(),
    )
    if not request.htmx:
        return redirect("registry-certificate-proof", uuid=proof.uuid)
    return _shown(request, {**context, "proof": proof})


def _shown(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return page_or_fragment(
        request, "credentials/designing/proof.html", "credentials/designing/_proof.html", context, status=status
    )


@login_required
@require_safe
def show_proof(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """One sample, or that a worker is about to draw it."""
    proof = access.proof_for_designing(request.user, uuid)
    before = None if proof.finished_at else _before(request, request.GET.get("shown", ""))
    return _shown(
        request, {**_about(proof.issuer, proof.scope), "proof": proof, "before": before, **_waiting(request, proof)}
    )


def _before(request: SignedInRequest, shown: str) -> CertificateProof | None:
    """The sample that the page shows until the next one is drawn, so that nothing blinks while somebody types."""
    try:
        proof = access.proof_for_designing(request.user, UUID(shown))
    except (ValueError, Http404):
        return None
    return proof if proof.width else None


def _waiting(request: HttpRequest, proof: CertificateProof | None = None) -> dict[str, Any]:
    asked = request.GET.get("asked", "0")
    times = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 0
    found: dict[str, Any] = {"asked": times + 1, "wait": WAITS[min(times, len(WAITS) - 1)]}
    if proof is not None:
        found["faults"] = designing.faults_in(proof)
        if proof.finished_at is None:
            job = Job.objects.filter(kind="credentials.prove_certificate", subject_id=proof.pk).first()
            found["held_up"] = job.last_error if job else ""
    return found


@login_required
@require_safe
def send_proof(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The picture of a sample."""
    proof = access.proof_for_designing(request.user, uuid, drawn=True)
    return HttpResponse(
        bytes(proof.picture or b""),
        content_type="image/webp",
        headers={"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )


# --- acts ---------------------------------------------------------------------------------------------------------


@login_required
def publish_template(request: SignedInRequest, slug: str, scope: str) -> HttpResponse:
    """Shows every sample, says what follows, asks why, and lets the draft count."""
    issuer = access.issuer_for_designing(request.user, slug, scope)
    draft = access.draft_template(issuer, scope)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                template = designing.publish(
                    issuer=issuer,
                    scope=scope,
                    reason=form.cleaned_data["reason"],
                    by=request.user,
                    at=timezone.now(),
                )
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request,
                    _("Version %(number)d is published. It counts in a minute.") % {"number": template.number},
                )
                return redirect("registry-certificate", slug, scope)
    proofs = designing.proofs_of(issuer, scope, draft.choices)
    context = {
        **_about(issuer, scope),
        "draft": draft,
        "form": form,
        "proofs": [(proof, designing.faults_in(proof)) for proof in proofs],
        "complete": len(proofs) == len(samples.SAMPLES) and all(proof.finished_at for proof in proofs),
        "used": designs.in_force(issuer, scope, at=timezone.now()),
    }
    return render(request, "credentials/designing/publish.html", context, status=status)


@login_required
def withdraw_template(request: SignedInRequest, slug: str, scope: str) -> HttpResponse:
    """Says what follows, asks why, and lets the issuer's own version count no more."""
    issuer = access.issuer_for_designing(request.user, slug, scope)
    template = access.template_without_end(issuer, scope)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                designing.withdraw(
                    template=template, reason=form.cleaned_data["reason"], by=request.user, at=timezone.now()
                )
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("It counts no more in a minute. What was issued keeps its looks."))
                return redirect("registry-certificate", slug, scope)
    above = designs.in_force(issuer.parent, scope, at=timezone.now()) if issuer.parent else None
    context = {**_about(issuer, scope), "template": template, "form": form, "above": above}
    return render(request, "credentials/designing/withdraw.html", context, status=status)


@login_required
@require_POST
def change_draft(request: SignedInRequest, slug: str, scope: str, act: str) -> HttpResponse:
    """Discard the draft, or have its samples drawn again."""
    issuer = access.issuer_for_designing(request.user, slug, scope)
    draft = access.draft_template(issuer, scope)
    now = timezone.now()
    if act == "discard":
        designing.discard_draft(issuer=issuer, scope=scope, by=request.user, at=now)
        messages.success(request, _("The draft is gone. What was published stays."))
        return redirect("registry-certificate", slug, scope)
    designing.save_draft(issuer=issuer, scope=scope, choices=draft.choices, by=request.user, at=now)
    messages.success(request, _("The samples are being drawn."))
    return redirect("registry-certificate-publish", slug, scope)

"""Issuers for their administrators: what they say of themselves, who acts for them, and the keys that sign."""

import copy
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from credentials import addresses, issuers, reissuing
from credentials.access import issuer_for_administrator, issuers_of
from credentials.keys import keyring
from credentials.models import Issuer, IssuerRole, SigningKey
from credentials.queries import ancestry
from pathways import desk
from pathways.forms.registry import IssuerForm, NewIssuerForm, ReasonForm, RoleForm
from portal.accounts.signed_in import SignedInRequest
from portal.shared.models import Job
from portal.shared.refusals import Refusal

Purpose, State = SigningKey.Purpose, SigningKey.State
ACTS_SHOWN = 10
# What signs comes first, and what will never sign again comes last.
_ORDER = (State.ACTIVE, State.NEXT, State.RETIRED, State.COMPROMISED)


@login_required
def show_issuer(request: SignedInRequest, slug: str) -> HttpResponse:
    issuer = issuer_for_administrator(request.user, slug)
    form = IssuerForm(request.POST or None, instance=copy.copy(issuer))
    status = 200
    if request.method == "POST":
        if form.is_valid():
            issuers.edit_issuer(issuer=issuer, by=request.user, at=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Kept. Credentials issued before keep what they say."))
            return redirect("registry-issuer", slug)
        status = 422
    return _page(request, issuer, form=form, roles=RoleForm(), status=status)


def _page(
    request: SignedInRequest, issuer: Issuer, *, form: IssuerForm, roles: RoleForm, status: int = 200
) -> HttpResponse:
    found = SigningKey.objects.filter(issuer=issuer).order_by("purpose", "-created_at")
    keys = sorted(found, key=lambda key: (key.purpose, _ORDER.index(key.state)))
    rotating = set(
        Job.objects.filter(
            kind="credentials.rotate_key", subject_id__in=[key.pk for key in keys], state=Job.State.PENDING
        ).values_list("subject_id", flat=True)
    )
    given_up = [key for key in keys if (key.state, key.purpose) == (State.COMPROMISED, Purpose.CREDENTIALS)]
    left = reissuing.left_of(given_up) if given_up else {}
    context = {
        "issuer": issuer,
        "form": form,
        "role_form": roles,
        "roles": issuer.roles.select_related("user").order_by("role", "user__name"),
        "above": IssuerRole.objects.filter(issuer__in=ancestry(issuer)[1:])
        .select_related("user", "issuer")
        .order_by("role"),
        "keys": [(key, key.pk in rotating, *left.get(key.pk, (0, 0))) for key in keys],
        "did": addresses.issuer_did(issuer),
        "below": issuer.children.all(),
        "acts": desk.acts_on_issuer(issuer, keys)[:ACTS_SHOWN],
    }
    return render(request, "pathways/registry/issuer.html", context, status=status)


@login_required
def create_issuer(request: SignedInRequest) -> HttpResponse:
    """Under one that the reader administers; a new root is for the site's administrators."""
    parents = issuers_of(request.user, IssuerRole.Role.ADMINISTRATOR)
    if not parents.exists() and not request.user.is_superuser:
        raise Http404
    form = NewIssuerForm(
        request.POST or None,
        parents=parents,
        may_be_root=request.user.is_superuser,
        initial={"parent": request.GET.get("parent", "")},
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = issuers.create_issuer(by=request.user, at=timezone.now(), **form.cleaned_data)
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("“%(name)s” is made. A worker makes its keys.") % {"name": made.name})
                return redirect("registry-issuer", made.slug)
    return render(request, "pathways/registry/issuer_new.html", {"form": form}, status=status)


@login_required
@require_POST
def grant_role(request: SignedInRequest, slug: str) -> HttpResponse:
    issuer = issuer_for_administrator(request.user, slug)
    form = RoleForm(request.POST)
    if form.is_valid() and form.user is not None:
        issuers.grant_role(
            user=form.user, issuer=issuer, role=form.cleaned_data["role"], by=request.user, at=timezone.now()
        )
        messages.success(request, _("%(user)s has the role now.") % {"user": form.user})
        return redirect("registry-issuer", slug)
    return _page(request, issuer, form=IssuerForm(instance=copy.copy(issuer)), roles=form, status=422)


@login_required
@require_POST
def withdraw_role(request: SignedInRequest, slug: str, role: int) -> HttpResponse:
    issuer = issuer_for_administrator(request.user, slug)
    granted = get_object_or_404(IssuerRole.objects.select_related("user", "issuer"), pk=role, issuer=issuer)
    user = granted.user
    try:
        issuers.withdraw_role(role=granted, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("%(user)s no longer has the role.") % {"user": user})
    # Who took the role from themselves may not see the page any more.
    still = issuers_of(request.user, IssuerRole.Role.ADMINISTRATOR).filter(pk=issuer.pk).exists()
    return redirect("registry-issuer", slug) if still else redirect("me")


def _key(request: SignedInRequest, slug: str, uuid: UUID) -> SigningKey:
    issuer = issuer_for_administrator(request.user, slug)
    return get_object_or_404(SigningKey.objects.select_related("issuer"), uuid=uuid, issuer=issuer)


def _issuer_of(key: SigningKey) -> Issuer:
    assert key.issuer is not None  # noqa: S101 - for the type checker alone: it was found by its issuer
    return key.issuer


@login_required
def rotate_key(request: SignedInRequest, slug: str, uuid: UUID) -> HttpResponse:
    """Says what follows, and asks a worker to let the next key take over."""
    return _rotate(request, _key(request, slug, uuid))


# A stranger is told that there is no such key before anybody is asked who they are.
@reauthentication_required
def _rotate(request: SignedInRequest, key: SigningKey) -> HttpResponse:
    slug = _issuer_of(key).slug
    if key.state != State.ACTIVE:
        messages.error(request, _("Only the key that signs now can be replaced."))
        return redirect("registry-issuer", slug)
    if request.method == "POST":
        keyring.ask_rotation(key=key, by=request.user, at=timezone.now())
        messages.success(request, _("A worker lets the next key take over, usually within seconds."))
        return redirect("registry-issuer", slug)
    return render(request, "pathways/registry/key_rotate.html", {"issuer": key.issuer, "key": key})


@login_required
def mark_compromised(request: SignedInRequest, slug: str, uuid: UUID) -> HttpResponse:
    """Says how many credentials would no longer verify, asks why, and gives the key up."""
    return _give_up(request, _key(request, slug, uuid))


@reauthentication_required
def _give_up(request: SignedInRequest, key: SigningKey) -> HttpResponse:
    slug = _issuer_of(key).slug
    signs = key.state == State.ACTIVE
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                keyring.mark_compromised(
                    key=key, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"]
                )
            except Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(
                    request,
                    _("The key is given up. The next key signs from now on.") if signs else _("The key is given up."),
                )
                return redirect("registry-issuer", slug)
    context = {"issuer": key.issuer, "key": key, "form": form, "signed": reissuing.signed_by(key).count()}
    return render(request, "pathways/registry/key_compromised.html", context, status=status)

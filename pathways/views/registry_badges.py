"""The page on which registrars compose the badge of an achievement: a form with a live preview, drafts, publishing."""

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from credentials import renditions
from credentials.designs import badge_pictures, badges
from credentials.models import Achievement, Award, BadgeDesign
from credentials.rendering import badge
from credentials.rendering.badge.look import COLOURS, MOST_ON_RING
from pathways import access
from pathways.forms.badges import BadgeForm
from portal.accounts.signed_in import SignedInRequest
from portal.shared.pages import page_or_fragment
from portal.shared.refusals import Refusal

SIZES, LARGE = (32, 64, 128), 600
# Words that run to the left, for the preview of a ring.
TO_THE_LEFT = "كلية العلوم التطبيقية والتعلم مدى الحياة"


@login_required
def edit_badge(request: SignedInRequest, slug: str) -> HttpResponse:
    """The draft as a form beside its pictures; without a draft, what is drawn now, to begin with."""
    achievement = access.achievement_for_registrar(request.user, slug)
    draft = badges.draft_of(achievement)
    form = _form(request, achievement, draft)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and (chosen := _chosen(request, achievement, form)) is not None:
            try:
                badges.save_draft(
                    achievement=achievement,
                    chosen=chosen,
                    words=form.cleaned_data["words"] or _composed(achievement, chosen),
                    by=request.user,
                    at=timezone.now(),
                    read_at=form.cleaned_data["read_at"],
                )
            except Refusal as refusal:
                status = refusal.status
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Kept as a draft. Nothing is drawn so before it is published."))
                return redirect("registry-badge-edit", slug)
    return _page(request, achievement, draft, form, status=status)


def _chosen(request: SignedInRequest, achievement: Achievement, form: BadgeForm) -> badge.Look | None:
    """The look with the pictures that were handed in; none where one was refused, which the form says then."""
    taken = {}
    for use, file in form.files_given().items():
        try:
            picture = badge_pictures.take(
                issuer=achievement.issuer,
                use=use,
                content=file.read(),
                name=file.name or "",
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(use, str(refusal))
        else:
            taken[use] = picture.sha256
    return None if form.errors or form.look is None else replace(form.look, **taken)


@login_required
@require_POST
def preview_badge(request: SignedInRequest, slug: str) -> HttpResponse:
    """What the form holds, as pictures; nothing is kept."""
    achievement = access.achievement_for_registrar(request.user, slug)
    draft = badges.draft_of(achievement)
    form = _form(request, achievement, draft)
    return _page(request, achievement, draft, form, status=200 if form.is_valid() else 422)


@login_required
@require_safe
def draw_badge(request: SignedInRequest, slug: str, kind: str) -> HttpResponse:
    """The picture of a look that the address says; `title` as long as a title may be, where that is asked for."""
    achievement = access.achievement_for_registrar(request.user, slug)
    said = {name: request.GET[name] for name in asdict(badge.Look()) if name in request.GET}
    try:
        art = renditions.art_with(achievement, badges.look_of(said))
    except Refusal as refusal:
        raise Http404 from refusal
    if request.GET.get("title") == "longest":
        art = replace(art, achievement_name=_longest(achievement))
    private = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
    if kind == "svg":
        return HttpResponse(badge.draw_svg(art), content_type="image/svg+xml", headers=private)
    size = next((each for each in SIZES if request.GET.get("size") == str(each)), LARGE)
    return HttpResponse(badge.draw_png(art, size), content_type="image/png", headers=private)


@login_required
@require_POST
def change_badge(request: SignedInRequest, slug: str, act: str) -> HttpResponse:
    """Publish the draft, or forget it."""
    achievement = access.achievement_for_registrar(request.user, slug)
    draft = badges.draft_of(achievement)
    try:
        if act == "discard":
            badges.discard_draft(achievement=achievement, by=request.user, at=timezone.now())
            messages.success(request, _("The draft is forgotten."))
            return redirect("registry-badge-edit", slug)
        art = renditions.art_with(achievement, badges.look_of(draft.look) if draft else None)
        badges.publish(achievement=achievement, art=art, by=request.user, at=timezone.now())
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _page(
            request, achievement, draft, _form(request, achievement, draft, unread=True), status=refusal.status
        )
    messages.success(request, _("Published. What was issued before keeps its picture."))
    return redirect("registry-achievement", slug)


def _form(
    request: SignedInRequest, achievement: Achievement, draft: BadgeDesign | None, *, unread: bool = False
) -> BadgeForm:
    read = request.method == "POST" and not unread
    data, files = (request.POST, request.FILES) if read else (None, None)
    logo = badge_pictures.logo_of(achievement.issuer)
    if draft is not None:
        look, read_at = badges.look_of(draft.look), draft.edited_at.isoformat()
        # Words that nobody has changed are composed anew with whatever is chosen.
        words = "" if draft.words == _composed(achievement, look) else draft.words
        return BadgeForm(data, files, begun_from=look, logo=logo, words=words, read_at=read_at)
    begun = renditions.badge_art(achievement).look
    look = begun or _first(achievement, logo)
    words = achievement.image_alt if begun and begun.artwork else ""
    return BadgeForm(data, files, begun_from=look, logo=logo, words=words)


def _first(achievement: Achievement, logo: str) -> badge.Look:
    """What to begin with where nobody has chosen anything: a seal of the issuer's."""
    name = achievement.issuer.name
    letters = "".join(word[0] for word in name.split() if word[0].isalpha() and word[0] == word[0].upper())
    return badge.Look(colour=next(iter(COLOURS)), ring=name[:120], mark=letters[:3], logo=logo)


def _composed(achievement: Achievement, look: badge.Look) -> str:
    return badges.words_of(renditions.art_with(achievement, look), achievement.language)


def _longest(achievement: Achievement) -> str:
    """As long as a name may be, in the words of this one."""
    most = Achievement._meta.get_field("name").max_length or 150
    return " ".join([achievement.name] * (most // len(achievement.name) + 1))[:most]


def _query(look: badge.Look) -> str:
    return urlencode({name: value for name, value in asdict(look).items() if value})


def _longest_ring(achievement: Achievement, look: badge.Look) -> badge.Look:
    """As many words around the ring as there may be, of those that stand there or else of the issuer's name."""
    words = look.ring or achievement.issuer.name
    return replace(look, ring=" ".join([words] * (MOST_ON_RING // len(words) + 1))[:MOST_ON_RING].strip())


def _page(
    request: SignedInRequest, achievement: Achievement, draft: BadgeDesign | None, form: BadgeForm, *, status: int
) -> HttpResponse:
    look = form.look
    context: dict[str, Any] = {"achievement": achievement, "draft": draft, "form": form}
    if look is not None:
        art = renditions.art_with(achievement, look)
        context |= {
            "query": _query(look),
            "sizes": SIZES,
            "faults": badges.faults_of(art),
            "longest_faults": badges.faults_of(replace(art, achievement_name=_longest(achievement))).notes,
            "composed": _composed(achievement, look),
            "lender": badge_pictures.lender_of(achievement.issuer, look.logo) if look.logo else None,
        }
        if look.artwork:
            context["words"] = form["words"].value()
        else:
            rings = {"longest_ring": _longest_ring(achievement, look), "left_ring": replace(look, ring=TO_THE_LEFT)}
            context |= {name: _query(each) for name, each in rings.items()}
    designs = BadgeDesign.objects.filter(achievement=achievement, published_at__isnull=False).select_related("author")
    context |= {
        "designs": designs[:20],
        "holders": Award.objects.filter(achievement=achievement).count() if draft else 0,
        "next_version": achievement.version + (achievement.state != Achievement.State.DRAFT),
    }
    page, fragment = "pathways/registry/badge.html", "pathways/registry/_badge_preview.html"
    return page_or_fragment(request, page, fragment, context, status=status)

"""The badge as a drawing with the signed credential in it, baked when asked for: that costs less than keeping it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from credentials import access, queries, renditions, verification


@never_cache
@require_safe
def download_svg(request: HttpRequest, code: str) -> HttpResponse:
    """The badge of a shared credential as SVG. Public."""
    plain = verification.code_in(code)
    credential = queries.credential_by_code(plain) if plain else None
    if credential is None or not access.may_have_files(request.user, credential):
        raise Http404
    name = f"{credential.award.achievement.slug}.svg"
    return HttpResponse(
        renditions.baked_svg(credential),
        content_type="image/svg+xml",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            # Opened as a page it may still do nothing (T4).
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        },
    )

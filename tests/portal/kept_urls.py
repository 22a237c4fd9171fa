"""Addresses of a page that is kept, for `test_kept_pages.py`."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path

from credentials.models import Issuer
from portal.accounts.models import User
from portal.shared import kept_pages
from portal.urls import urlpatterns as _site

made: list[str] = []
changes_at: list[datetime] = []
GIVE = timedelta(0)


def _rendered(request: HttpRequest, template: str, **context: object) -> HttpResponse:
    made.append(request.path)
    return HttpResponse(engines["django"].from_string(template).render(context, request))


@kept_pages.keep
def show_people(request: HttpRequest) -> HttpResponse:
    kept_pages.until(*changes_at, give=GIVE)
    names = [each.name for each in User.objects.order_by("pk").iterator(chunk_size=1)]
    first = User.objects.order_by("pk").values_list("name", flat=True).first()
    return _rendered(request, "{{ names }} {{ first }} {{ theme }}", names=names, first=first)


@kept_pages.keep
def show_form(request: HttpRequest) -> HttpResponse:
    return _rendered(request, "{% csrf_token %}|{{ csrf_token }}|{% for each in messages %}{{ each }}{% endfor %}")


@kept_pages.keep
def count_issuers(request: HttpRequest) -> HttpResponse:
    Issuer.objects.update(description="Seen.")
    return _rendered(request, "{{ count }}", count=Issuer.objects.count())


@kept_pages.keep
def try_luck(request: HttpRequest) -> HttpResponse:
    kept_pages.forgo()
    return _rendered(request, "Once.")


@kept_pages.keep
def leave(request: HttpRequest, how: str) -> HttpResponse:
    if how == "lack":
        raise Http404
    if how == "refuse":
        answer = _rendered(request, "{% csrf_token %}")
        answer.status_code = 403
        return answer
    if how == "tell":
        messages.success(request, "Done.")
        return _rendered(request, "Told.")
    if how == "bake":
        answer = _rendered(request, "With a cookie.")
        answer.set_cookie("seen", "1")
        return answer
    return redirect("/people/")


urlpatterns = [
    path("people/", show_people),
    path("form/", show_form),
    path("issuers-counted/", count_issuers),
    path("luck/", try_luck),
    path("leave/<str:how>/", leave),
    *_site,
]

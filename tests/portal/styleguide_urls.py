"""The addresses of the site and the style guide, which the site itself shows only while DEBUG is on."""

from django.http import Http404, HttpResponse, HttpResponseGone
from django.urls import path

from portal import urls, views
from portal.shared import error_pages
from portal.shared.refusals import Refusal


class Locked(Refusal):
    words = "Ivo is marking {name}."


def refuse(request):
    raise Locked(name="this paper")


def break_down(request):
    raise ZeroDivisionError


def lack(request):
    raise Http404


def show_error(request, status):
    return error_pages.error_page(request, status)


urlpatterns = [
    path("styleguide/", views.show_styleguide),
    path("refuse/", refuse),
    path("gone/", lambda request: HttpResponseGone()),
    path("spoken/", lambda request: HttpResponse("busy", status=503)),
    path("break/", break_down),
    path("lack/", lack),
    path("show/<int:status>/", show_error),
    *urls.urlpatterns,
]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500

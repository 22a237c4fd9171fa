"""The addresses of the site."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.cache import cache_page
from drf_spectacular.views import SpectacularAPIView

from portal import about, developers, health, views
from portal.accounts import views as accounts

# Django's own login form would let a password in where a second step was asked for.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# The document changes only with the program, and takes a second to make.
API_DOCUMENT_SECONDS = 300

_portal = [
    path("appearance/", views.appearance, name="appearance"),
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("language/", views.language, name="language"),
]
if settings.DEBUG:
    _portal.append(path("styleguide/", views.show_styleguide, name="styleguide"))

urlpatterns = [
    path("", include((_portal, "portal"))),
    path("accounts/tokens/", accounts.show_tokens, name="tokens"),
    path("accounts/tokens/<int:token_id>/withdraw/", accounts.withdraw_token, name="token-withdraw"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("credentials.api.urls")),
    path("api/v1/", include("pathways.api.urls")),
    path("api/schema/", cache_page(API_DOCUMENT_SECONDS)(SpectacularAPIView.as_view()), name="api-schema"),
    path("developers/", developers.show_guide, name="developers"),
    path("help/", about.show_help, name="help"),
    path("accessibility/", about.show_accessibility, name="accessibility"),
    path("privacy/", about.show_privacy, name="privacy"),
    path("", include("credentials.urls")),
    path("", include("pathways.urls")),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error

"""The addresses of learning, teaching and the registry."""

from django.urls import include, path

urlpatterns = [
    path("", include("pathways.urls.catalogue")),
    path("me/", include("pathways.urls.learning")),
    path("teach/", include("pathways.urls.teaching")),
    path("registry/", include("pathways.urls.registry")),
    path("operations/", include("pathways.urls.operations")),
]

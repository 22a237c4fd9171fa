"""The addresses of credentials: verification, issuers and their documents, the log."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

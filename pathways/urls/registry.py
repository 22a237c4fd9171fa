"""The addresses of registrars."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

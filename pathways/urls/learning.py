"""The addresses of a learner's own pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

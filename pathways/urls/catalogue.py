"""The addresses that anyone may visit: catalogue, courses, pathways."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

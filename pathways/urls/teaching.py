"""The addresses of instructors."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

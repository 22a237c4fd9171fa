"""Names the credentials app."""

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "credentials"

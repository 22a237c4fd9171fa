"""Names the credentials app."""

from importlib import import_module

from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "credentials"

    def ready(self) -> None:
        # Importing it registers the check.
        import_module("credentials.checks")
        # What `described` keeps in memory.
        generation = import_module("portal.shared.generation")
        for model in ("Achievement", "AchievementSkill", "Endorsement", "Issuer"):
            generation.watch(f"credentials.{model}")
        around, renditions = import_module("credentials.verification.around"), import_module("credentials.renditions")
        around.hold_against(renditions.baked_on_request)

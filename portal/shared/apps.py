"""Names the shared app."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules


class SharedConfig(AppConfig):
    name = "portal.shared"
    label = "shared"
    verbose_name = "Shared"

    def ready(self) -> None:
        # Who promises a job must know its queue, and who works must know how: each package's tasks.py says both.
        autodiscover_modules("tasks")
        # Importing it registers the checks.
        import_module("portal.shared.checks")
        post_migrate.connect(import_module("portal.shared.generation").install, sender=self)

"""Names the pathways app."""

from importlib import import_module

from django.apps import AppConfig


class PathwaysConfig(AppConfig):
    name = "pathways"

    def ready(self) -> None:
        # What `rulebook` keeps in memory; a draft is nobody's rule yet.
        generation = import_module("portal.shared.generation")
        generation.watch("pathways.RuleVersion", when="{row}.state <> 'draft'")
        generation.watch("pathways.RuleReference")

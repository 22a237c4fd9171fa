"""The site: settings, addresses, the worker, people, and what both domains share."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]

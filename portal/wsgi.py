"""The door for a WSGI server."""

import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from portal.shared import kept_pages
from portal.shared.supervision.kin import hold_lifeline

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()
kept_pages.program()
# Whoever checks the first document need not wait until what that takes is loaded.
import_module("credentials.verification").warm()
# A server's worker process is a grandchild of `up`, and must end with it.
hold_lifeline()

"""The door for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

from portal.shared import kept_pages
from portal.shared.supervision.kin import hold_lifeline

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()
kept_pages.program()
# A server's worker process is a grandchild of `up`, and must end with it.
hold_lifeline()

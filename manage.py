#!/usr/bin/env python
"""Cairn's commands; `./run COMMAND` calls them in the right environment."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from portal import env

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    env.keep_name_at_home(Path(os.environ.get("CAIRN_DATA") or Path(__file__).resolve().parent / "var"))
    execute_from_command_line(sys.argv)

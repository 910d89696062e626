"""Starts the embedded PostgreSQL before Django is set up (a conftest is too late), where DATABASE_URL is not set.

Generated examples are the same on every run, so that a red run means a change; `make fuzz` looks for new ones.
"""

import os

from hypothesis import settings

from platform_core import database

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("new", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))

database.ensure()

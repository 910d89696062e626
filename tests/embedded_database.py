"""Starts the embedded PostgreSQL before Django is set up (a conftest is too late), where DATABASE_URL is not set."""

from platform_core import database

database.ensure()

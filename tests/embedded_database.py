"""Starts the embedded PostgreSQL before Django is set up (a conftest is too late), unless DATABASE_URL names another."""

from platform_core import database

database.ensure()

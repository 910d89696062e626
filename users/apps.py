"""Companies, people, roles, keys."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    """The app of companies and people."""

    name = "users"

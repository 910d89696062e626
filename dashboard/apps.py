"""The HTML face."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The app of the pages."""

    name = "dashboard"

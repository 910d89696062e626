"""The app of what goes to, and comes from, other systems."""

from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    """Registers connectors."""

    name = "connectors"

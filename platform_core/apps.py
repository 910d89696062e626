"""The app that holds the commands and the system checks of the installation."""

from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """Registers platform_core, so that Django finds its management commands."""

    name = "platform_core"
    label = "platform_core"

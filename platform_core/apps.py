"""The app that holds the commands and the system checks of the installation."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class PlatformConfig(AppConfig):
    """Registers platform_core, so that Django finds its management commands, has every connection say for whom
    it asks."""

    name = "platform_core"
    label = "platform_core"

    def ready(self) -> None:
        # These import a model, which no module may before the apps are known; the checks register themselves.
        from platform_core import checks  # noqa: F401
        from platform_core.row_security import watch_connection, watch_connections

        connection_created.connect(watch_connection, dispatch_uid="row_security")
        watch_connections()

"""What was asked, and what was answered."""

from django.apps import AppConfig


class RequestLogsConfig(AppConfig):
    """The app of the ledger, of outcomes and of the log of requests."""

    name = "request_logs"

    def ready(self) -> None:
        from request_logs import people
        from users import personal_data

        personal_data.register(people.PLACE)

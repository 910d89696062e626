"""What was asked, and what was answered."""

from django.apps import AppConfig


class RequestLogsConfig(AppConfig):
    """The app of the ledger, of outcomes and of the log of requests."""

    name = "request_logs"

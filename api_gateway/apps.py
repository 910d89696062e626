"""The JSON face."""

from django.apps import AppConfig


class ApiGatewayConfig(AppConfig):
    """The app of the API's views."""

    name = "api_gateway"

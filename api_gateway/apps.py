"""The JSON face."""

from django.apps import AppConfig


class ApiGatewayConfig(AppConfig):
    """The app of the API's views."""

    name = "api_gateway"

    def ready(self) -> None:
        from api_gateway import people
        from users import personal_data

        personal_data.register(people.PLACE)

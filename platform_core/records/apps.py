"""The app of the business records."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Registers where a person's records are."""

    name = "platform_core.records"
    label = "records"

    def ready(self) -> None:
        from platform_core.records import people
        from users import personal_data

        personal_data.register(people.PLACE)

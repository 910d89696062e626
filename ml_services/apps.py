"""Predictors, their training, their artifacts, and the front door that serves them."""

from django.apps import AppConfig


class MlServicesConfig(AppConfig):
    """The app of predictors. Its `ready` finds them all, so that a broken one stops the start."""

    name = "ml_services"
    verbose_name = "Predictors"

    def ready(self) -> None:
        from ml_services import registry, trained_people
        from users import personal_data

        registry.all_predictors()
        personal_data.register(trained_people.PLACE)

"""The app of files: what was sent in, and what became of it."""

from django.apps import AppConfig


class FileUploadsConfig(AppConfig):
    """Registers file_uploads."""

    name = "file_uploads"

    def ready(self) -> None:
        from file_uploads import people
        from users import personal_data

        personal_data.register(people.PLACE)

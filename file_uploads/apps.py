"""The app of files: what was sent in, and what became of it."""

from django.apps import AppConfig


class FileUploadsConfig(AppConfig):
    """Registers file_uploads."""

    name = "file_uploads"

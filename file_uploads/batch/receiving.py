"""The file of a form, written to the disk while it comes in."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any, cast

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, UnreadablePostError

from file_uploads.batch import incoming
from platform_core.errors import FileTooLarge, InputInvalid

BREAKS_OFF = "The body breaks off before its announced end. Send it again."


class IncomingFile(TemporaryUploadedFile):
    """A file of the form, in the folder of what comes in, with its digest."""

    sha256 = ""


class IncomingFileHandler(TemporaryFileUploadHandler):
    """Writes the file to the disk piece by piece and takes its digest on the way. Raises FileTooLarge."""

    def __init__(self, request: Any) -> None:
        super().__init__(request)
        self.opened: list[IncomingFile] = []

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        self.digest, self.received = hashlib.sha256(), 0
        self.file = IncomingFile(str(self.file_name), self.content_type, 0, self.charset, self.content_type_extra)
        self.file.close()
        self.file.file = cast(IO[Any], tempfile.NamedTemporaryFile(dir=incoming.folder()))  # noqa: SIM115
        self.opened.append(self.file)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > settings.MAX_UPLOAD_BYTES:
            raise FileTooLarge(f"The file is larger than {settings.MAX_UPLOAD_BYTES // 2**20:,} MB.")
        self.digest.update(raw_data)
        super().receive_data_chunk(raw_data, start)

    def drop(self) -> None:
        """Removes what has come in, and was not kept elsewhere."""
        for file in self.opened:
            with suppress(OSError):  # what a full disk did not take is tried again when a file is closed
                file.close()

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        found = super().file_complete(file_size)
        cast(IncomingFile, self.file).sha256 = self.digest.hexdigest()
        return found


def breaks_off(request: Any) -> bool:
    """Whether a body that was read ended before its announced length: the rest of the file is missing."""
    body = getattr(request, "_stream", None)
    return bool(getattr(body, "limit", 0) > getattr(body, "_pos", 0))


@contextmanager
def received(request: HttpRequest) -> Iterator[None]:
    """Reads the form of a page's request; what came in and was not kept elsewhere is gone after the block. Raises
    FileTooLarge, and InputInvalid where the body breaks off."""
    handler = IncomingFileHandler(request)
    request.upload_handlers = [handler]
    try:
        try:
            _ = request.POST
        except UnreadablePostError:
            raise InputInvalid(BREAKS_OFF, attr="file") from None
        if breaks_off(request):
            raise InputInvalid(BREAKS_OFF, attr="file")
        yield
    finally:
        handler.drop()


__all__ = ["BREAKS_OFF", "IncomingFile", "IncomingFileHandler", "breaks_off", "received"]

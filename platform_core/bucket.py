"""A bucket as a store of files, where what passes is told as what passes: a store that is overloaded, slow or away
raises StoreAway, an OSError, as a disk does. What is wrong with a request (no such bucket, no right) stays what it is.

Only named in the settings: boto3 is imported where a bucket is used.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.exceptions import (
    ConnectionError as UnreachableError,
)
from s3transfer.exceptions import RetriesExceededError
from storages.backends.s3 import S3File, S3Storage

CONNECT_S, READ_S = 5, 20
"""Silence of the store that ends a try."""
TRIES = 3
"""Tries of a request, with back-off in between (botocore's mode `standard`), before the task itself is put off."""
PASSING_CODES = frozenset(
    {
        "SlowDown", "RequestTimeout", "RequestTimeoutException", "InternalError", "ServiceUnavailable", "Throttling",
        "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "BandwidthLimitExceeded",
        "OperationAborted",
    }
)  # fmt: skip
"""S3's errors that it asks to try again (API reference, "Error responses"; botocore's standard retry mode)."""
TOO_MANY, SERVERS_FAULT = 429, 500
CUT = (UnreachableError, HTTPClientError, IncompleteReadError, ResponseStreamingError, RetriesExceededError)
"""No answer, or half of one."""


class StoreAway(OSError):
    """The store does not answer as it should, for now."""


@contextmanager
def passing() -> Iterator[None]:
    """Raises StoreAway for what passes by itself."""
    try:
        yield
    except (ClientError, Boto3Error, *CUT) as problem:
        # Boto3Error wraps the others in uploads.
        cause = problem.__cause__ or problem.__context__ if isinstance(problem, Boto3Error) else problem
        if not _passes(cause):
            raise
        raise _away(problem) from problem


def _passes(problem: BaseException | None) -> bool:
    if not isinstance(problem, ClientError):
        return isinstance(problem, CUT)
    status = int(problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    code = str(problem.response.get("Error", {}).get("Code", ""))
    return status >= SERVERS_FAULT or status == TOO_MANY or code in PASSING_CODES


def _away(problem: Exception) -> StoreAway:
    return StoreAway(errno.EAGAIN, f"The store does not answer as it should ({type(problem).__name__})")


class BucketFile(S3File):  # type: ignore[misc]
    """An object that is read; it is fetched when it is first asked for its bytes."""

    def _get_file(self) -> Any:
        with passing():
            return super()._get_file()

    file = property(_get_file, S3File._set_file)


class Bucket(S3Storage):  # type: ignore[misc]
    """S3Storage with time limits and few tries of its own."""

    client_config: Any

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        own = Config(
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            retries={"mode": "standard", "total_max_attempts": TRIES},
        )
        self.client_config = self.client_config.merge(own)

    def _open(self, name: str, mode: str = "rb") -> Any:
        with passing():
            opened = super()._open(name, mode)
        opened.__class__ = BucketFile
        return opened

    def _save(self, name: str, content: Any) -> Any:
        with passing():
            return super()._save(name, content)

    def delete(self, name: str) -> None:
        """Removes an object."""
        with passing():
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Whether there is such an object."""
        with passing():
            return bool(super().exists(name))

    def listdir(self, name: str) -> Any:
        """The folders and the files below a name."""
        with passing():
            return super().listdir(name)

    def size(self, name: str) -> int:
        """Bytes of an object."""
        with passing():
            return int(super().size(name))

    def get_modified_time(self, name: str) -> Any:
        """When an object was last written."""
        with passing():
            return super().get_modified_time(name)


__all__ = ["Bucket", "BucketFile", "StoreAway", "passing"]

"""A disk or a store of files that is full or away while somebody waits for an answer: told as what it is, with when to
come again. Work of the queue waits for it by itself (platform_core.jobs)."""

from __future__ import annotations

import errno

from platform_core.errors import PlatformError

WAIT_S = 30
"""After how long asking again is worth it: a bucket's own tries, or an operator's look at the disk, take longer than
the next second."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
AWAY = frozenset(
    {
        errno.EAGAIN, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENOTCONN, errno.EHOSTDOWN, errno.EHOSTUNREACH,
        errno.EROFS,
    }
)  # fmt: skip
"""What a bucket (StoreAway), a network mount, or a disk with damage answers."""


class StorageFull(PlatformError):
    """There is no room for a file."""

    code = "storage_full"
    status = 503
    default = (
        "There is no room left for files on this installation: nothing was kept. Send it again later; its operator "
        "must make room."
    )
    retry_after_s = WAIT_S


class StoreUnavailable(PlatformError):
    """The files cannot be reached, for now."""

    code = "store_unavailable"
    status = 503
    default = "The store of files does not answer for now. Try again in half a minute."
    retry_after_s = WAIT_S


def told(problem: OSError) -> PlatformError | None:
    """The same for a person; None for what is no trouble of storage, but a fault of ours."""
    if problem.errno in FULL:
        return StorageFull()
    return StoreUnavailable() if problem.errno in AWAY else None


__all__ = ["StorageFull", "StoreUnavailable", "told"]

"""The one way out: HTTP to addresses that companies name. It reaches the public internet alone.

A name is looked up when it is called, and what counts is where the connection has led (its peer's address, before a
byte is sent): a name that pointed elsewhere a moment ago deceives nobody (OWASP, Server-Side Request Forgery
Prevention Cheat Sheet, DNS pinning).
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from platform_core.errors import PlatformError

TIMEOUT_S = (5.0, 10.0)
"""To connect, and between two bytes of the answer."""
MOST_ANSWER_BYTES = 64 << 10
"""What is read of an answer, which is looked at for its status alone."""


class Unreachable(PlatformError):
    """The other side did not answer: try again later."""

    code = "unreachable"
    default = "The address could not be reached."


class Forbidden(PlatformError):
    """The address leads into a private network: never try again."""

    code = "private_address"
    default = "The address leads into a private network."


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet, also in IPv6 dress."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        return found.is_global and (inner is None or inner.is_global) and not found.teredo
    return found.is_global and not found.is_multicast


class _Guarded:
    """Mixed into a connection: looks where it has led before anything is sent."""

    def _new_conn(self) -> Any:
        opened = super()._new_conn()  # type: ignore[misc]
        if not is_public(str(opened.getpeername()[0])):
            opened.close()
            raise Forbidden
        return opened


class _PlainConnection(_Guarded, HTTPConnection):
    pass


class _SecureConnection(_Guarded, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer to a POST. Redirects are not followed: they would lead around the person who named the
    address. Raises Forbidden, Unreachable."""
    with requests.Session() as session:
        session.trust_env = False
        adapter = _Adapter(max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        try:
            with session.post(
                url, data=body, headers=headers, timeout=TIMEOUT_S, allow_redirects=False, stream=True
            ) as answer:
                answer.raw.read(MOST_ANSWER_BYTES)
                return int(answer.status_code)
        except (requests.RequestException, HTTPError, OSError, ValueError):
            raise Unreachable from None


__all__ = ["Forbidden", "Unreachable", "is_public", "post"]

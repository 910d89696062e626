"""Addresses that a company wants to be called at. Our server calls them, so they must not lead into our own network.

This looks at the address as written. Whoever calls it must look again at what its name resolves to: a name may lead
anywhere, and elsewhere tomorrow (OWASP Server-Side Request Forgery Prevention Cheat Sheet).
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from users.input_fields import Wrong, line

LONGEST = 500
PRIVATE_NAMES = (
    "localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private", "test", "invalid",
    "onion", "home.arpa",
)  # fmt: skip
"""RFC 6761 and 6762, RFC 8375, ICANN's reserved `internal`, and what routers use."""
NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})")
PRINTABLE = re.compile(r"[!-~]+")
_one_line = line(LONGEST)


def webhook_address(value: Any) -> str:
    """An https address of a public-looking host, without a password in it."""
    text = str(_one_line(value))
    if not PRINTABLE.fullmatch(text) or "\\" in text:
        raise Wrong("invalid", "must be an address without spaces, in ASCII")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise Wrong("invalid", "is no address") from None
    if parts.scheme != "https":
        raise Wrong("invalid", "must begin with https://")
    if "@" in parts.netloc or parts.fragment:
        raise Wrong("invalid", "must hold neither a password nor a fragment")
    if port == 0 or not _public(parts):
        raise Wrong("invalid", "must name a host of the public internet")
    return text


def _public(parts: SplitResult) -> bool:
    host = (parts.hostname or "").removesuffix(".")
    if parts.netloc.startswith("[") or re.fullmatch(r"[0-9.]+", host):
        return _public_number(host)
    return bool(NAME.fullmatch(host)) and not host.endswith(tuple(f".{name}" for name in PRIVATE_NAMES))


def _public_number(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        # An IPv4 address in IPv6 dress (mapped, 6to4, Teredo, NAT64) may stand for a private one.
        return (
            address.is_global
            and not (address.ipv4_mapped or address.sixtofour or address.teredo)
            and (not host.startswith("64:ff9b:"))
        )
    return address.is_global and not address.is_multicast


__all__ = ["webhook_address"]

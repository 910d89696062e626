"""Where a request comes from. `X-Forwarded-For` is believed only as far as TRUSTED_PROXIES says: anyone can send it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

from platform_core.errors import SettingInvalid

Address = IPv4Address | IPv6Address
UNKNOWN = "0.0.0.0"  # noqa: S104 - an address to count under, not one to listen on
"""Where the server knows no address, as behind a unix socket without a trusted proxy."""
ONE_SITE_BITS = 64
"""An IPv6 site holds a whole /64 (RFC 6177): who may take any address in it is counted as one."""
MOST_PROXIES = 10


@dataclass(frozen=True, slots=True)
class Trust:
    """Which proxies are ours: the last `count` ones of any address, or those within `networks`."""

    count: int = 0
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def __contains__(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def trusted(raw: str) -> Trust:
    """The setting TRUSTED_PROXIES: how many proxies stand before us, or their addresses and networks."""
    text = raw.strip()
    if text.isdecimal():
        if int(text) > MOST_PROXIES:
            raise SettingInvalid(f"The setting TRUSTED_PROXIES: more than {MOST_PROXIES} proxies in a row.")
        return Trust(count=int(text))
    try:
        return Trust(networks=tuple(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip()))
    except ValueError:
        raise SettingInvalid(
            "The setting TRUSTED_PROXIES must be a number of proxies, or addresses and networks (10.0.0.0/8, ::1)."
        ) from None


def client_address(request: HttpRequest) -> str:
    """The address of who asks, normalised; UNKNOWN where there is none. Never raises."""
    meta = request.META
    return _resolved(str(meta.get("REMOTE_ADDR") or ""), str(meta.get("HTTP_X_FORWARDED_FOR") or ""), settings.PROXIES)


def from_proxy(request: HttpRequest) -> bool:
    """Whether what a proxy says (`X-Forwarded-Proto`) may be believed: where proxies are named by address, of those
    alone; where they are counted, of whoever reaches us."""
    trust: Trust = settings.PROXIES
    if not trust.networks:
        return trust.count > 0
    near = _parsed(str(request.META.get("REMOTE_ADDR") or ""))
    return near is not None and near in trust


def client_site(request: HttpRequest) -> str:
    """What to count failures and floods by: the address, or the first address of its /64 for IPv6."""
    return site(client_address(request))


def site(address: str) -> str:
    """The address that stands for all which one IPv6 site may take."""
    if ":" not in address:
        return address
    return str(ip_network(f"{address}/{ONE_SITE_BITS}", strict=False).network_address)


@lru_cache(maxsize=4096)
def _resolved(remote: str, forwarded: str, trust: Trust) -> str:
    near = _parsed(remote)
    hops = [part for part in forwarded.split(",") if part.strip()] if trust != Trust() else []
    if trust.networks and (near is None or near not in trust):
        hops = []
    found = near
    # From the nearest proxy outwards: each entry was written by the hop after it, the last one by our own proxy.
    for place, hop in enumerate(reversed(hops), start=1):
        address = _parsed(hop)
        if address is None or (trust.count and place > trust.count):
            break
        found = address
        if trust.networks and address not in trust:
            break
    return str(found) if found is not None else UNKNOWN


def _parsed(text: str) -> Address | None:
    """An address, with or without a port; an IPv4 one in IPv6 dress is IPv4."""
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


__all__ = ["UNKNOWN", "Trust", "client_address", "client_site", "from_proxy", "site", "trusted"]

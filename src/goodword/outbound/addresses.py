"""Addresses that other people name: which are sent to, and which lead inside and are not; and what is sent there is signed with.

Must not know: what is sent, how a name is looked up.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

PREFIX: Final = "whsec_"
_SECRET_BYTES: Final = 32
_LONGEST_URL: Final = 2_000
#: Of the addresses that count as public those that lead inside all the same: into a cloud, or to another address in disguise.
_INSIDE: Final = (
    IPv4Network("168.63.129.16/32"),  # a cloud's own services
    IPv4Network("192.0.0.0/24"),  # protocols' own; one of them another cloud's
    IPv4Network("192.88.99.0/24"),  # relays of 6to4
    IPv6Network("64:ff9b::/96"),  # an IPv4 address
    IPv6Network("64:ff9b:1::/48"),  # likewise
    IPv6Network("2001::/23"),  # protocols' own; of some the same
    IPv6Network("2002::/16"),  # likewise
    IPv6Network("3fff::/20"),  # examples
)
_PUBLIC_6: Final = IPv6Network("2000::/3")


class AddressError(Exception):
    """An address that nothing is sent to. The message says why."""


def is_public(address: str, *, loopback: bool = False) -> bool:
    """Return whether an address is one that things are sent to. ``loopback``: this machine's own are, too."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped is not None or ip.scope_id is not None):
        return False
    if ip.is_loopback:
        return loopback
    if any(ip in network for network in _INSIDE if network.version == ip.version):
        return False
    if isinstance(ip, IPv6Address) and ip not in _PUBLIC_6:
        return False
    odd = ip.is_private or ip.is_multicast or ip.is_reserved or ip.is_link_local or ip.is_unspecified
    return ip.is_global and not odd


def checked_url(url: str, *, live: bool, loopback: bool = False) -> str:
    """Return an address as it is kept. Raises AddressError for what is none, and for one without TLS where that is needed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressError("Expected an address such as https://shop.example/hooks.") from None
    plain = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= _LONGEST_URL
    if not plain or parts.scheme not in ("http", "https") or not host or port == 0:
        raise AddressError("Expected an address such as https://shop.example/hooks.")
    if "@" in parts.netloc or parts.fragment or "%" in parts.netloc:
        raise AddressError("The address may hold no user name, password or fragment.")
    literal = _literal(host)
    here = host == "localhost" or (literal is not None and literal.is_loopback)
    if here and not loopback:
        raise AddressError(
            f"{inside(host)} For a trial on one machine set GOODWORD_WEBHOOKS_LOOPBACK=yes, where it serves too."
        )
    if live and parts.scheme != "https" and not here:
        raise AddressError("A live workspace sends to https addresses only.")
    if literal is not None and not is_public(str(literal), loopback=loopback):
        raise AddressError(inside(host))
    return url


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def inside(host: str) -> str:
    """Return why nothing is sent to a host."""
    return f"{host} is no public address, and nothing is sent inside."


def new_secret() -> str:
    """Make what deliveries are signed with."""
    return PREFIX + base64.b64encode(os.urandom(_SECRET_BYTES)).decode()


def signature(secrets: Iterable[str], id_: str, timestamp: int, body: bytes) -> str:
    """Return what proves a delivery, once for each secret."""
    signed = b"%s.%d." % (id_.encode(), timestamp) + body
    keys = (base64.b64decode(secret.removeprefix(PREFIX)) for secret in secrets)
    return " ".join("v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)

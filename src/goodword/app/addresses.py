"""Addresses that people are given: what an advocate shares, at the workspace's own host or else at the installation's.

Must not know: who asks, what a link leads to.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from msgspec import Struct


class Link(Struct, frozen=True):
    """What an advocate shares: the code, to be typed, and the address, to be followed."""

    code: str
    url: str


def link_of(public: str, ws: str, host: str | None, code: str) -> Link:
    """Return the link of a code. ``public``: the installation's address; a host of the workspace's own has its scheme and port."""
    path = quote(code, safe="")
    if host is None:
        return Link(code, f"{public}/w/{ws}/r/{path}")
    parts = urlsplit(public)
    port = f":{parts.port}" if parts.port else ""
    return Link(code, f"{parts.scheme}://{host}{port}/r/{path}")


def form_of(public: str, ws: str, token: str) -> str:
    """Return the address of a partner's own form for deals. Who has it has the form: it stands in no list and in no log."""
    return f"{public}/portal/{ws}/deals/{token}"


def join_of(public: str, ws: str, program: str) -> str:
    """Return the address of the page at which people join a program, which is named by its slug."""
    return f"{public}/portal/{ws}/join/{program}"

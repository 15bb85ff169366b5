"""The console: pages for the people of the company, made by the server, each with a JSON twin from the same view.

It renders ``app/see``. Must not know: SQL, rules, how somebody signs in.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from goodword.app.directory import Directory
from goodword.console import (
    account,
    cases,
    claims,
    clock,
    conversions,
    home,
    keys,
    ledger,
    log,
    members,
    payouts,
    people,
    programs,
    referrals,
    rewards,
    switch,
)
from goodword.console.callers import Caller, Callers
from goodword.console.frame import Act, Frame, Read
from goodword.console.headers import Guarded
from goodword.console.rendering import Templates
from goodword.console.sign_in import Sessions
from goodword.console.static_files import StaticFiles

__all__ = ["Caller", "Callers", "acts", "build", "reads"]

_NOUNS = (
    home,
    rewards,
    cases,
    payouts,
    claims,
    people,
    referrals,
    conversions,
    ledger,
    log,
    programs,
    clock,
    members,
    keys,
    account,
    switch,
)


def reads() -> list[Read]:
    """Return every page."""
    return [read for noun in _NOUNS for read in noun.READS]


def acts() -> list[Act]:
    """Return everything that forms say."""
    return [act for noun in _NOUNS for act in getattr(noun, "ACTS", ())]


def build(directory: Directory, callers: Callers | None = None) -> ASGIApp:
    """Return the application. It serves everything under ``nav.ROOT``, the pages of ``callers`` too: sessions, if none are given."""
    files = StaticFiles()
    templates = Templates(files)
    callers = callers or Sessions(directory, templates)
    frame = Frame(directory, callers, templates)
    routes = [*callers.routes, files.route(), *map(frame.route, reads()), *map(frame.acting, acts())]
    return Guarded(Starlette(routes=routes, exception_handlers={HTTPException: frame.lost}))

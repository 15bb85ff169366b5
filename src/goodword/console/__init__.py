"""The console: pages for the people of the company, made by the server, each with a JSON twin from the same view.

It renders ``app/see``. Must not know: SQL, rules, how somebody signs in.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from goodword.app.directory import Directory
from goodword.console import (
    account,
    audits,
    books,
    case_lists,
    cases,
    claims,
    clock,
    conversions,
    corrections,
    deals,
    events,
    exports,
    figures,
    home,
    imports,
    inbox,
    keys,
    leads,
    ledger,
    letters,
    live,
    log,
    measures,
    members,
    nav,
    own_system,
    payouts,
    people,
    picked,
    pilots,
    programs,
    quarantine,
    reconciling,
    referrals,
    rewards,
    routing,
    schedules,
    sources,
    standing,
    stocks,
    switch,
    taxes,
    texts,
    webhooks,
)
from goodword.console.callers import Caller, Callers
from goodword.console.frame import Act, Frame, Read
from goodword.console.headers import Guarded
from goodword.console.rendering import Templates
from goodword.console.sign_in import Sessions
from goodword.console.static_files import StaticFiles

__all__ = ["Caller", "Callers", "Guarded", "StaticFiles", "acts", "build", "reads"]

_NOUNS = (
    home,
    picked,
    rewards,
    case_lists,
    cases,
    reconciling,  # before the page of one payout
    taxes,  # likewise
    schedules,  # likewise
    payouts,
    claims,
    inbox,
    deals,
    events,
    quarantine,
    sources,
    standing,
    stocks,
    people,
    leads,
    referrals,
    conversions,
    corrections,
    audits,
    ledger,
    letters,
    books,
    imports,
    log,
    pilots,
    programs,
    figures,
    measures,
    exports,
    clock,
    members,
    routing,
    texts,
    keys,
    own_system,
    webhooks,
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
    routes = [
        Route(f"{nav.ROOT}/", _home),
        *callers.routes,
        files.route(),
        live.route(directory, callers),
        *map(frame.route, reads()),
        *map(frame.acting, acts()),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: frame.lost})
    app.router.redirect_slashes = False  # it would lead to whatever host the request names
    return Guarded(app)


async def _home(_: Request) -> Response:
    """Lead on from the address with a slash at its end, as people type it."""
    return RedirectResponse(nav.ROOT, 307)

"""What commands share that are said to a server with somebody's own key: who holds the database decides nothing by it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, TypeVar

import click
import httpx
import msgspec

from goodword.cli.client import ApiError, Client
from goodword.cli.explain import told_of
from goodword.cli.run import fail, go
from goodword.core.decision import Verdict

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def server(command: F) -> F:
    """Give a command the options that say which server, and with whose key."""
    url = click.option("--url", default="http://127.0.0.1:8484", show_default=True, help="Where Goodword serves.")
    key = click.option(
        "--key", envvar="GOODWORD_KEY", required=True, help="Your own key (gw_mk_…); or set GOODWORD_KEY."
    )
    return url(key(command))


def ask(url: str, key: str, work: Callable[[Client], Awaitable[T]]) -> T:
    """Return what work with a server gives; what it refuses is one line, and ends the program."""

    async def run() -> T:
        async with Client(url, key) as api:
            try:
                return await work(api)
            except ApiError as error:
                fail(str(error))
            except httpx.HTTPError as error:
                fail(f"{url} does not answer: {error}")

    return go(run())


def tell(verdicts: Iterable[Mapping[str, Any]]) -> None:
    """Print decisions in words."""
    for verdict in verdicts:
        click.echo("\n".join(told_of(msgspec.convert(verdict, Verdict))))

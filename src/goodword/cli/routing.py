"""routing show, publish, confirm: who decides which reward, and by when; said by a member with a key of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from goodword.app import say, see
from goodword.cli.remote import ask, server, tell
from goodword.cli.run import WORKSPACE, fail, go, opened, operator, said, table


@click.group()
def routing() -> None:
    """Routing: which role decides a reward, who stands in for it, and by when it is promised."""


@routing.command("show")
@click.option("--version", type=click.IntRange(1), help="Another version than the one that holds.")
@click.option("--file", "as_file", is_flag=True, help="As a file, which could be published again.")
@server
def show(version: int | None, as_file: bool, url: str, key: str) -> None:
    """Show the table that holds, what each route says, and what waits for another owner."""
    whole = ask(url, key, lambda api: api.get("/v1/routing"))
    found = [it for it in whole["versions"] if version in (None, it["version"])]
    if not found:
        if version is not None:
            fail(f"there is no version {version}: the newest is {len(whole['versions'])}")
        click.echo(whole["default"])
        return
    it = found[0]
    if as_file:
        click.echo(it["document"], nl=False)
        return
    confirmed = it["confirmed_by"] or "nobody"
    click.echo(f"version {it['version']}, since {it['since']}, by {it['published_by']}, confirmed by {confirmed}")
    rows = [
        (str(place), one["name"], one["said"] + (" The fallback is gone." if one["fallback_gone"] else ""))
        for place, one in enumerate(it["routes"], 1)
    ]
    click.echo(table(("number", "route", "says"), rows))
    if whole["waiting"] is not None:
        waiting = whole["waiting"]
        click.echo(f"\n{waiting['change']} waits for another owner, asked by {waiting['asked_by']}:")
        click.echo(table(("route", "before", "after"), [_change(one) for one in waiting["changes"]]))


@routing.command("late")
@server
def late(url: str, key: str) -> None:
    """Show a figure for each route, and the rewards that are behind their promised day: for what each waits, and who may decide it."""
    figures = ask(url, key, lambda api: api.get("/v1/routing/figures"))
    rows = [
        (one["route"], *(str(one[name]) for name in ("waiting", "late", "decided", "decided_late")), _days(one))
        for one in figures["routes"]
    ]
    click.echo(table(("route", "waiting", "late", f"decided in {figures['days']} days", "late", "median, p95"), rows))
    queue = ask(url, key, lambda api: api.get("/v1/rewards/queue", sort="due", limit=200))["items"]
    found = [
        (one["about"]["reward"]["id"], one["decide_by"], one["cause"], *_whose(one["about"]["reward"]["route"]))
        for one in queue
        if one["cause"] is not None
    ]
    if found:
        click.echo("\n" + table(("reward", "promised by", "waits for", "role", "or"), found))


def _days(one: dict[str, Any]) -> str:
    return "" if one["median"] is None else f"{one['median']}, {one['p95']} days"


def _whose(route: dict[str, Any] | None) -> tuple[str, str]:
    return (route["role"], route["fallback"]) if route is not None else ("approver", "")


@routing.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@server
def publish(file: Path, url: str, key: str) -> None:
    """Publish FILE, YAML or JSON. What gives anything waits for another owner; what only takes away holds at once."""
    body = {"document": file.read_text(), "name": f"routing{file.suffix.lower() or '.yaml'}"}
    tell(ask(url, key, lambda api: api.post("/v1/routing", body))["verdicts"])


@routing.command("confirm")
@WORKSPACE
def confirm(ws: str | None) -> None:
    """Confirm the table that waits, done by whoever holds the database: for a company whose other owners are away."""

    async def run() -> None:
        async with opened() as directory:
            who = await operator(directory, ws)
            waiting = (await see.routing.whole(who, directory)).waiting
            if waiting is None:
                fail("no table of routes waits for somebody")
            entry = await say.changes.answer(who, directory, waiting.change.id, "confirmed")
        said(entry)
        click.echo(f"the table {waiting.table[:12]} holds")

    go(run())


def _change(one: dict[str, Any]) -> tuple[str, str, str]:
    return one["route"] or "order", one["before"] or "", one["after"] or ""

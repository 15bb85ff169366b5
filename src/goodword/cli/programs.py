"""program publish: rules that hold from now on; check, launch: whether a program may go live, and that it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from goodword.app import say
from goodword.cli.client import Client
from goodword.cli.remote import ask, server, tell
from goodword.cli.rules import RULES, checked, warn
from goodword.cli.run import WORKSPACE, as_owner, fail, go, opened, said, table
from goodword.core.launching import MEASURES


@click.group()
def program() -> None:
    """Programs: sets of reward rules with versions."""


@program.command("publish")
@click.argument("file", type=RULES)
@WORKSPACE
def publish(file: Path, ws: str | None) -> None:
    """Publish a rule FILE: its version holds from now on. Said in the name of the workspace's first owner."""
    warn(file.name, checked(file))
    data = file.read_bytes()

    async def run() -> None:
        async with opened() as directory:
            entry = await say.programs.publish(await as_owner(directory, ws), directory, data, file.name)
        said(entry)
        version = next(step.values for verdict in entry.verdicts for step in verdict.steps if step.code == "version")
        click.echo(f"published {entry.verdicts[0].subject}, version {version['rules']}")
        if version.get("status") == "draft":
            click.echo("It is a draft until it is launched; `goodword program check` says what is missing.")

    go(run())


F = TypeVar("F", bound=Callable[..., Any])


def _plan(command: F) -> F:
    """Give a command the options of a plan."""
    for option in reversed(
        (
            click.option("--owner", metavar="MEMBER", help="Who decides its exceptions: a mail or an id."),
            click.option("--trigger", metavar="SOURCE", help="The source that tells of its leads."),
            click.option("--billing", metavar="SOURCE", help="The source that tells of its orders."),
            click.option(
                "--silent-hours", type=click.IntRange(1, 168), default=48, show_default=True, help="Of either."
            ),
            click.option(
                "--measure", "measures", multiple=True, default=MEASURES, help="What is watched; by default all."
            ),
            click.option(
                "--every-days", type=click.IntRange(1, 92), default=30, show_default=True, help="Looked at once."
            ),
            click.option("--looks", metavar="MEMBER", help="Who looks at them; by default the owner."),
        )
    ):
        command = option(command)
    return command


async def _said(api: Client, plan: dict[str, Any]) -> dict[str, Any]:
    """Return what was said of a plan, with members by id."""
    said_ = {name: value for name, value in plan.items() if value is not None}
    said_["measures"] = list(said_["measures"])
    said_.setdefault("looks", said_.get("owner", ""))
    if any("@" in str(said_.get(name, "")) for name in ("owner", "looks")):
        ids = {it["email"]: it["id"] for it in (await api.get("/v1/members"))["items"] if it.get("email")}
        for name in ("owner", "looks"):
            if "@" in str(said_.get(name, "")):
                if said_[name] not in ids:
                    fail(f"there is no member {said_[name]}")
                said_[name] = ids[said_[name]]
    return said_


@program.command("check")
@click.argument("name", metavar="PROGRAM")
@_plan
@server
def check(name: str, url: str, key: str, **plan: Any) -> None:
    """Say whether PROGRAM could go live with this plan: what the gate has checked, and what is missing."""

    async def looked(api: Client) -> dict[str, Any]:
        found: dict[str, Any] = await api.get(f"/v1/programs/{name}/readiness", **await _said(api, plan))
        return found

    it = ask(url, key, looked)
    rows = [(one["title"], "missing" if one["why"] else "ok", one["says"]) for one in it["checks"]]
    click.echo(table(("item", "", "says"), rows))
    click.echo(f"\nevidence {it['evidence']}")
    for line in (*it["pieces"], *it["rewards"]):
        click.echo(f"  {line}")
    for one in it["stops"]:
        click.echo(f"nothing is released: {one['says']}")


@program.command("launch")
@click.argument("name", metavar="PROGRAM")
@_plan
@click.option(
    "--evidence", required=True, help="The digest of the list of evidence that `check` shows: you have read it."
)
@server
def launch(name: str, url: str, key: str, **plan: Any) -> None:
    """Let PROGRAM go live, if nothing is missing; of a live one say anew what goes with it."""

    async def asked(api: Client) -> dict[str, Any]:
        needed = {"owner": "", "trigger": "", "billing": ""}
        found: dict[str, Any] = await api.post(f"/v1/programs/{name}/launch", needed | await _said(api, plan))
        return found

    tell(ask(url, key, asked)["verdicts"])

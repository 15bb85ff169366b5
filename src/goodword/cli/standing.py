"""standing list, ask, confirm, stop: what is approved beforehand; said by a member with a key of their own."""

from __future__ import annotations

import click

from goodword.cli.remote import ask, server, tell
from goodword.cli.run import table


@click.group()
def standing() -> None:
    """Standing approvals: what two members approve beforehand, with limits and an end."""


@standing.command("list")
@server
def list_(url: str, key: str) -> None:
    """Show all of them, with what each has approved so far, and what waits for a second member."""
    whole = ask(url, key, lambda api: api.get("/v1/standing-approvals"))
    rows = [
        (it["id"], it["state"], it["said"], f"{it['used']:,} of {it['in_all']:,} by {it['count']:,}", *_who(it))
        for it in whole["items"]
    ]
    click.echo(table(("standing approval", "state", "says", "approved", "given by"), rows))
    waiting = [(it["change"], it["said"], it["asked_by"]) for it in whole["waiting"]]
    if waiting:
        click.echo("\n" + table(("change", "would say", "asked by"), waiting))


def _who(it: dict[str, list[str]]) -> tuple[str]:
    return (", ".join(it["granted_by"]),)


@standing.command("ask")
@click.option("--program", required=True, help="Its program, by id or slug.")
@click.option("--kind", required=True, help="Of reward: credit or points.")
@click.option("--unit", required=True, help="A currency, or points.")
@click.option("--rail", required=True, help="Over which it sends.")
@click.option("--side", type=click.Choice(["advocate", "friend"]), help="Of one side alone.")
@click.option("--per-reward", required=True, type=int, help="The most for a reward, in minor units or points.")
@click.option("--per-beneficiary", required=True, type=int, help="The most for a beneficiary.")
@click.option("--in-all", required=True, type=int, help="The most in all.")
@click.option("--until", required=True, help="Its end, such as 2026-06-30T00:00:00Z.")
@server
def ask_for(url: str, key: str, **wanted: str | int | None) -> None:
    """Ask for one; an approver or owner who is another person confirms it."""
    tell(ask(url, key, lambda api: api.post("/v1/standing-approvals", wanted))["verdicts"])


@standing.command("confirm")
@click.argument("change")
@server
def confirm(change: str, url: str, key: str) -> None:
    """Confirm CHANGE, which another member asked for."""
    said = ask(url, key, lambda api: api.post(f"/v1/changes/{change}/decision", {"outcome": "confirmed"}))
    tell(said["decision"]["verdicts"])


@standing.command("stop")
@click.argument("standing_approval", metavar="STANDING_APPROVAL")
@click.option("--reason", default="stopped", show_default=True, help="Why, as a code.")
@server
def stop(standing_approval: str, reason: str, url: str, key: str) -> None:
    """Stop one: it covers nothing from now on."""
    path = f"/v1/standing-approvals/{standing_approval}/stop"
    tell(ask(url, key, lambda api: api.post(path, {"reason": reason}))["verdicts"])

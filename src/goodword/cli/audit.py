"""verify, replay: the proof that what is stored follows from the log, and what other rules would have changed."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from goodword import words
from goodword.app import see
from goodword.app.principal import OPERATOR
from goodword.app.proof.audit import Report
from goodword.app.proof.export import NoExportError, verify_export
from goodword.app.proof.what_if import Change, Comparison, compare
from goodword.cli.rules import RULES, checked
from goodword.cli.run import WORKSPACE, fail, go, opened, operator
from goodword.store.log import Head

_SHOWN = 50
_EXAMPLES = 5


class _Kept(msgspec.Struct):
    """A signed head as the API shows it; bytes are hexadecimal."""

    workspace: str
    size: int
    root: str
    as_of: int
    signature: str
    public: str


@click.command()
@click.option("--workspace", "ws", metavar="NAME", help="Which workspace, by name or id; all of them by default.")
@click.option("--export", "file", type=RULES, help="Verify an exported log instead, without any database.")
@click.option(
    "--head", "trusted", type=RULES, help="A signed head that was kept elsewhere, as GET /v1/log/head gave it."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def verify(ws: str | None, file: Path | None, trusted: Path | None, as_json: bool) -> None:
    """Recompute everything from the log and name each difference. Exit code 1 if there is one.

    Without the master key that wrapped the keys in the database nothing is verified: exit code 2.

    A log that was cut short, or made anew by somebody who signs it, is found only beside a head that was kept elsewhere.
    """
    if ws and file:
        raise click.UsageError("an export says itself which workspace it is of")
    owner, head = _trusted(trusted) if trusted else (None, None)
    names: dict[str, str] = {}
    reports = [_exported(file, owner, head)] if file else go(_verify(ws, owner, head, names))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(reports)).decode())
    else:
        for report in reports:
            click.echo("\n".join(told(report, names.get(report.workspace))))
    if any(report.differences for report in reports):
        raise SystemExit(1)


@click.command()
@WORKSPACE
@click.option("--program", "rules", type=RULES, metavar="RULES", help="Decide by these rules instead of the program's.")
@click.option(
    "--today", is_flag=True, help="Decide as this version decides new events, where the log says it was another."
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def replay(ws: str | None, rules: Path | None, today: bool, as_json: bool) -> None:
    """Decide the whole log again. As it was decided every entry must be equal; under other rules, or as today: what changes in money.

    With RULES or --today, events from outside and timers are decided again; rejections and outcomes of cases carry over to the same
    conversion and beneficiary, approvals and payouts do not. Nothing is stored.
    """
    if rules is None and not today:
        _same(ws, as_json)
        return
    document = checked(rules) if rules is not None else None

    async def run() -> Comparison:
        async with opened() as directory:
            entries = await see.log.history(await operator(directory, ws), directory)
            return compare(entries, document)

    outcome = go(run())
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(outcome)).decode())
    else:
        click.echo("\n".join(_changes(outcome)))


def told(report: Report, name: str | None = None) -> list[str]:
    """Return a report as lines, with the workspace's name where it is known."""
    enforced = "by the database and by proof" if report.enforced else "by proof only"
    count = len(report.differences)
    lines = [
        f"workspace {report.workspace}{f' ({name})' if name else ''}: {'verified' if not count else f'{count} differences'}",
        f"  log      {report.size} entries, root {report.root}",
        f"  heads    {report.heads} signed; append-only {enforced}",
    ]
    lines += [
        f"  differs  {difference.noun} {difference.key}: {difference.what}"
        for difference in report.differences[:_SHOWN]
    ]
    return lines


async def _verify(ws: str | None, owner: str | None, head: Head | None, names: dict[str, str]) -> list[Report]:
    """Verify a workspace, or all, or that which a head is of; ``names`` is filled with what they are called."""
    async with opened() as directory:
        names |= {workspace.id: workspace.name for workspace in await see.workspaces.listed(OPERATOR, directory)}
        wanted = (await operator(directory, ws)).workspace.id if ws else None
        if owner and wanted and owner != wanted:
            raise click.UsageError(f"the head is one of workspace {owner}")
        ids = [chosen] if (chosen := wanted or owner) else list(names)
        return [await see.log.verify(OPERATOR, directory, id_, head) for id_ in ids]


def _exported(file: Path, ws: str | None, head: Head | None) -> Report:
    try:
        with file.open("rb") as lines:
            report = verify_export(lines, head)
    except (NoExportError, OSError) as error:
        fail(f"{file}: {error}")
    if ws is not None and report.workspace != ws:
        fail(f"{file}: this is the log of {report.workspace}, the head is one of {ws}")
    return report


def _trusted(file: Path) -> tuple[str, Head]:
    """Read a head and the workspace that it is of."""
    try:
        kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
        root, signature = bytes.fromhex(kept.root), bytes.fromhex(kept.signature)
    except (msgspec.DecodeError, ValueError, OSError) as error:
        fail(f"{file}: this is no signed head: {error}")
    return kept.workspace, Head(kept.size, root, kept.as_of, signature, kept.public)


def _same(ws: str | None, as_json: bool) -> None:
    async def run() -> Report:
        async with opened() as directory:
            return await see.log.verify(OPERATOR, directory, (await operator(directory, ws)).workspace.id)

    report = go(run())
    changed = [difference for difference in report.differences if difference.noun == "log"]
    if as_json:
        outcome = {"entries": report.size, "equal": not changed, "differences": changed}
        click.echo(msgspec.json.encode(outcome).decode())
    else:
        click.echo(f"{report.size} entries decided again: {'all equal' if not changed else f'{len(changed)} differ'}")
        for difference in changed[:_SHOWN]:
            click.echo(f"  {difference.key}: {difference.what}")
    if changed:
        raise SystemExit(1)


def _changes(outcome: Comparison) -> list[str]:
    counts = f"{len(outcome.appear)} appear, {len(outcome.vanish)} vanish, {len(outcome.differ)} differ"
    lines = [f"rewards: {outcome.same} the same, {counts}"]
    for unit in sorted(outcome.before.keys() | outcome.after.keys()):
        before, after = outcome.before.get(unit, 0), outcome.after.get(unit, 0)
        sign = "+" if after > before else ""
        change = f"({sign}{words.money(after - before, unit)})"
        lines.append(f"  earned   {words.money(before, unit):>18} -> {words.money(after, unit):>18}   {change}")
    for name in ("appear", "vanish", "differ"):
        changes: tuple[Change, ...] = getattr(outcome, name)
        lines += [
            f"  {name:8} {reward.side} {reward.beneficiary}: {reward.before} -> {reward.after} {reward.unit}"
            for reward in changes[:_EXAMPLES]
        ]
    lines += [f"  not carried over: {what} ({evt})" for evt, what in outcome.not_carried[:_SHOWN]]
    return lines

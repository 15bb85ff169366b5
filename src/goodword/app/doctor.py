"""What is wrong with an installation, as its operator wants to hear it: what was found, and what to do.

What keeps it from being ready is asked of ``health``; besides, what will, and what keeps links or payouts from working.
Must not know: settings, the machine.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from msgspec import Struct

from goodword.app.directory import Directory
from goodword.app.follow import staff_mail
from goodword.app.health import Health
from goodword.core import calendar
from goodword.sources.registry import feed
from goodword.store import codes as stock_codes
from goodword.store import health, jobs, letters, payments, routes
from goodword.store.pool import append_only

_OLDEST = 150_000  # of PostgreSQL
_SKEW = 5.0  # seconds that two clocks may differ
_MOST_LATE = 1_000  # so many late rewards of a workspace are counted
_MONTHS = 92  # days ahead that partitions must reach


class Finding(Struct, frozen=True):
    """One thing that was looked at. A problem wants something done, of a note somebody should know.

    ``do`` says what, and is empty where all is well.
    """

    code: str
    level: Literal["ok", "note", "problem"]
    what: str
    do: str = ""


async def examine(directory: Directory, looks: Health) -> list[Finding]:
    """Look at an installation whose database answers and whose master key opens."""
    async with directory.pool.acquire() as conn:
        server = await health.server(conn)
    findings = [_version(server.version), _clock(server.now - looks.now())]
    troubles = await looks.troubles()
    findings += [Finding(trouble.code, "problem", *_cut(trouble.detail)) for trouble in troubles]
    codes = {trouble.code for trouble in troubles}
    well = {
        "schema_too_old": "the schema is this version's",
        "worker_missing": "a worker lives",
        "disk_full": "there is disk left",
    }
    findings += [Finding(code, "ok", what) for code, what in well.items() if code not in codes]
    if "schema_too_old" in codes:
        return findings  # nothing else can be asked
    findings += await _figures(looks)
    async with directory.pool.acquire() as conn:
        findings += [
            Finding(
                "no_landing_page",
                "problem",
                f"the links of workspace {ws} lead nowhere",
                "publish rules with a landing_url",
            )
            for ws in await health.no_landing(conn)
        ]
        findings += [
            Finding(
                "overdue",
                "problem",
                f"{count:,} rewards in workspace {ws} are behind the day by which they were promised to be decided",
                "let whoever their routes name decide them: goodword routing late",
            )
            for ws, count in (await routes.overdue_of_all(conn, _MOST_LATE)).items()
        ]
        findings += [
            Finding(
                "codes_low",
                "problem",
                f"of the codes {name} of workspace {ws} {left:,} are left",
                "upload more on the console's page Codes, or by POST /v1/stocks",
            )
            for ws, name, left in await stock_codes.low_of_all(conn)
        ]
        findings += [
            Finding(
                "codes_awaited",
                "problem",
                f"{count:,} payouts of workspace {ws} wait for codes that no stock has",
                "upload codes of that amount, or cancel the payouts",
            )
            for ws, count in await stock_codes.awaited_of_all(conn)
        ]
        findings += [_held(waits) for waits in await payments.all_waiting(conn)]
        many, error = await jobs.unsent(conn, staff_mail.KIND)
        if many:
            what = f"{many:,} mails to members are not sent yet, or were given up: {error.removeprefix('SaidError: ')}"
            do = "look at GOODWORD_SMTP_URL, and whether that server answers: they are tried for a day"
            findings.append(Finding("mail", "problem", what, do))
        if unknown := await letters.unknown(conn):
            what = (
                f"of {unknown:,} messages to advocates nobody knows whether they arrived: none is sent again by itself"
            )
            do = "GET /v1/messages lists them; somebody says of each whether it is sent once more"
            findings.append(Finding("messages", "problem", what, do))
        if not await append_only(conn):
            what = "the server's login may change the log: append-only is held by proof only"
            findings.append(
                Finding(
                    "append_only", "note", what, "let the owner of the database create roles, then goodword migrate"
                )
            )
    until = calendar.moment(directory.now()).date() + timedelta(days=_MONTHS)
    if server.partition is None or server.partition < f"touch_{until.year:04d}_{until.month:02d}":
        what = "partitions for clicks end within three months"
        findings.append(Finding("partitions", "problem", what, "run goodword migrate as the owner of the database"))
    return findings


async def _figures(looks: Health) -> list[Finding]:
    figures = await looks.figures()
    findings = []
    for kind in figures.jobs:
        if kind.late:
            what = f"{kind.late:,} jobs of the kind {kind.kind} have been due for over a minute"
            findings.append(Finding("jobs_late", "problem", what, "see the worker's log: whom they call may be away"))
        if kind.dead:
            what = f"{kind.dead:,} jobs of the kind {kind.kind} were given up"
            findings.append(
                Finding("jobs_dead", "problem", what, "their error stands in the table job; what is owed stays owed")
            )
    if figures.aside:
        what = f"{figures.aside:,} events are set aside, or wait behind one"
        findings.append(
            Finding("set_aside", "problem", what, "goodword quarantine list tells why; then quarantine retry")
        )
    if figures.waiting:
        what = f"{figures.waiting:,} events wait to be decided, the oldest for {figures.lag:.0f} s"
        findings.append(Finding("undecided", "note", what, "nothing, if a worker lives and the number falls"))
    if not findings:
        findings.append(Finding("work", "ok", "nothing waits, is late or set aside"))
    return findings


def _held(waits: payments.Waiting) -> Finding:
    events = f"{waits.events} event{'s' if waits.events > 1 else ''} of {waits.source}"
    what = f"{events} in workspace {waits.workspace} wait for the invoices of their payments, since {calendar.text(waits.since)}"
    source = feed(waits.source)
    guide = source.guide if source is not None and source.guide else f"howto/{waits.source}"
    return Finding("held", "note", what, f"let {waits.source} tell which payment paid which invoice: docs/{guide}.md")


def _version(number: int) -> Finding:
    text = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if number < _OLDEST:
        return Finding("database_version", "problem", f"{text} is too old", "upgrade it to 15 or later")
    return Finding("database_version", "ok", f"{text} answers")


def _clock(ahead: float) -> Finding:
    if abs(ahead) <= _SKEW:
        return Finding("clock", "ok", "the clocks of this machine and of the database agree")
    what = f"the clock of the database is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
    return Finding("clock", "problem", what, "let both follow NTP")


def _cut(detail: str) -> tuple[str, str]:
    """Part a sentence of ``health`` into what there is and what to do."""
    what, _, do = detail.partition(": ")
    return what, do

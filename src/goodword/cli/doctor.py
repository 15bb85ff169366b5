"""doctor: what is wrong with an installation, from its settings to its links, and what to do."""

from __future__ import annotations

import os
import pwd
import socket
import stat
from pathlib import Path
from urllib.parse import urlsplit

import click
import httpx
import msgspec

from goodword import settings as environment
from goodword.app.doctor import Finding, examine
from goodword.app.health import Health
from goodword.cli.run import go, told_of
from goodword.settings import Settings, SettingsError
from goodword.store.dump import RestoringError
from goodword.store.embedded import EmbeddedError
from goodword.store.embedded_place import data_folder
from goodword.store.migrations import SchemaError
from goodword.store.pool import DATABASE_ERRORS
from goodword.store.vault import MasterKeyError
from goodword.wiring import bounds, opened

_MARKS = {"ok": "ok     ", "note": "note   ", "problem": "PROBLEM"}
_NO_TABLE = "42P01"
_OPEN = stat.S_IRWXG | stat.S_IRWXO


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Look at settings, keys, database, worker, disk, clock, ports and what waits; say what to do. Exit code 1 for a problem.

    Nothing is changed: the database is not migrated. An embedded one is started for the time of the look.
    """
    findings = _findings()
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(findings)).decode())
    else:
        for finding in findings:
            click.echo(f"{_MARKS[finding.level]}  {finding.what}{f': {finding.do}' if finding.do else ''}")
    if any(finding.level == "problem" for finding in findings):
        raise SystemExit(1)


def _findings() -> list[Finding]:
    try:
        known = environment.read()
    except SettingsError as error:
        return [Finding("settings", "problem", str(error), "set it right; docs/settings.md has each")]
    read = Finding("settings", "ok", "the settings can be read")
    try:
        findings = [read, *_home(known), _port(known), *_address(known)]
        lacks_data = known.database_url is None and not (data_folder(known.home) / "data").exists()
    except OSError as error:
        return [read, Finding("home", "problem", told_of(error))]
    if lacks_data:
        what = f"there is no database in {known.home} yet"
        return [
            *findings,
            Finding("no_database", "problem", what, "goodword serve makes one; goodword restore one of a backup"),
        ]
    return [*findings, *go(_installation(known))]


async def _installation(known: Settings) -> list[Finding]:
    try:
        async with opened(known, as_it_is=True) as (directory, _):
            return await examine(directory, Health(directory, bounds(known)))
    except MasterKeyError as error:
        return [Finding("master_key", "problem", "the master key does not open the database's keys", str(error))]
    except RestoringError as error:
        return [Finding("restoring", "problem", "the installation is not whole", str(error))]
    except EmbeddedError as error:
        return [Finding("database", "problem", "PostgreSQL does not run", str(error))]
    except SchemaError as error:
        return [Finding("schema", "problem", "the schema does not fit", str(error))]
    except (*DATABASE_ERRORS, OSError) as error:
        if getattr(error, "sqlstate", None) == _NO_TABLE:
            return [Finding("schema", "problem", "the database has no tables of Goodword", "run goodword migrate")]
        do = "start it, and look at DATABASE_URL" if known.database_url else "see server.log beside its data"
        return [Finding("database", "problem", f"the database does not answer ({type(error).__name__})", do)]


def _home(known: Settings) -> list[Finding]:
    home = known.home
    if not home.exists():
        return []
    findings = []
    if not os.access(home, os.W_OK | os.X_OK):
        what = f"{home} belongs to {_owner(home)} and cannot be written"
        findings.append(Finding("home", "problem", what, f"run as {_owner(home)}, or give it to who runs Goodword"))
    elif home.stat().st_uid != os.geteuid():
        findings.append(
            Finding("home", "note", f"{home} belongs to {_owner(home)}", f"run Goodword as {_owner(home)} always")
        )
    for path in (home / "keys", *(home / "keys").glob("*.key")):
        if path.exists() and path.stat().st_mode & _OPEN:
            what = f"{path} is open to other users"
            findings.append(Finding("keys_open", "problem", what, f"chmod {'700' if path.is_dir() else '600'} {path}"))
    if (home / "keys" / "previous.key").exists():
        do = "when goodword keys rotate has ended and every process has the new key, remove it"
        findings.append(Finding("previous_key", "note", "a previous master key is still there", do))
    return findings or [Finding("home", "ok", f"{home} and its keys are this user's")]


def _port(known: Settings) -> Finding:
    name = f"port {known.port} of {known.host}"
    if known.port == 0:
        return Finding("port", "note", "GOODWORD_PORT is 0", "name one, for a proxy has to find it")
    url = f"http://{f'[{known.host}]' if ':' in known.host else known.host}:{known.port}/healthz"
    try:
        if httpx.get(url, timeout=5, trust_env=False).json() == {"status": "ok"}:
            return Finding("port", "ok", f"Goodword serves at {name}")
    except (httpx.ConnectError, httpx.ConnectTimeout):
        return _bound(known, name)
    except (httpx.HTTPError, ValueError):
        pass
    return Finding("port", "problem", f"another program answers at {name}", "end it, or set GOODWORD_PORT")


def _bound(known: Settings, name: str) -> Finding:
    try:
        with socket.create_server(
            (known.host, known.port), family=socket.AF_INET6 if ":" in known.host else socket.AF_INET
        ):
            return Finding("port", "note", f"nobody serves at {name}, which is free", "goodword serve")
    except OSError as error:
        return Finding(
            "port", "problem", f"{name} cannot be served ({error.strerror})", "set GOODWORD_HOST or GOODWORD_PORT"
        )


def _address(known: Settings) -> list[Finding]:
    parts = urlsplit(known.url)
    if parts.hostname in ("0.0.0.0", "::"):  # noqa: S104 - it is no address that is listened on
        what = "GOODWORD_URL is not set, and GOODWORD_HOST is every address"
        return [Finding("address", "note", what, "set GOODWORD_URL to the address that people see")]
    if parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return []
    what = f"GOODWORD_URL is {known.url}: keys and names go over the network in clear"
    return [Finding("address", "problem", what, "serve behind a proxy with TLS: docs/howto/proxy.md")]


def _owner(path: Path) -> str:
    uid = path.stat().st_uid
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user id {uid}"

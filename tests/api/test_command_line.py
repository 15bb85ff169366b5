"""The command line against a server that runs, and its errors."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
from tests.api.conftest import RULES, Api


def _goodword(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "goodword", *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a rule file."""
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    return file


def test_play_sends_to_a_server_that_runs_with_an_owners_key(api: Api, tmp_path: Path, rules: Path) -> None:
    """With --url and --key a new sandbox is made over HTTP; the summary is that server's, the events the file's."""
    events = tmp_path / "events.ndjson"
    lines = [
        {"type": "advocate.enrolled", "id": "e", "external_id": "ann", "code": "ANN", "occurred_at": _at(1)},
        {"type": "lead.created", "id": "l", "customer_external_id": "bob", "code": "ANN", "occurred_at": _at(2)},
        {
            "type": "conversion.recorded",
            "id": "c",
            "customer_external_id": "bob",
            "invoice_id": "1",
            "amount": 9_000,
            "currency": "EUR",
            "occurred_at": _at(3),
        },
    ]
    events.write_text("".join(json.dumps(line) + "\n" for line in [*lines, lines[0]]))
    arguments = ["play", str(events), "--program", str(rules), "--json"]
    done = _goodword(*arguments, "--url", api.url, "--key", api.keys["owner"])
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["events_in_file"], summary["distinct_events"]) == (4, 3)
    assert summary["advocate_rewards"]["net"] == 900
    assert summary["top_advocates"] == [["ann", 900]]
    assert summary["workspace"] != api.ws
    refused = _goodword(*arguments, "--url", api.url, "--key", api.keys["wk"])
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: not_permitted")


def _at(day: int) -> str:
    return f"2024-05-{day:02d}T12:00:00Z"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nonsense"], 2, "No such command"),
        (["play", "missing.ndjson", "--program", "missing.yaml"], 2, "does not exist"),
        (["workspace", "create", "Acme", "--owner", "nobody"], 2, "no mail address"),
        (["member", "add", "a@b.example", "--role", "king"], 2, "king"),
        (["member", "add", "a@b.example", "--role", "payer", "--limit", "EUR"], 2, "UNIT=AMOUNT"),
        (["serve"], 2, "GOODWORD_PORT"),
    ],
)
def test_a_wrong_use_is_one_clear_line_and_exit_code_2(arguments: list[str], code: int, words: str) -> None:
    """What cannot be meant is refused before anything is started."""
    done = _goodword(*arguments, GOODWORD_PORT="no number")
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_what_fails_is_one_clear_line_and_exit_code_1(tmp_path: Path, rules: Path) -> None:
    """A database that is away, a wrong rule file, a file that is none: said in a line, nothing of the inside."""
    ended = tmp_path / "ended.yaml"
    ended.write_text(rules.read_text().replace("EUR", "BGN"))
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("program: x\ncurrency: euro\n")
    noise = tmp_path / "noise.ndjson"
    noise.write_text("{\n")
    away = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "GOODWORD_HOME": str(tmp_path)}
    for arguments, words in (
        (["verify"], "Error: "),
        (["rules", "check", str(wrong)], "wrong.yaml: 2 errors"),
        (["rules", "check", str(ended)], "expected a currency that is in use: BGN ended on 2026-01-01"),
        (["play", str(noise), "--program", str(rules)], "noise.ndjson line 1"),
    ):
        done = _goodword(*arguments, **away)
        assert done.returncode == 1, done.stderr
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_an_installation_is_set_up_by_the_command_line(database: str, tmp_path: Path) -> None:
    """A workspace, a member, a program: each prints what is needed next, and the log verifies, also as a file."""
    settings = {"DATABASE_URL": database, "GOODWORD_HOME": str(tmp_path)}
    made = json.loads(
        _goodword("workspace", "create", "Acme", "--owner", "o@acme.example", "--json", **settings).stdout
    )
    assert {"id", "owner_key", "secret_key", "write_key", "publishable_key"} <= made.keys()
    added = _goodword(
        "member", "add", "a@acme.example", "--role", "approver", "--limit", "EUR=500", "--json", **settings
    )
    assert json.loads(added.stdout)["key"].startswith("gw_mk_live_")
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    published = _goodword("program", "publish", str(file), **settings)
    assert published.stdout.startswith("published prg_")
    assert _goodword("verify", **settings).stdout.startswith(f"workspace {made['id']} (Acme): verified")
    exported = tmp_path / "log"
    exported.write_text(_goodword("export", "log", **settings).stdout)
    alone = _goodword("verify", "--export", str(exported), "--json", DATABASE_URL="")
    assert [one["differences"] for one in json.loads(alone.stdout)] == [[]]
    same = _goodword("replay", **settings)
    assert same.stdout == "3 entries decided again: all equal\n"
    assert _goodword("quarantine", "list", **settings).stdout == "nothing is set aside\n"
    rotated = _goodword("keys", "rotate", **settings)
    assert rotated.stdout.startswith(f"{made['id']} (Acme): 0 keys of its own and 0 of persons wrapped again"), (
        rotated.stderr
    )
    asyncio.run(_raise_a_limit(database))
    found = _goodword("verify", **settings)
    assert found.returncode == 1
    assert "member mem_" in found.stdout, found.stdout


def test_a_member_is_limited_to_programs(api: Api, database: str, tmp_path: Path) -> None:
    """By slug, once or more; one that there is not ends with a line; what was decided replays."""
    settings = {"DATABASE_URL": database, "GOODWORD_HOME": str(tmp_path), "GOODWORD_MASTER_KEY": "17" * 32}
    add = ("member", "add", "l@shop.example", "--role", "auditor", "--role", "payer", "--json")
    added = _goodword(*add, "--program", "main", **settings)
    assert added.returncode == 0, added.stderr
    [program] = api.get("/v1/programs")["items"]
    [known] = [one for one in api.get("/v1/members")["items"] if one["email"] == "l@shop.example"]
    assert (known["roles"], known["programs"]) == (["auditor", "payer"], [program["id"]])
    wrong = _goodword(*add, "--program", "main", "--program", "none", **settings)
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("Error: refused: unknown_program")
    assert _goodword("replay", **settings).stdout.endswith("all equal\n")


def test_a_head_kept_elsewhere_is_verified_against(api: Api, database: str, tmp_path: Path) -> None:
    """The head that the API gave is accepted as it is; one over another root, or over more entries, is named."""
    settings = {"DATABASE_URL": database, "GOODWORD_HOME": str(tmp_path), "GOODWORD_MASTER_KEY": "17" * 32}
    api.until(lambda: api.call("owner", "GET", "/v1/log/head").is_success)
    head = api.get("/v1/log/head")
    kept = tmp_path / "head.json"
    for changed, code in ({}, 0), ({"root": "00" * 32}, 1), ({"size": head["size"] + 9}, 1), ({"public": "x"}, 1):
        kept.write_text(json.dumps({**head, **changed}))
        found = _goodword("verify", "--head", str(kept), **settings)
        assert found.returncode == code, found.stdout + found.stderr
        assert ("log_head" in found.stdout) is bool(code)
    kept.write_text(json.dumps({**head, "root": "no"}))
    assert "this is no signed head" in _goodword("verify", "--head", str(kept), **settings).stderr


async def _raise_a_limit(database: str) -> None:
    """What a superuser could do to the table of members."""
    conn = await asyncpg.connect(database)
    assert (
        await conn.execute("update member set limits = '{\"EUR\": 999999999}' where limits is not null") == "UPDATE 1"
    )
    await conn.close()

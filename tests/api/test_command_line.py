"""The command line against a server that runs, and its errors."""

import asyncio
import json
from pathlib import Path

import pytest
from testkit import sent
from testkit.database import run
from testkit.product import Product
from tests.api.conftest import RULES, Api


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
        sent.enrolled("e", "ann", "ANN", occurred_at="2024-05-01T12:00:00Z"),
        sent.lead("l", "bob", code="ANN", occurred_at="2024-05-02T12:00:00Z"),
        sent.purchase("c", "bob", "1", 9_000, occurred_at="2024-05-03T12:00:00Z"),
    ]
    events.write_text("".join(json.dumps(line) + "\n" for line in [*lines, lines[0]]))
    goodword = Product(tmp_path)
    arguments = ["play", str(events), "--program", str(rules), "--json"]
    done = goodword.run(*arguments, "--url", api.url, "--key", api.keys["owner"])
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["events_in_file"], summary["distinct_events"]) == (4, 3)
    assert summary["advocate_rewards"]["net"] == 900
    assert summary["top_advocates"] == [["ann", 900]]
    assert summary["workspace"] != api.ws
    refused = goodword.run(*arguments, "--url", api.url, "--key", api.keys["wk"])
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: not_permitted")


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
def test_a_wrong_use_is_one_clear_line_and_exit_code_2(
    tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    """What cannot be meant is refused before anything is started."""
    done = Product(tmp_path).run(*arguments, GOODWORD_PORT="no number")
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
    away = Product(tmp_path, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    for arguments, words in (
        (["verify"], "Error: "),
        (["rules", "check", str(wrong)], "wrong.yaml: 2 errors"),
        (["rules", "check", str(ended)], "expected a currency that is in use: BGN ended on 2026-01-01"),
        (["play", str(noise), "--program", str(rules)], "noise.ndjson line 1"),
    ):
        done = away.run(*arguments)
        assert done.returncode == 1, done.stderr
        assert words in done.stderr
        assert "Traceback" not in done.stderr


def test_an_installation_is_set_up_by_the_command_line(database: str, tmp_path: Path) -> None:
    """A workspace, a member, a program: each prints what is needed next, and the log verifies, also as a file."""
    goodword = Product(tmp_path, DATABASE_URL=database)
    made = goodword.made("workspace", "create", "Acme", "--owner", "o@acme.example")
    assert {"id", "owner_key", "secret_key", "write_key", "publishable_key"} <= made.keys()
    added = goodword.made("member", "add", "a@acme.example", "--role", "approver", "--limit", "EUR=500")
    assert added["key"].startswith("gw_mk_live_")
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    published = goodword.run("program", "publish", str(file))
    assert published.stdout.startswith("published prg_")
    assert goodword.run("verify").stdout.startswith(f"workspace {made['id']} (Acme): verified")
    exported = tmp_path / "log"
    exported.write_text(goodword.run("export", "log").stdout)
    alone = goodword.made("verify", "--export", str(exported), DATABASE_URL="")
    assert [one["differences"] for one in alone] == [[]]
    same = goodword.run("replay")
    assert same.stdout == "4 entries decided again: all equal\n"
    today = goodword.run("replay", "--today")
    assert today.stdout == "rewards: 0 the same, 0 appear, 0 vanish, 0 differ\n"
    assert goodword.run("quarantine", "list").stdout == "nothing is set aside\n"
    rotated = goodword.run("keys", "rotate").stdout
    assert rotated.startswith(f"{made['id']} (Acme): 0 keys of its own and 0 of persons wrapped again"), rotated
    asyncio.run(run(database, "update member set limits = '{\"EUR\": 999999999}' where limits is not null"))
    found = goodword.run("verify")
    assert found.returncode == 1
    assert "member mem_" in found.stdout, found.stdout


@pytest.mark.parametrize("name", ["", "   ", "two\nlines", "x" * 121], ids=["empty", "blank", "lines", "long"])
def test_a_workspace_has_a_name_of_a_line(api: Api, database: str, tmp_path: Path, name: str) -> None:
    """A name that a list could not show is refused with what to do, by command and API alike, and nothing is made."""
    goodword = Product(tmp_path, DATABASE_URL=database, GOODWORD_MASTER_KEY="17" * 32)
    file = tmp_path / "keys.env"
    done = goodword.run("workspace", "create", name, "--owner", "o@shop.example", "--env", str(file))
    assert (done.returncode, done.stderr) == (1, "Error: A workspace's name has 1 to 120 characters, on one line.\n")
    assert not file.exists()
    assert api.refused("owner", "/v1/workspaces", {"name": name})[0] == 422
    assert len(json.loads(goodword.run("workspace", "list", "--json").stdout)) == 1


def test_a_member_is_limited_to_programs(api: Api, database: str, tmp_path: Path) -> None:
    """By slug, once or more; one that there is not ends with a line; what was decided replays."""
    goodword = Product(tmp_path, DATABASE_URL=database, GOODWORD_MASTER_KEY="17" * 32)
    add = ("member", "add", "l@shop.example", "--role", "auditor", "--role", "payer", "--json")
    added = goodword.run(*add, "--program", "main")
    assert added.returncode == 0, added.stderr
    [program] = api.get("/v1/programs")["items"]
    [known] = [one for one in api.get("/v1/members")["items"] if one["email"] == "l@shop.example"]
    assert (known["roles"], known["programs"]) == (["auditor", "payer"], [program["id"]])
    wrong = goodword.run(*add, "--program", "main", "--program", "none")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("Error: refused: unknown_program")
    assert goodword.run("replay").stdout.endswith("all equal\n")


def test_a_head_kept_elsewhere_is_verified_against(api: Api, database: str, tmp_path: Path) -> None:
    """The head that the API gave is accepted as it is; one over another root, or over more entries, is named."""
    goodword = Product(tmp_path, DATABASE_URL=database, GOODWORD_MASTER_KEY="17" * 32)
    api.until(lambda: api.call("owner", "GET", "/v1/log/head").is_success)
    head = api.get("/v1/log/head")
    kept = tmp_path / "head.json"
    for changed, code in ({}, 0), ({"root": "00" * 32}, 1), ({"size": head["size"] + 9}, 1), ({"public": "x"}, 1):
        kept.write_text(json.dumps({**head, **changed}))
        found = goodword.run("verify", "--head", str(kept))
        assert found.returncode == code, found.stdout + found.stderr
        assert ("log_head" in found.stdout) is bool(code)
    kept.write_text(json.dumps({**head, "root": "no"}))
    assert "this is no signed head" in goodword.run("verify", "--head", str(kept)).stderr

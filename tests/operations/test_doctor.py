"""``goodword doctor``: each thing that can be wrong is found by a stable code, with what to do; nothing is changed."""

import http.server
import threading
from pathlib import Path

import msgspec
from testkit.database import fresh_outside_a_loop, rows
from testkit.product import ROOT, Installation, Product

from goodword.core import ids
from goodword.store.uuid7 import Uuid7


def look(home: Path, **environment: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Return the exit code, and problems and notes by their code."""
    done = Product(home).run("doctor", "--json", **environment)
    assert done.stdout, done.stderr
    found = msgspec.json.decode(done.stdout)
    assert all(one["do"] for one in found if one["level"] != "ok")
    return done.returncode, {one["code"]: one for one in found if one["level"] != "ok"}


def problems(found: dict[str, dict[str, str]]) -> set[str]:
    """Return the codes of problems."""
    return {code for code, one in found.items() if one["level"] == "problem"}


def test_a_well_installation_has_no_problem_and_a_sick_one_each(installation: Installation) -> None:
    """Exit code 0 and a line for each look; then what waits too long, was given up, set aside, or leads nowhere; then no worker."""
    it, port = installation, {"GOODWORD_PORT": str(installation.port)}
    made = it.made("workspace", "create", "Acme", "--mode", "sandbox", "--owner", "olga@acme.example")
    assert look(it.home, **port) == (0, {})
    said = it.run("doctor")
    assert said.returncode == 0
    assert "PostgreSQL 18" in said.stdout
    assert f"Goodword serves at port {it.port}" in said.stdout

    rules = (ROOT / "examples" / "minimal.yaml").read_text()
    file = it.home / "rules.yaml"
    file.write_text("\n".join(line for line in rules.splitlines() if not line.startswith("landing_url")))
    assert it.run("program", "publish", str(file)).returncode == 0
    old = ids.encode("evt", Uuid7(lambda: 1_700_000_000_000_000_000).next())
    job = "insert into job (workspace_id, id, kind, subject, queue, due_at, done_at, dead) values ($1, $2, 'k', 's', 'q', 1, $3, $4)"
    rows(it.dsn, job, made["id"], "late", None, False)
    rows(it.dsn, job, made["id"], "dead", 2, True)
    aside = (
        "insert into undecided (workspace_id, evt, source, id, body, waits_for) values ($1, $2, 'native', 'x', '', $2)"
    )
    rows(it.dsn, aside, made["id"], old)
    code, found = look(it.home, **port)
    assert (code, problems(found)) == (1, {"jobs_late", "jobs_dead", "set_aside", "no_landing_page"})
    assert made["id"] in found["no_landing_page"]["what"]

    master = it.home / "keys" / "master.key"
    master.chmod(0o644)
    assert problems(look(it.home, **port)[1]) == {"keys_open", "master_key"}
    master.chmod(0o600)
    rows(it.dsn, "delete from migration where name like '0006%'")
    assert problems(look(it.home, **port)[1]) == {"schema_too_old"}
    rows(it.dsn, "insert into migration select '0006_pre_workers.sql', null")
    assert "disk_full" in problems(look(it.home, GOODWORD_READY_DISK="999999999", **port)[1])
    it.end("worker")
    it.end("serve")
    code, found = look(it.home, **port)
    assert {"worker_missing", "jobs_dead"} <= problems(found)
    assert found["port"]["level"] == "note"


def test_settings_and_places_are_looked_at(tmp_path: Path, pg_dsn: str, database: str) -> None:
    """A wrong setting, no database, one that is away or empty, another key, a port that another program has, an address in clear."""
    assert problems(look(tmp_path, GOODWORD_PORT="many")[1]) == {"settings"}
    assert problems(look(tmp_path / "none", GOODWORD_PORT="0")[1]) == {"no_database"}
    assert not (tmp_path / "none").exists()
    key = {"GOODWORD_MASTER_KEY": "17" * 32, "GOODWORD_PORT": "0"}
    away = "postgresql://nobody:secretpassword@127.0.0.1:1/none"
    code, found = look(tmp_path, DATABASE_URL=away, **key)
    assert (code, problems(found)) == (1, {"database"})
    assert "secretpassword" not in str(found)
    with fresh_outside_a_loop(pg_dsn) as empty:
        assert problems(look(tmp_path, DATABASE_URL=empty, **key)[1]) == {"schema"}
    rows(database, "insert into workspace_secret values ('wsp', 'index', '\\x00', null)")
    assert problems(look(tmp_path, DATABASE_URL=database, **key)[1]) == {"master_key"}
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.serve_forever, args=(0.01,))
        thread.start()
        try:
            found = look(tmp_path / "none", GOODWORD_PORT=str(other.server_port), GOODWORD_URL="http://shop.example")[1]
        finally:
            other.shutdown()
            thread.join()
    assert problems(found) == {"port", "address", "no_database"}


def test_a_home_that_can_be_none_is_a_finding(tmp_path: Path) -> None:
    """A file in its place and a name too long are said in a line each, with exit code 1."""
    (tmp_path / "file").touch()
    for home, words in ((tmp_path / "file", "where a folder is wanted"), (tmp_path / ("x" * 300), "too long")):
        done = Product(home).run("doctor")
        assert (done.returncode, done.stderr, "PROBLEM" in done.stdout, words in done.stdout) == (1, "", True, True)

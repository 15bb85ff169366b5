"""A backup under load, the machine lost, and the installation again elsewhere: the same logs, proved, and at work."""

import contextlib
import fcntl
import shutil
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any, Self

import httpx
import pytest
from testkit import sent
from testkit.api import Api
from testkit.database import fresh_outside_a_loop, rows, temporary_home
from testkit.product import ROOT, Installation, Product, installed

from goodword.store.embedded import alone
from goodword.store.embedded_place import data_folder

HEADS = "select workspace_id, position, frontier from stream order by 1"  # where each log ends
RULES = (ROOT / "examples" / "minimal.yaml").read_text()


@contextlib.contextmanager
def other_home() -> Iterator[Product]:
    """Yield a home in which nothing is."""
    with temporary_home() as home:
        try:
            yield Product(home)
        finally:
            shutil.rmtree(data_folder(home), ignore_errors=True)


def give_key(to: Path, of: Path) -> None:
    """Put the master key of a home into another."""
    (to / "keys").mkdir(mode=0o700, exist_ok=True)
    shutil.copy(of / "keys" / "master.key", to / "keys" / "master.key")
    (to / "keys" / "master.key").chmod(0o600)


def order(n: int) -> list[dict[str, Any]]:
    """Return what a friend's order takes."""
    who = f"friend-{n}"
    return [sent.lead(f"l{n}", who, code="ANN"), sent.purchase(f"o{n}", who, f"i{n}", 9_900)]


class Shop:
    """Sends orders without end, until it is told to stop; ``sent`` were accepted."""

    def __init__(self, api: Api) -> None:
        self.sent = 0
        self._api = api
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        n = 0
        while not self._end.is_set():
            with contextlib.suppress(httpx.TransportError):
                if self._api.call("wk", "POST", "/v1/events", json=order(n)).status_code == 202:
                    self.sent += 1
            n += 1

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()


def test_a_lost_machine_comes_back_elsewhere(tmp_path: Path) -> None:
    """Backup under load, kill, restore: verified, the same heads, erased persons erased again, and the next event is decided."""
    file = tmp_path / "acme.backup"
    with installed() as it, other_home() as other:
        made = it.made("workspace", "create", "Acme", "--mode", "sandbox", "--owner", "olga@acme.example")
        api = Api(it.url, made)
        api.say("owner", "/v1/programs", {"document": RULES})
        api.send(sent.enrolled("a", "ann", "ANN"))
        with Shop(api) as shop:
            while shop.sent < 20:
                threading.Event().wait(0.05)
            done = it.run("backup", str(file))
            before = shop.sent
            assert done.returncode == 0, done.stderr
            while shop.sent < before + 5:  # it served all the while
                threading.Event().wait(0.05)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert "1 workspaces" in done.stdout
        assert "keep it apart" in done.stdout
        key = (it.home / "keys" / "master.key").read_text().strip()
        assert key.encode() not in file.read_bytes()
        erased = api.person("friend-0")
        late = rows(it.dsn, HEADS)
        it.kill("serve")
        it.kill("worker")
        it.kill_postgres()

        give_key(other.home, it.home)
        (other.home / "erasures").write_text(f"{api.ws} {erased} asked for in a letter\n{api.ws} per_{'0' * 26}\n")
        done = other.run("restore", str(file))
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert "1 of 2 persons erased again" in done.stdout
        assert "every log ends as in the backup" in done.stdout
        verified = other.run("verify")
        assert verified.returncode == 0, verified.stdout
        restored = Installation(other.home)
        try:
            restored.start("serve")
            restored.ready()
            [(ws, size, _)] = rows(restored.dsn, HEADS)
            assert (ws, True) == (late[0][0], 20 < size <= late[0][1])
            back = Api(restored.url, made)
            assert back.get(f"/v1/people/{erased}")["external_id"] is None
            assert back.decided({"type": "advocate.enrolled", "id": "b", "external_id": "bea"})["decision"]["verdicts"]
            assert back.say("wk", "/v1/events", order(0))["items"][0]["status"] == "repeat"
            back.http.close()
        finally:
            restored.stop()
        api.http.close()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Yield a backup, and the home that it is of."""
    file = tmp_path_factory.mktemp("backup") / "a.backup"
    with other_home() as it:
        it.said("workspace", "create", "Acme", "--owner", "olga@acme.example")
        it.said("console", "link", "olga@acme.example")
        it.said("backup", str(file.parent))
        [found] = file.parent.glob("goodword-*Z.backup")
        yield found, it.home


def test_what_a_backup_that_was_broken_off_left_is_removed_by_the_next(
    archive: tuple[Path, Path], tmp_path: Path
) -> None:
    """In a folder and beside a named file: a part that nobody writes is removed, with a line; one that is written is left alone."""
    it = Product(archive[1])
    old, other = (tmp_path / f"goodword-2026-01-0{n}T000000Z.backup.part" for n in (1, 2))
    named, theirs = tmp_path / "a.backup.part", tmp_path / "other.part"
    for file in (old, other, named, theirs):
        file.touch()
    with other.open() as written:
        fcntl.flock(written, fcntl.LOCK_EX)
        done = it.run("backup", str(tmp_path))
        assert (done.returncode, done.stderr) == (0, f"{old} of a backup that was broken off is removed\n")
        assert [old.exists(), other.exists(), named.exists(), theirs.exists()] == [False, True, True, True]
        done = it.run("backup", str(other.with_suffix("")))
        assert (done.returncode, "is being written by another backup" in done.stderr) == (1, True)
    assert "a.backup.part of a backup that was broken off" in it.run("backup", str(tmp_path / "a.backup")).stderr
    assert {file.name for file in tmp_path.glob("*.part")} == {other.name, theirs.name}


def refused(archive: Path, key: Path | None, *words: str, code: int = 1) -> None:
    """Restore into a new home, which must be refused with one line, and leave nothing there."""
    with other_home() as it:
        if key is not None:
            give_key(it.home, key)
        done = it.run("restore", str(archive))
        assert done.returncode == code, (done.stdout, done.stderr)
        [line] = done.stderr.splitlines()
        for word in words:
            assert word in line
        assert sorted(path.name for path in it.home.iterdir()) == (["keys"] if key else [])


def test_another_key_is_refused_with_the_one_that_is_needed(archive: tuple[Path, Path], tmp_path: Path) -> None:
    """Without a key, with another one, in the file or the setting: one sentence that names it, exit code 2, no new key."""
    file, home = archive
    needed = Product(home).run("backup", str(tmp_path / "again")).stdout.partition("with the id ")[2][:16]
    refused(file, None, needed, "keys/master.key", "GOODWORD_MASTER_KEY", code=2)
    other = tmp_path / "other"
    (other / "keys").mkdir(parents=True)
    (other / "keys" / "master.key").write_text("5a" * 32)
    refused(file, other, needed, code=2)


def test_a_changed_archive_is_refused(archive: tuple[Path, Path], tmp_path: Path) -> None:
    """A byte of any part, a manifest made to fit a changed dump, a part that is missing, an end that is cut off, another file."""
    file, home = archive
    with zipfile.ZipFile(file) as read:
        parts = {name: read.read(name) for name in read.namelist()}

    def changed(**new: bytes | None) -> Path:
        made = tmp_path / "changed"
        with zipfile.ZipFile(made, "w") as out:
            for name, body in ({name.replace(".", "_"): name for name in parts}).items():
                part = new.get(name, parts[body])
                if part is not None:
                    out.writestr(body, part)
        return made

    def flipped(body: bytes, at: int = 200) -> bytes:
        return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]

    refused(changed(database_dump=flipped(parts["database.dump"])), home, "changed")
    refused(changed(manifest_json=flipped(parts["manifest.json"])), home, "changed")
    refused(changed(manifest_seal=flipped(parts["manifest.seal"], len(parts["manifest.seal"]) - 1)), home, "changed")
    refused(changed(manifest_seal=None), home, "no backup")
    raw = file.read_bytes()
    for name, body in (("cut", raw[:-100]), ("bit", flipped(raw)), ("text", b"hello")):
        made = tmp_path / name
        made.write_bytes(body)
        refused(made, home, "backup")
    refused(tmp_path / "nothing", home, "nothing")


def test_only_an_empty_place_is_restored_into(
    archive: tuple[Path, Path], pg_dsn: str, database: str, tmp_path: Path
) -> None:
    """A home or a database that holds anything is left as it is; an empty database of another server takes it."""
    file, home = archive
    done = Product(home).run("restore", str(file))
    assert (done.returncode, "is not empty" in done.stderr) == (1, True)
    key = (home / "keys" / "master.key").read_text().strip()
    done = Product(tmp_path).run("restore", str(file), DATABASE_URL=database, GOODWORD_MASTER_KEY=key)
    assert (done.returncode, "holds tables" in done.stderr) == (1, True)
    with fresh_outside_a_loop(pg_dsn) as empty:
        there = Product(tmp_path, DATABASE_URL=empty, GOODWORD_MASTER_KEY=key)
        there.said("restore", str(file))
        signing_in = "select (select count(*) from login) + (select count(*) from session)"
        assert rows(empty, signing_in) == [(0,)]  # who found a backup is nobody's session
        there.said("backup", str(tmp_path / "again"))
        assert there.run("backup", str(tmp_path / "again")).returncode == 1  # never over another


@pytest.mark.parametrize("where", ["home", "database"])
def test_what_is_not_restored_to_its_end_is_not_served(archive: tuple[Path, Path], pg_dsn: str, where: str) -> None:
    """While a restore runs, and after one that was killed before it erased, all others are refused; the next one mends a home."""
    file, home = archive
    waiting = """
        import sys, time
        from goodword.app.proof import backup
        def erase(*_):
            print("erases", flush=True)
            time.sleep(600)
        backup.erase = erase
        from goodword.cli import main
        main(["restore", *sys.argv[1:]])
    """
    with other_home() as it, fresh_outside_a_loop(pg_dsn) as empty:
        give_key(it.home, home)
        (it.home / "erasures").write_text(f"wsp_{'0' * 26} per_{'0' * 26}\n")
        if where == "database":
            it.settings |= {"DATABASE_URL": empty, "GOODWORD_MASTER_KEY": (home / "keys" / "master.key").read_text()}
        command = [sys.executable, "-c", dedent(waiting), str(file)]
        with subprocess.Popen(command, env=it.environment(), stdout=subprocess.PIPE, text=True) as restoring:
            assert restoring.stdout is not None
            assert restoring.stdout.readline().startswith("restored")
            assert restoring.stdout.readline() == "erases\n"
            for killed in (False, True):
                if killed:
                    restoring.kill()
                    restoring.wait()
                for command_ in ("serve", "verify"):
                    done = it.run(command_)
                    assert (done.returncode, "runs, or was broken off" in done.stderr) == (1, True), done.stderr
                done = it.run("doctor", "--json")
                assert '"restoring"' in done.stdout
        if where == "database":
            assert "holds tables: restore into a new one" in it.run("restore", str(file)).stderr
        else:
            assert "0 of 1 persons erased again" in it.said("restore", str(file))
            it.said("verify")


def test_two_restores_never_share_a_home(archive: tuple[Path, Path]) -> None:
    """While one restores into a home another is refused and touches nothing: were it to fail later, it would take away both."""
    file, home = archive
    with other_home() as it, alone(it.home) as ours:
        assert ours
        give_key(it.home, home)
        done = it.run("restore", str(file))
        assert (done.returncode, f"another command restores into {it.home}" in done.stderr) == (1, True)
        assert [path.name for path in it.home.iterdir()] == ["keys"]


def test_a_wrong_list_of_erasures_stops_before_anything(archive: tuple[Path, Path], tmp_path: Path) -> None:
    """A line that is none is named by its number, and nothing is restored."""
    file, home = archive
    wrong = tmp_path / "erasures"
    wrong.write_text("# who was erased\n\nwsp_x per_y\n")
    with other_home() as it:
        give_key(it.home, home)
        done = it.run("restore", str(file), "--erasures", str(wrong))
        assert (done.returncode, "line 3" in done.stderr) == (1, True)
        assert [path.name for path in it.home.iterdir()] == ["keys"]

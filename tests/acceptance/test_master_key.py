"""A master key that is lost or another one, as an operator meets it: real commands on a home with an embedded PostgreSQL."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from testkit.database import embedded, rows, run
from testkit.product import Product

from goodword.store.vault import MasterKey

_OTHER = "5a" * 32
#: Changes a byte of every wrapped key; a second time puts it back.
_FLIP = "update workspace_secret set wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1)"


class Home(Product):
    """A home whose database runs and holds a workspace; ``key`` is the master key that wrapped its keys."""

    def __init__(self, folder: Path, dsn: str) -> None:
        super().__init__(folder)
        self.dsn = dsn
        self.keys = folder / "keys"
        self.said("workspace", "create", "Acme", "--owner", "o@acme.example")
        self.key = MasterKey.load(folder, [])

    def refused(self, *arguments: str, **settings: str) -> None:
        """Run a command that must end with exit code 2 and one line, which names the key and says what to do."""
        done = self.run(*arguments, **settings)
        assert (done.returncode, done.stdout) == (2, ""), (arguments, done.stdout, done.stderr)
        [line] = done.stderr.splitlines()
        for words in (f"id {self.key.id.hex()}", "keys/master.key", "GOODWORD_MASTER_KEY", "backup"):
            assert words in line, (arguments, line)


@pytest.fixture(scope="module")
def installed() -> Iterator[Home]:
    """Yield a home whose server runs all the while, so that commands need not start it."""
    with embedded() as (folder, server):
        yield Home(folder, server.dsn)


@pytest.fixture
def home(installed: Home, tmp_path: Path) -> Iterator[Home]:
    """Yield the home; its keys are put back after the test."""
    shutil.copytree(installed.keys, tmp_path / "kept")
    yield installed
    shutil.rmtree(installed.keys, ignore_errors=True)
    shutil.copytree(tmp_path / "kept", installed.keys)


def test_a_lost_key_stops_every_command_and_no_new_one_is_made(home: Home) -> None:
    """Beside a database that holds wrapped keys a missing file is an error that names the key; nothing is written (first-hour 2)."""
    shutil.rmtree(home.keys)
    before = sorted(home.home.iterdir())
    for arguments in (
        ["serve"],
        ["verify"],
        ["workspace", "create", "Second", "--owner", "o@acme.example"],
        ["explain", "rwd_x"],
        ["export", "log"],
        ["keys", "rotate"],
    ):
        home.refused(*arguments)
    assert sorted(home.home.iterdir()) == before
    assert rows(home.dsn, "select count(*) from workspace") == [(1,)]


def test_another_key_stops_what_would_work_with_it(home: Home) -> None:
    """A key of another installation is found out before the server listens, and verify vouches for nothing (first-hour 2)."""
    home.refused("worker", GOODWORD_MASTER_KEY=_OTHER)
    for command in ("serve", "verify"):
        home.refused(command, GOODWORD_MASTER_KEY=_OTHER, DATABASE_URL=home.dsn)
    (home.keys / "master.key").write_text(_OTHER)
    for command in ("serve", "verify"):
        home.refused(command)


def test_the_key_from_the_file_is_the_one_of_the_setting(home: Home) -> None:
    """What the file holds can be given as GOODWORD_MASTER_KEY as it is: both are read alike."""
    text = (home.keys / "master.key").read_text().strip()
    shutil.rmtree(home.keys)
    done = home.run("verify", GOODWORD_MASTER_KEY=text)
    assert done.returncode == 0, done.stderr
    assert not home.keys.exists()


def test_a_rotation_makes_the_new_key_beside_the_previous_one_only(home: Home) -> None:
    """keys/previous.key that opens what is wrapped lets a new key be made; one that does not opens nothing and makes none."""
    master, previous = home.keys / "master.key", home.keys / "previous.key"
    kept = master.read_text()
    master.unlink()
    previous.write_text(_OTHER)
    previous.chmod(0o600)
    home.refused("verify")
    assert not master.exists()
    previous.write_text(kept)
    done = home.run("keys", "rotate")
    assert done.returncode == 0, done.stderr
    assert "5 keys of its own" in done.stdout
    new = master.read_text()
    assert new != kept
    back = home.run("keys", "rotate", GOODWORD_MASTER_KEY=kept.strip(), GOODWORD_PREVIOUS_MASTER_KEYS=new.strip())
    assert "5 keys of its own" in back.stdout, back.stderr


def test_wrapped_keys_that_were_changed_are_named_for_what_they_are(home: Home) -> None:
    """The right id is not enough: where the key does not open what it should have wrapped, commands end with that."""
    asyncio.run(run(home.dsn, _FLIP))
    try:
        done = home.run("verify")
    finally:
        asyncio.run(run(home.dsn, _FLIP))
    assert done.returncode == 2
    assert "were changed" in done.stderr
    assert "Traceback" not in done.stderr

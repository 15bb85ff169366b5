"""A master key that is lost or another one, as an operator meets it: real commands on a home with an embedded PostgreSQL."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from goodword.store import embedded
from goodword.store.vault import MasterKey

_OURS = ("DATABASE_URL", "DATABASE_ADMIN_URL", "GOODWORD_MASTER_KEY", "GOODWORD_PREVIOUS_MASTER_KEYS")
_OTHER = "5a" * 32
_COMMANDS = (
    ["serve"],
    ["verify"],
    ["workspace", "create", "Second", "--owner", "o@acme.example"],
    ["explain", "rwd_x"],
    ["export", "log"],
    ["keys", "rotate"],
)


class Home:
    """A home whose database runs and holds a workspace; ``key`` is the master key that wrapped its keys."""

    def __init__(self, folder: Path, dsn: str) -> None:
        self.folder = folder
        self.dsn = dsn
        self.keys = folder / "keys"
        made = self.run("workspace", "create", "Acme", "--owner", "o@acme.example")
        assert made.returncode == 0, made.stderr
        self.key = MasterKey.load(folder, [])

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        kept = {name: value for name, value in os.environ.items() if name not in _OURS}
        settings = {"GOODWORD_HOME": str(self.folder), "GOODWORD_PORT": "0", **environment}
        return subprocess.run(
            [sys.executable, "-m", "goodword", *arguments],
            env={**kept, **settings},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def refused(self, *arguments: str, **environment: str) -> None:
        """Run a command that must end with exit code 2 and one line, which names the key and says what to do."""
        done = self.run(*arguments, **environment)
        assert (done.returncode, done.stdout) == (2, ""), (arguments, done.stdout, done.stderr)
        [line] = done.stderr.splitlines()
        for words in (f"id {self.key.id.hex()}", "keys/master.key", "GOODWORD_MASTER_KEY", "backup"):
            assert words in line, (arguments, line)

    def workspaces(self) -> int:
        """Count the workspaces."""

        async def count() -> int:
            conn = await asyncpg.connect(self.dsn)
            try:
                return int(await conn.fetchval("select count(*) from workspace"))
            finally:
                await conn.close()

        return asyncio.run(count())


@pytest.fixture(scope="module")
def installed() -> Iterator[Home]:
    """Yield a home whose server runs all the while, so that commands need not start it."""
    folder = Path(tempfile.mkdtemp(prefix="goodword-test-"))
    folder.chmod(0o711)  # so that the server's user can reach its folder when root runs the tests
    with embedded.serving(folder) as server:
        yield Home(folder, server.dsn)
    shutil.rmtree(folder)


@pytest.fixture
def home(installed: Home, tmp_path: Path) -> Iterator[Home]:
    """Yield the home; its keys are put back after the test."""
    shutil.copytree(installed.keys, tmp_path / "kept")
    yield installed
    shutil.rmtree(installed.keys, ignore_errors=True)
    shutil.copytree(tmp_path / "kept", installed.keys)


def test_a_lost_key_stops_every_command_and_no_new_one_is_made(home: Home) -> None:
    """Beside a database that holds wrapped keys a missing file is an error that names the key; nothing is written."""
    shutil.rmtree(home.keys)
    before = sorted(home.folder.iterdir())
    for arguments in _COMMANDS:
        home.refused(*arguments)
    assert sorted(home.folder.iterdir()) == before
    assert home.workspaces() == 1


def test_another_key_stops_what_would_work_with_it(home: Home) -> None:
    """A key of another installation is found out before the server listens, and verify vouches for nothing."""
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
    asyncio.run(_flip(home.dsn))
    try:
        done = home.run("verify")
    finally:
        asyncio.run(_flip(home.dsn))
    assert done.returncode == 2
    assert "were changed" in done.stderr
    assert "Traceback" not in done.stderr


async def _flip(dsn: str) -> None:
    """Change a byte of every wrapped key; a second time puts it back."""
    conn = await asyncpg.connect(dsn)
    await conn.execute("update workspace_secret set wrapped = set_byte(wrapped, 30, get_byte(wrapped, 30) # 1)")
    await conn.close()

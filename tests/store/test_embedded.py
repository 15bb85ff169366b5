"""The embedded server under what can go wrong with it: as root, as an ordinary user, killed, deceived, raced.

The server is always asked for by processes of their own, as the product does, so that they can be killed.
"""

import json
import os
import pwd
import shutil
import signal
import site
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from testkit.database import connected, fetch, temporary_home
from testkit.product import postmaster_of, python_of
from testkit.waiting import eventually, until

import goodword
from goodword.store.embedded import Embedded, EmbeddedError, ensure
from goodword.store.embedded_place import ASIDE, find_binaries

ROOT = os.geteuid() == 0
PATH = os.pathsep.join([str(Path(goodword.__file__).parents[1]), *site.getsitepackages()])
USERS = ["root", "nobody"] if ROOT else ["self"]

CLIENT = """
import asyncio, json, sys
from pathlib import Path
from goodword.store.embedded import EmbeddedError, ensure

async def main():
    try:
        server = await ensure(Path(sys.argv[1]))
    except EmbeddedError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return
    print(json.dumps({"dsn": server.dsn, "holder": server.holder, "bin": str(server.bin)}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps({"holder": server.holder}), flush=True)
    await server.stop()

asyncio.run(main())
"""


class Client:
    """A process that asks for the server of a home and keeps it until told to stop."""

    def __init__(self, home: Path, user: str = USERS[0], path: str = PATH) -> None:
        entry = None if user in {"root", "self"} else pwd.getpwnam(user)
        self.process = subprocess.Popen(
            [interpreter(user), "-c", CLIENT, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd="/",
            env={"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
            user=entry and entry.pw_uid,
            group=entry and entry.pw_gid,
            extra_groups=[] if entry else None,
        )

    def hears(self) -> dict[str, str | bool]:
        """Return its next answer."""
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return dict(json.loads(line))

    def holds(self) -> bool:
        """Ask whether it is the holder now."""
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        return bool(self.hears()["holder"])

    def stop(self) -> str:
        """Let it stop in good order; give what it said to the operator."""
        said = self.process.communicate(timeout=60)[1]
        assert self.process.returncode == 0, said
        return said

    def kill(self) -> None:
        """End it as kill -9 does."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def start() -> Iterator[type[Client]]:
    """Yield what starts a client; those that a failed test leaves behind are killed."""
    started: list[Client] = []

    class Kept(Client):
        def __init__(self, *arguments: object, **named: object) -> None:
            super().__init__(*arguments, **named)
            started.append(self)

    yield Kept
    for client in started:
        if client.process.returncode is None:
            client.kill()


def interpreter(user: str) -> str:
    """Return a Python that the user can run."""
    found = sys.executable if user in {"root", "self"} else python_of(PATH, "import goodword.store.embedded", user=user)
    if found is None:
        pytest.skip(
            f"user {user} can run no Python with this project's packages: put the project where others can read it"
        )
    return found


async def value(dsn: str, query: str) -> object:
    """Ask until the server answers, over a new connection; None if it answers with nothing."""

    async def asked() -> tuple[list[tuple[object, ...]]]:
        return (await fetch(dsn, query),)

    [found] = await eventually(asked)
    return found[0][0] if found else None


def postmaster(folder: Path) -> int | None:
    """Return the number in postmaster.pid; there is none while no server runs."""
    with suppress(FileNotFoundError, ValueError):
        return postmaster_of(folder)
    return None


def parent(pid: int | None) -> int | None:
    """Return the number of a process's parent, if there is the process."""
    said = subprocess.run(["ps", "-o", "ppid=", "-p", str(pid or 0)], capture_output=True, check=False).stdout
    return int(said) if said.strip() else None


def asides(home: Path) -> list[Path]:
    """The folder that holds a home's data elsewhere, if there is one."""
    named = home / "postgres.aside"
    return [ASIDE / named.read_text().strip()] if named.exists() else []


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a home that others may pass through; everything of it is removed, wherever it was put."""
    with temporary_home() as folder:
        yield folder
        for place in (folder / "postgres", *asides(folder)):
            if left := postmaster(place):  # by a test that failed
                with suppress(ProcessLookupError):
                    os.kill(left, signal.SIGQUIT)
            shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
async def made(home: Path) -> Path:
    """Return a home with a data folder, and the server stopped."""
    server = await ensure(home)
    await value(server.dsn, "SELECT 1")
    await server.stop()
    return home


@pytest.mark.parametrize("user", USERS)
async def test_keeps_data_durably(home: Path, start: type[Client], user: str) -> None:
    """Whoever starts it, what is committed is there at the next start, and durability is switched on."""
    if user == "nobody":
        shutil.chown(home, "nobody")
        home.chmod(0o700)
    first = start(home, user)
    dsn = str(first.hears()["dsn"])
    await value(dsn, "CREATE TABLE kept AS SELECT 42 AS n")
    settings = "SELECT string_agg(name || '=' || setting, ' ' ORDER BY name) FROM pg_settings WHERE name = ANY($${}$$)"
    names = "{data_checksums,fsync,full_page_writes,listen_addresses,server_encoding,synchronous_commit,TimeZone}"
    assert await value(dsn, settings.format(names)) == (
        "TimeZone=UTC data_checksums=on fsync=on full_page_writes=on listen_addresses="
        " server_encoding=UTF8 synchronous_commit=on"
    )
    first.stop()
    second = start(home, user)
    assert second.hears() == {"dsn": dsn, "holder": True, "bin": str(find_binaries())}
    assert await value(dsn, "SELECT n FROM kept") == 42
    second.stop()
    assert not (home / "postgres" / "data" / "postmaster.pid").exists()
    assert (home / "postgres").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not ROOT, reason="only root must avoid its own folders")
async def test_private_home_of_root(home: Path, start: type[Client]) -> None:
    """Root's 0700 home keeps its mode; the data goes to a place aside, always the same, and one line says so."""
    home.chmod(0o700)
    dsns = set()
    for _ in range(2):
        client = start(home)
        dsn = str(client.hears()["dsn"])
        assert await value(dsn, "SELECT 7") == 7
        said = client.stop().splitlines()
        assert len(said) == 1
        [aside] = asides(home)
        assert str(aside) in said[0]
        assert home.stat().st_mode & 0o777 == aside.stat().st_mode & 0o777 == 0o700
        assert list(home.iterdir()) == [home / "postgres.aside"]
        dsns.add(dsn)
    home.chmod(0o711)
    client = start(home)
    assert {client.hears()["dsn"]} == dsns, "data that stands aside stays in use"
    client.stop()


@pytest.mark.skipif(not ROOT, reason="only root must avoid its own folders")
async def test_a_home_made_anew_finds_nothing_of_the_one_before(home: Path, start: type[Client]) -> None:
    """Data that stands aside belongs to one home: another home in the same place begins with none."""
    home.chmod(0o700)
    first = start(home)
    await value(str(first.hears()["dsn"]), "CREATE TABLE old AS SELECT 42 AS n")
    first.stop()
    [before] = asides(home)
    (home / "postgres.aside").unlink()
    second = start(home)
    assert await value(str(second.hears()["dsn"]), "SELECT to_regclass('old')") is None
    second.stop()
    assert asides(home) != [before]
    shutil.rmtree(before)


@pytest.mark.skipif(not ROOT, reason="only root must avoid its own folders")
async def test_private_binaries_of_root(home: Path, start: type[Client]) -> None:
    """Binaries that the server's user cannot reach are copied once, for that user alone."""
    private = home / "private"
    private.mkdir(mode=0o700)
    package = find_binaries().parents[1]
    for source in package.parent.glob(f"{package.name}*"):
        (private / source.name).symlink_to(source)
    before = set(ASIDE.glob("pg-*"))
    client = start(home, path=f"{private}{os.pathsep}{PATH}")
    answer = client.hears()
    assert "error" not in answer, answer
    assert await value(str(answer["dsn"]), "SELECT 7") == 7
    assert str(answer["bin"]).startswith(str(private)), "the caller's tools stay the originals"
    line = client.stop().strip()
    copy = next(path for path in ASIDE.glob("pg-*") if str(path) in line)
    assert copy.stat().st_mode & 0o777 == private.stat().st_mode & 0o777 == 0o700
    assert copy.stat().st_uid == (home / "postgres").stat().st_uid != 0
    if copy not in before:
        shutil.rmtree(copy)


async def test_killed_postmaster_comes_back(home: Path) -> None:
    """After kill -9 of the server its holder starts it again, with every committed row, at the same address."""
    server = await ensure(home)
    await value(server.dsn, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    for _ in range(2):
        killed = postmaster(home / "postgres")
        assert killed
        assert parent(killed) == os.getpid()
        os.kill(killed, signal.SIGKILL)  # and a zombie until its parent looks
        assert await value(server.dsn, "SELECT count(*) FROM kept") == 1000
        until(lambda killed=killed: postmaster(home / "postgres") not in {None, killed})
    await server.stop()


@pytest.mark.parametrize("whose", ["dead", "zombie", "foreign", "senseless"])
async def test_stale_pid_file(made: Path, whose: str) -> None:
    """A postmaster.pid of a dead, a zombie or a foreign process, even of the same user, does not stop the start."""
    owner = (made / "postgres").stat().st_uid
    other = subprocess.Popen(["sleep", "600"], user=owner if ROOT else None)
    if whose != "foreign":
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | (os.WNOWAIT if whose == "zombie" else 0))
    number = "no number" if whose == "senseless" else str(other.pid)
    folder = made / "postgres"
    stale = folder / "data" / "postmaster.pid"
    stale.write_text(f"{number}\n{folder / 'data'}\n{int(time.time())}\n5432\n{folder}\n\n  0  0\nready\n")
    (folder / ".s.PGSQL.5432.lock").write_text(f"{number}\n")
    for path in (stale, folder / ".s.PGSQL.5432.lock"):
        shutil.chown(path, owner)
    server = await ensure(made)
    assert await value(server.dsn, "SELECT 7") == 7
    assert postmaster(folder) != other.pid
    await server.stop()
    if whose == "foreign":
        assert other.poll() is None, "a foreign process must not be touched"
        other.kill()
    with suppress(ChildProcessError):
        other.wait()


async def test_other_major_version_is_refused(made: Path) -> None:
    """A data folder of another major version is left alone, and the message names both and the way out."""
    version = made / "postgres" / "data" / "PG_VERSION"
    ours = version.read_text().strip()
    version.write_text("12\n")
    with pytest.raises(EmbeddedError, match=rf"made by PostgreSQL 12, but .* are {ours}: dump it"):
        await ensure(made)
    assert version.read_text() == "12\n"
    version.write_text(f"{ours}\n")
    server = await ensure(made)  # nothing was left locked
    assert server.holder
    await server.stop()


async def test_three_at_once(home: Path, start: type[Client]) -> None:
    """Of processes that start at once on an empty home one makes the server, and all work with it."""
    clients = [start(home) for _ in range(3)]
    answers = [client.hears() for client in clients]
    assert len({answer["dsn"] for answer in answers}) == 1
    assert sorted(bool(answer["holder"]) for answer in answers) == [False, False, True]
    assert await value(str(answers[0]["dsn"]), "SELECT 7") == 7
    for client in clients:
        client.stop()


@pytest.mark.parametrize("end", [Client.stop, Client.kill])
async def test_holder_goes_away(home: Path, start: type[Client], end: Callable[[Client], object]) -> None:
    """When the holder stops or is killed the server goes on for who uses it, under whom it is started again; the last one ends it."""
    holder = start(home)
    dsn = str(holder.hears()["dsn"])
    await value(dsn, "CREATE TABLE kept AS SELECT 42 AS n")
    other = await ensure(home)
    assert (other.dsn, other.holder) == (dsn, False)
    running = postmaster(home / "postgres")
    async with connected(dsn) as connection:
        end(holder)
        until(lambda: other.holder)
        assert await connection.fetchval("SELECT n FROM kept") == 42, "who is connected stays so"
    assert postmaster(home / "postgres") == running
    os.kill(running, signal.SIGKILL)
    assert await value(dsn, "SELECT n FROM kept") == 42
    until(lambda: parent(postmaster(home / "postgres")) == os.getpid())
    await other.stop()
    assert postmaster(home / "postgres") is None


async def test_of_two_who_leave_at_once_one_is_the_last(home: Path, start: type[Client]) -> None:
    """Whoever leaves when: once nobody uses the server it is down, be it a holder's own or one that was taken over."""
    for first_ends in (Client.kill, Client.stop, None):
        clients = [start(home) for _ in range(3)]
        answers = [client.hears() for client in clients]
        [holder] = [client for client, answer in zip(clients, answers, strict=True) if answer["holder"]]
        if first_ends:
            first_ends(holder)
            clients.remove(holder)
        with ThreadPoolExecutor() as at_once:
            list(at_once.map(Client.stop, clients))
        assert postmaster(home / "postgres") is None


@pytest.mark.parametrize("user", USERS)
async def test_orphan_of_killed_holder(home: Path, start: type[Client], user: str) -> None:
    """A server whose holder was killed goes over to the next process, and ends with it; also while it was being made or starting."""
    if user == "nobody":
        shutil.chown(home, "nobody")
    halfway = [home / "postgres" / "data.new", home / "postgres" / "data" / "postmaster.pid"]
    for sign in halfway:
        client = start(home, user)
        until(sign.exists)
        client.kill()
    client = start(home, user)
    dsn = str(client.hears()["dsn"])
    await value(dsn, "CREATE TABLE kept AS SELECT 42 AS n")
    orphan = postmaster(home / "postgres")
    client.kill()
    assert await value(dsn, "SELECT n FROM kept") == 42, "until then it goes on"
    following = start(home, user)
    assert following.hears()["holder"]
    assert following.holds()
    assert await value(dsn, "SELECT n FROM kept") == 42
    assert postmaster(home / "postgres") == orphan
    following.stop()
    assert postmaster(home / "postgres") is None


async def test_long_path(home: Path) -> None:
    """A home too deep for a socket's name gets its socket in a private folder of /tmp, and nobody else's folder."""
    deep = home / ("d" * 60) / ("e" * 60)
    server = await ensure(deep)
    sockets = Path(server.dsn.split("host=")[1].split("&")[0])
    assert await value(server.dsn, "SELECT 7") == 7
    await server.stop()
    assert sockets.parent.parent == Path("/")
    assert sockets.stat().st_mode & 0o777 == 0o700
    sockets.chmod(0o777)
    with pytest.raises(EmbeddedError, match="run chmod 700"):
        await ensure(deep)
    shutil.rmtree(sockets)


@pytest.mark.skipif(not ROOT, reason="only root can be another user")
async def test_a_home_of_another_user_says_as_whom_to_run(made: Path, start: type[Client]) -> None:
    """What root made is root's to run, though the server's folder belongs to the server's user; nothing is to be removed."""
    servant = (made / "postgres").owner()
    other = next(name for name in ("nobody", "daemon") if name != servant)
    said = str(start(made, other).hears()["error"])
    assert said == f"{made / 'postgres'} belongs to {servant}, and you are {other}: run as root"


@pytest.mark.skipif(not ROOT, reason="only root can give a folder away")
async def test_a_folder_that_root_cannot_serve_says_to_whom_to_give_it(made: Path) -> None:
    """After a copy that made root the owner the server's user does not get in: the folder must be given to it."""
    folder = made / "postgres"
    servant = folder.owner()
    shutil.chown(folder, "root")
    with pytest.raises(EmbeddedError, match=rf"belongs to root, and PostgreSQL runs as \w+: run chown -R \w+ {folder}"):
        await ensure(made)
    shutil.chown(folder, servant)
    await (await ensure(made)).stop()


async def test_a_folder_that_is_none_of_its_own_is_named(home: Path) -> None:
    """A link in its place is not followed, and a folder that others may enter is refused with the command that mends it."""
    folder = home / "postgres"
    folder.symlink_to(home)
    with pytest.raises(EmbeddedError, match="is a link or a file"):
        await ensure(home)
    folder.unlink()
    await (await ensure(home)).stop()
    folder.chmod(0o755)
    with pytest.raises(EmbeddedError, match=f"run chmod 700 {folder}"):
        await ensure(home)


async def test_failed_start_says_why(made: Path) -> None:
    """A server that ends at its start gives its last words, and the next try is free to go."""
    control = made / "postgres" / "data" / "global" / "pg_control"
    control.rename(control.with_suffix(".away"))
    with pytest.raises(EmbeddedError, match=r"ended at its start: .*pg_control"):
        await ensure(made)
    control.with_suffix(".away").rename(control)
    server: Embedded = await ensure(made)
    await server.stop()

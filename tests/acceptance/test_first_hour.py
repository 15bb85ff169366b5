"""What a newcomer meets at the command line: an address that is taken, a home that is another's, a command that is quick."""

import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from testkit.database import rows
from testkit.product import Product
from testkit.waiting import until

from goodword import settings
from goodword.cli import main
from goodword.cli.run import told_of
from goodword.store import embedded
from goodword.store.embedded_place import find_place, user_name

Place = Callable[[str], Product]


@pytest.fixture
def at(database: str, tmp_path: Path) -> Place:
    """Return what gives the commands on a home by its name, on one database."""

    def place(name: str) -> Product:
        (tmp_path / name).mkdir(exist_ok=True)
        return Product(tmp_path / name, DATABASE_URL=database)

    return place


def _tried(place: Product, *arguments: str, **settings: str) -> tuple[int, str]:
    """Return how a command ends and what it says of its failure."""
    done = place.run(*arguments, **settings)
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@contextmanager
def _serving(place: Product, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a server and its address; it must end well."""
    with place.printing("serve", *arguments, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline()
        assert line.startswith("goodword serves http://"), process.stderr.read()
        yield process, line.split()[2]


def test_who_serves_a_home_and_a_port_is_said(at: Place) -> None:
    """A port that this home's server has, another home's, or a program's: each is told apart; a second server of a home says so.

    First-hour 23.
    """
    with ExitStack() as stack:
        first, url = stack.enter_context(_serving(at("one"), "--host", "127.0.0.1", "--port", "0"))
        port = url.rpartition(":")[2]
        code, said = _tried(at("one"), "serve", "--port", port)
        assert code == 1
        assert f"port {port} is taken, and this home is served already: {url} (process {first.pid})" in said
        code, said = _tried(at("two"), "serve", "--port", port)
        assert code == 1
        assert f"port {port} is taken by another Goodword" in said
        assert "--port or GOODWORD_PORT" in said
        second, _ = stack.enter_context(_serving(at("one")))
        assert second.stderr is not None
        assert second.stderr.readline().startswith(f"note: this home is served already: {url} (process {first.pid})")
        other = stack.enter_context(socket.socket())
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, said = _tried(at("two"), "serve", "--port", str(other.getsockname()[1]))
        assert code == 1
        assert "is taken by another program" in said
    with _serving(at("one")) as (third, _):
        third.send_signal(signal.SIGINT)
        assert third.wait(60) == 0  # a second interrupt, while it ends, would end it otherwise
        assert third.stderr is not None
        assert "is served already" not in third.stderr.read(), "whoever has ended serves no longer"


def test_an_address_that_is_none_of_this_machine_is_said(at: Place) -> None:
    """A wrong --host is named with what to do; a wrong port is wrong use."""
    code, said = _tried(at("one"), "serve", "--host", "192.0.2.1")
    assert (code, "192.0.2.1 is no address of this machine: choose one with --host" in said) == (1, True)
    code, said = _tried(at("one"), "serve", "--port", "70000")
    assert (code, "70000 is not in the range" in said) == (2, True)


def test_what_the_system_does_not_allow_is_a_sentence(at: Place, tmp_path: Path) -> None:
    """A file as home, a home of somebody else, a database that is away: the next step stands in the message, no bare number.

    First-hour 17.
    """
    file = tmp_path / "file"
    file.touch()
    for home in (file, file / "below"):
        code, said = _tried(at("one"), "verify", DATABASE_URL="", GOODWORD_HOME=str(home))
        assert code == 1
        assert "is a file or stands below one, where a folder is wanted: set GOODWORD_HOME to another folder" in said
    code, said = _tried(at("one"), "verify", DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert code == 1
    assert "the database does not answer" in said
    assert "is DATABASE_URL its address?" in said
    owner = user_name(tmp_path.stat().st_uid)
    words = told_of(PermissionError(13, "Permission denied", str(tmp_path / "no" / "such")))
    assert words.endswith(f"{tmp_path} belongs to {owner}. Run as {owner}, or set GOODWORD_HOME to a folder of yours")


def test_what_waits_is_said(at: Place) -> None:
    """An event that nobody decides is told as one that waits, with what would decide it, and is counted beside its workspace."""
    with _serving(at("one"), "--no-worker") as (_, url):
        made = at("one").made("workspace", "create", "Acme", "--owner", "o@acme.example")
        event = {"type": "advocate.enrolled", "id": "ann-1", "external_id": "ann"}
        headers = {"authorization": f"Bearer {made['write_key']}"}
        assert httpx.post(f"{url}/v1/events", json=event, headers=headers, timeout=30).status_code == 202
        code, said = _tried(at("one"), "explain", "ann-1")
        assert code == 1
        assert "waits to be decided: is goodword serve, or goodword worker, running?" in said
        (listed,) = at("one").made("workspace", "list")
        assert (listed["name"], listed["waiting"]) == ("Acme", 1)


def test_a_server_outlives_the_command_that_started_its_database(tmp_path: Path) -> None:
    """Whoever started the embedded database may end while a server begins: the server gets ready all the same."""
    home = tmp_path / "home"
    with ExitStack() as stack:
        stack.callback(lambda: shutil.rmtree(find_place(home).folder))  # as root the data is kept elsewhere
        with embedded.serving(home) as first:
            assert first.holder
            process = stack.enter_context(Product(home).printing("serve"))
            while not rows(first.dsn, "select from pg_stat_activity where application_name = 'goodword'"):
                assert process.poll() is None
        assert process.stdout is not None
        url = process.stdout.readline().split()[2]
        until(lambda: httpx.get(f"{url}/readyz", timeout=30).status_code == 200)


def test_without_a_workspace_the_way_to_one_is_said(at: Place) -> None:
    """A command that needs a workspace says how to make the first."""
    code, said = _tried(at("one"), "explain", "order-1")
    assert (code, said) == (
        1,
        "Error: there is no workspace yet: make one with goodword workspace create NAME --owner MAIL\n",
    )


def test_rules_without_a_landing_page_are_warned_of(tmp_path: Path) -> None:
    """`rules check` accepts them, and says that their links lead to no page."""
    file = tmp_path / "rules.yaml"
    file.write_text("program: x\ncurrency: EUR\nconversions: [{rewards: [{side: friend, flat: {EUR: 1}}]}]\n")
    for more, warned in (("", True), ("landing_url: https://shop.example/\n", False)):
        file.write_text(file.read_text() + more)
        done = Product(tmp_path / "home").run("rules", "check", str(file))
        assert done.returncode == 0
        assert done.stdout.startswith("rules.yaml: fine, program x, version ")
        assert ("warning: rules.yaml: landing_url is not set" in done.stderr) is warned


@pytest.mark.parametrize("arguments", [["--version"], ["rules", "check", "{rules}"]], ids=["version", "rules check"])
def test_a_command_waits_for_no_part_that_it_does_not_need(arguments: list[str], tmp_path: Path) -> None:
    """What looks at no database imports neither its driver, nor the API, nor a server: that took longer than the command."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("program: x\ncurrency: EUR\nconversions: [{rewards: [{side: friend, flat: {EUR: 1}}]}]\n")
    heavy = {"asyncpg", "cryptography", "fastapi", "httpx", "phonenumbers", "pydantic", "uvicorn"}
    heavy |= {"goodword.app", "goodword.wiring"}
    script = (
        "import sys\nfrom goodword.cli import main\n"
        f"main({[word.format(rules=rules) for word in arguments]!r}, standalone_mode=False)\n"
        f"print(sorted(sys.modules.keys() & {heavy!r}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_server_alone_needs_the_api() -> None:
    """A command that only looks into the database leaves the API out."""
    script = "import sys, goodword.cli.explain, goodword.cli.workspaces\nprint('fastapi' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_every_command_is_in_its_file() -> None:
    """Each name of the command line leads to the command of that name."""
    assert {name: command.name for name, command in main.commands.items()} == {name: name for name in main.commands}
    assert {"serve", "demo", "keys", "workspace", "rules"} <= set(main.commands)


def test_the_demo_has_settings_of_its_own() -> None:
    """A home beside the real one, and neither its database nor its keys, whatever the environment says of these."""
    given = {
        "GOODWORD_HOME": "/srv/goodword",
        "GOODWORD_PORT": "9000",
        "DATABASE_URL": "postgresql://goodword@db/goodword",
        "GOODWORD_MASTER_KEY": "17" * 32,
        "GOODWORD_PREVIOUS_MASTER_KEYS": "18" * 32,
    }
    found = settings.demo(given)
    assert (found.home, found.port) == (Path("/srv/goodword-demo"), 9000)
    assert (found.database_url, found.database_admin_url, found.master_key, found.previous_master_keys) == (
        None,
        None,
        None,
        (),
    )

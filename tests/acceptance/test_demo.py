"""The demo, as somebody runs it who has just cloned the repository, and what it left, read back through the API."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from goodword.store.embedded_place import find_place

GOODWORD = [sys.executable, "-m", "goodword"]
_WITHIN = 120


@contextmanager
def _place() -> Iterator[Path]:
    """Yield a 0700 folder, as a home folder may be; the demo removes what it made, as root elsewhere too."""
    with tempfile.TemporaryDirectory(prefix="goodword-demo-") as folder:
        place = Path(folder)
        yield place
        home = place / "home-demo"
        data = find_place(home).folder if home.exists() else home  # as root the data is kept elsewhere
        environment = _environment(place)
        subprocess.run([*GOODWORD, "demo", "--remove"], cwd=place, env=environment, check=True, timeout=_WITHIN)
        assert (list(place.iterdir()), data.exists()) == ([], False)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Yield such a folder for one demo that several tests look at."""
    with _place() as place:
        yield place


def _environment(place: Path, home: str = "home") -> dict[str, str]:
    """Return it as an operator has it: an embedded server in that folder, a key made there."""
    left_out = ("DATABASE_URL", "DATABASE_ADMIN_URL", "GOODWORD_MASTER_KEY")
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**kept, "GOODWORD_HOME": str(place / home), "GOODWORD_PORT": "0"}


@pytest.fixture(scope="module")
def told(place: Path) -> str:
    """Run the demo once; give what it printed."""
    done = subprocess.run(
        [*GOODWORD, "demo", "--once"],
        cwd=place,
        env=_environment(place),
        capture_output=True,
        text=True,
        timeout=_WITHIN,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def served(place: Path, told: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield demo.json and the address of a server on what the demo left."""
    assert told
    record = json.loads((place / "demo.json").read_text())
    process = subprocess.Popen(
        [*GOODWORD, "serve"], env=_environment(place, "home-demo"), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        yield record, next(word for word in line.split() if word.startswith("http"))
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        process.stdout.close()


def test_the_demo_shows_a_queue_a_yes_a_no_the_ledger_and_the_log(told: str) -> None:
    """Each of the promises is on the screen: looked at, decided, paid, explained both ways, balanced, verified."""
    for words in (
        "The queue",
        "second person needed",
        "A yes, explained: rwd_",
        "You earn 150.00 EUR",
        "A no, explained: evt_",
        "self_referral",
        "every unit adds up to zero",
        "all equal",
        "ed25519:",
    ):
        assert words in told


def test_the_demo_lives_apart_and_says_where(told: str, place: Path) -> None:
    """The operator's home is not touched; the last lines name the demo's own and the command that removes it."""
    assert not (place / "home").exists()
    assert json.loads((place / "demo.json").read_text())["home"] == str(place / "home-demo")
    assert f"All of it is in {place / 'home-demo'}, apart from yours" in told
    assert told.rstrip().endswith("demo --remove")


def test_what_the_demo_wrote_down_is_what_the_api_says(served: tuple[dict[str, Any], str], place: Path) -> None:
    """Ids, digests and balances of demo.json are read back from a server that was started anew."""
    record, url = served
    assert (place / "demo.json").stat().st_mode & 0o077 == 0, "it holds keys"
    headers = {"authorization": f"Bearer {record['keys']['owner']}"}
    with httpx.Client(base_url=url, headers=headers, timeout=30) as client:

        def get(path: str, **params: Any) -> Any:
            answer = client.get(path, params=params)
            assert answer.status_code == 200, answer.text
            return answer.json()

        assert get("/v1/workspaces")["id"] == record["workspace"]
        assert get("/v1/ledger/trial-balance") == {"balanced": True, "lines": record["balances"]}
        payouts = get("/v1/payouts", limit=200)["items"]
        assert {one["id"]: one["status"] for one in payouts} == record["payouts"]
        assert {"completed", "failed"} <= set(record["payouts"].values())
        yes = get(f"/v1/rewards/{record['yes']}")
        assert (yes["status"], yes["amount"], len(yes["approvals"])) == ("paid", 15_000, 2)
        no = get(f"/v1/explanations/{record['no']}")
        assert [one["refusal"] for one in no["sentences"]] == ["self_referral"]
        head = get("/v1/log/head")
        assert head["size"] >= record["head"]["size"]
        assert head["public"] == record["head"]["public"]
        both = get("/v1/log/consistency", old=record["size"], new=head["size"])
        assert (both["proof"] == []) == (head["size"] == record["size"])
        if head["size"] == record["size"]:
            assert head["root"] == record["root"]


def test_what_the_demo_left_verifies(served: tuple[dict[str, Any], str], place: Path) -> None:
    """The command line finds no difference, and names the two explained decisions."""
    record, _ = served
    done = subprocess.run(
        [*GOODWORD, "verify", "--json"],
        env=_environment(place, "home-demo"),
        capture_output=True,
        timeout=60,
        check=True,
    )
    reports = json.loads(done.stdout)
    assert [(one["workspace"], one["differences"]) for one in reports] == [(record["workspace"], [])]
    for id_ in (record["yes"], record["no"]):
        said = subprocess.run(
            [*GOODWORD, "explain", id_],
            env=_environment(place, "home-demo"),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert "to finance" in said.stdout


def test_without_once_it_serves_until_it_is_told_to_end() -> None:
    """The address is printed and answers; a second demo names it; an interrupt ends it with exit code 0."""
    with _place() as place:
        process = subprocess.Popen(
            [*GOODWORD, "demo"], cwd=place, env=_environment(place), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        url = next(line.split()[1].rstrip(",") for line in process.stdout if line.strip().startswith("serving "))
        assert httpx.get(f"{url}/readyz", timeout=30).json()["status"] == "ready"
        code, said = _demo(place)
        assert (code, said) == (1, f"Error: the demo is served already: {url} (process {process.pid}). End it first\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        process.stdout.close()


def test_the_next_demo_takes_the_place_of_the_last() -> None:
    """What an earlier demo left goes before the next begins, and nothing that no demo made: a home of somebody's is named and kept."""
    with _place() as place:
        home = place / "home-demo"
        home.mkdir()
        (home / "mine").touch()
        code, said = _demo(place, "--once")
        assert (code, said) == (
            1,
            f"Error: {home} is where the demo lives, and no demo made what is there: move it away\n",
        )
        assert (home / "mine").exists()
        (home / "demo.txt").touch()
        (place / "demo.json").write_text(json.dumps({"home": str(home)}))
        assert _demo(place, "--remove") == (0, "")
        assert list(place.iterdir()) == []


def _demo(place: Path, *arguments: str) -> tuple[int, str]:
    """Run a demo to its end; give how it ended and what it said of a failure."""
    done = subprocess.run(
        [*GOODWORD, "demo", *arguments],
        cwd=place,
        env=_environment(place),
        capture_output=True,
        text=True,
        timeout=_WITHIN,
        check=False,
    )
    return done.returncode, done.stderr

"""The demo, as somebody runs it who has just cloned the repository, and what it left, read back through the API."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from testkit.product import Product

from goodword.store.embedded import alone
from goodword.store.embedded_place import find_place


@contextmanager
def _place() -> Iterator[Product]:
    """Yield what is run in a 0700 folder, as a home folder may be; the demo removes what it made, as root elsewhere too."""
    with tempfile.TemporaryDirectory(prefix="goodword-demo-") as folder:
        place = Product(Path(folder) / "home")
        yield place
        home = _left(place).home
        data = find_place(home).folder if home.exists() else home  # as root the data is kept elsewhere
        place.said("demo", "--remove")
        assert (list(place.folder.iterdir()), data.exists()) == ([], False)


def _left(place: Product) -> Product:
    """Return the same on the home that the demo makes for itself."""
    return Product(place.folder / "home-demo")


@pytest.fixture(scope="module")
def place() -> Iterator[Product]:
    """Yield such a folder for one demo that several tests look at."""
    with _place() as place:
        yield place


@pytest.fixture(scope="module")
def told(place: Product) -> str:
    """Run the demo once; give what it printed."""
    return place.said("demo", "--once")


@pytest.fixture(scope="module")
def served(place: Product, told: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield demo.json and the address of a server on what the demo left."""
    assert told
    with _left(place).printing("serve") as process:
        url = next(word for word in next(process.stdout).split() if word.startswith("http"))
        yield json.loads((place.folder / "demo.json").read_text()), url


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
        "A second month, for you to decide",
    ):
        assert words in told


def test_the_demo_lives_apart_and_says_where(told: str, place: Product) -> None:
    """The operator's home is not touched; the last lines name the demo's own and the command that removes it (first-hour 4)."""
    home = str(_left(place).home)
    assert not place.home.exists()
    assert json.loads((place.folder / "demo.json").read_text())["home"] == home
    assert f"All of it is in {home}, apart from yours" in told
    assert told.rstrip().endswith("demo --remove")


def test_what_the_demo_wrote_down_is_what_the_api_says(served: tuple[dict[str, Any], str], place: Product) -> None:
    """Ids, digests and balances of demo.json are read back from a server that was started anew."""
    record, url = served
    assert (place.folder / "demo.json").stat().st_mode & 0o077 == 0, "it holds keys"
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


def test_the_demo_leaves_something_of_everything_to_decide(served: tuple[dict[str, Any], str]) -> None:
    """Whoever opens the link of the console finds a queue, late and not, cases, a claim and payouts to release."""
    record, url = served
    with httpx.Client(
        base_url=url, headers={"authorization": f"Bearer {record['keys']['owner']}"}, timeout=30
    ) as client:

        def every(path: str, **params: str) -> list[dict[str, Any]]:
            return client.get(path, params={"limit": "200", **params}).raise_for_status().json()["items"]

        rewards = every("/v1/rewards", status="in_review")
        assert len(rewards) >= 30
        late = [one for one in rewards if one["decide_by"] < "2026-06-17T09:00:00Z"]
        assert 0 < len(late) < len(rewards)
        assert [len(one["approvals"]) for one in rewards if one["approvals"]] == [1], "one waits for a second person"
        assert len(every("/v1/rewards", status="pending")) >= 10
        flags = {flag for case in every("/v1/cases", status="open") for flag, _ in case["flags"]}
        assert {"review_limit", "velocity"} <= flags
        assert "chargeback" in {case["kind"] for case in every("/v1/cases", status="open")}
        assert len(every("/v1/claims", status="open")) == 1
        assert every("/v1/payouts", status="awaiting_release")


def test_what_the_demo_left_verifies(served: tuple[dict[str, Any], str], place: Product) -> None:
    """The command line finds no difference, and names the two explained decisions."""
    record, _ = served
    reports = _left(place).made("verify")
    assert [(one["workspace"], one["differences"]) for one in reports] == [(record["workspace"], [])]
    for id_ in (record["yes"], record["no"]):
        assert "to finance" in _left(place).said("explain", id_)


def test_without_once_it_serves_until_it_is_told_to_end() -> None:
    """The address is printed and answers; a second demo names it; an interrupt ends it with exit code 0."""
    with _place() as place, place.printing("demo") as process:
        url = next(line.split()[1].rstrip(",") for line in process.stdout if line.strip().startswith("serving "))
        assert httpx.get(f"{url}/readyz", timeout=30).json()["status"] == "ready"
        second = place.run("demo")
        told = f"Error: the demo is served already: {url} (process {process.pid}). End it first\n"
        assert (second.returncode, second.stderr) == (1, told)


def test_a_demo_that_is_being_made_stays() -> None:
    """Before it serves too, another demo does not take its place, and says whose it is."""
    with _place() as place:
        home = _left(place).home
        home.mkdir()
        (home / "demo.txt").touch()
        with alone(home):
            for arguments in (["demo", "--once"], ["demo", "--remove"]):
                done = place.run(*arguments)
                told = f"Error: a demo is being made in {home}: wait for its end, or end it first\n"
                assert (done.returncode, done.stderr, (home / "demo.txt").exists()) == (1, told, True)


def test_the_next_demo_takes_the_place_of_the_last() -> None:
    """What an earlier demo left goes before the next begins, and nothing that no demo made: a home of somebody's is named and kept."""
    with _place() as place:
        home = _left(place).home
        home.mkdir()
        (home / "mine").touch()
        done = place.run("demo", "--once")
        told = f"Error: {home} is where the demo lives, and no demo made what is there: move it away\n"
        assert (done.returncode, done.stderr) == (1, told)
        assert (home / "mine").exists()
        (home / "demo.txt").touch()
        (place.folder / "demo.json").write_text(json.dumps({"home": str(home)}))
        done = place.run("demo", "--remove")
        assert (done.returncode, done.stderr) == (0, "")
        assert list(place.folder.iterdir()) == []

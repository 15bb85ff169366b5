"""The demo, as somebody runs it who has just cloned the repository, and what it left, read back through the API."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from testkit.product import Product

from goodword.store.embedded_place import find_place


@pytest.fixture(scope="module")
def place() -> Iterator[Product]:
    """Yield what is run in a 0700 folder, as a home folder may be: an embedded server in it, a key made there."""
    with tempfile.TemporaryDirectory(prefix="goodword-demo-") as folder:
        yield Product(Path(folder) / "home")
        shutil.rmtree(find_place(Path(folder) / "home").folder)  # as root the data is kept elsewhere


@pytest.fixture(scope="module")
def told(place: Product) -> str:
    """Run the demo once; give what it printed."""
    return place.said("demo", "--once")


@pytest.fixture(scope="module")
def served(place: Product, told: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield demo.json and the address of a server on what the demo left."""
    assert told
    with place.printing("serve") as lines:
        url = next(word for word in next(lines).split() if word.startswith("http"))
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
    ):
        assert words in told


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


def test_what_the_demo_left_verifies(served: tuple[dict[str, Any], str], place: Product) -> None:
    """The command line finds no difference, and names the two explained decisions."""
    record, _ = served
    reports = place.made("verify")
    assert [(one["workspace"], one["differences"]) for one in reports] == [(record["workspace"], [])]
    for id_ in (record["yes"], record["no"]):
        assert "to finance" in place.said("explain", id_)


def test_without_once_it_serves_until_it_is_told_to_end(place: Product) -> None:
    """The address is printed and answers; an interrupt ends it with exit code 0."""
    with place.printing("demo") as lines:
        url = next(line.split()[1].rstrip(",") for line in lines if line.strip().startswith("serving "))
        assert httpx.get(f"{url}/readyz", timeout=30).json() == {"status": "ready"}

"""Each client does what it was seen to do when it was last looked at: one of another version that does otherwise fails, by its name.

What was seen stands in ``seen.json``; ``make clients SEEN=1`` takes what is seen now for it. ``docs/compatibility.md`` tells it.
"""

import json
import os
from datetime import UTC, datetime
from typing import Any

from tests.clients.conftest import ASSISTANTS, BROWSERS, BUILT, CLIENTS, HERE, RIVALS, Shop
from tests.clients.habits import habits

from goodword.store.api_keys import new_api_key

SEEN = HERE / "seen.json"
KNOWN = {"type": "identify", "userId": "bob", "traits": {"plan": "pro"}}
LEAD = {"type": "track", "userId": "bob", "event": "Signed Up", "properties": {"plan": "pro"}}
ORDER = {
    "type": "track",
    "userId": "bob",
    "event": "Order Completed",
    "properties": {"order_id": "1", "total": 0.1 + 0.2, "currency": "EUR"},
}
AGAIN = {1: "is not sent again", 2: "is sent again"}


def test_a_client_of_a_server_does_what_it_was_seen_to_do(shop: Shop, client: str) -> None:
    """What it sends and how; what it does where there is no room, where an answer is lost, and with a wrong key."""
    shop.speak(client, KNOWN, ORDER)
    found = habits(shop.wire.seen, shop.keys["wk"], "Order Completed")
    [answer] = {f"{one.status} {one.answer}" for one in shop.wire.seen}
    for question, trouble in (("after 429 with Retry-After it", "busy"), ("after 500 it", "lose")):
        before = shop.wire.requests
        setattr(shop.wire, trouble, 1)
        told = shop.tried(client, shop.keys["wk"], ORDER)
        found[question] = AGAIN[shop.wire.requests - before] + (", and it tells of a failure" if told else "")
    if client.endswith("python"):
        found["a time without a zone, five hours west"] = _without_a_zone(shop, client)
    before = shop.wire.requests
    told = shop.tried(client, new_api_key("wk", "sandbox"), ORDER)
    found["with a wrong key it"] = AGAIN[shop.wire.requests - before] + (", and it tells of a failure" if told else "")
    compare(client, found, answer)


def test_a_client_of_a_page_does_what_it_was_seen_to_do(shop: Shop, browser: str) -> None:
    """What it asks first, what it sends and how."""
    shop.speak(browser, KNOWN, LEAD, page="http://acme.example/welcome?gw_click=tch_1")
    [answer] = {f"{one.status} {one.answer}" for one in shop.wire.seen if one.method == "POST"}
    compare(browser, habits(shop.wire.seen, shop.keys["pk"], "Signed Up"), answer)


def _without_a_zone(shop: Shop, client: str) -> str:
    """Return how many hours off what it sends is: of a time of just now, and of half a minute ago."""
    said = []
    for ago in (0, 30):
        assert shop.tried(client, shop.keys["wk"], {**ORDER, "ago": ago}, zone="Etc/GMT+5") == ""
        at = shop.wire.seen[-1].items[-1]["timestamp"]
        then = datetime.fromtimestamp(at, UTC) if isinstance(at, int) else datetime.fromisoformat(at)
        off = round((then - datetime.now(UTC)).total_seconds() / 3_600)
        said.append(f"of {'half a minute ago' if ago else 'now'} is {f'{-off} h early' if off else 'right'}")
    return ", ".join(said)


def compare(name: str, found: dict[str, str], answer: str) -> None:
    """Keep what was seen for the page, and hold it against what was seen before."""
    client = {**CLIENTS, **BROWSERS, **RIVALS, **ASSISTANTS}[name]
    day = datetime.now(UTC).date().isoformat()
    now: dict[str, Any] = {"package": client.package, "runs on": client.language, "version": client.version}
    now |= {"day": day, "answer": answer, "seen": found}
    (BUILT / "seen").mkdir(exist_ok=True)
    (BUILT / "seen" / f"{name}.json").write_text(json.dumps(now))
    if os.environ.get("SEEN"):
        return
    before = json.loads(SEEN.read_text()).get(name, {"version": "never", "answer": "", "seen": {}})
    was, said = {"answer": before["answer"], **before["seen"]}, {"answer": answer, **found}
    otherwise = [
        f"{what}: {was.get(what, 'nothing')} before, {said.get(what, 'nothing')} now"
        for what in sorted({*was, *said})
        if was.get(what) != said.get(what)
    ]
    about = f"{client.package} {client.version} behaves otherwise than {before['version']}"
    assert not otherwise, "\n".join([about, *otherwise])

"""The real client of the Model Context Protocol: by the newest protocol, and by the one before where that is not discovered."""

import json
import os
import subprocess
from typing import Any

import pytest
from testkit import sent
from tests.clients.conftest import BUILT, HERE, Shop
from tests.clients.test_habits import compare

from goodword.api.tools import TOOLS

NAME = "mcp-python"
NEWEST, BEFORE = "2026-07-28", "2025-11-25"


def told(shop: Shop, *calls: tuple[str, dict[str, Any]], key: str = "owner") -> dict[str, Any]:
    """Let the client connect, list the tools and call some; returns what it was told."""
    done = subprocess.run(
        [str(BUILT / "python" / "bin" / "python"), str(HERE / "assistant.py"), shop.url, shop.keys.get(key, key)],
        input=json.dumps(calls), capture_output=True, text=True, check=False, timeout=120, cwd=HERE, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def calls(shop: Shop) -> list[tuple[str, dict[str, Any]]]:
    """Return a call of each tool, of which there is something to be told."""
    shop.send(
        sent.enrolled("enrol", "ann", "ANN", email="ann@mail.example"),
        sent.lead("lead", "bob", code="ANN"),
        sent.purchase("order", "bob", "inv-1", 20_000),
    )
    ann = shop.person("ann")
    [reward] = [it["id"] for it in shop.get("/v1/rewards")["items"] if it["side"] == "advocate"]
    found: dict[str, dict[str, Any]] = {
        "find_person": {"text": "ann"},
        "person_history": {"person": ann},
        "find_rewards": {"text": "inv-1"},
        "explain_reward": {"reward": reward},
        "explain_event": {"event": "order"},
        "what_waits": {},
        "figures": {},
        "program_rules": {"program": "main"},
        "prepare_approval": {"rewards": [reward]},
        "prepare_release": {"payouts": ["pay_none"]},
        "show_personal_fields": {"subject": ann, "fields": ["email"], "reason": "she called"},
    }
    assert [*found] == [*TOOLS]
    return [*found.items()]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("protocol", [NEWEST, BEFORE])
def test_the_client_speaks_the_newest_protocol_or_the_one_before(shop: Shop, protocol: str) -> None:
    """It reports which, lists the tools, and calls each; what it is answered fits the schemas, which it checks itself."""
    asked = calls(shop)
    shop.wire.undiscovered = protocol == BEFORE
    said = told(shop, *asked)
    assert (said["protocol"], said["server"], said["tools"], said["schemas"]) == (protocol, "goodword", [*TOOLS], True)
    assert "none approves" in said["instructions"]
    results = dict(zip(TOOLS, said["results"], strict=True))
    assert [name for name, result in results.items() if "failed" in result] == []
    assert [name for name, result in results.items() if result["isError"]] == ["prepare_release"]
    assert results["prepare_release"]["content"][0]["text"].startswith("not_found")
    shown = {name: result["structuredContent"] for name, result in results.items() if not result["isError"]}
    assert shown["find_person"]["persons"][0]["name"] == "ann"
    assert shown["explain_reward"]["said"][0]["to_beneficiary"]
    assert shown["prepare_approval"]["decided"] is False
    assert shown["show_personal_fields"]["values"] == {"email": "ann@mail.example"}
    if protocol == NEWEST:
        assert (said["ttl"], said["scope"]) == (60_000, "private")
    assert {one.headers["mcp-protocol-version"] for one in shop.wire.seen[2:]} == {protocol}


@pytest.mark.usefixtures("installed")
def test_the_client_does_what_it_was_seen_to_do(shop: Shop) -> None:
    """What it asks first, how it sends, what it does where nothing is discovered, where there is no room, and with a wrong key."""
    found: dict[str, str] = {}
    answer = ""
    for protocol in (NEWEST, BEFORE):
        shop.wire.seen.clear()
        shop.wire.undiscovered = protocol == BEFORE
        said = told(shop, ("program_rules", {}))
        seen, protocol_of = shop.wire.seen, said["protocol"]
        asked = ", ".join(dict.fromkeys(f"`{one.body['method']}`" for one in seen))
        if protocol == BEFORE:
            found["where nothing is discovered"] = f"protocol {protocol_of}: {asked}"
            continue
        call = next(one for one in seen if one.body["method"] == "tools/call")
        answer = f"{call.status}, each tool its own"
        found |= {
            "protocol": protocol_of,
            "sends": ", ".join(dict.fromkeys(f"`{one.method} {one.path}`" for one in seen)),
            "asks": asked,
            "media type": call.headers["content-type"],
            "takes": call.headers["accept"],
            "key": f"`{call.headers['authorization'].split()[0]} KEY`",
            "headers": ", ".join(f"`{name}`" for name in sorted(call.headers) if name.startswith("mcp-")),
            "says of itself": ", ".join(f"`{name}`" for name in sorted(call.body["params"]["_meta"])),
        }
    shop.wire.seen.clear()
    shop.wire.undiscovered = False
    wrong = told(shop, key="gw_sk_test_nothing")
    found["with a wrong key it"] = f"asks {len(shop.wire.seen)} times, and tells: {wrong['message']}"
    assert "failed" in wrong
    compare(NAME, found, answer)

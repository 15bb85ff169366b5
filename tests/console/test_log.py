"""The log's pages: its signed head, the proof of an entry to take along, and verifying it from there."""

import hashlib
import threading
from typing import Any

from tests.console.conftest import Console

from goodword.app.proof import audit, checking
from goodword.core.merkle import head_bytes, leaf_hash, verify_inclusion
from goodword.store.vault import verify


def _checked(desk: Console) -> Any:
    begun = desk.form("/console/log/verify")
    assert begun.headers["location"] == "/console/log/verify"
    desk.api.until(lambda: not desk.json("/console/log/verify")["running"])
    return desk.json("/console/log/verify")


def test_an_entry_is_proven_by_what_is_taken_along_alone(busy: Console) -> None:
    """The leaf is the hash of the entry, the root follows from it, and the signature of the workspace's key is over the root."""
    busy.api.until(
        lambda: busy.json("/console/log")["head"] is not None and busy.json("/console/log")["head"]["size"] >= 5
    )
    answer = busy.get("/console/log/5/proof")
    assert answer.headers["content-disposition"] == 'attachment; filename="proof-5.json"'
    said = answer.json()
    leaf, root = bytes.fromhex(said["leaf"]), bytes.fromhex(said["root"])
    assert leaf == leaf_hash(said["entry"].encode()) == hashlib.sha256(b"\0" + said["entry"].encode()).digest()
    parts = [bytes.fromhex(part) for part in said["proof"]]
    assert verify_inclusion(said["position"] - 1, said["size"], leaf, parts, root)
    signed = head_bytes(said["workspace"], said["size"], root, said["as_of"])
    assert verify(said["public"], signed, bytes.fromhex(said["signature"]))
    assert 'href="/console/log/5/proof"' in busy.html("/console/log/5")
    [look] = busy.api.get("/v1/looks", subject=busy.json("/console/log/5")["decision"]["evt"])["items"]
    assert look["what"] == "downloaded"
    assert busy.get("/console/log/99999/proof").status_code == 404
    assert busy.get("/console/log/x/proof").status_code == 400


def test_the_head_is_shown_with_its_signature_and_key(busy: Console) -> None:
    """As the API gives it."""
    busy.api.until(lambda: busy.json("/console/log")["head"] is not None)
    page = busy.html("/console/log/verify")
    head = busy.json("/console/log/verify")["head"]
    assert "was not checked since" in page
    for name in ("root", "signature", "public"):
        assert head[name] in page


def test_verifying_says_that_everything_holds(busy: Console) -> None:
    """Begun by a form, with what was looked at, by whom and when; again as often as one likes."""
    for _ in range(2):
        done = _checked(busy)
        assert done["check"]["state"] == "done"
        assert done["differences"] == 0
        assert done["check"]["position"] == done["check"]["size"]
    page = busy.html("/console/log/verify")
    assert "Everything is as the log says" in page
    assert "all leaves are equal" in page
    assert "olga@shop.example" in page


def test_verifying_names_what_differs(busy: Console) -> None:
    """In words and by name; who may not begin a check reads its result."""
    busy.api.run(busy.api.goodword.pool.execute("update reward set amount = amount - 1 where status = 'in_review'"))
    done = _checked(busy)
    assert done["differences"] >= 1
    page = busy.html("/console/log/verify")
    assert "Not everything is as the log says" in page
    assert done["shown"][0]["key"] in page
    busy.be("approver")
    page = busy.html("/console/log/verify")
    assert "Not everything is as the log says" in page
    assert "Check the whole log" not in page
    assert busy.form("/console/log/verify").status_code == 403


def test_a_check_runs_once_and_beside_everything_else(busy: Console, monkeypatch: Any) -> None:
    """While it runs a second form begins no other, pages say how far it is, and events are decided."""
    go, real, runs = threading.Event(), audit.verify, list[int]()

    async def slow(*args: Any, **named: Any) -> Any:
        runs.append(1)
        named["read"](3)
        assert go.wait(30)
        return await real(*args, **named)

    monkeypatch.setattr(audit, "verify", slow)
    for _ in range(3):
        busy.form("/console/log/verify")
    busy.api.until(lambda: busy.json("/console/log/verify")["check"]["position"] == 3)
    page = busy.html("/console/log/verify")
    assert "entry 3 of" in page
    assert "progress.js" in page
    assert "Look again" in page
    busy.api.purchase()
    go.set()
    busy.api.until(lambda: not busy.json("/console/log/verify")["running"])
    assert runs == [1]
    assert busy.json("/console/log/verify")["differences"] == 0
    assert "progress.js" not in busy.html("/console/log/verify")


def test_a_check_that_cannot_be_done_says_so(busy: Console, monkeypatch: Any) -> None:
    """One that fails, and one of a log that is too long for a page."""

    async def fails(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(audit, "verify", fails)
    assert _checked(busy)["check"]["state"] == "failed"
    assert "could not be done" in busy.html("/console/log/verify")
    monkeypatch.setattr(checking, "MOST", 3)
    answer = busy.form("/console/log/verify")
    assert answer.status_code == 409
    assert "goodword verify" in answer.text

"""Quarantine: what could not be decided, and trying it again."""

from typing import Any

import pytest
from testkit import sent
from tests.console.conftest import SCRIPT, Console

from goodword.core import run as run_module


@pytest.fixture
def stuck(desk: Console, monkeypatch: pytest.MonkeyPatch) -> Console:
    """A desk where deciding one event fails, and another waits behind it; the cause is gone by then."""
    real = run_module.decide

    def failing(state: Any, event: Any, *rest: Any) -> Any:
        if getattr(event, "invoice", None) == "STUCK" and event.__struct_config__.tag == "conversion.recorded":
            raise ZeroDivisionError(f"on purpose {SCRIPT}")
        return real(state, event, *rest)

    monkeypatch.setattr(run_module, "decide", failing)
    key = {"authorization": f"Bearer {desk.api.keys['sk']}"}
    stuck = [sent.purchase("stuck", "bob", "STUCK", 5_000), sent.purchase("next", "bob", "NEXT", 500)]
    desk.api.http.post("/v1/events", json=stuck, headers=key)
    desk.api.until(lambda: len(desk.json("/console/events?outcome=set_aside")["waiting"]) == 2)
    monkeypatch.setattr(run_module, "decide", real)
    return desk


def test_what_is_set_aside_is_shown_with_what_waits_behind_it(stuck: Console) -> None:
    """The kind of the mistake to all who read events, where it was to who mends it alone."""
    [row] = stuck.json("/console/quarantine")["rows"]
    assert (row["type"], row["sent"], row["behind"], row["error"]) == (
        "conversion.recorded",
        "stuck",
        1,
        "ZeroDivisionError",
    )
    page = stuck.html("/console/quarantine")
    assert "on purpose &lt;script&gt;" in page
    assert SCRIPT not in page
    assert "Retry it and 1 behind it" in page
    assert "Set aside" in stuck.html("/console/events")
    assert stuck.json(f"/console/events/{row['evt']}")["sent"] == "stuck"
    assert "See what is set aside" in stuck.html(f"/console/events/{row['evt']}")
    for role, traced, retried in (("operations", False, True), ("developer", True, True), ("approver", False, False)):
        stuck.be(role)
        page = stuck.html("/console/quarantine")
        assert ("on purpose" in page, "Retry" in page) == (traced, retried), role
        [row] = stuck.json("/console/quarantine")["rows"]
        assert (row["trace"] is not None) == traced


def test_a_retry_decides_it_and_what_waits_behind_it(stuck: Console) -> None:
    """In order; a second one finds nothing to do, and says so."""
    [row] = stuck.json("/console/quarantine")["rows"]
    stuck.be("operations")
    done = stuck.form(f"/console/quarantine/{row['evt']}/retry")
    assert (done.status_code, done.headers["location"]) == (303, "/console/quarantine?done=retried")
    assert "Nothing is set aside" in stuck.html("/console/quarantine?done=retried")
    orders = [one["about"] for one in stuck.json("/console/events?type=conversion.recorded")["rows"]]
    assert orders == ["NEXT", "STUCK"]
    again = stuck.form(f"/console/quarantine/{row['evt']}/retry")
    assert again.headers["location"] == "/console/quarantine?done=not_aside"


def test_what_cannot_be_read_is_shown_too(stuck: Console) -> None:
    """An event whose stored body is broken takes no page with it."""
    stuck.api.run(stuck.api.goodword.pool.execute("update undecided set body = '{'"))
    assert "unreadable" in stuck.html("/console/quarantine")
    assert "unreadable" in stuck.html("/console/events")
    [row] = stuck.json("/console/quarantine")["rows"]
    assert stuck.html(f"/console/events/{row['evt']}")

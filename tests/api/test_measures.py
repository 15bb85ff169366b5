"""Measures by the API and at the command line: the same figures, whose they are, and their recount by who holds the events alone."""

import json
from typing import Any

from testkit import sent
from tests.api.conftest import Api, Command

from goodword.core.measuring import ABSENT, EVENTS, MEASURES


def _traffic(api: Api) -> str:
    """An advocate, a friend, an order, the same again and one that nobody brought; the month of the workspace's clock."""
    api.send(sent.enrolled("e1", "ann", "ANN"), sent.lead("l1", "bob", code="ANN"))
    api.send(sent.purchase("o1", "bob", "inv-1", 20_000), sent.purchase("o2", "eve", "inv-2", 7_000))
    api.send(sent.purchase("o3", "bob", "inv-1", 20_000))
    api.until(lambda: api.get("/v1/reports/overview")["lag_seconds"] == 0)
    return str(api.get("/v1/reports/overview")["as_of"])[:7]


def _events(api: Api) -> list[dict[str, Any]]:
    found, after = [], "0"
    while after is not None:
        page = api.get("/v1/measurements", after=after)
        found += page["items"]
        after = page["after"]
    return found


def test_measures_can_be_counted_again_by_who_has_the_events_alone(api: Api) -> None:
    """Each count and sum of a month follows from the pages of measurement events; what is absent says why, and is no nought."""
    month = _traffic(api)
    it = api.get("/v1/measures", month=month)
    assert (it["begin"], it["zone"], it["by"]) == (f"{month}-01", "UTC", "decided")
    assert it["as_of_position"] == it["position"]
    events = _events(api)
    assert {one["name"] for one in events} <= {*EVENTS}
    assert [one["measure"] for one in it["measures"]] == [name for name in MEASURES if name not in ABSENT]
    for one in it["measures"]:
        mine = [event for event in events if event["name"] == one["of"] and event["v"] == one["of_v"]]
        if one["how"] != "time":
            assert one["count"] == len(mine), one
        if one["how"] == "amount":
            assert sum(line["amount"] for line in one["lines"]) == sum(event["amount"] for event in mine), one
    said = {one["measure"]: one for one in it["measures"]}
    assert said["rewards_earned"]["count"] == len([1 for event in events if event["name"] == "reward.earned"]) > 0
    assert [(line["code"], line["count"]) for line in said["duplicates"]["lines"]] == [("duplicate_conversion", 1)]
    assert (said["referred_revenue"]["lines"][0]["amount"], said["approved_to_paid"]["median_seconds"]) == (
        20_000,
        None,
    )
    assert [one["measure"] for one in it["absent"]] == ["satisfaction"]
    assert api.get("/v1/measures", month=month, by="occurred")["measures"]
    assert api.call("owner", "GET", f"/v1/measures?month={month}&from={month}-01").status_code == 422


def test_the_command_line_shows_measures_and_counts_them_again(api: Api, goodword: Command) -> None:
    """It prints a line for each, as JSON too; the recount ends well, and with exit code 1 and the row where one was changed."""
    month = _traffic(api)
    shown = goodword("measures", "--month", month, "--workspace", api.ws)
    assert "Rewards earned" in shown.stdout
    assert "Satisfaction" in shown.stdout
    as_json = json.loads(goodword("measures", "--month", month, "--workspace", api.ws, "--json").stdout)
    assert [one["measure"] for one in as_json["measures"]] == [it for it in MEASURES if it not in ABSENT]
    assert "equal to its recount" in goodword("measures", "--recount", "--workspace", api.ws).stdout
    api.run(api.goodword.pool.execute("update figure set count = count + 1 where metric = 'reward.earned:1'"))
    failed = goodword("measures", "--recount", "--workspace", api.ws)
    assert failed.returncode == 1
    assert "DIFFERS" in failed.stderr
    assert "reward.earned:1" in failed.stderr

"""The page of standing approvals: what was approved beforehand with its running total, a form that asks, and a button that stops."""

import re

from tests.api.test_standing import granted, ordered, staffed
from tests.console.conftest import SCRIPT, Console

PAGE = "/console/settings/standing"


def test_one_is_asked_for_on_its_page_and_stopped_there(desk: Console) -> None:
    """What is wrong stands again as it was typed; what waits says what it would approve; the total is that of what was approved."""
    staffed(desk.api)
    assert "Nothing is approved beforehand" in desk.html(PAGE)
    wanted = {"program": "shop", "rail": "store_credit", "side": "", "unit": "EUR", "until": "2026-06-01"}
    wanted |= {"per_reward": "25.00", "per_beneficiary": "40", "in_all": "60"}
    wrong = desk.form(PAGE, **wanted | {"per_reward": SCRIPT})
    assert wrong.status_code == 400, wrong.text
    assert SCRIPT not in wrong.text
    said = desk.form(PAGE, **wanted)
    assert said.headers["location"].endswith("done=standing_waits"), said.text
    wish = desk.json(PAGE)["whole"]["waiting"][0]
    page = re.sub("<[^>]+>", "", desk.html(PAGE))
    assert all(f"at most {most} EUR" in page for most in ("25.00", "40.00", "60.00"))
    assert desk.form(f"{PAGE}/changes/{wish['change']['id']}", outcome="withdrawn").status_code == 303
    given = granted(desk.api)
    reward = ordered(desk.api, "bob")
    page = desk.html(PAGE)
    assert "20.00" in page
    assert "33 %" in page
    desk.api.until(lambda: desk.api.get(f"/v1/rewards/{reward['id']}")["status"] == "paid")
    assert given["id"] in desk.html(f"/console/rewards/{reward['id']}")
    assert desk.json("/console")["troubles"] == []
    ordered(desk.api, "bea", by="amy")
    ordered(desk.api, "ben", by="amy")
    [trouble] = desk.json("/console")["troubles"]
    assert (trouble["code"], trouble["about"]) == ("standing_used", "shop")
    assert "Nearly used up" in desk.html(PAGE)
    assert "nearly used up" in desk.html("/console")
    assert desk.form(f"{PAGE}/{given['id']}/stop").status_code == 303
    assert "Stopped" in desk.html(PAGE)
    assert desk.json("/console")["troubles"] == []

"""The page of codes: uploaded by a form, never shown again, and an alarm on Home while few are left or a payout waits."""

from tests.api.test_codes import _released, _shop
from tests.console.conftest import Console

from goodword.app.doctor import examine
from goodword.app.health import Bounds, Health

PAGE = "/console/settings/codes"


def test_codes_are_uploaded_on_their_page_and_run_low_on_home(desk: Console) -> None:
    """A payout waits, which Home says; an upload lets it go; the code is on no page; what runs low is said on both pages."""
    _shop(desk.api)
    assert "No codes were uploaded yet" in desk.html(PAGE)
    _released(desk.api, "bob")
    desk.api.until(lambda: desk.json(PAGE)["whole"]["waiting"])
    assert [it["code"] for it in desk.json("/console")["troubles"]] == ["codes_awaited"]
    assert "1 payout waits" in desk.html(PAGE)
    said = {"name": "cards", "unit": "EUR", "amount": "25.00", "low": "5", "program": "", "ends": ""}
    wrong = desk.form(PAGE, **said, codes="PAGE-SECRET-1\nPAGE-SECRET-1")
    assert wrong.status_code == 400
    assert "PAGE-SECRET" not in wrong.text
    done = desk.form(PAGE, **said, codes="PAGE-SECRET-1\nPAGE-SECRET-2")
    assert done.headers["location"].endswith("done=stock_uploaded"), done.text
    desk.api.until(lambda: not desk.json(PAGE)["whole"]["waiting"])
    desk.api.until(lambda: desk.json(PAGE)["whole"]["stocks"][0]["given"] == 1)
    page = desk.html(PAGE)
    assert "PAGE-SECRET" not in page
    assert "Running low" in page
    [finding] = [
        it
        for it in desk.api.run(
            examine(desk.api.goodword.directory, Health(desk.api.goodword.directory, Bounds(60, 0, [])))
        )
        if it.code == "codes_low"
    ]
    assert "cards" in finding.what
    [trouble] = desk.json("/console")["troubles"]
    assert (trouble["code"], trouble["about"], trouble["count"]) == ("codes_low", "cards", 1)
    assert "Codes run low: cards" in desk.html("/console")

"""The page of schedules: set by a form, its next run looked at, changed, stopped; a draft says by which schedule it was made."""

from tests.console.conftest import Console
from tests.console.test_payouts import owed

__all__ = ["owed"]

PAGE = "/console/payouts/schedules"
DAYS = {"rail": "bank_file", "unit": "EUR", "every": "week", "on": "1", "hour": "8", "program": "", "timezone": ""}


def test_a_schedule_is_set_looked_at_and_stopped(owed: Console) -> None:
    """On Monday the drafts are there; the page says what the run gathered, and each payout by whom it was drafted."""
    assert "No drafts are made by themselves" in owed.html(PAGE)
    assert PAGE in owed.html("/console/payouts/draft")
    done = owed.form(PAGE, **DAYS)
    assert done.headers["location"] == f"{PAGE}?done=schedule_set"
    [row] = owed.json(PAGE)["rows"]
    it = row["it"]
    assert row["days"] == "Each Monday at 08:00, UTC"
    ahead = owed.json(f"{PAGE}?next={it['id']}")
    assert (len(ahead["lines"]), ahead["send"] > 0) == (2, True)
    assert "What is approved, refunded or asked until then changes it" in owed.html(f"{PAGE}?next={it['id']}")
    owed.api.move("2026-08-03T08:00:00Z")
    owed.api.until(lambda: owed.json(PAGE)["rows"][0]["it"]["gathered"] == 2)
    page = owed.html(PAGE)
    assert "2 payouts drafted" in page
    [need] = [one for one in owed.json("/console")["needs"] if one["code"] == "payouts"]
    assert need["count"] == 2, "whoever may release is told"
    [payout, _] = owed.api.get("/v1/payouts")["items"]
    assert f'href="{PAGE}#{it["id"]}"' in owed.html(f"/console/payouts/{payout['id']}")
    assert "by a schedule" in owed.html("/console/payouts?status=awaiting_release")
    owed.api.move("2026-08-10T08:00:00Z")
    owed.api.until(lambda: owed.json(PAGE)["rows"][0]["it"]["gathered"] == 0)
    assert "Nothing could be gathered" in owed.html(PAGE)
    form = owed.html(f"{PAGE}?change={it['id']}")
    assert f'name="schedule" value="{it["id"]}"' in form
    owed.form(PAGE, **{**DAYS, "every": "month", "on": "15, 31", "timezone": "Europe/Berlin"}, schedule=it["id"])
    assert owed.json(PAGE)["rows"][0]["days"] == "Each month on day 15, the last at 08:00, Europe/Berlin"
    stopped = owed.form(f"{PAGE}/{it['id']}/stop")
    assert stopped.headers["location"] == f"{PAGE}?done=schedule_stopped"
    assert "Stopped" in owed.html(PAGE)


def test_a_form_that_cannot_be_meant_is_shown_again(owed: Console) -> None:
    """With what was typed, and what is expected."""
    again = owed.form(PAGE, **{**DAYS, "on": "8"})
    assert again.status_code == 400
    assert "on: expected the days" in again.text
    assert 'name="on" maxlength="100" placeholder="1" aria-describedby="on-which" value="8"' in again.text
    assert owed.json(PAGE)["rows"] == []


def test_who_may_set_none_is_shown_them_alone(owed: Console) -> None:
    """An auditor sees when drafts are made, and no form."""
    owed.form(PAGE, **DAYS)
    owed.be("auditor")
    page = owed.html(PAGE)
    assert "Each Monday at 08:00, UTC" in page
    assert 'action="/console/payouts/schedules"' not in page
    assert owed.form(PAGE, **DAYS).status_code == 403

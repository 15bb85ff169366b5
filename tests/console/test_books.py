"""The books of a month as a page, its twin and the pack beside it."""

import hashlib
import io
import json
import zipfile

from tests.console.conftest import Console


def test_the_books_of_a_month_say_by_which_time_they_count(busy: Console) -> None:
    """The page has the same figures as its twin, adds up, says of each table by which time it counts, and leads to other months."""
    busy.api.until(lambda: busy.api.get("/v1/reports/overview")["lag_seconds"] == 0)
    month = str(busy.api.get("/v1/reports/overview")["as_of"])[:7]
    it = busy.json(f"/console/ledger/books?from={month}&to={month}")
    assert (it["books"]["begin"], it["last"], it["books"]["ended"]) == (month, month, False)
    assert it["books"]["trial"]
    assert it["books"]["unbalanced"] == []
    for by, told in (
        ("occurred", "month in which the order occurred, whenever"),
        ("decided", "decided and booked, whenever"),
    ):
        html = busy.html(f"/console/ledger/books?from={month}&to={month}&by={by}")
        assert told in html
        assert "Adds up to zero" in html
        assert "Months of UTC." in html
    empty = busy.html("/console/ledger/books?from=2001-01&to=2001-02")
    assert "Nothing was owed then" in empty
    assert busy.get("/console/ledger/books?from=2001-13").status_code == 400
    assert busy.get("/console/ledger/books?from=2001-02&to=x").status_code == 400
    assert busy.get("/console/ledger/books?by=x").status_code == 400


def test_a_pack_that_leaves_stands_on_the_record(busy: Console) -> None:
    """It is the file that the address of the page asks for, and the record has who took it."""
    busy.api.until(lambda: busy.api.get("/v1/reports/overview")["lag_seconds"] == 0)
    answer = busy.get("/console/ledger/pack.zip?by=decided")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert "attachment" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as read:
        assert json.loads(read.read("manifest.json"))["cost_and_revenue_count_by"].startswith("decided")
    taken = busy.api.get("/v1/looks", subject=hashlib.sha256(answer.content).hexdigest())["items"]
    assert [it["what"] for it in taken] == ["exported"]

"""The figures are those of the overview, drawn and as a file; the file opens in a spreadsheet and works out nothing."""

import csv
import hashlib
import io

import pytest
from tests.console.conftest import Console

from goodword.console import charts, tables

SPAN = "from=2026-03-01&to=2026-06-01&by=decided"


def test_the_page_has_the_figures_of_the_overview(busy: Console) -> None:
    """Each step and each sum; what it says of a unit is of that unit alone."""
    busy.caught_up()
    it = busy.json(f"/console/figures?{SPAN}")
    told = busy.api.get("/v1/reports/overview", **{"from": "2026-03-01", "to": "2026-06-01"})
    totals = {(one["metric"], one.get("unit") or ""): one for one in told["totals"]}
    steps = {one["code"]: one["count"] for one in it["funnel"]}
    assert steps["leads"] == totals["leads", ""]["count"] == 3
    assert steps["conversions"] == 3
    assert steps["attributed"] == 3
    earned = sum(totals[f"earned_{side}", "EUR"]["amount"] for side in ("advocate", "friend"))
    sums = {one["code"]: one for one in it["sums"]}
    assert sums["earned"]["amount"] == earned > 0
    assert sums["revenue"]["amount"] == totals["qualified", "EUR"]["amount"]
    assert it["as_of_position"] == it["position"]
    page = busy.html(f"/console/figures?{SPAN}")
    for said in ("Revenue referred", "From click to reward", f"true up to</span> entry {it['position']}", "<polyline"):
        assert said in page
    assert busy.get("/console/figures?by=luck").status_code == 400
    assert busy.get("/console/figures?unit=nonsense").status_code == 200


def test_nothing_in_these_days_is_said(desk: Console) -> None:
    """An empty page says what would fill it."""
    assert "Nothing happened in these days" in desk.html("/console/figures?from=2001-01-01&to=2001-02-01")


def test_the_file_has_every_figure_of_each_day(busy: Console) -> None:
    """Exact amounts beside their unit; they add up to those of the page."""
    busy.caught_up()
    answer = busy.get(f"/console/figures.csv?{SPAN}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="figures-2026-03-01-2026-06-01.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert sum(int(row["count"]) for row in rows if row["metric"] == "leads") == 3
    sums = {one["code"]: one["amount"] for one in busy.json(f"/console/figures?{SPAN}")["sums"]}
    earned = [row["amount"] for row in rows if row["metric"].startswith("earned_") and row["unit"] == "EUR"]
    assert all(amount.partition(".")[2].isdecimal() for amount in earned)
    assert sum(round(float(amount) * 100) for amount in earned) == sums["earned"]


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@x", "\tx", "\rx", "-", "=cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(text: str) -> None:
    """What a spreadsheet would work out is text; a number below zero stays one."""
    assert tables.cell(text) == f"'{text}"
    assert [tables.cell(value) for value in (-5, "-12.50", "12.50", "Ann")] == ["-5", "-12.50", "12.50", "Ann"]


def test_lines_share_a_scale_and_stay_in_the_picture() -> None:
    """Also of nothing, of one day and below zero."""
    for now, before in (([0], [0]), ([1], [5]), ([-3, 4], [2]), ([10**12] * 400, [0] * 400)):
        drawn = charts.lines(now, before)
        points = [point.split(",") for line in (drawn.now, drawn.before) for point in line.split()]
        assert len(points) == len(now) + len(before)
        assert all(0 <= int(x) <= charts.WIDTH and 0 <= int(y) <= charts.HEIGHT for x, y in points)
    even = charts.lines([5, 10], [10, 5])
    assert even.now_end[1] < even.before_end[1]


@pytest.mark.parametrize("path", [f"/console/figures.csv?{SPAN}", "/console/payouts/bank-file.csv"])
def test_what_is_taken_along_stands_on_the_record(busy: Console, path: str) -> None:
    """A list that leaves is on the record by its digest, once for each time; asking for its headers alone is not."""
    answer = busy.get(path)
    assert answer.status_code == 200, answer.text
    busy.get(path, method="HEAD")
    [look] = busy.api.get("/v1/looks", subject=hashlib.sha256(answer.content).hexdigest())["items"]
    assert look["what"] == "exported"

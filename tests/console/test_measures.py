"""Measures of a month as a page, its twin and a file."""

import csv
import io

from tests.console.conftest import Console

from goodword import words
from goodword.core.measuring import ABSENT, MEASURES

#: Measures of which somebody said something.
THERE = [name for name in MEASURES if name not in ABSENT]


def test_each_measure_stands_beside_the_month_before_and_its_formula(busy: Console) -> None:
    """The page has every measure with its formula, says what is absent, and has the figures of the API; months are chosen."""
    busy.caught_up()
    assert busy.json("/console/figures/measures")["month"] == str(busy.api.get("/v1/reports/overview")["as_of"])[:7]
    events = busy.api.get("/v1/measurements")["items"]
    month = next(str(one["decided_at"])[:7] for one in events if one["name"] == "reward.earned")
    it = busy.json(f"/console/figures/measures?month={month}")
    assert it["month"] == month
    assert list(dict.fromkeys(row["measure"] for row in it["rows"])) == THERE
    said = {one["measure"]: one["count"] for one in busy.api.get("/v1/measures", month=month)["measures"]}
    assert {name: sum(row["count"] for row in it["rows"] if row["measure"] == name) for name in THERE} == said
    assert said["rewards_earned"] > 0
    page = busy.html(f"/console/figures/measures?month={month}")
    assert all(words.measure(name).title in page for name in MEASURES)
    assert "not asked yet" in page
    year, number = map(int, month.split("-"))
    later = busy.json(f"/console/figures/measures?month={year + number // 12}-{number % 12 + 1:02d}")
    assert {row["measure"]: row["before"] for row in later["rows"]}.keys() == {*THERE}
    assert sum(row["before"] for row in later["rows"] if row["measure"] == "rewards_earned") == said["rewards_earned"]
    for wrong in ("month=2001-13", "by=luck"):
        assert busy.get(f"/console/figures/measures?{wrong}").status_code == 400
    assert busy.get("/console/figures/measures?month=2001-02&timezone=Asia/Kathmandu").status_code == 200


def test_the_file_has_every_measure_and_no_nought_for_what_is_absent(busy: Console) -> None:
    """A line for each unit or code, with version and formula; satisfaction has no figure; that it was taken stands on the record."""
    busy.caught_up()
    answer = busy.get("/console/figures/measures.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["measure"] for row in rows} == {*MEASURES}
    [absent] = [row for row in rows if row["measure"] == "satisfaction"]
    assert (absent["count"], absent["amount"], absent["version"]) == ("", "", "")
    assert all(row["formula"] for row in rows)
    assert {row["version"] for row in rows if row is not absent} == {"1"}

"""The overview over HTTP: figures with their units, days and times with their zone, what waits."""

from tests.api.conftest import STARTS_AT, Api

from goodword.core.rollup import METRICS, REFUSED

TODAY = STARTS_AT[:10]


def test_the_overview_tells_what_happened_today(api: Api) -> None:
    """An order shows in the totals and on its day: counts without a unit, amounts in minor units beside theirs."""
    before = api.get("/v1/reports/overview")
    assert before["totals"] == []
    api.purchase(amount=20_000)
    api.until(lambda: not api.get("/v1/reports/progress")["behind"])
    found = api.get("/v1/reports/overview")
    assert {name: found[name] for name in ("begins_at", "ends_at", "zone", "program", "as_of")} == {
        "begins_at": "2026-02-01T00:00:00Z",
        "ends_at": "2026-03-03T00:00:00Z",
        "zone": "UTC",
        "program": None,
        "as_of": STARTS_AT,
    }
    figures = {one.pop("metric"): one for one in found["totals"]}
    assert figures == {
        "enrolled": {"unit": None, "count": 1, "amount": None},
        "leads": {"unit": None, "count": 1, "amount": None},
        "attributed": {"unit": None, "count": 1, "amount": None},
        "conversions": {"unit": "EUR", "count": 1, "amount": 20_000},
        "qualified": {"unit": "EUR", "count": 1, "amount": 20_000},
        "earned_advocate": {"unit": "EUR", "count": 1, "amount": 2_000},
        "earned_friend": {"unit": "EUR", "count": 1, "amount": 500},
    }
    assert [(one["day"], len(one["figures"])) for one in found["days"]][-2:] == [("2026-03-01", 0), (TODAY, 7)]
    assert len(found["days"]) == 30
    lines = [line for line in api.get("/v1/ledger/trial-balance")["lines"] if line["amount"]]
    assert found["accounts"] == lines
    assert found["position"] == found["as_of_position"] == api.get("/v1/reports/progress")["position"]
    assert found["lag_seconds"] == 0
    assert found["queue"] == {"rewards_in_review": 0, "payouts_awaiting_release": 0, "cases_open": 0}
    api.move("2026-03-17T10:00:00Z")
    assert api.get("/v1/reports/overview")["queue"]["rewards_in_review"] == 2


def test_a_window_that_cannot_be_shown_is_a_problem(api: Api) -> None:
    """No days, too many, no day at all and an unknown program: a status and a code each."""
    program = api.get("/v1/programs")["items"][0]["id"]
    for query, status, code in (
        (f"from={TODAY}&to={TODAY}", 422, "invalid_request"),
        (f"from=2025-01-01&to={TODAY}", 422, "invalid_request"),
        ("from=2025-02-29", 422, "invalid_request"),
        ("from=20250228", 422, "invalid_request"),
        ("to=9999-01-01", 422, "invalid_request"),
        ("to=0001-01-01", 422, "invalid_request"),
        ("program=prg_none", 404, "not_found"),
    ):
        answer = api.call("owner", "GET", f"/v1/reports/overview?{query}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), (query, answer.text)
    for query in (f"from=2025-01-26&to={TODAY}", "to=1970-01-01", f"program={program}", f"from={TODAY}&to=2027-01-01"):
        assert api.call("owner", "GET", f"/v1/reports/overview?{query}").status_code == 200, query


def test_the_document_names_every_metric(api: Api) -> None:
    """The published document lists the metrics that there are."""
    schemas = api.http.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Figure"]["properties"]["metric"]["enum"] == [*METRICS, *REFUSED.values()]

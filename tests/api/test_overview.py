"""The overview over HTTP: figures with their units, days and times with their zone, what waits."""

import json
from urllib.parse import parse_qs, urlsplit

from testkit import sent
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
    assert {name: found[name] for name in ("begins_at", "ends_at", "zone", "by", "program", "as_of")} == {
        "begins_at": "2026-02-01T00:00:00Z",
        "ends_at": "2026-03-03T00:00:00Z",
        "zone": "UTC",
        "by": "decided",
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
    assert found["queue"] == {
        "rewards_in_review": 0,
        "payouts_awaiting_release": 0,
        "cases_open": 0,
        "persons_waiting": 0,
        "messages_waiting": 0,
    }
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
        ("timezone=Europe/Berlim", 422, "invalid_request"),
        ("timezone=", 422, "invalid_request"),
        ("by=accepted", 422, "invalid_request"),
    ):
        answer = api.call("owner", "GET", f"/v1/reports/overview?{query}")
        assert (answer.status_code, answer.json()["code"]) == (status, code), (query, answer.text)
    for query in (f"from=2025-01-26&to={TODAY}", "to=1970-01-01", f"program={program}", f"from={TODAY}&to=2027-01-01"):
        assert api.call("owner", "GET", f"/v1/reports/overview?{query}").status_code == 200, query


def _months(shop: Api, **more: str) -> dict[str, list[tuple[int, int]]]:
    """Return [conversions, earned_advocate] as (count, amount) of February and of March."""
    shop.until(lambda: not shop.get("/v1/reports/progress")["behind"])
    found = {}
    for month, begin, end in (("Feb", "2026-02-01", "2026-03-01"), ("Mar", "2026-03-01", "2026-04-01")):
        totals = shop.get("/v1/reports/overview", **{"from": begin, "to": end}, **more)["totals"]
        sums = {one["metric"]: (one["count"], one["amount"]) for one in totals}
        found[month] = [sums.get(metric, (0, 0)) for metric in ("conversions", "earned_advocate")]
    return found


def test_a_report_has_the_days_of_a_zone_and_of_what_occurred(api: Api) -> None:
    """B11: Berlin's February has one order and 1000, its March two and 1000; what March sends in April is March's by ``occurred``."""
    rules = {"program": "p", "currency": "EUR", "timezone": "Europe/Berlin", "landing_url": "https://shop.example/"}
    reward = {"side": "advocate", "flat": {"EUR": 1000}, "limits": [{"per": "month", "count": 1}]}
    rules["conversions"] = [{"rewards": [reward]}]
    shop = api.sandbox("B11", json.dumps(rules))
    shop.send(sent.enrolled("a1", "ann", "ANN", accepted_terms=True))
    for number, at in enumerate(("2026-02-28T21:00:00Z", "2026-02-28T23:10:00Z", "2026-03-01T12:00:00Z"), 1):
        shop.move(at)
        shop.send(sent.purchase(f"c{number}", f"b{number}", f"o{number}", 5000, code="ANN", occurred_at=at))
    assert _months(shop) == {"Feb": [(2, 10_000), (2, 2_000)], "Mar": [(1, 5_000), (0, 0)]}
    berlin = {"Feb": [(1, 5_000), (1, 1_000)], "Mar": [(2, 10_000), (1, 1_000)]}
    for by in ("decided", "occurred"):
        assert _months(shop, timezone="Europe/Berlin", by=by) == berlin
    shop.move("2026-04-02T09:00:00Z")
    shop.send(sent.purchase("c4", "b4", "o4", 7000, code="ANN", occurred_at="2026-03-15T21:00:00Z"))
    assert _months(shop, timezone="Europe/Berlin") == berlin
    assert _months(shop, timezone="Europe/Berlin", by="occurred") == berlin | {"Mar": [(3, 17_000), (1, 1_000)]}
    shown = shop.get(
        "/v1/reports/overview", **{"from": "2026-03-01", "to": "2026-04-01"}, timezone="Europe/Berlin", by="occurred"
    )
    assert {name: shown[name] for name in ("begins_at", "ends_at", "zone", "by")} == {
        "begins_at": "2026-02-28T23:00:00Z",
        "ends_at": "2026-03-31T22:00:00Z",
        "zone": "Europe/Berlin",
        "by": "occurred",
    }
    assert [one["day"] for one in shown["days"] if one["figures"]] == ["2026-03-01", "2026-03-15"]


def test_the_document_names_every_metric(api: Api) -> None:
    """The published document lists the metrics that there are."""
    schemas = api.http.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Figure"]["properties"]["metric"]["enum"] == [*METRICS, *REFUSED.values()]


#: B17: what followed the link, and whether it was a person.
FOLLOWED = (
    ("meta-externalagent/1.1", False),
    ("facebookexternalhit/1.1", False),
    ("WhatsApp/2.23.20.0", False),
    ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", False),
    ("Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", False),
    ("TelegramBot (like TwitterBot)", False),
    ("LinkedInBot/1.0 (compatible; Mozilla/5.0)", False),
    ("Mozilla/5.0 (Macintosh) AppleWebKit/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0", False),
    ("Mozilla/5.0 (compatible; ZoomLinkPreview/1.0)", False),
    ("curl/7.88.1", False),
    ("", False),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1", True),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", True),
    ("Mozilla/5.0 (Macintosh) AppleWebKit/537.36 WhatsApp/2.2232.8 Chrome/102.0 Electron/19.0 Safari/537.36", True),
)


def test_people_and_bots_are_told_apart(api: Api) -> None:
    """B17: of 14 that follow a link 11 are programs, which win nobody and are in no rate; each person's order is attributed."""
    api.send(sent.enrolled("a1", "ann", "ANN"))
    decided = []
    for number, (agent, _) in enumerate(FOLLOWED):
        answer = api.http.get(f"/w/{api.ws}/r/ANN", headers={"user-agent": agent}, follow_redirects=False)
        [click] = parse_qs(urlsplit(answer.headers["location"]).query)["gw_click"]
        order = sent.purchase(f"c{number}", f"b{number}", f"o{number}", 5_000, click_id=click)
        verdicts = api.decided(order)["decision"]["verdicts"]
        decided.append({one.get("refusal", one["outcome"]) for one in verdicts if one["about"] == "attribution"})
    assert decided == [{"attributed"} if person else {"bot_touch"} for _, person in FOLLOWED]
    api.send(
        sent.click("k1", "ANN", "v1", user_agent="curl/7.88.1"),
        sent.click("k2", "ANN", "v1", user_agent=FOLLOWED[-1][0]),
    )
    api.until(lambda: not api.get("/v1/reports/progress")["behind"])
    count = {one["metric"]: one["count"] for one in api.get("/v1/reports/overview")["totals"]}
    assert [count[metric] for metric in ("redirects", "bot_redirects", "clicks", "bot_clicks")] == [3, 11, 1, 1]

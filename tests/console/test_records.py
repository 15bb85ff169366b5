"""Referrals, orders, the ledger and programs, as pages and as their twins."""

from testkit import sent
from tests.api.conftest import RULES
from tests.console.conftest import Console


def test_a_referral_shows_its_touches_and_what_came_of_it(busy: Console) -> None:
    """Found in the list by state, advocate and friend; with its order, rewards and claims; who brought whom by name."""
    ann = busy.api.person("Ann")
    for asked in (f"advocate={ann}", "advocate=Ann", "friend=friend of Ann", "friend=friend of Ann&advocate=Ann"):
        [row] = busy.json(f"/console/referrals?{asked}")["referrals"]
        assert (row["friend"]["name"], row["advocates"][0]["name"]) == ("friend of Ann", "Ann"), asked
    assert len(busy.json("/console/referrals")["referrals"]) == 3
    assert busy.json("/console/referrals?status=void")["referrals"] == []
    one = busy.json(f"/console/referrals/{row['referral']['id']}")
    assert [it["id"] for it in one["record"]["orders"]] == ["inv:INV-2"]
    assert one["record"]["window"] == "30d"
    assert len(one["rewards"]) >= 1
    assert one["decisions"]
    page = busy.html(f"/console/referrals/{row['referral']['id']}")
    assert "Which touches were looked at" in page
    busy.be("analyst")
    assert busy.json(f"/console/referrals/{row['referral']['id']}")["record"]["bond"]["friend"]["name"] is None


def test_the_newest_referrals_and_orders_come_first_and_go_on(busy: Console, monkeypatch) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """A list in pages of one is the list."""
    for noun, plural in (("referrals", "referrals"), ("conversions", "conversions")):
        whole = [it[noun[:-1]]["id"] for it in busy.json(f"/console/{noun}")[plural]]
        monkeypatch.setattr(f"goodword.console.{noun}.LIMIT", 1)
        seen, after = list[str](), ""
        while after is not None and len(seen) < 10:
            page = busy.json(f"/console/{noun}?after={after}")
            seen += [it[noun[:-1]]["id"] for it in page[plural]]
            after = page["after"]
        assert seen == whole, noun
        assert len(whole) == 3, noun


def test_an_order_shows_what_came_back_of_it(busy: Console) -> None:
    """Its chargeback with the case, and its rewards; found by its invoice."""
    answer = busy.get("/console/conversions?invoice=INV-2")
    assert answer.status_code == 303
    assert "INV-2" in busy.html(answer.headers["location"])
    one = busy.json("/console/conversions/inv:INV-2")["whole"]
    assert [it["id"] for it in one["chargebacks"]] == ["cb-1"]
    assert one["order"]["person"]["name"] == "friend of Ann"
    assert len(one["rewards"]) >= 1
    slug = busy.json("/console/programs")["programs"][0]["slug"]
    assert len(busy.json(f"/console/conversions?program={slug}")["conversions"]) == 3
    busy.api.send(sent.purchase("alone", "nobody's friend", "INV-9", 5_000))
    assert len(busy.json("/console/conversions")["conversions"]) == 4
    assert len(busy.json(f"/console/conversions?program={slug}")["conversions"]) == 3
    assert busy.get("/console/conversions?after=x").status_code == 400


def test_the_ledger_adds_up_and_holds_what_the_rewards_say(busy: Console) -> None:
    """By class, by owner and by posting; the check looks at each reward, and names an account that differs."""
    busy.api.until(lambda: busy.api.get("/v1/reports/overview")["lag_seconds"] == 0)
    ledger = busy.json("/console/ledger")
    assert set(ledger["accounts"]["sums"].values()) == {0}
    assert ledger["rows"]
    assert "Adds up to zero" in busy.html("/console/ledger")
    slug, ann = ledger["rows"][0][0], busy.api.person("Ann")
    [held] = busy.json(f"/console/ledger/accounts?program={slug}&account=accrued&owner=Ann")["balances"]
    key = f"program={slug}&account=accrued&unit={held['unit']}"
    moved = busy.json(f"/console/ledger/account?{key}&owner={ann}")["postings"]
    assert sum(it["amount"] if it["destination"] == "accrued" else -it["amount"] for it in moved) == held["amount"]
    costs = busy.json(f"/console/ledger/account?program={slug}&account=expense&unit={held['unit']}")["postings"]
    assert {it["source"] for it in costs} == {"expense"}
    checked = busy.json("/console/ledger/check")
    assert (checked["differences"], set(checked["sums"].values())) == ([], {0})
    assert checked["rewards"] > 0
    assert busy.get("/console/ledger/account?account=accrued").status_code == 404


def test_a_program_is_told_in_words_with_what_a_version_changed(desk: Console) -> None:
    """As sentences and as a file that would be the same version; a change of the hold is that sentence alone."""
    program = desk.json("/console/programs")["programs"][0]
    before = desk.json(f"/console/programs/{program['slug']}")["it"]
    assert before["changes"] == []
    assert before["against"] is None
    document = before["yaml"]
    assert "hold: 14d" in RULES or "hold" in document
    desk.api.say("owner", "/v1/programs", {"document": document + "\npayout_minimum: {EUR: 123456}\n"})
    after = desk.json(f"/console/programs/{program['slug']}")["it"]
    assert [it["number"] for it in after["versions"]] == [2, 1]
    assert [(it["before"], "1234.56 EUR" in it["after"]) for it in after["changes"]] == [(None, True)]
    assert after["published"]["actor"]
    page = desk.html(f"/console/programs/{program['slug']}")
    assert "<ins>" in page
    assert "What v2 changed of v1" in page
    old = desk.json(f"/console/programs/{program['slug']}?version=1&against=2")["it"]
    assert old["changes"][0]["after"] is None
    assert desk.get(f"/console/programs/{program['slug']}?version=9").status_code == 404
    assert desk.get(f"/console/programs/{program['slug']}?version=x").status_code == 400

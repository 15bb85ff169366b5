"""A payout is drafted after it was looked at, released as it was shown, taken to the bank, and answered."""

import re
from hashlib import sha256
from html import unescape

import pytest
from testkit import sent
from tests.api.conftest import RULES
from tests.console.conftest import Console


@pytest.fixture
def owed(desk: Console) -> Console:
    """Three advocates earned; two are owed an approved reward that is due."""
    for n, name in enumerate(("Ann", "Ben", "Cy")):
        desk.api.send(
            sent.enrolled(f"enrol-{n}", name, f"CODE{n}"),
            sent.lead(f"lead-{n}", f"friend of {name}", code=f"CODE{n}"),
            sent.purchase(f"order-{n}", f"friend of {name}", f"INV-{n}", 20_000),
        )
    for name in ("Ann", "Ben"):
        desk.api.payee(name, "bank_file", name=name, iban="DE89370400440532013000")
    desk.api.move("2026-05-01T00:00:00Z")
    waiting = [it["id"] for name in ("Ann", "Ben") for it in desk.api.get("/v1/rewards", beneficiary=name)["items"]]
    frozen = desk.api.get("/v1/approvals", id=waiting)
    assert desk.api.say("owner", "/v1/approvals", frozen)["verdicts"][0]["outcome"] == "approved"
    desk.api.move("2026-08-01T00:00:00Z")
    return desk


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return unescape(found[1])


DRAFT = "/console/payouts/draft?rail=bank_file&unit=EUR"


def test_looking_at_a_draft_gathers_nothing(owed: Console) -> None:
    """And says of each payee what would be sent, or why nothing is."""
    head = owed.api.rows("select position from stream where workspace_id = $1")
    view = owed.json(DRAFT)
    assert {line["payee"]["name"]: line["refusal"] for line in view["lines"]} == {
        "Ann": None,
        "Ben": None,
    }
    assert view["send"] == sum(line["amount"] for line in view["lines"]) > 0
    assert f"Draft 2 payouts, {view['send'] / 100:,.2f} EUR" in owed.html(DRAFT)
    assert owed.api.get("/v1/payouts")["items"] == []
    assert owed.api.rows("select position from stream where workspace_id = $1") == head
    assert owed.get("/console/payouts/draft?rail=pigeon&unit=EUR").status_code == 400


def test_a_draft_opens_with_what_is_due(owed: Console) -> None:
    """Without a choice it shows the rail and the unit by which most would be sent; who drafts none is shown the choice alone."""
    owed.caught_up()
    opened, chosen = owed.json("/console/payouts/draft"), owed.json(DRAFT)
    assert (opened["rail"], opened["unit"]) == ("bank_file", "EUR")
    assert opened["send"] == chosen["send"] > 0
    assert opened["lines"] == chosen["lines"]
    owed.be("auditor")
    assert owed.json("/console/payouts/draft")["lines"] is None
    assert "Others draft payouts here" in owed.html("/console/payouts/draft")
    assert owed.get(DRAFT).status_code == 403
    owed.be("owner")
    owed.form("/console/payouts/draft", rail="bank_file", unit="EUR", once="all")
    left = owed.html("/console/payouts/draft")
    assert "Nothing is due here now" in left
    assert "/console/payouts?status=awaiting_release" in left


def test_who_is_below_the_minimum_is_seen_as_such(desk: Console) -> None:
    """Where drafts are prepared, and on the reward: what is due, the minimum, and what is missing."""
    desk.api.say("owner", "/v1/programs", {"document": f"{RULES}payout_minimum: {{EUR: 5000}}\n"})
    desk.api.purchase("bob")
    desk.api.payee("ann-bob", "bank_file", name="Ann", iban="DE89370400440532013000")
    desk.api.move("2026-05-01T00:00:00Z")
    [reward] = desk.api.get("/v1/rewards", beneficiary="ann-bob")["items"]
    desk.api.agree("/v1/approvals", reward["id"])
    of = lambda: desk.json(f"/console/rewards/{reward['id']}")["row"]["about"]  # noqa: E731
    assert of()["waits_for"] == ["not_due"]
    desk.api.move("2026-08-01T00:00:00Z")
    [line] = desk.json(DRAFT)["lines"]
    assert (line["refusal"], line["short"]) == ("below_payout_minimum", [["main", 2_000, 5_000]])
    lacks = "main: 20.00 of at least 50.00 EUR is due, 30.00 is missing."
    assert lacks in desk.html(DRAFT)
    assert (of()["waits_for"], of()["short"]) == (["payout_minimum"], [2_000, 5_000])
    assert lacks in desk.html(f"/console/rewards/{reward['id']}")
    for n in (1, 2):
        desk.api.send(
            sent.lead(f"lead-{n}", f"friend-{n}", code="bob"), sent.purchase(f"o-{n}", f"friend-{n}", f"I-{n}", 20_000)
        )
    desk.api.move("2026-09-01T00:00:00Z")
    more = [it["id"] for it in desk.api.get("/v1/rewards", beneficiary="ann-bob", status="in_review")["items"]]
    desk.api.agree("/v1/approvals", *more)
    desk.api.move("2026-12-01T00:00:00Z")
    assert of()["waits_for"] == ["payout"]
    [line] = desk.json(DRAFT)["lines"]
    assert (line["amount"], line["short"]) == (6_000, [])


def test_payouts_go_all_the_way(owed: Console) -> None:
    """Drafted once, released as the list was shown, in the file for the bank, and answered."""
    for _ in range(2):
        drafted = owed.form("/console/payouts/draft", rail="bank_file", unit="EUR", once="draft")
        assert drafted.headers["location"] == "/console/payouts?status=awaiting_release&done=drafted"
    page = owed.html("/console/payouts?status=awaiting_release")
    ids = re.findall(r'name="id" value="(pay_\w+)"', page)
    assert len(ids) == 2
    assert '<a href="/console/payouts?status=awaiting_release" data-key="p"' in page, "the side bar leads to what waits"
    [need] = [one for one in owed.json("/console")["needs"] if one["code"] == "payouts"]
    due = sum(it["amount"] for it in owed.api.get("/v1/payouts", status="awaiting_release")["items"])
    assert (need["count"], need["sums"]) == (2, {"EUR": due})
    address = "/console/payouts/release?id=" + "&id=".join(ids)
    said = {name: _hidden(owed.html(address), name) for name in ("items", "list_sha256")}
    owed.api.payee(
        "Ben", "bank_file", name="Ben", iban="GB33BUKB20201555555555"
    )  # an account that changed takes its payout back
    changed = owed.form(address.replace("&amp;", "&"), **said)
    assert changed.status_code == 409
    ben = next(it["id"] for it in owed.api.get("/v1/payouts", status="canceled")["items"])
    assert f"Ben, pay …{ben[-6:]}, 20.00 EUR: canceled" in changed.text
    assert re.search(r"Release 1 payout, 20\.00 EUR", changed.text)
    assert owed.api.get("/v1/payouts", status="processing")["items"] == []
    left = [it["id"] for it in owed.api.get("/v1/payouts", status="awaiting_release")["items"] if it["id"] in ids]
    ann = next(id_ for id_ in left if "Ann" in owed.html(f"/console/payouts/{id_}"))
    page = owed.html(f"/console/payouts/release?id={ann}")
    said = {name: _hidden(page, name) for name in ("items", "list_sha256")}
    assert re.search(r"Release 1 payout, [\d.,]+ EUR", page)
    for _ in range(2):
        released = owed.form("/console/payouts/release", **said, once="release")
        assert "done=released" in released.headers["location"]
    owed.api.until(lambda: len(owed.api.get("/v1/payouts", status="processing")["items"]) == 1)
    bank = owed.html("/console/payouts/bank-file")
    assert "Download the file, 1 payout" in bank
    assert f'href="/console/payouts/{ann}"' in bank
    assert "••3000" in bank
    file = owed.get("/console/payouts/bank-file.csv")
    assert file.headers["content-disposition"] == 'attachment; filename="payouts-2026-08-01.csv"'
    assert ann in file.text
    noted = owed.form(f"/console/payouts/{ann}/answer", outcome="completed", reference="BANK-1")
    assert noted.headers["location"] == f"/console/payouts/{ann}?done=answered"
    assert owed.api.get(f"/v1/payouts/{ann}")["status"] == "completed"
    assert owed.form(f"/console/payouts/{ann}/cancel", reason="not_now").status_code == 409
    wrong = owed.form(f"/console/payouts/{ann}/answer", outcome="lost")
    assert wrong.status_code == 400


def test_a_list_is_named_by_somebody(owed: Console) -> None:
    """Nothing is released that nobody chose."""
    assert owed.get("/console/payouts/release").status_code == 400
    assert owed.form("/console/payouts/release", items="[", list_sha256="0").status_code == 400
    assert owed.form("/console/payouts/release", items="[]", list_sha256="0").status_code in (400, 409)


def test_a_payout_stands_beside_the_list_and_what_is_chosen_beneath_it(owed: Console) -> None:
    """By the address of its page htmx gets the part, with its rewards and no form; the bar has count and sum, and goes on."""
    owed.form("/console/payouts/draft", rail="bank_file", unit="EUR")
    waiting = owed.api.get("/v1/payouts", status="awaiting_release")["items"]
    assert waiting
    page = owed.html("/console/payouts?status=awaiting_release")
    [bar] = re.findall(r'(?s)<div class="money-bar">.*?</div>', page)
    assert f"<b>{len(waiting)} payout" in bar
    assert f"{sum(it['amount'] for it in waiting) / 100:,.2f} <span" in bar
    assert "Look at the list to release" in bar
    address = f"/console/payouts/{waiting[0]['id']}"
    part = owed.api.run(owed.ask("GET", address, headers={"hx-request": "true"})).text
    assert "<html" not in part
    assert "<form" not in part
    assert part.count('href="/console/rewards/') == len(owed.json(address)["rewards"]) > 0
    assert f'href="{address}">Open the whole record' in part
    assert f"/console/payouts/release?id={waiting[0]['id']}" in part


def test_the_file_for_the_bank_comes_in_the_format_that_was_chosen(owed: Console) -> None:
    """With the account that is paid from, which an owner gives on the page; who took it along stands on the record."""
    owed.form("/console/payouts/draft", rail="bank_file", unit="EUR")
    waiting = [it["id"] for it in owed.api.get("/v1/payouts", status="awaiting_release")["items"]]
    owed.api.agree("/v1/payouts/release", *waiting)
    owed.api.until(lambda: len(owed.api.get("/v1/payouts", status="processing")["items"]) == len(waiting))
    page = "/console/payouts/bank-file?format=pain.001&unit=EUR"
    assert "needs of your own account" in owed.html(page)
    assert owed.get("/console/payouts/bank-file/download?format=pain.001").status_code == 409
    account = {"name": "Acme", "iban": "DE02120300000000202051", "town": "Berlin", "country": "DE"}
    wrong = owed.form("/console/payouts/debtor", **account | {"iban": "DE02120300000000202052"})
    assert wrong.status_code == 400
    assert "check digits" in wrong.text
    given = owed.form("/console/payouts/debtor", **account)
    assert given.headers["location"] == "/console/payouts/bank-file?done=debtor_set", given.text
    shown = owed.html(page)
    assert "DE02120300000000202051" in shown
    assert "Download the file, 2 payouts" in shown
    file = owed.get("/console/payouts/bank-file/download?format=pain.001&unit=EUR&day=2026-08-03")
    assert file.headers["content-disposition"] == 'attachment; filename="payouts-2026-08-01.xml"'
    assert file.text.count("<CdtTrfTxInf>") == 2
    digest = sha256(file.content).hexdigest()
    assert [one["what"] for one in owed.api.get("/v1/looks", subject=digest)["items"]] == ["exported"]
    (handed,) = owed.json(page)["handed"]
    assert (handed["file"]["digest"], handed["file"]["times"], handed["states"]) == (digest, 1, {"processing": 2})
    assert handed["file"]["id"] in owed.html(page)
    paypal = owed.html("/console/payouts/bank-file?format=paypal")
    rows = re.findall(r"<li>.*?PayPal account.*?</li>", paypal)
    assert len(rows) == 2
    assert any("Ann" in row for row in rows), rows  # whose it is, as the reader may see them
    assert owed.get("/console/payouts/bank-file?format=pigeon").status_code == 400
    owed.api.member("ola", "owner")
    owed.form("/console/payouts/debtor", **account | {"name": "Acme Ltd"})
    [change] = owed.api.get("/v1/changes", status="open")["items"]
    assert "An account waits for a second owner" in owed.html(page)
    assert owed.form(f"/console/payouts/debtor/changes/{change['id']}", outcome="withdrawn").status_code == 303
    owed.be("auditor")
    assert owed.get(page).status_code == 403

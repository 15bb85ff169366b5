"""Pages of taxes: an owner says where is reported, a form is given and shown for a reason, a statement is printed and taken along."""

import pytest
from testkit import sent
from tests.console.conftest import Console

VAT = {
    "name": "Ann Example",
    "vat_id": "DE136695976",
    "country": "DE",
    "street": "Weg 1",
    "town": "Ulm",
    "signed": "2026-03-01",
}


@pytest.fixture
def paid(desk: Console) -> tuple[Console, str, str]:
    """A workspace that reports by DAC7, with Ann, to whom a payout was sent; her id and that of the payout."""
    said = desk.form("/console/payouts/tax", jurisdiction="eu-dac7", timezone="Europe/Berlin")
    assert said.headers["location"] == "/console/payouts/tax?done=tax_reporting_set", said.text
    desk.api.send(
        sent.enrolled("enrol", "Ann", "CODE"),
        sent.lead("lead", "friend", code="CODE"),
        sent.purchase("order", "friend", "INV", 20_000),
    )
    desk.api.payee("Ann", "bank_file", name="Ann", iban="DE89370400440532013000")
    desk.api.move("2026-05-01T00:00:00Z")
    desk.api.agree("/v1/approvals", *[it["id"] for it in desk.api.get("/v1/rewards", beneficiary="Ann")["items"]])
    desk.api.move("2026-08-01T00:00:00Z")
    desk.api.say("owner", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    [payout] = desk.api.get("/v1/payouts")["items"]
    desk.api.agree("/v1/payouts/release", payout["id"])
    return desk, desk.api.person("Ann"), payout["id"]


def test_where_is_reported_is_said_by_two_owners_and_a_year_is_shown(paid: tuple[Console, str, str]) -> None:
    """The page names who was paid and leads to their statement; a second owner confirms a change; the file leaves for a reason."""
    desk, ann, _ = paid
    page = desk.html("/console/payouts/tax")
    assert "Days of" in page
    assert "Europe/Berlin" in page
    assert f'href="/console/people/{ann}/statements/2026"' in page
    assert "20.00" in page
    assert "Nothing was paid to anybody" in desk.html("/console/payouts/tax?year=2025")
    file = desk.form("/console/payouts/tax/export", year="2026", why="returns")
    assert file.headers["content-disposition"] == 'attachment; filename="payees-2026.csv"'
    assert f"{ann},Ann,2026,EUR,20.00,eu-dac7,2000.01" in file.text
    desk.api.member("ola", "owner")
    waits = desk.form("/console/payouts/tax", jurisdiction="us", timezone="UTC")
    assert waits.headers["location"] == "/console/payouts/tax?done=tax_waits"
    [change] = desk.api.get("/v1/changes", status="open")["items"]
    assert "A change waits for a second owner" in desk.html("/console/payouts/tax")
    assert desk.form(f"/console/payouts/tax/changes/{change['id']}", outcome="withdrawn").status_code == 303


def test_a_form_is_given_and_shown(paid: tuple[Console, str, str]) -> None:
    """What is wrong is said and what was typed stays; the number stands on no page until somebody says why."""
    desk, ann, _ = paid
    path = f"/console/people/{ann}/tax"
    assert f'href="{path}"' in desk.html(f"/console/people/{ann}")
    wrong = desk.form(f"{path}?form=eu-dac7:vat_id", form_kind="eu-dac7:vat_id", **VAT | {"vat_id": "DE136695978"})
    assert wrong.status_code == 400
    assert 'value="Ann Example"' in wrong.text
    given = desk.form(path, form_kind="eu-dac7:vat_id", **VAT)
    assert given.headers["location"] == f"{path}?done=tax_form_given", given.text
    page = desk.html(path)
    assert "VAT id" in page
    assert "136695976" not in page
    shown = desk.form(f"{path}/shown", jurisdiction="eu-dac7", reason="the return")
    assert "DE136695976" in shown.text
    assert [it["what"] for it in desk.api.get("/v1/looks", subject=ann)["items"]] == ["unmasked"]


def test_a_statement_and_an_advice_are_pages_and_papers(paid: tuple[Console, str, str]) -> None:
    """Both say the same figures; who took a paper along stands on the record."""
    desk, ann, payout = paid
    path = f"/console/people/{ann}/statements/2026"
    page = desk.html(path)
    assert payout.replace("_", "-") in page
    assert f'href="/console/payouts/{payout}/remittance"' in page
    (told,) = desk.api.get(f"/v1/people/{ann}/statements/2026")["payouts"]
    assert f">{told['day']}<" in page  # the same day on the page and over the API: of the company's zone
    file = desk.get(f"{path}/pdf")
    assert (file.status_code, file.content[:5]) == (200, b"%PDF-")
    assert [it["what"] for it in desk.api.get("/v1/looks", subject=ann)["items"]] == ["downloaded"]
    advice = desk.html(f"/console/payouts/{payout}/remittance")
    assert payout.replace("_", "-") in advice
    assert "20.00" in advice
    assert desk.get(f"/console/payouts/{payout}/remittance/pdf").content[:5] == b"%PDF-"
    assert f'href="/console/payouts/{payout}/remittance"' in desk.html(f"/console/payouts/{payout}")
    assert desk.get(f"/console/people/{ann}/statements/20").status_code == 400


def test_home_says_how_many_forms_are_asked_for_and_since_when(desk: Console) -> None:
    """Whoever may give one is led to them; where none is asked for nothing is said."""
    desk.form("/console/payouts/tax", jurisdiction="eu-dac7", timezone="Europe/Berlin")
    assert "/console/payouts/tax" not in desk.html("/console")
    desk.api.send(
        sent.enrolled("enrol", "Ann", "CODE"),
        sent.lead("lead", "friend", code="CODE"),
        sent.purchase("order", "friend", "INV", 20_000_100),
    )
    desk.api.payee("Ann", "bank_file", name="Ann", iban="DE89370400440532013000")
    desk.api.move("2026-05-01T00:00:00Z")
    desk.api.member("max", "approver")
    for who in ("owner", "max"):
        mine = [it["id"] for it in desk.api.get("/v1/rewards", beneficiary="Ann")["items"]]
        desk.api.agree("/v1/approvals", *mine, who=who)
    [need] = [it for it in desk.json("/console")["needs"] if it["code"] == "tax_forms"]
    assert (need["count"], need["path"]) == (1, "/payouts/tax")
    assert need["oldest"]
    page = desk.html("/console")
    assert 'href="/console/payouts/tax"' in page
    assert "The oldest waits since" in page

"""Taxes over HTTP: where is reported, forms that are checked, sealed and shown for a reason, statements that are the ledger's."""

import csv
import io
from typing import Any

import pytest
from msgspec.structs import replace
from testkit import sent
from testkit.product import Product
from tests.api.conftest import RULES, Api

from goodword.app import see
from goodword.app.proof.audit import verify
from goodword.core import calendar
from goodword.core.facts import Actor
from goodword.outbound.tax_forms import FORMS
from goodword.store.api_keys import api_key_hash

VAT = {
    "name": "Ann Example",
    "vat_id": "DE 136 695 976",
    "country": "DE",
    "street": "Weg 1",
    "town": "Ulm",
    "signed": "2026-03-01",
}
W9 = {
    "name": "Ann",
    "classification": "individual",
    "street": "1 Main",
    "town": "Troy",
    "state": "NY",
    "signed": "2026-03-01",
}


def _report(api: Api, *jurisdictions: str, who: str = "owner") -> Any:
    return api.call(who, "PUT", "/v1/tax", json={"jurisdictions": jurisdictions, "timezone": "Europe/Berlin"})


def _give(
    api: Api, person: str, details: dict[str, str], form: str = "vat_id", of: str = "eu-dac7", who: str = "owner"
) -> Any:
    return api.call(who, "PUT", f"/v1/people/{person}/tax-forms/{of}", json={"form": form, "details": details})


def _earn(api: Api, *friends: str, amount: int = 1_000_000) -> None:
    """Each friend's order earns 1,000 euros for ann, which is approved."""
    api.member("max", "approver")
    for friend in friends:
        api.purchase(friend, amount)
    for friend in friends:
        api.payee(f"ann-{friend}", "bank_file", name="Ann", iban="DE89370400440532013000")
    api.move("2026-06-01T00:00:00Z")
    ids = [it["id"] for it in api.get("/v1/rewards", status="in_review")["items"] if it["side"] == "advocate"]
    for who in ("owner", "max"):
        api.agree("/v1/approvals", *ids, who=who)


def _sound(api: Api) -> None:
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


@pytest.mark.parametrize(
    ("kind", "number", "right"),
    [
        ("ssn", "536-90-4399", "536904399"),
        ("ssn", "000-12-3456", None),
        ("ssn", "666-12-3456", None),
        ("ssn", "912-90-3456", None),
        ("ssn", "078-05-1120", None),
        ("ein", "91-1144442", "911144442"),
        ("ein", "07-1144442", None),
        ("itin", "912-90-3456", "912903456"),
        ("itin", "900-50-1234", "900501234"),
        ("itin", "900-66-1234", None),
        ("itin", "900-93-1234", None),
        ("itin", "536-90-4399", None),
        ("itin", "９12-90-3456", None),
    ],
)
def test_a_number_is_checked_by_the_rule_of_what_it_is_said_to_be(kind: str, number: str, right: str | None) -> None:
    """A social security number is no ITIN and no EIN, whatever it looks like; the groups 50 to 65 of an ITIN are given out."""
    [field] = [it for it in FORMS["w9"] if it.name == kind]
    if right is None:
        with pytest.raises(ValueError, match="number"):
            field.check(number)
    else:
        assert field.check(number) == right


def test_a_vat_id_is_one_however_it_is_written() -> None:
    """Greece has two spellings; a number of Britain is none of the EU."""
    [field] = [it for it in FORMS["vat_id"] if it.name == "vat_id"]
    assert [field.check(it) for it in ("GR094259216", "EL 094259216", "de136695976")] == [
        "EL094259216",
        "EL094259216",
        "DE136695976",
    ]
    for wrong in ("DE136695978", "GB123456789", "136695976"):
        with pytest.raises(ValueError, match="VAT id"):
            field.check(wrong)


def test_a_payout_beyond_the_threshold_waits_for_the_form(api: Api) -> None:
    """It is refused with the reason, the form is asked for, sealed, and shown to who says why; then it goes on."""
    assert _report(api, "us", "eu-dac7").json()["verdicts"][0]["outcome"] == "tax_reporting_set"
    _earn(api, "bob", amount=20_000_100)
    ann = api.person("ann-bob")
    told = api.get(f"/v1/people/{ann}/tax")
    assert [(it["jurisdiction"], it["asked_for"], it["holds"]) for it in told["forms"]] == [("eu-dac7", "2026", False)]
    assert [it["person"] for it in api.get("/v1/tax/awaited")["items"]] == [ann]
    api.move("2026-08-01T00:00:00Z")
    draft = {"rail": "bank_file", "unit": "EUR", "beneficiaries": [ann]}
    assert api.refused("owner", "/v1/payouts", draft) == (409, "tax_form_missing")
    [reward] = [it for it in api.get("/v1/rewards")["items"] if it["beneficiary"] == ann]
    directory = api.goodword.directory
    who = api.run(directory.principal(api_key_hash(api.keys["owner"] or "")))
    [waits] = [it for it in api.run(see.waiting.mine(who, directory)) if it.code == "tax_forms"]
    [asked_at] = [it["asked_at"] for it in api.get("/v1/tax/awaited")["items"]]
    assert (waits.count, waits.path, calendar.text(waits.oldest or 0)) == (1, "/payouts/tax", asked_at)
    may_not = replace(who, actor=Actor(id="ada", kind="member", roles=("approver",)))
    assert not [it for it in api.run(see.waiting.mine(may_not, directory)) if it.code == "tax_forms"]
    [about] = api.run(see.parties.each(who, directory, [reward["id"]]))
    assert about.waits_for == ("tax_form", "payout")
    wrong = _give(api, ann, VAT | {"vat_id": "DE136695978"}).json()
    assert (wrong["code"], [it["path"] for it in wrong["errors"]]) == (
        "payment_details_invalid",
        ["body.details.vat_id"],
    )
    assert _give(api, ann, VAT | {"signed": "2026-08-03"}).status_code == 422
    assert _give(api, ann, VAT, form="w9").status_code == 422
    assert _give(api, ann, VAT).json()["verdicts"][0]["outcome"] == "tax_form_given"
    assert api.get("/v1/tax/awaited")["items"] == []
    assert not [it for it in api.run(see.waiting.mine(who, directory)) if it.code == "tax_forms"]
    api.say("owner", "/v1/payouts", draft)
    [payout] = api.get("/v1/payouts")["items"]
    api.agree("/v1/payouts/release", payout["id"])
    assert api.get(f"/v1/people/{ann}/tax", year="2026")["paid"] == [
        {"unit": "EUR", "paid": 2_000_010, "thresholds": {"eu-dac7": 200_001}}
    ]
    leaves = api.run(api.goodword.pool.fetch("select convert_from(leaf, 'UTF8') as leaf from log"))
    assert not [row for row in leaves if "136695976" in row["leaf"] or "Example" in row["leaf"]]
    _sound(api)


def test_what_a_form_says_is_shown_for_a_reason_and_to_those_who_may(api: Api) -> None:
    """That it was shown stands on the record; an auditor and a key of a server do not see it; erasure takes it away."""
    api.member("ana", "auditor")
    api.member("pia", "payer")
    api.purchase("bob")
    ann = api.person("ann-bob")
    assert _give(api, ann, W9 | {"ssn": "536-90-4399"}, "w9", "us", "pia").status_code == 200
    path, why = f"/v1/people/{ann}/tax-forms/us/show", {"note": "the return of 2026"}
    assert api.call("ana", "POST", path, json=why).status_code == 403
    seen = api.say("pia", path, why)
    assert seen["values"] == W9 | {"ssn": "536904399"}
    looks = api.get("/v1/looks", subject=ann)["items"]
    assert [it["what"] for it in looks] == ["unmasked"]
    assert "tax_form.ssn" in looks[0]["fields"]
    assert _give(api, ann, {"country": "DE", "why": "x", "signed": "2026-03-01"}, "none", "us", "sk").status_code in (
        403,
        409,
    )
    _sound(api)


def test_a_statement_is_what_the_ledger_says(api: Api) -> None:
    """Its closing sum is what the ledger owes; a year before has nothing; as PDF it is the same bytes each time."""
    _report(api, "eu-dac7")
    _earn(api, "bob", "cid")
    bob = api.person("ann-bob")
    api.move("2026-08-01T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "bank_file", "unit": "EUR", "beneficiaries": [bob]})
    [payout] = api.get("/v1/payouts")["items"]
    api.agree("/v1/payouts/release", payout["id"])
    api.until(lambda: api.get(f"/v1/payouts/{payout['id']}")["status"] == "processing")
    before = api.get(f"/v1/people/{bob}/statements/2026")["lines"][0]
    assert (before["earned"], before["paid"], before["closing"]) == (100_000, 0, 100_000)
    api.say("owner", f"/v1/payouts/{payout['id']}/answer", {"outcome": "completed"})
    told = api.get(f"/v1/people/{bob}/statements/2026")
    [line] = told["lines"]
    assert line == line | {
        "opening": 0,
        "earned": 100_000,
        "taken_back": 0,
        "paid": 100_000,
        "returned": 0,
        "closing": 0,
    }
    assert [(it["id"], it["amount"], it["status"]) for it in told["payouts"]] == [(payout["id"], 100_000, "completed")]
    owed = api.get("/v1/ledger/balances", owner=bob)["items"]
    assert sum(it["amount"] for it in owed) == line["closing"]
    cid = api.get(f"/v1/people/{api.person('ann-cid')}/statements/2026")["lines"][0]
    assert cid["closing"] == sum(
        it["amount"] for it in api.get("/v1/ledger/balances", owner=api.person("ann-cid"))["items"]
    )
    assert api.get(f"/v1/people/{bob}/statements/2025")["lines"] == []
    one, two = (api.call("owner", "GET", f"/v1/people/{bob}/statements/2026/pdf") for _ in range(2))
    assert (one.status_code, one.headers["content-type"], one.content[:5]) == (200, "application/pdf", b"%PDF-")
    assert one.content == two.content
    advice = api.get(f"/v1/payouts/{payout['id']}/remittance")
    assert (advice["reference"], advice["figure"]) == (payout["id"].replace("_", "-"), "1000.00")
    assert sum(it["sent"] for it in advice["rewards"]) == advice["amount"]
    assert api.call("owner", "GET", f"/v1/payouts/{payout['id']}/remittance/pdf").content[:5] == b"%PDF-"
    assert api.call("owner", "GET", f"/v1/people/{bob}/statements/26").status_code == 422


def test_a_year_is_taken_along_with_what_a_return_asks_for(api: Api, tmp_path: Any) -> None:
    """A line for each payee, numbers and all; that it left stands on the record, and to who may not see numbers it does not leave."""
    api.member("ana", "auditor")
    _report(api, "eu-dac7")
    _earn(api, "bob")
    bob = api.person("ann-bob")
    _give(api, bob, VAT | {"name": "=Ann"})
    api.move("2026-08-01T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    api.agree("/v1/payouts/release", *[it["id"] for it in api.get("/v1/payouts")["items"]])
    path, why = "/v1/tax/years/2026/export", {"note": "returns"}
    assert api.call("ana", "POST", path, json=why).status_code == 403
    file = api.call("owner", "POST", path, json=why)
    [line] = csv.DictReader(io.StringIO(file.text))
    assert (line["paid"], line["number_kind"], line["number"], line["holds"]) == (
        "1000.00",
        "vat_id",
        "DE136695976",
        "yes",
    )
    assert (line["name"], line["external_id"]) == ("'=Ann", "ann-bob")
    told = api.get("/v1/tax/years/2026")["items"]
    assert [(it["person"], it["lacks"]) for it in told] == [(bob, [])]
    more = ["--url", api.url, "--key", api.keys["owner"]]
    shown = Product(tmp_path).run("tax", "export", "2026", "--why", "returns", *more)
    assert (shown.returncode, shown.stdout.splitlines()[0]) == (0, file.text.splitlines()[0]), shown.stderr
    shown = Product(tmp_path).run("tax", "statement", bob, "2026", *more)
    assert "1000.00" in shown.stdout, shown.stderr
    shown = Product(tmp_path).run("tax", "reporting", *more)
    assert "eu-dac7" in shown.stdout, shown.stderr


def test_who_is_limited_to_programs_sees_what_is_of_these(api: Api) -> None:
    """A statement is of their programs alone; what is counted of all programs, and what forms say, is not for them."""
    _report(api, "eu-dac7")
    _earn(api, "bob")
    bob, other = api.person("ann-bob"), RULES.replace("main", "other")
    api.say("owner", "/v1/programs", {"document": other})
    ids = {it["slug"]: it["id"] for it in api.get("/v1/programs")["items"]}
    api.move("2026-08-01T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    api.agree("/v1/payouts/release", *[it["id"] for it in api.get("/v1/payouts")["items"]])
    for name, slug in (("pia", "main"), ("pam", "other")):
        said = {"email": f"{name}@shop.example", "roles": ["payer"], "programs": [ids[slug]]}
        api.keys[name] = api.say("owner", "/v1/members", said)["key"]
    assert api.get(f"/v1/people/{bob}/statements/2026", who="pia")["lines"][0]["earned"] == 100_000
    assert api.get(f"/v1/people/{bob}/statements/2026", who="pia")["counted"] == []
    assert api.get(f"/v1/people/{bob}/tax", who="pia")["paid"] == []
    assert api.get("/v1/tax/years/2026", who="pia")["items"] == api.get("/v1/tax/awaited", who="pia")["items"] == []
    assert api.call("pam", "GET", f"/v1/people/{bob}/statements/2026").status_code == 404
    assert api.call("pam", "GET", f"/v1/people/{bob}/statements/2026/pdf").status_code == 404
    assert api.call("pia", "POST", f"/v1/people/{bob}/tax-forms/us/show", json={"note": "x"}).status_code == 403


def test_two_who_were_merged_are_one_line_of_the_year_whichever_page_they_stand_on(api: Api) -> None:
    """What either was paid is in one line, once; the form of who went is theirs, and is shown under whom they are now."""
    _report(api, "eu-dac7")
    _earn(api, "bob", "cid")
    bob, cid = api.person("ann-bob"), api.person("ann-cid")
    api.move("2026-08-01T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "bank_file", "unit": "EUR"})
    api.agree("/v1/payouts/release", *[it["id"] for it in api.get("/v1/payouts")["items"]])
    gone, keep = bob, cid
    _give(api, gone, VAT)
    api.say("owner", f"/v1/people/{keep}/merges", {"gone": gone, "reason": "same_person", "note": "n"})
    found, after = list[dict[str, Any]](), None
    while True:
        page = api.get("/v1/tax/years/2026", limit=1, **({"after": after} if after else {}))
        found += page["items"]
        after = page["after"]
        if after is None:
            break
    assert [(it["person"], [one["paid"] for one in it["paid"]], it["lacks"]) for it in found] == [(keep, [200_000], [])]
    [line] = csv.DictReader(
        io.StringIO(api.call("owner", "POST", "/v1/tax/years/2026/export", json={"note": "returns"}).text)
    )
    assert (line["person"], line["paid"], line["number"]) == (keep, "2000.00", "DE136695976")
    for named in (keep, gone):
        seen = api.say("owner", f"/v1/people/{named}/tax-forms/eu-dac7/show", {"note": "why"})
        assert seen["values"]["vat_id"] == "DE136695976"
    assert _give(api, gone, VAT | {"name": "Ann New"}).status_code == 200
    [line] = csv.DictReader(
        io.StringIO(api.call("owner", "POST", "/v1/tax/years/2026/export", json={"note": "again"}).text)
    )
    assert line["name"] == "Ann New"
    _sound(api)


def test_who_is_merged_by_an_event_is_one_payee(api: Api) -> None:
    """Where a workspace reports, what a server says of two accounts is decided as anywhere else: nothing is set aside."""
    _report(api, "eu-dac7")
    api.send(sent.enrolled("e1", "ann", "ANN"), sent.enrolled("e2", "amy", "AMY"))
    said = {"type": "person.merged", "id": "m1", "keep_external_id": "ann", "gone_external_id": "amy"}
    assert api.decided(said)["status"] == "accepted"
    assert api.get("/v1/events/m1")["status"] == "decided"
    _sound(api)

"""Codes of our own over HTTP: delivered by the worker, read by who sends them on, looked up and redeemed by a shop's server."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest
from testkit import sent
from tests.api.conftest import Api, Command
from tests.api.test_codes import _everything
from tests.api.test_standing import RULES, granted, ordered, staffed

from goodword.app import say, see
from goodword.app.errors import UnknownError
from goodword.app.principal import NotPermittedError, Principal
from goodword.app.proof.audit import verify
from goodword.core.facts import Actor

LOOKUP, REDEEM = "/v1/codes/lookup", "/v1/codes/redemptions"


class Made(NamedTuple):
    """A code that ann got, of 20 euros."""

    code: str
    payout: str
    reward: str


def _delivered(api: Api, friend: str = "bob", by: str = "ann") -> Made:
    """By a standing approval, which is there or is given now, a tenth of a friend's order is delivered behind a code."""
    if not api.get("/v1/standing-approvals")["items"]:
        staffed(api)
        granted(api, rail="discount_code")
    id_ = ordered(api, friend, by=by)["id"]
    api.until(lambda: api.get(f"/v1/rewards/{id_}")["status"] == "paid")
    payout = api.get(f"/v1/rewards/{id_}")["payout"]
    [it] = api.get(f"/v1/payouts/{payout}/codes", "sk")["items"]
    return Made(it["code"], payout, id_)


def _redeem(api: Api, code: str, id_: str, amount: int, unit: str = "EUR", who: str = "sk", **more: Any) -> Any:
    body = {"code": code, "redemption_id": id_, "amount": amount, "unit": unit, **more}
    return api.call(who, "POST", REDEEM, json=body)


def _left(api: Api, code: str) -> tuple[int, int]:
    it = api.say("sk", LOOKUP, {"code": code})
    return it["left"], it["usable"]


def _differences(api: Api) -> list[tuple[str, str]]:
    directory = api.goodword.directory
    found = api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences
    return [(it.noun, it.what) for it in found]


def test_from_an_order_to_a_checkout_and_back(api: Api) -> None:
    """A standing approval delivers it; it is read, looked up, redeemed twice the same, given back; its reward falls; all verifies."""
    made = _delivered(api)
    [read] = api.get(f"/v1/payouts/{made.payout}/codes", "sk")["items"]
    assert (read["amount"], read["left"], read["unit"], read["stock"]) == (2_000, 2_000, "EUR", None)
    assert len(made.code.replace("-", "")) == 16
    assert read["masked"] == "…" + made.code[-4:]
    ann = api.person("ann")
    found = api.say("sk", LOOKUP, {"code": f" {made.code.lower().replace('-', ' ')}"})
    said = {"payout": made.payout, "person": ann, "unit": "EUR", "ends_at": None}
    assert found == {**said, "amount": 2_000, "left": 2_000, "usable": 2_000}
    first, again = (_redeem(api, made.code, "order-7", 1_500, order_reference="order-7").json() for _ in range(2))
    assert [it["verdicts"][0]["outcome"] for it in (first, again)] == ["redeemed", "redeemed_before"]
    assert _left(api, made.code) == (500, 500)
    assert _redeem(api, made.code, "order-8", 501).json()["code"] == "credit_short"
    api.say("sk", "/v1/credit/redemptions/order-7/reversals", {"reversal_id": "back", "amount": 1_000})
    assert _left(api, made.code) == (1_500, 1_500)
    held = {(it["account"], it["owner"]): it["amount"] for it in api.get("/v1/ledger/balances")["items"]}
    assert (held["credit", made.payout], held["settled", "discount_code"]) == (1_500, 500)
    api.send(sent.refund("b", "i-bob", "r1", 20_000))
    assert _left(api, made.code) == (0, 0)
    reward = api.get(f"/v1/rewards/{made.reward}")
    assert (reward["status"], reward["receivable"]) == ("reversed", 500)
    assert _differences(api) == []


def test_a_purse_and_another_code_are_not_touched(api: Api) -> None:
    """What is behind a code is in no balance and cannot be used as store credit; the person's credit lists it apart."""
    one, two = _delivered(api), _delivered(api, "ben")
    ann = api.person("ann")
    credit = api.get(f"/v1/people/{ann}/credit")
    assert (credit["balances"], credit["lots"], credit["movements"]) == ([], [], [])
    assert {(it["payout"], it["balance"]) for it in credit["behind_codes"]} == {
        (one.payout, 2_000),
        (two.payout, 2_000),
    }
    body = {"redemption_id": "r1", "amount": 1, "unit": "EUR"}
    assert api.refused("sk", f"/v1/people/{ann}/credit/redemptions", body) == (409, "credit_short")
    assert _redeem(api, one.code, "r2", 2_000).is_success
    assert (_left(api, one.code), _left(api, two.code)) == ((0, 0), (2_000, 2_000))


def test_a_text_that_is_no_code_of_this_workspace_is_not_found_and_not_quoted(api: Api) -> None:
    """A wrong one, another workspace's, one of a stock: the same answer, by looking up and by redeeming; another unit is named."""
    made = _delivered(api)
    other = api.sandbox("other")
    api.say("sk", "/v1/stocks", {"name": "cards", "unit": "EUR", "amount": 1, "codes": "0000-1111-2222-3333"})
    tried = [("sk", "0000-1111-2222-3333"), ("sk", "SECRET"), ("sk", made.code[:-1]), (other.keys["sk"], made.code)]
    answers = set()
    for key, code in tried:
        body = {"code": code, "redemption_id": "r1", "amount": 1, "unit": "EUR"}
        for path, said in ((LOOKUP, {"code": code}), (REDEEM, body)):
            answer = api.call(key, "POST", path, json=said)
            answers.add((answer.status_code, answer.json()["code"], answer.json()["detail"]))
            assert code not in answer.text
    assert len(answers) == 1
    assert answers.pop()[0] == 404
    answer = _redeem(api, made.code, "r1", 1, "USD")
    assert (answer.status_code, "EUR" in answer.text, made.code in answer.text) == (422, True, False)
    assert _left(api, made.code) == (2_000, 2_000)


def test_who_reads_and_who_redeems(api: Api) -> None:
    """Owner, payer and the secret key read a code; owner, operations and the secret key redeem one; no key of a page does either."""
    for name, role in (("pia", "payer"), ("oto", "operations"), ("sue", "support")):
        api.member(name, role)
    made = _delivered(api)
    everybody = ("owner", "sk", "pia", "oto", "sue", "ana", "wk", "pk")
    path = f"/v1/payouts/{made.payout}/codes"
    assert [who for who in everybody if api.call(who, "GET", path).is_success] == ["owner", "sk", "pia"]
    looks = api.get("/v1/looks", subject=made.payout)["items"]
    assert [(it["what"], it["fields"]) for it in looks] == [
        ("unmasked", ["code"])
    ] * 2  # by the owner and pia; the key is the shop's
    assert made.code not in str(looks)
    looked = [who for who in everybody if api.call(who, "POST", LOOKUP, json={"code": made.code}).is_success]
    used = [who for who in everybody if _redeem(api, made.code, f"r-{who}", 1, who=who).is_success]
    assert looked == used == ["owner", "sk", "oto"]


def test_who_is_limited_to_another_program_sees_nothing_of_a_code(api: Api) -> None:
    """Neither what is behind it nor what it reads; in their own program they do; looking one up is nothing for who is limited."""
    made, directory = _delivered(api), api.goodword.directory
    workspace = api.run(directory.workspace(api.ws))
    program = api.get(f"/v1/rewards/{made.reward}")["program"]
    mine, other = (
        Principal("mk", workspace, Actor(id="mem_1", kind="member", roles=("payer", "operations"), programs=(it,)))
        for it in (program, "prg_other")
    )
    assert api.run(see.codes.behind(mine, directory, made.payout)).left == 2_000
    for read in (see.codes.behind, see.stocks.of_payout, say.looking.codes):
        with pytest.raises(UnknownError):
            api.run(read(other, directory, made.payout))
    with pytest.raises(NotPermittedError):
        see.codes.look_up(mine, directory, made.code)


def test_of_many_who_use_all_of_it_at_once_one_does(api: Api) -> None:
    """Each by an id of their own; one that is sent twice at once is taken once."""
    made = _delivered(api)
    with ThreadPoolExecutor(6) as pool:
        tried = [pool.submit(_redeem, api, made.code, f"r{n}", 2_000) for n in range(6)]
        assert sorted(one.result().status_code for one in tried) == [200, *[409] * 5]
        (done,) = [n for n, one in enumerate(tried) if one.result().is_success]
        again = [pool.submit(_redeem, api, made.code, f"r{done}", 2_000) for _ in range(3)]
        assert {one.result().json()["verdicts"][0]["outcome"] for one in again} == {"redeemed_before"}
    assert _differences(api) == []


def test_a_code_ends_with_its_time(api: Api) -> None:
    """Its end is told; after that nothing is there, and nothing can be used."""
    staffed(api)
    api.say("pam", "/v1/programs", {"document": RULES + "credit: {expires: 30d}\n"})
    granted(api, rail="discount_code")
    made = _delivered(api)
    assert api.say("sk", LOOKUP, {"code": made.code})["ends_at"] == "2026-04-01T09:00:00Z"
    api.move("2026-04-01T09:00:00Z")
    assert _left(api, made.code) == (0, 0)
    assert _redeem(api, made.code, "r1", 1).json()["code"] == "credit_short"


def test_a_code_stands_in_no_log_and_is_not_exchanged_unnoticed(api: Api, goodword: Command) -> None:
    """It is sealed beside the log; verification names one that is gone, or another's; a terminal shows what is left, not it."""
    one, two = _delivered(api), _delivered(api, "ben")
    _redeem(api, one.code, "r1", 500)
    stored = api.run(_everything(api))
    told = goodword("person", "credit", "ann", "--workspace", api.ws)
    assert f"behind the code of {one.payout}: 15.00 EUR" in told.stdout, told.stderr
    for made in (one, two):
        assert made.code not in stored + told.stdout
        assert made.code.replace("-", "") not in stored

    def change(sql: str) -> None:
        api.run(api.goodword.pool.execute(sql))

    change(f"delete from code_text where id = '{one.payout}'")
    assert _differences(api) == [("code_text", "missing")]
    change(f"update code_text set id = '{one.payout}' where id = '{two.payout}'")
    assert sorted(_differences(api)) == [
        ("code_text", "does not open, or is not the code of its payout"),
        ("code_text", "missing"),
    ]


def test_an_erasure_waits_until_the_code_is_used(api: Api) -> None:
    """As with credit in a purse; then it is done, and the books stay whole."""
    made = _delivered(api)
    ann = api.person("ann")
    answer = api.call("owner", "DELETE", f"/v1/people/{ann}")
    assert (answer.status_code, answer.json()["code"]) == (409, "credit_left")
    _redeem(api, made.code, "r1", 2_000, order_reference="given-up")
    assert api.call("owner", "DELETE", f"/v1/people/{ann}").is_success
    assert _differences(api) == []

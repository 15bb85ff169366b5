"""Claims side by side, over HTTP: who says what, by which touches, and what is at stake."""

import asyncio
from collections import Counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from click.testing import CliRunner
from testkit import sent
from tests.api.conftest import Api

from goodword.app import see
from goodword.cli import main
from goodword.store.api_keys import api_key_hash

PERSON = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


def _contested(api: Api, friend: str = "bob", hour: int = 9) -> str:
    """Ann's link brought bob, who ordered; later the server tells of his click on eve's, which would have won. Returns ann's click."""
    api.move(f"2026-03-02T{hour:02}:00:00Z")
    answer = api.http.get(f"/w/{api.ws}/r/ANN", headers=PERSON, follow_redirects=False)
    [click] = parse_qs(urlsplit(answer.headers["location"]).query)["gw_click"]
    api.move(f"2026-03-02T{hour + 1:02}:00:00Z")
    api.send(
        sent.lead(f"l-{friend}", friend, click_id=click, visitor_id=f"v-{friend}"),
        sent.purchase(f"c-{friend}", friend, f"i-{friend}", 20_000),
        sent.click(f"k-{friend}", "EVE", f"v-{friend}", occurred_at=f"2026-03-02T{hour:02}:30:00Z"),
    )
    return click


def _story(api: Api) -> str:
    for name in ("anna", "ben"):
        api.member(name, "approver")
    api.send(sent.enrolled("a", "ann", "ANN"), sent.enrolled("e", "eve", "EVE"))
    return _contested(api)


def _side(side: dict[str, Any]) -> tuple[Any, ...]:
    [share] = side["shares"]
    told = [(one["kind"], one["said_by"], one["verified"], one["at"]) for one in side["touches"]]
    stakes = [(one["unit"], one["status"], one["count"], one["amount"]) for one in side["stakes"]]
    return share["name"], told, stakes


def test_a_claim_shows_both_sides(api: Api) -> None:
    """End to end (a): touches of both sides with when and by whom, names, and what is at stake, in the list and alone."""
    link = _story(api)
    [claim] = api.get("/v1/claims", "anna")["items"]
    assert claim == api.get(f"/v1/claims/{claim['id']}", "anna")
    assert (claim["kind"], claim["status"], claim["friend_name"]) == ("late_touch", "open", "bob")
    clicked = [("click.recorded", "native", True, "2026-03-02T09:30:00Z")]
    assert _side(claim["claimed"]) == ("eve", clicked, [])
    [standing] = claim["standing"]
    followed = [("touches.recorded", "edge", True, "2026-03-02T09:00:00Z")]
    assert _side(standing) == ("ann", followed, [("EUR", "pending", 1, 2_000)])
    assert [one["id"] for one in standing["touches"]] == [link]
    assert [one["advocate"] for one in claim["claimed"]["touches"]] == [api.person("eve")]
    terms = api.get("/v1/programs")["items"][0]["versions"][-1]["rules"]
    assert (claim["claimed"]["terms"], standing["terms"]) == (terms, terms)
    path = f"/v1/claims/{claim['id']}"
    seen = api.say("anna", f"{path}/preview", {"outcome": "won", "reason": "x"})
    assert sorted((move["was"], move["now"]) for move in seen["moves"]) == [(0, 2_000), (2_000, 0)]
    assert {move["beneficiary"] for move in seen["moves"]} == {api.person("ann"), api.person("eve")}
    assert api.get(path, "anna") == claim


def test_what_was_won_stands_on_the_claim_s_side(api: Api) -> None:
    """Once a claim is won, its side is a binding with its rewards; the one that it ended is shown without."""
    _story(api)
    [claim] = api.get("/v1/claims")["items"]
    api.say("anna", f"/v1/claims/{claim['id']}/decision", {"outcome": "won", "reason": "seen"})
    claim = api.get(f"/v1/claims/{claim['id']}", "ben")
    assert claim["claimed"]["referral"] is not None
    assert _side(claim["claimed"])[2] == [("EUR", "pending", 1, 2_000)]
    [ended] = claim["standing"]
    assert (ended["shares"][0]["name"], ended["stakes"]) == ("ann", [])


def test_a_claim_that_there_is_not_is_not_found(api: Api) -> None:
    """An unknown id, and a claim of a program that the reader is not shown, are the same."""
    assert api.call("owner", "GET", "/v1/claims/clm_none").status_code == 404


def test_a_page_of_claims_reads_as_often_as_one(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many claims a page has, its reads are as many as for one: none is made claim by claim."""
    _story(api)
    fetch, calls, pages = asyncpg.Connection.fetch, Counter[str](), set[Any]()

    async def page() -> int:
        pages.add(asyncio.current_task())
        return len((await see.claims.page(owner, api.goodword.directory)).items)

    async def counted(conn: asyncpg.Connection, query: str, *args: Any, **more: Any) -> Any:
        calls[query] += asyncio.current_task() in pages
        return await fetch(conn, query, *args, **more)

    owner = api.run(api.goodword.directory.principal(api_key_hash(api.keys["owner"])))

    def reads() -> int:
        """Return how many statements a page takes."""
        calls.clear()
        with monkeypatch.context() as patched:
            patched.setattr(asyncpg.Connection, "fetch", counted)
            assert api.run(page())
        return calls.total()

    one = reads()
    assert one > 5
    for hour, friend in enumerate(("ben", "cid", "dan", "fay"), 11):
        _contested(api, friend, hour)
    assert len(api.get("/v1/claims")["items"]) == 5
    assert reads() == one


def test_a_split_over_the_api(api: Api) -> None:
    """The preview moves what the decision moves; shares belong to a split alone; the claim says who got the friend."""
    _story(api)
    [claim] = api.get("/v1/claims", "anna")["items"]
    ann, eve = (api.person(name) for name in ("ann", "eve"))
    shares = [{"person": ann, "numerator": 1, "denominator": 3}, {"person": eve, "numerator": 2, "denominator": 3}]
    split = {"outcome": "split", "reason": "both", "shares": shares}
    for wrong in ({**split, "shares": []}, {**split, "outcome": "won"}):
        assert api.refused("anna", f"/v1/claims/{claim['id']}/decision", wrong)[0] == 422
    preview = api.say("anna", f"/v1/claims/{claim['id']}/preview", split)
    moves = {(it["beneficiary"], it["was"], it["now"]) for it in preview["moves"]}
    decided = api.say("anna", f"/v1/claims/{claim['id']}/decision", split)
    assert [said["outcome"] for said in decided["verdicts"][:3]] == ["split", "shared", "shared"]
    now = {it["beneficiary"]: it["amount"] for it in api.get("/v1/rewards", "anna", limit=100)["items"]}
    assert {(person, amount) for person, _, amount in moves} <= set(now.items())
    assert now[ann] + now[eve] == 2_000
    given = api.get(f"/v1/claims/{claim['id']}", "anna")["given"]
    assert {it["person"]: (it["numerator"], it["denominator"]) for it in given} == {ann: (1, 3), eve: (2, 3)}


def test_a_member_decides_a_claim_from_the_command_line(api: Api) -> None:
    """With a key of their own: what it moves is shown before, and nothing of that is kept; a part that is none is refused."""
    _story(api)
    [claim] = api.get("/v1/claims", "anna")["items"]
    ann, eve = (api.person(name) for name in ("ann", "eve"))
    at = ["--url", str(api.http.base_url), "--key", api.keys["anna"], "--reason", "both"]
    split = ["claim", "decide", claim["id"], "split", "--share", f"{ann}=1/2", *at]
    assert CliRunner().invoke(main, [*split, "--share", f"{eve}=half"]).exit_code == 2
    refused = CliRunner().invoke(main, split)
    assert (refused.exit_code, "nothing_to_do" in refused.output) == (1, True)
    whole = [*split, "--share", f"{eve}=1/2"]
    shown = CliRunner().invoke(main, [*whole, "--preview"])
    assert (shown.exit_code, "10.00" in shown.output) == (0, True)
    assert api.get(f"/v1/claims/{claim['id']}", "anna")["status"] == "open"
    done = CliRunner().invoke(main, whole)
    assert (done.exit_code, "attribution: shared" in done.output) == (0, True)
    assert api.get(f"/v1/claims/{claim['id']}", "anna")["status"] == "split"

"""People are found by what names them, and one is shown with all that happened, the newest first."""

import pytest
from testkit import sent
from tests.api.conftest import RULES
from tests.console.conftest import SCRIPT, Console

from goodword import words
from goodword.app import say
from goodword.app.principal import Principal
from goodword.core.facts import Actor
from goodword.core.sharing import CHANNELS
from goodword.sources import naming
from goodword.store import redirects, search


def _found(desk: Console, asked: str) -> list[tuple[str | None, list[str]]]:
    return [(it["person"]["external_id"], it["by"]) for it in desk.json(f"/console/people?q={asked}")["found"]]


@pytest.fixture
def known(busy: Console) -> Console:
    """The same with the words of names written."""
    busy.api.until(lambda: ("Ann", ["external_id", "name"]) in _found(busy, "Ann"))
    return busy


def test_somebody_is_found_by_whatever_names_them(known: Console) -> None:
    """Their id, the company's for them, a code in any case, an invoice, the first letters of a name; each says by what."""
    ann = known.api.person("Ann")
    assert _found(known, ann) == [("Ann", ["id"])]
    assert _found(known, "code2") == [("Ann", ["code"])]
    assert _found(known, "INV-2") == [("friend of Ann", ["invoice"])]
    assert ("friend of Ann", ["name"]) in _found(known, "frie")
    assert _found(known, "fr") == _found(known, "nobody") == []
    assert known.get("/console/people?q=%00").status_code == 400
    page = known.html("/console/people?q=frie")
    assert "friend of Ann" in page
    assert SCRIPT not in page


def test_what_a_bank_answered_is_noted_on_the_page_of_the_person(known: Console) -> None:
    """It stands with its details; a doubtful answer is a case, to which the page leads; the name is for who sees accounts."""
    page = f"/console/people/{known.api.person('Ann')}"
    details = known.json(page)["payee"]["details"]
    assert "no bank was asked" in known.html(page)
    said = {"provider": "mybank", "destination": details["payee"]["destination"]}
    done = known.form(f"{page}/payee/checks", answer="match", **said)
    assert done.headers["location"] == f"{page}?done=payee_checked", done.text
    assert "known by this name" in known.html(page)
    assert known.form(f"{page}/payee/checks", answer="match", **said | {"destination": "other"}).status_code == 409
    done = known.form(f"{page}/payee/checks", answer="close_match", suggested=SCRIPT, **said)
    assert done.headers["location"] == f"{page}?done=payee_asked", done.text
    [case] = known.json(page)["payee"]["details"]["payee"]["asked"]
    shown = known.html(page)
    assert f'href="/console/cases/{case}"' in shown
    assert SCRIPT not in shown
    assert known.json(page)["payee"]["details"]["suggested"] == SCRIPT
    assert "The bank knows the account by a similar name. Said by mybank" in known.html(f"/console/cases/{case}")
    known.be("auditor")
    assert known.json(page)["payee"]["details"]["suggested"] is None
    assert not known.json(page)["payee"]["may_check"]


def test_one_who_is_found_alone_is_gone_to(known: Console) -> None:
    """The page goes to the person; its twin says who it is."""
    answer = known.get("/console/people?q=CODE2")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/console/people/{known.api.person('Ann')}")


def test_who_was_left_out_of_a_search_is_said(known: Console) -> None:
    """That only the newest of a name were looked at, on the page and in its twin, also where one alone is found."""
    directory = known.api.goodword.directory
    workspace = known.api.run(directory.workspace(known.api.ws))

    async def others(*name: str) -> None:
        async with directory.pool.acquire() as conn:
            newer = [(part, f"per_~{n:05}{name[0]}") for n in range(search.LOOKED_AT) for part in naming.kept(name)]
            await search.add(conn, workspace, newer)

    whole = "/console/people?q=ann+friend"
    assert known.json(whole)["left_out"] == words.page("people.whole")
    beginning = "/console/people?q=frie+ann"
    assert known.json(beginning)["left_out"] is None
    known.api.run(others("friend"))
    assert known.json(whole)["left_out"] == words.page("people.whole")
    assert known.json(beginning)["left_out"] is None  # two beginnings of one name are found directly
    known.api.run(others("anna", "frido"))
    assert known.json(beginning)["found"] == []
    said = words.page("people.newest", most="2,000")
    assert known.json(beginning)["left_out"] == said
    assert said in known.html(beginning)


def test_somebody_is_found_by_mail_and_phone(desk: Console) -> None:
    """As a source has said them, in whatever spelling reaches the same mailbox."""
    lead = sent.lead("lead-1", "buyer") | {"customer_email": "Ada.Byron@Example.com", "customer_phone": "+49 30 901820"}
    desk.api.send(lead)
    assert _found(desk, "ada.byron@example.com") == [("buyer", ["mail"])]
    assert _found(desk, "%2B493090 1820") == [("buyer", ["phone"])]
    desk.be("analyst")
    assert _found(desk, "ada.byron@example.com") == []


def test_a_person_is_shown_with_all_that_happened(busy: Console) -> None:
    """Whom they brought, what they earned, a case about the order; from the friend's side the order, and who brought them."""
    ann, friend = busy.api.person("Ann"), busy.api.person("friend of Ann")
    moments = [it for day in busy.json(f"/console/people/{ann}")["days"] for it in day["moments"]]
    assert {"reward", "brought", "enrolled"} <= {it["kind"] for it in moments}
    assert [it["at"] for it in moments] == sorted((it["at"] for it in moments), reverse=True)
    reward = next(it for it in moments if it["kind"] == "reward")
    assert (reward["other"]["name"], reward["about"]) == ("friend of Ann", "INV-2")
    theirs = [it for day in busy.json(f"/console/people/{friend}")["days"] for it in day["moments"]]
    order = next(it for it in theirs if it["kind"] == "order")
    assert (order["about"], order["amount"], order["unit"]) == ("INV-2", 20_000, "EUR")
    assert next(it for it in theirs if it["kind"] == "bound")["other"]["name"] == "Ann"
    page = busy.html(f"/console/people/{friend}")
    assert "Came by a recommendation" in page
    assert "/console/conversions/inv%3AINV-2" in page


def test_an_order_that_earned_nothing_says_why(desk: Console) -> None:
    """In a sentence, on the person and on the order, for who may read the log."""
    desk.api.send(sent.purchase("order-1", "alone", "INV-9", 5_000))
    person = desk.api.person("alone")
    [moment] = [it for day in desk.json(f"/console/people/{person}")["days"] for it in day["moments"]]
    assert moment["why"]
    assert moment["why"].split(".")[0] in desk.html(f"/console/people/{person}")
    assert "Why nothing was earned" in desk.html("/console/conversions/inv:INV-9")
    assert desk.json("/console/conversions/inv:INV-9")["decisions"]
    desk.be("analyst")
    assert desk.json(f"/console/people/{person}")["days"][0]["moments"][0]["why"] is None


def test_a_timeline_goes_on_where_it_ended(busy: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Page by page it gives what one long page gives, each moment once."""
    friend = busy.api.person("friend of Ann")
    busy.api.send(*(sent.purchase(f"more-{n}", "friend of Ann", f"MORE-{n}", 1_000 + n) for n in range(7)))

    def ids(page: dict) -> list[str]:  # type: ignore[type-arg]
        return [it["id"] for day in page["days"] for it in day["moments"]]

    whole = ids(busy.json(f"/console/people/{friend}"))
    monkeypatch.setattr("goodword.app.see.timelines.MOST", 3)
    seen, after = list[str](), ""
    for _ in range(20):
        page = busy.json(f"/console/people/{friend}?after={after}")
        seen += ids(page)
        after = page["after"]
        if after is None:
            break
    assert sorted(seen) == sorted(whole)
    assert len(whole) > 8
    assert busy.get(f"/console/people/{friend}?after=nonsense").status_code == 400


def test_what_is_older_is_not_hidden_behind_what_others_see(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is limited to a program pages to the end of it, each moment once and in order, however much of another lies before it."""
    desk.api.say("owner", "/v1/programs", {"document": RULES.replace("main", "other")})
    desk.api.send(sent.enrolled("e-main", "ann", "ANN", program="main"))
    desk.api.send(sent.enrolled("e-other", "ann", "ANN2", program="other"))
    for number, code in enumerate(["ANN", "ANN2", *["ANN2"] * 7, "ANN", *["ANN2"] * 7]):
        friend = f"friend-{number}"
        desk.api.send(
            sent.lead(f"l-{number}", friend, code=code), sent.purchase(f"o-{number}", friend, f"i-{number}", 9_000)
        )
    desk.api.send(*(sent.purchase(f"more-{n}", "friend-0", f"more-{n}", 1_000 + n) for n in range(8)))
    main = next(one["id"] for one in desk.api.get("/v1/programs")["items"] if one["slug"] == "main")
    desk.be("owner", programs=(main,))

    def ids(page: dict) -> list[tuple[str, str]]:  # type: ignore[type-arg]
        return [(it["kind"], it["id"]) for day in page["days"] for it in day["moments"]]

    for who, kinds in (("ann", {"reward": 2, "brought": 2, "enrolled": 1}), ("friend-0", {"bound": 1, "order": 1})):
        address = f"/console/people/{desk.api.person(who)}"
        whole = ids(desk.json(address))
        assert {kind: [one for one, _ in whole].count(kind) for kind in kinds} == kinds
        with monkeypatch.context() as small:
            small.setattr("goodword.app.see.timelines.MOST", 3)
            page = desk.json(address)
            seen, pages = ids(page), 1
            while page["after"] is not None:
                page = desk.json(f"{address}?after={page['after']}")
                assert ids(page) or page["after"] is None
                seen, pages = seen + ids(page), pages + 1
                assert pages < 20
        assert sorted(seen) == sorted(whole)


def test_personal_fields_are_shown_for_a_reason_that_is_kept(desk: Console) -> None:
    """Masked on the page; without a reason nothing is shown; with one they are, once, and it stands in the log who asked."""
    desk.api.send(sent.lead("lead-1", "buyer") | {"customer_email": "ada@example.com", "customer_name": SCRIPT})
    person = desk.api.person("buyer")
    page = desk.html(f"/console/people/{person}")
    assert "ada@example.com" not in page
    assert "customer email" in page
    fields = ["customer_email", "customer_name"]
    address = f"/console/people/{person}/shown"
    assert desk.form(address, field=fields).status_code == 400
    shown = desk.form(address, field=fields, reason="asked for by the customer").text
    assert "ada@example.com" in shown
    assert SCRIPT not in shown
    assert desk.json("/console/log")["entries"][0]["type"] == "record.looked"


def test_a_record_of_one_program_tells_nothing_of_another(desk: Console) -> None:
    """Neither the order that a person of both made for the other one's advocate, nor a claim to who may read none."""
    desk.api.say("owner", "/v1/programs", {"document": RULES.replace("main", "other")})
    desk.api.send(
        sent.enrolled("enrol", "ann", "ANN", program="main"),
        sent.lead("lead", "ben", code="ANN"),
        sent.purchase("order", "ben", "inv-of-main", 20_000),
        sent.enrolled("enrol-2", "ben", "BEN", program="other"),
    )
    desk.api.until(lambda: desk.api.get("/v1/events/enrol-2")["status"] == "decided")
    programs = {one["slug"]: one["id"] for one in desk.api.get("/v1/programs")["items"]}
    address, orders = f"/console/people/{desk.api.person('ben')}", 0
    for scope, shown in (((), True), ((programs["main"],), True), ((programs["other"],), False)):
        desk.be("owner", programs=scope)
        assert ("inv-of-main" in desk.get(address, "application/json").text) == shown
        orders += "inv-of-main" in desk.html(address)
    assert orders == 2
    desk.be("owner")
    claim = {"program": programs["main"], "person": desk.api.person("ben"), "reason": "x"}
    claim |= {"advocates": [{"person": desk.api.person("ann")}], "lead_at": "2026-03-02T09:00:00Z"}
    desk.api.say("owner", "/v1/claims", claim)
    [referral] = desk.api.get("/v1/referrals")["items"]
    address = f"/console/referrals/{referral['id']}"
    assert desk.json(address)["record"]["claims"] != []
    desk.be("marketer")
    assert desk.json(address)["record"]["claims"] == []


def test_what_somebody_shared_stands_in_their_timeline(desk: Console) -> None:
    """Each channel with its text, the code of their choice, and that their friends' page was opened; in words, each once a day."""
    api, directory = desk.api, desk.api.goodword.directory
    api.send(sent.enrolled("enrol", "Ann", "CODE"))
    person, workspace = api.person("Ann"), api.run(directory.workspace(api.ws))
    ann = Principal("session", workspace, Actor(id=person, kind="person"))
    for channel in (*CHANNELS, CHANNELS[0]):
        api.run(say.sharing.shared(ann, directory, "main", channel, "short" if channel == "x" else None))
    assert not api.run(say.sharing.change_own(ann, directory, "main", "ANNS-TEA", "once")).refused
    code = api.rows("select id from code where workspace_id = $1 and person is not null order by id")[0][0]
    viewed = [redirects.Viewed(api.ws, code, 20_000, 3, 1)]
    api.run(redirects.add_views(api.goodword.pool, viewed))
    shown = [it["kind"] for day in desk.json(f"/console/people/{person}")["days"] for it in day["moments"]]
    assert sorted(shown) == sorted(["enrolled", "code", "viewed", *["shared"] * len(CHANNELS)])
    page = desk.html(f"/console/people/{person}")
    for text in ("WhatsApp", "X, text short", "Chose another code", "Friend&#39;s page opened, 3 times that day"):
        assert text in page, text

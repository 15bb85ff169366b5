"""A partner's own form for deals over HTTP: what a link opens, to whom, until when; and what comes of what is typed there."""

import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec import to_builtins
from testkit import sent
from tests.api.conftest import RULES, Api, Command
from tests.portal.conftest import Form, made

from goodword.app import say, see
from goodword.app.principal import OPERATOR, Principal
from goodword.app.proof.audit import verify
from goodword.core import calendar
from goodword.core.facts import Actor
from goodword.store import log

DAY = calendar.DAY


def _decided(api: Api, deal: str, by: str = "anna", **said: Any) -> Any:
    return api.call(by, "POST", f"/v1/deals/{deal}/decision", json=said)


def test_a_partner_registers_a_deal_is_answered_and_reads_what_became_of_it(api: Api, ann: Form) -> None:
    """From the form through sales's question and the decision to the contact's order: one event, which earns as any does."""
    assert "None yet." in ann.text()
    done = ann.register(amount="5,000.00", currency="eur", percent="12.5", note="They need it by June.")
    assert (done.status_code, done.headers["location"]) == (303, f"{ann.path}?done=registered"), done.text
    [deal] = ann.deals()
    assert (deal["status"], deal["amount"], deal["currency"], deal["percent"]) == ("submitted", 500_000, "EUR", "12.5")
    assert (deal["advocate"], deal["company_name"]) == (ann.person, "Acme")
    assert api.get(f"/v1/deals/{deal['id']}", "owner")["note"] == "They need it by June."
    assert "Expected test has not decided yet: nothing is protected." in ann.text()
    api.say("anna", f"/v1/deals/{deal['id']}/messages", {"side": "sales", "text": "Who decides there?"})
    assert "Who decides there?" in ann.text()
    assert ann.send(f"/{deal['id']}", text="Carl does.").headers["location"].endswith("?done=written")
    talk = api.get(f"/v1/deals/{deal['id']}")["messages"]
    assert [(one["side"], one["by"] == ann.person) for one in talk] == [("sales", False), ("partner", True)]
    assert _decided(api, deal["id"], outcome="accepted", days=30).is_success
    assert "Confirmed The company is yours until 1 April 2026." in ann.text()
    api.send(sent.purchase("p1", "carl@acme.example", "i-1", 20_000))
    [reward] = [one for one in api.get("/v1/rewards")["items"] if one["side"] == "advocate"]
    assert reward["beneficiary"] == ann.person
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_what_comes_by_a_form_is_the_event_that_the_api_makes_and_proves_less(api: Api, ann: Form) -> None:
    """The same type and fields; what is said of the contact counts as unverified, and who made the link as having typed it."""
    ann.register()
    said = {"advocate_external_id": "ann", "company": {"name": "Acme", "domain": "acme.example"}}
    api.say("owner", "/v1/deals", {**said, "contact": {"email": "carl@acme.example"}})
    form, typed = (to_builtins(one) for one in _events(api))
    assert form.pop("unverified") is True
    assert (form.pop("source"), typed.pop("source")) == ("partner", "staff")
    stamps = ("evt", "accepted_at", "occurred_at", "sealed", "program")
    assert {k: v for k, v in form.items() if k not in stamps} == {k: v for k, v in typed.items() if k not in stamps}
    assert form["entered_by"] == typed["entered_by"]


def _events(api: Api) -> list[Any]:
    """The events of the registrations, as the log has them, in order."""

    async def read() -> list[Any]:
        async with api.goodword.pool.acquire() as conn:
            rows = await conn.fetch("select evt from registration where workspace_id = $1 order by id", api.ws)
            return [(await log.of(conn, api.ws, row["evt"])).event for row in rows]

    return list(api.run(read()))


def test_a_mail_that_a_partner_types_is_no_proof_of_anybody(api: Api, ann: Form) -> None:
    ann.register()
    assert api.rows("select distinct verified from match_key where workspace_id = $1 and kind = 'mail'") == [(False,)]


def test_who_made_the_link_accepts_nothing_that_comes_by_it(api: Api, ann: Form) -> None:
    """They held it, and nobody can tell who typed: as of a deal that they typed themselves. One that a key made is as by the API."""
    ann.register()
    [deal] = ann.deals()
    refused = _decided(api, deal["id"], "owner", outcome="accepted")
    assert (refused.status_code, refused.json()["code"]) == (403, "own_work")
    assert _decided(api, deal["id"], "anna", outcome="accepted").is_success
    made(api, "eve", "sk").register(company="Initech", domain="initech.example", email="i@initech.example")
    [other] = [one for one in ann.deals() if one["company_name"] == "Initech"]
    assert _decided(api, other["id"], "owner", outcome="accepted").is_success


def test_a_form_that_is_sent_twice_is_one_registration(ann: Form) -> None:
    """At one moment by two presses too; with something else in it nothing is registered, and it is said."""
    with ThreadPoolExecutor(2) as both:
        answers = [*both.map(lambda _: ann.register(once="same"), range(2))]
    assert {one.status_code for one in answers} == {303}
    assert len(ann.deals()) == 1
    other = ann.register(once="same", company="Initech", domain="initech.example")
    assert other.status_code == 409
    assert "This form was sent before, with something else in it" in other.text
    assert 'value="Initech"' in other.text
    assert 'value="same"' not in other.text
    assert len(ann.deals()) == 1
    without = ann.register(once=None)
    assert (without.status_code, len(ann.deals())) == (409, 1)


WRONG = {
    "company": {"company": " "},
    "domain": {"domain": "no domain"},
    "email": {"email": "carl"},
    "amount": {"amount": "500,00", "currency": "EUR"},
    "currency": {"amount": "500", "currency": "XX"},
    "percent": {"percent": "much"},
}


@pytest.mark.parametrize("field", WRONG)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stands_again(ann: Form, field: str) -> None:
    answer = ann.register(**WRONG[field], note="<b>kept</b>")
    assert answer.status_code == 409
    marked = re.search(r"<input[^>]*aria-invalid[^>]*>", answer.text)
    assert marked is not None
    assert f'name="{field}"' in marked[0]
    assert 'role="alert"' in answer.text
    assert "&lt;b&gt;kept&lt;/b&gt;" in answer.text
    assert "<b>kept</b>" not in answer.text
    assert ann.deals() == []


def test_no_more_than_ten_of_one_company_wait_and_the_partner_is_told(api: Api, ann: Form) -> None:
    """However they were registered; and of all that a partner registers at forms only so many wait."""
    said = {"advocate_external_id": "ann", "company": {"name": "Acme", "domain": "acme.example"}}
    for _ in range(10):
        api.say("sk", "/v1/deals", {**said, "contact": {"email": "carl@acme.example"}})
    answer = ann.register()
    assert answer.status_code == 409
    assert "very many deals with this company wait already" in answer.text
    assert len(ann.deals()) == 10


def _end(form: Form) -> None:
    assert form.api.call("owner", "DELETE", f"/v1/deal-forms/{form.id}").status_code == 204


def _expire(form: Form) -> None:
    api = form.api
    api.run(api.goodword.pool.execute("update deal_form set expires_at = 1 where workspace_id = $1", api.ws))


def _erase(form: Form) -> None:
    assert form.api.call("owner", "DELETE", f"/v1/people/{form.person}").is_success


def _merge(form: Form) -> None:
    said = {"gone": form.person, "reason": "same_person"}
    answer = form.api.call("owner", "POST", f"/v1/people/{form.api.person('eve')}/merges", json=said)
    assert answer.is_success, answer.text


@pytest.mark.parametrize("end", [_end, _expire, _erase, _merge])
def test_a_link_that_is_over_looks_as_one_that_never_was(api: Api, ann: Form, end: Callable[[Form], None]) -> None:
    """Ended, expired, erased, merged: to look and to send, the answer is that to who guesses, byte by byte."""
    ann.register()
    guess = Form(api, ann.id, f"{api.url}/portal/{api.ws}/deals/{'x' * 43}", ann.person)
    elsewhere = Form(api, ann.id, f"{api.url}/portal/wsp_nothing/deals/{'x' * 43}", ann.person)
    end(ann)
    for ask in (lambda it: it.get(), lambda it: it.register(company="Late")):
        answers = [ask(one) for one in (ann, guess, elsewhere)]
        assert {one.status_code for one in answers} == {404}
        assert len({one.content for one in answers}) == 1
        assert len({tuple(sorted(one.headers.items())) for one in answers}) == 1
        assert "This link opens nothing" in answers[0].text
        assert "test" not in re.sub(r"static/[^\"]*", "", answers[0].text)
    assert len(api.rows("select 1 from registration where workspace_id = $1")) == 1


def test_a_program_that_has_ended_and_a_partner_who_is_suspended_are_told_and_keep_their_deals(
    api: Api, ann: Form
) -> None:
    """The deals of before stand there, and nothing new is taken, also not by a page that was open before."""
    ann.register()
    api.send({"type": "advocate.suspended", "id": "s", "external_id": "ann"})
    assert "No deal can be registered in your name now." in ann.text()
    assert "Acme" in ann.text()
    late = ann.register(company="Initech", domain="initech.example")
    assert (late.status_code, 'name="company"' in late.text, len(ann.deals())) == (409, False, 1)
    eve = made(api, "eve")
    [program] = api.get("/v1/programs")["items"]
    api.say("owner", f"/v1/programs/{program['slug']}/end", {})
    assert "the program is paused or has ended" in eve.text()
    assert eve.register(company="Hooli").status_code == 409


def test_a_form_shows_and_takes_what_is_its_partners_alone(api: Api, ann: Form) -> None:
    """Another's deal is nowhere, is not written on, and nothing of it stands in the log; no conflict is told."""
    eve = made(api, "eve")
    ann.register(note="a secret of Ann's")
    eve.register(company="Acme Two", email="two@acme.example")
    [mine] = [one for one in ann.deals() if one["advocate"] == ann.person]
    assert "Acme Two" in eve.text()
    for text in ("Acme Expected", "carl@acme.example", mine["id"], "registered by"):
        assert text not in eve.text()
    position = api.rows("select max(position) from log where workspace_id = $1")
    for guessed in (mine["id"], "reg_nothing", "%00"):
        assert eve.send(f"/{guessed}", text="mine?").status_code == 404
    assert api.get(f"/v1/deals/{mine['id']}")["messages"] == []
    assert api.rows("select max(position) from log where workspace_id = $1") == position


FOREIGN: list[dict[str, str]] = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_form_of_another_site_does_nothing(ann: Form, headers: dict[str, str]) -> None:
    answer = ann.send(headers=headers, company="Acme", email="carl@acme.example")
    assert (answer.status_code, ann.deals()) == (403, [])
    assert "Your browser says that the form was not sent by this page" in answer.text


def test_a_body_that_is_too_large_or_tells_no_size_is_not_read(ann: Form) -> None:
    assert ann.register(note="x" * 40_000).status_code == 413
    streamed = ann.api.http.post(ann.path, content=iter([b"company=Acme&email=carl%40acme.example"]))
    assert (streamed.status_code, ann.deals()) == (413, [])


def test_who_sends_very_much_or_guesses_very_often_waits(api: Api, ann: Form) -> None:
    """Of one link only so much is taken at once, and of one address only so many guesses are looked at."""
    answers = [ann.register(company=f"C{n}", domain=f"c{n}.example", email=f"a@c{n}.example") for n in range(8)]
    assert {303, 429} == {one.status_code for one in answers}
    waiting = answers[-1]
    assert int(waiting.headers["retry-after"]) > 0
    assert "Too often at once" in waiting.text
    guesses = [api.http.get(f"/portal/{api.ws}/deals/{n:043}").status_code for n in range(160)]
    assert {404, 429} == {*guesses}


def test_the_link_stands_nowhere_but_in_the_hands_of_who_made_it(
    api: Api, ann: Form, caplog: pytest.LogCaptureFixture
) -> None:
    """Only a digest is kept, under a key that the database does not hold; no answer, log, list or header has it."""
    caplog.set_level(logging.DEBUG)
    token = ann.path.rpartition("/")[2]
    ann.get()
    ann.register()
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("http")]
    assert ours
    assert token not in str(ours)
    for path in (f"/v1/people/{ann.person}/deal-forms", "/v1/log/entries?limit=200", "/metrics"):
        assert token not in api.call("owner", "GET", path).text
    kept = api.rows("select encode(digest, 'hex'), deal_form::text from deal_form where workspace_id = $1")
    assert token not in str(kept)
    answer = ann.get()
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "'unsafe" not in answer.headers["content-security-policy"]
    assert "<script" not in answer.text


def test_a_link_ends_after_thirty_days_or_as_many_as_were_said(api: Api, ann: Form) -> None:
    """It is stated: to who makes it, in the list, and to the partner."""
    more = made(api, "ann", days=90)
    listed = api.get(f"/v1/people/{ann.person}/deal-forms", "owner")["items"]
    assert [one["id"] for one in listed] == [more.id, ann.id]
    lasts = [calendar.parse(one["expires_at"]) - calendar.parse(one["made_at"]) for one in listed]
    assert lasts == [90 * DAY, 30 * DAY]
    assert "This address opens the form until" in ann.text()
    for days in (0, 366):
        answer = api.call("owner", "POST", f"/v1/people/{ann.person}/deal-forms", json={"days": days})
        assert answer.status_code in (400, 422), answer.text


def test_only_who_may_make_one_makes_one_and_only_for_an_advocate(api: Api, ann: Form) -> None:
    """By role and key, as the table of permissions says; who is no advocate of the program gets none."""
    path = f"/v1/people/{ann.person}/deal-forms"
    for role, may in (("program_manager", True), ("support", True), ("payer", False), ("analyst", False)):
        api.member(role, role)
        assert (api.call(role, "POST", path, json={}).status_code == 201) is may, role
    for key in ("wk", "pk"):
        assert api.call(key, "POST", path, json={}).status_code in (401, 403)
    api.send(sent.lead("l", "bob", code="ANN"))
    assert api.refused("owner", f"/v1/people/{api.person('bob')}/deal-forms", {})[1] == "advocate_not_enrolled"
    for nobody in ("per_nothing", "nobody"):
        assert api.call("owner", "POST", f"/v1/people/{nobody}/deal-forms", json={}).status_code == 404
    assert api.call("anna", "DELETE", f"/v1/deal-forms/{ann.id}").status_code == 403
    assert ann.get().status_code == 200
    assert api.call("owner", "DELETE", f"/v1/deal-forms/{ann.id}").status_code == 204
    assert api.call("owner", "DELETE", f"/v1/deal-forms/{ann.id}").status_code == 404


def test_a_link_of_one_workspace_opens_nothing_in_another_nor_in_live_what_is_of_a_sandbox(api: Api, ann: Form) -> None:
    """Each has its own key of digests: the same text under another workspace's address is a guess."""
    body = {"name": "other", "clock": "manual", "starts_at": "2026-03-02T09:00:00Z"}
    other = api.say("owner", "/v1/workspaces", body)["id"]
    token = ann.path.rpartition("/")[2]
    assert api.http.get(f"/portal/{other}/deals/{token}").status_code == 404
    assert "Sandbox: nothing here is real" in ann.text()
    directory = api.goodword.directory
    live = api.run(
        say.workspaces.create(OPERATOR, directory, "Shop", "olga@shop.example", "otto@shop.example", mode="live")
    )
    there = Api(api.goodword, api.url, live)
    there.http.close()
    there.http, there.loop = api.http, api.loop
    there.say("owner", "/v1/programs", {"document": RULES})
    there.send(sent.enrolled("a", "ann", "ANN"))
    program = there.get("/v1/programs")["items"][0]["id"]
    there.launch(program, next(one["id"] for one in there.get("/v1/members")["items"] if one["id"] != live.owner))
    form = made(there, "ann")
    assert "Sandbox" not in form.text()
    assert form.register().status_code == 303
    for ws, text in ((live.id, token), (api.ws, form.path.rpartition("/")[2])):
        assert api.http.get(f"/portal/{ws}/deals/{text}").status_code == 404


def test_a_form_is_made_listed_and_ended_at_a_terminal(api: Api, ann: Form, goodword: Command) -> None:
    server = ("--url", api.url, "--key", api.keys["owner"])
    made_ = goodword("deals", "make-form", ann.person, "--days", "7", *server)
    assert made_.stdout.startswith(f"{api.url}/portal/{api.ws}/deals/"), made_
    id_ = re.search(r"frm_\w+", made_.stderr)
    assert id_ is not None
    assert id_[0] in goodword("deals", "forms", ann.person, *server).stdout
    assert goodword("deals", "end-form", id_[0], *server).returncode == 0
    assert api.http.get(made_.stdout.strip().removeprefix(api.url)).status_code == 404


def test_who_is_limited_to_programs_sees_the_links_of_these_alone(api: Api, ann: Form) -> None:
    workspace, directory = api.run(api.goodword.directory.workspace(api.ws)), api.goodword.directory
    [program] = api.get("/v1/programs")["items"]
    for programs, found in ((("prg_other",), []), ((program["id"],), [ann.id])):
        actor = Actor(id="mem_1", kind="member", roles=("support",), programs=programs)
        shown = api.run(see.forms.every(Principal("mk", workspace, actor), directory, ann.person))
        assert [one.id for one in shown] == found

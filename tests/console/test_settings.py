"""Settings: members, keys and sessions, by whoever may; what is shown once is shown once."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest
from tests.console.conftest import Api, Console
from tests.console.test_sign_in import browser, form, link, ticked

__all__ = ["browser"]

Others = Callable[[str], httpx.Client]


@pytest.fixture
def others(api: Api) -> Iterator[Others]:
    """Yield what opens further browsers, which call themselves so."""
    with ExitStack() as stack:
        yield lambda agent: stack.enter_context(httpx.Client(base_url=api.url, headers={"user-agent": agent}))


def test_what_a_member_may_do_is_changed_by_a_form(desk: Console) -> None:
    """What takes away holds at once; what gives more waits until another owner confirms it, and who asked cannot."""
    member = desk.api.member("otto", "approver", "support")
    members = {each["mail"]: each["member"]["id"] for each in desk.json("/console/settings/members")["members"]}
    otto = f"/console/settings/members/{members['otto@shop.example']}"
    assert member
    done = desk.form(otto, **ticked("role.approver"), limits="EUR 50.00")
    assert (done.status_code, done.headers["location"]) == (303, f"{otto}?done=member_set")
    it = desk.json(otto)["it"]["member"]
    assert (it["roles"], it["limits"]) == (["approver"], {"EUR": 5_000})
    assert "EUR 50.00" in desk.html(otto)
    owner = desk.api.member("ona", "owner")
    assert owner
    more = desk.form(otto, **ticked("role.approver", "role.payer"), limits="EUR 50.00")
    assert more.headers["location"].endswith("done=member_waits")
    [change] = desk.json("/console/settings/members")["changes"]
    assert "waits for a second owner" in desk.html("/console/settings/members")
    decide = f"/console/settings/changes/{change['id']}"
    refused = desk.form(decide, outcome="confirmed")
    assert refused.status_code == 409
    assert desk.json(otto)["it"]["member"]["roles"] == ["approver"]
    assert desk.form(decide, outcome="withdrawn").headers["location"].endswith("done=change_withdrawn")
    assert desk.json("/console/settings/members")["changes"] == []


@pytest.mark.parametrize("limits", ["EUR", "EUR 1.005", "500", "XXY 5.00", "EUR -5"])
def test_a_limit_that_is_none_changes_nothing(desk: Console, limits: str) -> None:
    """And what was typed stays, boxes too."""
    [owner] = desk.json("/console/settings/members")["members"]
    path = f"/console/settings/members/{owner['member']['id']}"
    wrong = desk.form(path, **ticked("role.owner", "role.payer"), limits=limits)
    assert wrong.status_code == 400
    assert f">{limits}</textarea>" in wrong.text
    assert re.search(r'name="role.payer" checked', wrong.text)
    assert desk.json(path)["it"] == owner


def test_a_key_is_shown_once_and_says_where_it_works(desk: Console) -> None:
    """To make it twice by one form makes it once; to exchange it ends the one before; ended it opens nothing."""
    made = desk.form("/console/settings/keys", kind="sk", name="shop server", once="k1")
    [key] = set(re.findall(r"gw_sk_\w+", made.text))
    assert "_sandbox_" in key
    assert "kept by nobody" in made.text
    assert desk.form("/console/settings/keys", kind="sk", name="shop server", once="k1").status_code == 409
    keys = desk.json("/console/settings/keys")["keys"]
    [one] = [each for each in keys if each["name"] == "shop server"]
    assert key not in desk.html("/console/settings/keys")
    assert _opens(desk.api, key)
    next_ = desk.form(f"/console/settings/keys/{one['id']}/rotate", "application/json").json()
    assert (next_["instead"], next_["key"] != key) == (one["id"], True)
    assert (_opens(desk.api, key), _opens(desk.api, next_["key"])) == (False, True)
    ended = desk.form(f"/console/settings/keys/{next_['id']}/end")
    assert ended.headers["location"] == "/console/settings/keys?done=key_ended"
    assert not _opens(desk.api, next_["key"])
    assert desk.form(f"/console/settings/keys/{next_['id']}/rotate").status_code == 404
    assert desk.form("/console/settings/keys", kind="xx").status_code == 400


def test_the_secret_of_the_portal_is_made_exchanged_and_ended_as_a_key_is(desk: Console) -> None:
    """Shown once, named for what it is; to exchange it ends the one before."""
    made = desk.form("/console/settings/keys", kind="portal", name="our app")
    [secret] = set(re.findall(r"gw_ps_\w+", made.text))
    page = desk.html("/console/settings/keys")
    assert secret not in page
    assert "Secret of the portal, for your own app" in page
    [one] = [each for each in desk.json("/console/settings/keys")["keys"] if each["source"] == "portal"]
    assert (one["name"], one["kind"]) == ("our app", "hs")
    assert f"/settings/keys/{one['id']}/rotate" in page
    next_ = desk.form(f"/console/settings/keys/{one['id']}/rotate", "application/json").json()
    assert next_["key"].startswith("gw_ps_")
    assert desk.form(f"/console/settings/keys/{one['id']}/end").status_code == 404
    assert desk.form(f"/console/settings/keys/{next_['id']}/end").status_code == 303
    assert not [each for each in desk.json("/console/settings/keys")["keys"] if each["source"] == "portal"]


def _opens(api: Api, key: str) -> bool:
    answer = httpx.get(f"{api.url}/v1/programs", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def test_a_colleagues_personal_key_is_ended_and_not_exchanged(desk: Console) -> None:
    """Its text would be in another hand; a personal key is made for oneself."""
    desk.api.member("otto", "approver")
    keys = desk.json("/console/settings/keys")
    mail = {member: mail for member, mail in keys["names"].items() if mail == "otto@shop.example"}
    [theirs] = [key for key in keys["keys"] if key["member"] in mail]
    assert desk.form(f"/console/settings/keys/{theirs['id']}/rotate").status_code == 409
    made = desk.form("/console/settings/keys", "application/json", kind="mk", name="mine").json()
    mine = {key["id"]: key["member"] for key in desk.json("/console/settings/keys")["keys"]}[made["id"]]
    assert mine == desk.visitors.caller.member  # type: ignore[union-attr]
    assert desk.form(f"/console/settings/keys/{theirs['id']}/end").status_code == 303


def test_a_stolen_session_is_ended_from_the_list(api: Api, browser: httpx.Client, others: Others) -> None:
    """Each shows its browser; the one that is looked through is not ended by "all others"."""
    browser.post(link(api))
    thief, friend = others("Mozilla/5.0 (X11; Linux) Firefox/140.0"), others("other")
    for other in (thief, friend):
        other.post(link(api))
    page = browser.get("/console/settings")
    assert "Firefox, Linux" in page.text
    rows = browser.get("/console/settings", headers={"accept": "application/json"}).json()["sessions"]
    assert sorted(row["here"] for row in rows) == [False, False, True]
    assert {row["address"] for row in rows} == {"127.0.0.1"}
    stolen = next(row["id"] for row in rows if "Firefox" in row["agent"])
    token = form(page)
    ended = browser.post(f"/console/settings/sessions/{stolen}", data={"form": token, "once": "1"})
    assert ended.headers["location"] == "/console/settings?done=session_ended"
    assert thief.get("/console").status_code == 401
    assert friend.get("/console").status_code == 200
    assert browser.post(f"/console/settings/sessions/{stolen}", data={"form": token, "once": "2"}).status_code == 404
    browser.post("/console/settings/sessions", data={"form": token, "once": "3"})
    assert friend.get("/console").status_code == 401
    assert browser.get("/console").status_code == 200


def test_a_session_of_somebody_else_is_not_ones_own(api: Api, browser: httpx.Client, others: Others) -> None:
    """By its id a colleague ends nothing; an owner ends all of a member."""
    browser.post(link(api))
    [row] = browser.get("/console/settings", headers={"accept": "application/json"}).json()["sessions"]
    api.member("otto", "support")
    other = others("other")
    [otto] = api.rows("select id from alias where workspace_id = $1 and kind = 'member' order by id desc limit 1")
    other.post(link(api, otto[0]))
    tried = other.post(
        f"/console/settings/sessions/{row['id']}", data={"form": form(other.get("/console")), "once": "1"}
    )
    assert tried.status_code == 404
    assert browser.get("/console").status_code == 200
    path = f"/console/settings/members/{otto[0]}"
    assert "Where they are signed in" in browser.get(path).text
    done = browser.post(f"{path}/sessions", data={"form": form(browser.get(path)), "once": "2"})
    assert done.status_code == 303
    assert other.get("/console").status_code == 401


def test_what_a_session_says_names_it_in_the_log(api: Api, browser: httpx.Client) -> None:
    """The entry's actor has the id of the session, which is a digest of its opening; what is said by a key names none."""
    browser.post(link(api))
    page = browser.get("/console/clock")
    moved = browser.post("/console/clock", data={"form": form(page), "once": "m", "to": "2026-09-01T00:00"})
    assert moved.status_code == 303
    [row] = browser.get("/console/settings", headers={"accept": "application/json"}).json()["sessions"]
    leaves = [
        bytes(leaf[0]).decode() for leaf in api.rows("select leaf from log where workspace_id = $1 order by position")
    ]
    named = [leaf for leaf in leaves if f'"session":"{row["id"]}"' in leaf]
    assert ["clock.move" in leaf for leaf in named] == [True]

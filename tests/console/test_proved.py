"""A password of one's own makes a second person of whom a sole owner made: by the mailbox's link, and by no other way in."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from tests.console.conftest import Console
from tests.console.test_door import PASSWORD, code, factor, knock, say
from tests.console.test_mail import Box, Post, box
from tests.console.test_settings import Others, others
from tests.console.test_sign_in import browser, form, ticked

from goodword.app import say as commands
from goodword.app.principal import OPERATOR
from goodword.app.proof import audit

__all__ = ["box", "browser", "others"]

EVE = "eve@shop.example"
OTHER = "some other five words"


@pytest.fixture
def kept(desk: Console, box: tuple[Box, Post]) -> Box:
    """Return the mailboxes of a company whose only owner works at the desk."""
    kept, desk.api.goodword.directory.post = box
    return kept


def invite(desk: Console, kept: Box, mail: str = EVE, *roles: str) -> str:
    """Invite somebody; return the link that only their mailbox gets."""
    boxes = ticked(*(f"role.{role}" for role in roles or ("owner",)))
    assert desk.form("/console/settings/members", mail=mail, **boxes).status_code == 303
    return mailed(kept)


def mailed(kept: Box) -> str:
    """The link in the mail that came last."""
    [link] = re.findall(r"http\S+/console/in/[\w-]+", kept.mails[-1].get_body(("plain",)).get_content())  # type: ignore[union-attr]
    return str(link)


def printed(desk: Console, mail: str = EVE) -> str:
    """A link as whoever holds the database prints it."""
    api = desk.api
    workspace = api.run(api.goodword.directory.workspace(api.ws))
    token = api.run(
        commands.sessions.link(OPERATOR.at(workspace, owner(desk)), api.goodword.directory, found(desk, mail)["id"])
    )
    return f"{api.url}/console/in/{token}"


def owner(desk: Console) -> Any:
    """The owner as an actor."""
    assert desk.visitors.caller is not None
    return desk.visitors.caller.principal.actor


def found(desk: Console, mail: str = EVE) -> Any:
    """The member whom a mail finds today."""
    [it] = [each for each in members(desk) if each["email"] == mail and each["became"] is None]
    return it


def members(desk: Console) -> list[Any]:
    """All of them."""
    return list(desk.api.get("/v1/members")["items"])


def proved(desk: Console) -> bool:
    """Whether eve counts as somebody."""
    return bool(found(desk)["confirmed"])


def test_a_password_set_behind_the_invitation_makes_a_second_person(
    desk: Console, kept: Box, browser: httpx.Client, others: Others
) -> None:
    """Setting it is not enough: who signs in with it is somebody; the page says so, and a second time changes nothing."""
    assert browser.post(invite(desk, kept)).status_code == 303
    before = found(desk)
    assert say(browser, "/settings/password", password=PASSWORD).status_code == 303
    assert (proved(desk), before["confirmed"]) == (False, False)
    again = others("again")
    assert knock(again, EVE).status_code == 303
    now = found(desk)
    assert (now["confirmed"], now["was"], now["roles"], now["made_by"]) == (
        True,
        before["id"],
        ["owner"],
        owner(desk).id,
    )
    assert again.get("/console/settings").status_code == 200
    assert browser.get("/console").status_code == 401
    [old] = [each for each in members(desk) if each["id"] == before["id"]]
    assert (old["roles"], old["became"], old["email"]) == ([], now["id"], EVE)
    assert "password of their own" in desk.html(f"/console/settings/members/{now['id']}")
    assert now["id"] in desk.html(f"/console/settings/members/{before['id']}")
    assert desk.html("/console/settings/members").count(f">{EVE}<") == 1
    assert knock(others("third"), EVE).status_code == 303
    assert found(desk) == now
    assert [each["status"] for each in desk.api.get("/v1/changes")["items"]] == ["withdrawn"]


def test_an_owner_who_prints_a_link_and_sets_the_password_proves_nothing(
    desk: Console, kept: Box, browser: httpx.Client, others: Others
) -> None:
    """Whoever holds the database may come as anybody: what they set is no password of hers, and hers takes its place."""
    link = invite(desk, kept)
    browser.post(printed(desk))
    assert say(browser, "/settings/password", password=OTHER).status_code == 303
    for n in range(2):
        assert knock(others(f"o{n}"), EVE, OTHER).status_code == 303
    assert not proved(desk)
    inside = others("o3")
    knock(inside, EVE, OTHER)
    assert say(inside, "/settings/password", password=f"{OTHER} anew").status_code == 303
    knock(others("o4"), EVE, f"{OTHER} anew")
    assert not proved(desk)
    assert others("used").post(link).status_code == 404  # the password ended it: she is sent another one
    her = found(desk)["id"]
    assert desk.form(f"/console/settings/members/{her}/link").status_code == 303
    herself = others("herself")
    herself.post(mailed(kept))
    assert say(herself, "/settings/password", password=PASSWORD).status_code == 303
    assert knock(inside, EVE, OTHER).status_code == 403
    assert not proved(desk)
    assert knock(herself, EVE).status_code == 303
    assert proved(desk)


def test_a_key_and_a_session_that_others_have_open_nothing_afterwards(
    desk: Console, kept: Box, browser: httpx.Client, others: Others
) -> None:
    """The key of a member that was given to who made them, and a session by a printed link, are those of who she was."""
    api = desk.api
    made = api.say("owner", "/v1/members", {"email": EVE, "roles": ["owner"], "limits": None})
    api.keys["eve"] = made["key"]
    assert api.http.get("/v1/rewards", headers={"authorization": f"Bearer {made['key']}"}).status_code == 200
    stolen = others("stolen")
    stolen.post(printed(desk))
    assert stolen.get("/console").status_code == 200
    desk.form(f"/console/settings/members/{made['id']}/link")
    browser.post(mailed(kept))
    say(browser, "/settings/password", password=PASSWORD)
    knock(browser, EVE)
    assert proved(desk)
    assert api.http.get("/v1/rewards", headers={"authorization": f"Bearer {made['key']}"}).status_code == 403
    assert stolen.get("/console").status_code == 401
    [key] = [each for each in api.get("/v1/keys")["items"] if each["member"] == made["id"]]
    assert desk.form(f"/console/settings/keys/{key['id']}/rotate").status_code == 409
    again = api.say("owner", "/v1/members", {"email": EVE, "roles": ["owner"], "limits": None})
    assert (again["id"], again["key"]) == (found(desk)["id"], None)


def test_an_owner_who_has_the_password_forgotten_learns_nothing(
    desk: Console, kept: Box, browser: httpx.Client, others: Others
) -> None:
    """She is let in by a link to her mailbox again, and stays who she is."""
    browser.post(invite(desk, kept))
    say(browser, "/settings/password", password=PASSWORD)
    knock(browser, EVE)
    her = found(desk)
    token = form(browser.get("/console/settings"))
    assert token
    said = desk.form(f"/console/settings/members/{her['id']}/forget")
    assert said.status_code == 303
    assert browser.get("/console").status_code == 401
    assert knock(browser, EVE).status_code == 403
    sent = desk.form(f"/console/settings/members/{her['id']}/link")
    link = mailed(kept)
    assert link.rpartition("/")[2] not in said.text + sent.text + desk.html(f"/console/settings/members/{her['id']}")
    assert others("back").post(link).status_code == 303
    assert found(desk) == her


@pytest.mark.parametrize("mail", ["olga+two@shop.example", "OLGA+x@shop.example"])
def test_who_reads_the_mailbox_of_a_member_is_nobody_new(
    desk: Console, kept: Box, browser: httpx.Client, mail: str
) -> None:
    """An owner who invites an address of their own takes the link and is still one; the page says why."""
    browser.post(invite(desk, kept, mail))
    assert say(browser, "/settings/password", password="four odd words again").status_code == 303
    assert knock(browser, mail, "four odd words again").status_code == 303
    it = found(desk, mail.lower())
    assert (it["confirmed"], it["was"]) == (False, None)
    assert "the same mailbox" in desk.html(f"/console/settings/members/{it['id']}")


def test_a_second_factor_goes_along(desk: Console, kept: Box, browser: httpx.Client, others: Others) -> None:
    """Its code is asked for as before, and the sign-in that proves it ends where the code is typed."""
    browser.post(invite(desk, kept))
    say(browser, "/settings/password", password=PASSWORD)
    secret, _ = factor(desk.api, browser)
    at_the_door = others("door")
    asked = knock(at_the_door, EVE)
    assert (asked.status_code, "goodword_session" in at_the_door.cookies) == (303, False)
    assert at_the_door.post(asked.headers["location"], data={"code": code(desk.api, secret)}).status_code == 303
    assert at_the_door.get("/console").status_code == 200
    assert proved(desk)


def test_of_sign_ins_at_one_moment_each_is_the_same_person(
    desk: Console, kept: Box, browser: httpx.Client, others: Others
) -> None:
    """One of them proves it, and all are in as whom she is since."""
    browser.post(invite(desk, kept))
    say(browser, "/settings/password", password=PASSWORD)
    clients = [others(f"c{n}") for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert {answer.status_code for answer in pool.map(lambda one: knock(one, EVE), clients)} == {303}
    assert {client.get("/console").status_code for client in clients} == {200}
    assert len([each for each in members(desk) if each["email"] == EVE]) == 2


def test_what_verify_proves_holds_with_it(desk: Console, kept: Box, browser: httpx.Client) -> None:
    """The log tells of it, and both names open."""
    browser.post(invite(desk, kept))
    say(browser, "/settings/password", password=PASSWORD)
    knock(browser, EVE)
    assert proved(desk)
    goodword = desk.api.goodword
    report = desk.api.run(audit.verify(goodword.pool, desk.api.ws, safe=goodword.directory.vault))
    assert report.differences == ()
    asked = "select count(*) from log where workspace_id = $1 and convert_from(leaf, 'utf8') like '%member.proved%'"
    assert desk.api.rows(asked) == [(1,)]

"""A partner's page: what they accepted by version, what is still open, and what a suspension means."""

import hashlib
import re

import httpx
import pytest
from testkit import sent
from tests.api.conftest import RULES, Api
from tests.portal.test_about_me import about, enter, text
from tests.portal.test_coming_in import browser
from tests.portal.test_help import publish

__all__ = ["browser"]

CODE = "# Code of conduct\n\nSay that you may get a reward.\n"


@pytest.fixture
def ann(api: Api, browser: httpx.Client) -> httpx.Client:
    """Her browser; she takes part in a program."""
    assert api.call("owner", "POST", "/v1/programs", json={"document": RULES}).is_success
    api.send(sent.enrolled("a", "ann", "ANN"), sent.lead("l", "bob", code="ANN"))
    enter(api, browser, "ann")
    return browser


def page(api: Api, client: httpx.Client) -> httpx.Response:
    return client.get(f"/portal/{api.ws}/partner")


def fields(api: Api, client: httpx.Client) -> dict[str, str]:
    """What the form of the page sends."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page(api, client).text))


def accepted(api: Api) -> list[bytes]:
    """The entries of the log that say that a text was accepted."""
    return [leaf for (leaf,) in api.rows("select leaf from log where workspace_id = $1") if b"consent.recorded" in leaf]


def test_a_text_is_accepted_as_the_version_that_was_read_and_a_new_one_asks_again(api: Api, ann: httpx.Client) -> None:
    """The log says which version by its digest, and nothing that it says; a translation of an accepted text asks nothing anew."""
    assert "You take part in" in text(page(api, ann))
    assert "Accept:" not in text(page(api, ann))
    assert publish(api, "partner-conduct", CODE).status_code == 200
    assert "Code of conduct: not accepted yet." in text(ann.get(f"/portal/{api.ws}"))
    at = f"/portal/{api.ws}/partner"
    assert ann.post(at, data=fields(api, ann)).headers["location"] == at
    assert "Code of conduct: you accepted this version on 2 March 2026." in text(page(api, ann))
    assert "not accepted yet" not in text(ann.get(f"/portal/{api.ws}"))
    [leaf] = accepted(api)
    assert hashlib.sha256(CODE.encode()).hexdigest().encode() in leaf
    assert b"reward" not in leaf
    assert f"version {hashlib.sha256(CODE.encode()).hexdigest()[:8]}" in text(ann.get(f"/portal/{api.ws}/settings"))
    assert hashlib.sha256(CODE.encode()).hexdigest() not in ann.get(f"/portal/{api.ws}/settings").text
    assert publish(api, "partner-conduct", "# Verhalten\n\nSag es.\n", "de").status_code == 200
    assert "you accepted this version" in text(page(api, ann))
    assert publish(api, "partner-conduct", CODE + "\nAnd where.\n").status_code == 200
    assert "You accepted an earlier version." in text(page(api, ann))
    assert ann.post(at, data=fields(api, ann)).status_code == 303
    assert len(accepted(api)) == 2
    assert hashlib.sha256(CODE.encode()).hexdigest() not in about(api, ann).text


def test_what_changed_while_it_was_read_is_not_accepted_and_nobody_accepts_for_another(
    api: Api, ann: httpx.Client
) -> None:
    """The page is shown anew and says why; another site, another text and a friend who takes no part change nothing."""
    at = f"/portal/{api.ws}/partner"
    publish(api, "partner-agreement", CODE)
    old = fields(api, ann)
    assert old["purpose"] == "agreement"
    publish(api, "partner-agreement", CODE + "\nMore.\n")
    answer = ann.post(at, data=old)
    assert answer.status_code == 409
    assert "The text has changed since you opened this page." in text(answer)
    now = fields(api, ann)
    assert ann.post(at, data={**now, "form": "f" * 64}).status_code == 403
    for purpose in ("conduct", "referral", "newsletter"):
        assert ann.post(at, data={**now, "purpose": purpose}).status_code == 404
    ann.cookies.clear()
    assert ann.post(at, data=now).headers["location"] == f"/portal/{api.ws}/in"
    enter(api, ann, "bob")
    assert "Accept:" not in text(page(api, ann))
    its = re.search(r'name="form" value="(\w+)"', page(api, ann).text)
    form = {**now, "form": its[1]} if its else now
    assert ann.post(at, data=form).status_code in (403, 404)
    assert accepted(api) == []


def test_a_suspension_says_what_becomes_of_everything(api: Api, ann: httpx.Client) -> None:
    """She still comes in, what is open waits for a person, and nobody new is hers: as the page says."""
    assert "What your suspension" not in text(page(api, ann))
    api.send(sent.purchase("p", "bob", "i-1", 10_000), {"type": "advocate.suspended", "id": "s", "external_id": "ann"})
    said = text(page(api, ann))
    assert "What your suspension in" in said
    for line in (
        "Your links still lead to",
        "none is lost by waiting",
        "What was paid stays paid",
        "object and appeal",
    ):
        assert line in said
    assert len(page(api, ann).content) < 60_000
    [case] = [it for it in api.get("/v1/cases")["items"] if it["kind"] == "suspended"]
    assert case["status"] == "open"
    api.send(sent.lead("l2", "carl", code="ANN"))
    people = {it["friend"] for it in api.get("/v1/referrals")["items"]}
    assert len(people) == 1

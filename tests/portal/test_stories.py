"""Tips and stories: handed in, decided by the team, shown where their person permits it, and taken down everywhere it is taken back."""

import re
from typing import Any

import httpx
import pytest
from testkit import sent
from tests.api.conftest import RULES, Api
from tests.portal.test_about_me import enter, text
from tests.portal.test_about_me import say as said
from tests.portal.test_coming_in import browser

from goodword.app import see
from goodword.app.principal import Principal
from goodword.core.facts import Actor

__all__ = ["browser"]

TIP = "Bring the small pot <b>first</b>."


@pytest.fixture
def ann(api: Api, browser: httpx.Client) -> httpx.Client:
    """Her browser; Eve takes part too."""
    assert api.call("owner", "POST", "/v1/programs", json={"document": RULES}).is_success
    api.send(sent.enrolled("a", "ann", "ANN", name="Ann Example"), sent.enrolled("e", "eve", "EVE"))
    enter(api, browser, "ann")
    return browser


def page(api: Api, client: httpx.Client, path: str = "/stories") -> str:
    """What a reader sees of a page."""
    answer = client.get(f"/portal/{api.ws}{path}")
    assert answer.status_code == 200, answer.text
    return text(answer)


def send(api: Api, client: httpx.Client, mark: str, **more: str) -> httpx.Response:
    """Send the form of the page in which something stands."""
    html = client.get(f"/portal/{api.ws}/stories").text
    action, form = next(
        (one[1], one[2])
        for one in re.finditer(r'<form[^>]*action="([^"]*)"(.*?)</form>', html, re.DOTALL)
        if mark in one[2]
    )
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    answers = [client.post(action, data={**fields, **more})]
    api.until(lambda: answers[-1].status_code != 429 or answers.append(client.post(action, data={**fields, **more})))
    return answers[-1]


def hand_in(api: Api, client: httpx.Client, words: str = TIP, what: str = "tip") -> httpx.Response:
    """Hand something in."""
    return send(api, client, "<textarea", what=what, text=words)


def permit(api: Api, client: httpx.Client, place: str, **more: str) -> httpx.Response:
    """Permit a place, or take that back."""
    return send(api, client, f'name="place" value="{place}"', **more)


def newest(api: Api) -> str:
    """The case of what was handed in last."""
    return max(it["id"] for it in api.get("/v1/cases")["items"] if it["kind"] == "story")


def decide(api: Api, outcome: str, who: str = "owner", **more: Any) -> httpx.Response:
    """Decide it."""
    return api.call(
        who, "POST", f"/v1/cases/{newest(api)}/decision", json={"outcome": outcome, "reason": "looked_at", **more}
    )


def public(api: Api) -> list[str]:
    """What everybody may read."""
    return [it["text"] for it in api.get("/v1/stories")["items"]]


def test_it_is_shown_when_the_team_and_its_person_both_say_so(api: Api, ann: httpx.Client) -> None:
    """Nowhere before; then in each permitted place and no other, word for word, beside the chosen name and the disclosure."""
    assert f'href="/portal/{api.ws}/stories"' in ann.get(f"/portal/{api.ws}").text
    assert hand_in(api, ann).headers["location"].endswith("done=handed_in")
    assert hand_in(api, ann, "Another one.").status_code == 409
    assert permit(api, ann, "portal", shown_as="Tea lover").status_code == 303
    assert "A tip from" not in page(api, ann)
    assert decide(api, "upheld").json()["code"] == "wrong_state"
    assert decide(api, "shown", note="Thank you!").is_success
    seen = page(api, ann)
    assert "A tip from Tea lover Bring the small pot &lt;b&gt;first&lt;/b&gt;." in seen
    assert "Tea lover may get a reward from" in seen
    assert "Ann Example" not in seen
    assert "Thank you!" in page(api, ann, f"/said/{newest(api)}")
    assert public(api) == []
    assert permit(api, ann, "public", shown_as="Tea lover").status_code == 303
    [shown] = api.get("/v1/stories")["items"]
    assert (shown["text"], shown["what"], shown["name"]) == (TIP, "tip", "Tea lover")
    assert shown["disclosure"].startswith("Tea lover may get a reward from")
    workspace = api.run(api.goodword.directory.workspace(api.ws))
    for programs, number in ((None, 1), ((shown["program"],), 1), (("prg_other",), 0)):
        who = Principal("mk", workspace, Actor(id="mem_1", kind="member", roles=("owner",), programs=programs))
        assert len(api.run(see.stories.public(who, api.goodword.directory))) == number
    assert "small pot" not in str(api.rows("select convert_from(leaf, 'UTF8') from log where workspace_id = $1"))


def test_what_is_taken_back_is_taken_down_in_that_place_of_all_that_they_told(api: Api, ann: httpx.Client) -> None:
    """One permission at the page, the other at what one agreed to; and given again it is shown again."""
    for place in ("portal", "public"):
        assert permit(api, ann, place, shown_as="Tea lover").status_code == 303
    for words in ("First.", "Second."):
        assert hand_in(api, ann, words, "story").status_code == 303
        assert decide(api, "shown").is_success
    assert public(api) == ["Second.", "First."]
    assert permit(api, ann, "portal").headers["location"].endswith("done=revoked")
    assert "A story from" not in page(api, ann)
    assert public(api) == ["Second.", "First."]
    assert said(api, ann, "story_public", "revoked").status_code == 303
    assert public(api) == []
    assert permit(api, ann, "portal", shown_as="Another name").status_code == 303
    assert page(api, ann).count("A story from Another name") == 2
    assert public(api) == []


def test_a_name_stands_only_where_it_was_chosen_to_stand(api: Api, ann: httpx.Client) -> None:
    """One a place; what she is called elsewhere, by herself later or by the company's word, is shown in none of them."""
    assert permit(api, ann, "portal", shown_as="Tea lover").status_code == 303
    assert permit(api, ann, "public", shown_as="A. from Kiel").status_code == 303
    assert hand_in(api, ann).status_code == 303
    assert decide(api, "shown").is_success
    assert said(api, ann, "named", "given", shown_as="Ann Example").status_code == 303
    consent = {"type": "consent.recorded", "customer_external_id": "ann", "outcome": "given"}
    api.send({**consent, "id": "c", "purpose": "leaderboard", "shown_as": "Annie E."})
    seen = page(api, ann)
    assert "A tip from Tea lover" in seen
    assert not re.search(r"Ann Example|Annie E\.", seen), seen
    assert [it["name"] for it in api.get("/v1/stories")["items"]] == ["A. from Kiel"]
    api.send({**consent, "id": "d", "purpose": "story_public", "shown_as": "A."})
    assert [it["name"] for it in api.get("/v1/stories")["items"]] == ["A."]


def test_who_has_a_story_waiting_complains_about_their_data_all_the_same(api: Api, ann: httpx.Client) -> None:
    """And who waits for the answer to that hands in another one."""
    assert hand_in(api, ann).status_code == 303
    where = f"/portal/{api.ws}/about-me/complaint"
    form = re.findall(r"<form.*?</form>", ann.get(where).text, re.DOTALL)
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', next(it for it in form if "<textarea" in it)))
    api.until(
        lambda: (answers := [ann.post(where, data={**fields, "text": "Why me?"})])[0].status_code != 429 and answers
    )
    kinds = [it["kind"] for it in api.get("/v1/cases")["items"] if it["status"] == "open"]
    assert sorted(kinds) == ["dispute", "story"]
    assert decide(api, "shown").is_success
    assert hand_in(api, ann, "Another one.").status_code == 303


def test_the_team_takes_it_down_at_any_time_and_so_do_a_suspension_and_an_erasure(api: Api, ann: httpx.Client) -> None:
    """With words that its person reads; what was not shown is not shown later, but the next one may be."""
    assert permit(api, ann, "public", shown_as="Tea lover").status_code == 303
    assert hand_in(api, ann, "First.").status_code == 303
    assert decide(api, "not_shown", note="It names somebody.").is_success
    assert decide(api, "shown").json()["code"] == "wrong_state"
    assert "It names somebody." in page(api, ann, f"/said/{newest(api)}")
    assert hand_in(api, ann, "Second.").status_code == 303
    assert decide(api, "shown", note="Welcome.").is_success
    assert public(api) == ["Second."]
    assert decide(api, "not_shown", note="It is not true any more.").is_success
    assert public(api) == []
    told = page(api, ann, f"/said/{newest(api)}")
    assert "Welcome." in told
    assert "It is not true any more." in told
    assert hand_in(api, ann, "Third.").status_code == 303
    assert decide(api, "shown").is_success
    api.send({"type": "advocate.suspended", "id": "s", "external_id": "ann"})
    assert public(api) == []
    api.send({"type": "advocate.resumed", "id": "r", "external_id": "ann"})
    assert public(api) == ["Third."]
    assert api.call("owner", "DELETE", f"/v1/people/{api.person('ann')}").is_success
    assert public(api) == []
    assert api.rows("select count(*) as n from note where workspace_id = $1") == [(0,)]


def test_nothing_is_handed_in_that_is_no_text_or_for_a_program_of_others(api: Api, ann: httpx.Client) -> None:
    """Empty, too long, of no kind; and each is shown again with what was typed."""
    for words, what in (("", "tip"), ("x" * 501, "tip"), ("x", "review")):
        answer = hand_in(api, ann, words, what)
        assert answer.status_code == 409
        assert "at most 500 characters" in answer.text
    assert send(api, ann, "<textarea", what="tip", text="x", program="other").status_code == 404
    assert [it for it in api.get("/v1/cases")["items"] if it["kind"] == "story"] == []


def test_who_waits_with_a_story_may_complain_about_their_data(api: Api, ann: httpx.Client) -> None:
    """The page of the one knows nothing of the other, and both wait in the database."""
    assert hand_in(api, ann).status_code == 303
    html = ann.get(f"/portal/{api.ws}/about-me/complaint").text
    assert "not answered yet" not in text(ann.get(f"/portal/{api.ws}/about-me/complaint"))
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    answers = [ann.post(f"/portal/{api.ws}/about-me/complaint", data={**fields, "text": "Not rightly handled."})]
    assert answers[0].status_code == 303, answers[0].text
    waiting = [(it["kind"], it["status"]) for it in api.get("/v1/cases")["items"]]
    assert sorted(waiting) == [("dispute", "open"), ("story", "open")]

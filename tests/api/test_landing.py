"""The code of docs/links.md on a landing page, against a server: what a link brings is what attributes the lead."""

import json
import shutil
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.acceptance.pages import only
from tests.api.conftest import Api
from tests.conftest import ROOT

PERSON = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
PAGE = ROOT / "docs" / "links.md"


def click(api: Api, **headers: str) -> str:
    """Ann enrols and somebody follows her link; the query that the landing page sees."""
    link = api.decided({"type": "advocate.enrolled", "id": "e", "external_id": "ann", "code": "Ann & 10%"})["link"]
    return urlsplit(httpx.get(link["url"], headers={**PERSON, **headers}).headers["location"]).query


def with_python(query: str) -> dict[str, Any]:
    """What the server of the page makes of it: a cookie, and an event from that cookie beside another."""
    page: dict[str, Any] = {}
    exec(only(PAGE, "python"), page)  # noqa: S102 - the text of the page is what is tested
    landed: Callable[[str], str | None] = page["landed"]
    signed_up: Callable[[str, str], dict[str, Any]] = page["signed_up"]
    assert landed("utm_source=mail") is None
    assert signed_up("eve", "theme=dark").keys() == {"type", "id", "customer_external_id"}
    cookie = landed(query)
    assert cookie is not None
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    return signed_up("bob", f"theme=dark; {cookie.split(';')[0]}")


def with_script(query: str) -> dict[str, Any]:
    """What goodword.js keeps, in a browser of which it has only what it asks for; the server of the sign-up reads that cookie too."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not there: goodword.js was not run")
    script = ROOT / "src" / "goodword" / "edge" / "goodword.js"
    browser = f"""
      globalThis.window = globalThis;
      globalThis.document = {{ cookie: "", currentScript: {{ dataset: {{}} }} }};
      globalThis.addEventListener = () => {{}};
      const script = {json.dumps(script.read_text())};
      globalThis.location = new URL("https://shop.example/?" + {json.dumps(query)});
      (0, eval)(script);
      document.cookie = "theme=dark; " + document.cookie.split(";")[0];
      location = new URL("https://shop.example/join");
      (0, eval)(script);
      console.log(JSON.stringify([document.cookie, goodword.referral()]));
    """
    done = subprocess.run([node, "-e", browser], capture_output=True, text=True, check=True, timeout=60)
    cookie, brought = json.loads(done.stdout)
    page: dict[str, Any] = {}
    exec(only(PAGE, "python"), page)  # noqa: S102 - the text of the page is what is tested
    assert page["signed_up"]("bob", cookie) == {
        "type": "lead.created",
        "id": "lead-bob",
        "customer_external_id": "bob",
        **brought,
    }
    return {"type": "lead.created", "id": "lead-bob", "customer_external_id": "bob", **brought}


WAYS = pytest.mark.parametrize("way", [with_python, with_script])


@WAYS
def test_a_click_that_is_kept_attributes_the_lead(api: Api, way: Callable[[str], dict[str, Any]]) -> None:
    """What the page keeps of ``gw_click`` is the click whose advocate the lead is given to."""
    query = click(api)
    [verdict] = api.decided(way(query))["decision"]["verdicts"]
    assert verdict["outcome"] == "attributed", verdict
    winner = dict(step for step in verdict["steps"] if len(step) > 1)["winner"]
    assert f"gw_click={winner['touch']}" == query
    assert winner["typed"] is False


@WAYS
def test_a_code_in_the_clicks_place_attributes_the_lead(api: Api, way: Callable[[str], dict[str, Any]]) -> None:
    """Where the click could not be stored the page keeps ``gw_code``, which is sent as a code that was not typed."""
    click(api)
    [verdict] = api.decided(way("gw_code=ann%20%26%2010%25"))["decision"]["verdicts"]
    assert verdict["outcome"] == "attributed", verdict
    assert dict(step for step in verdict["steps"] if len(step) > 1)["winner"]["typed"] is False


def test_a_link_that_is_tried_with_curl_credits_nobody(api: Api) -> None:
    """The page says what becomes of a program's click, and with which user agent a trial from a terminal counts."""
    assert f'curl -A "{PERSON["user-agent"]}"' in PAGE.read_text()
    lead = with_python(click(api, **{"user-agent": "curl/8.5.0"}))
    [verdict] = api.decided(lead)["decision"]["verdicts"]
    assert verdict["refusal"] == "bot_touch"


def test_a_code_serves_one_program(api: Api) -> None:
    """First hour 18: ann is told that her code serves her first program, and is given another without one; for others it is taken."""
    click(api)
    rules = "program: second\ncurrency: EUR\nconversions: [{rewards: [{side: advocate, percent: 1}]}]"
    api.say("owner", "/v1/programs", {"document": rules})
    again = {"type": "advocate.enrolled", "id": "e2", "external_id": "ann", "program": "second"}
    taken = api.decided({**again, "code": "Ann & 10%"})
    [verdict] = taken["decision"]["verdicts"]
    assert verdict["refusal"] == "code_serves_another_program"
    [said] = api.get(f"/v1/explanations/{api.get('/v1/events/e2')['evt']}")["sentences"]
    assert "a code serves one program" in str(said)
    other = api.decided({**again, "id": "e4", "external_id": "eve", "code": "Ann & 10%"})
    assert other["decision"]["verdicts"][0]["refusal"] == "code_taken"
    assert api.decided({**again, "id": "e3"})["link"]["code"] != "Ann & 10%"

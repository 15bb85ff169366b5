"""Pages of help that a company writes: published over HTTP through the checks, read at the portal in one's language, and taken away."""

import re
from typing import Any

import httpx
from testkit import sent
from tests.api.conftest import RULES, Api
from tests.portal.conftest import OURS
from tests.portal.test_about_me import enter, text
from tests.portal.test_coming_in import browser

__all__ = ["browser"]

FAQ = "# Questions & answers\n\nYou are paid on **the 15th**: [our page](https://shop.example/when).\n"


def publish(api: Api, page: str, body: str = FAQ, language: str = "en", who: str = "owner") -> Any:
    """Publish a page."""
    return api.call(who, "PUT", f"/v1/message-texts/help.{page}/{language}", json={"text": body})


def test_what_is_published_is_read_at_once_and_what_is_ended_is_gone(api: Api, browser: httpx.Client) -> None:
    """In the language of who reads, by a link with rel, each version kept; the log has no word of it."""
    assert api.call("owner", "POST", "/v1/programs", json={"document": RULES}).is_success
    api.send(
        sent.enrolled("a", "ann", "ANN"),
        {"type": "customer.updated", "id": "u", "customer_external_id": "ann", "language": "de-AT"},
    )
    enter(api, browser, "ann")
    root = f"/portal/{api.ws}"
    assert "hat noch keine Hilfeseiten geschrieben" in text(browser.get(f"{root}/help"))
    assert f'href="{root}/help"' in browser.get(root).text
    assert publish(api, "faq").status_code == 200
    listed = browser.get(f"{root}/help")
    assert f'href="{root}/help/faq">Questions &amp; answers</a>' in listed.text
    page = browser.get(f"{root}/help/faq")
    assert page.status_code == 200
    assert "<h1>Questions &amp; answers</h1>" in page.text
    assert '<a href="https://shop.example/when" class="link" rel="noopener noreferrer nofollow">' in page.text
    assert publish(api, "faq", "# Fragen\n\nAm 15.\n", "de").status_code == 200
    api.send(sent.enrolled("b", "bob", "BOB"))
    with httpx.Client(base_url=api.url, timeout=30, headers={**OURS, "accept-language": "de-CH, en;q=0.5"}) as bobs:
        enter(api, bobs, "bob")
        assert re.search(r'lang="de">\s*<h1>Fragen</h1>', bobs.get(f"{root}/help/faq").text), "as the page around it"
    assert re.search(r'lang="de">\s*<h1>Fragen</h1>', browser.get(f"{root}/help/faq").text)
    assert api.call("owner", "DELETE", "/v1/message-texts/help.faq/de").status_code == 204
    assert "Questions" in browser.get(f"{root}/help/faq").text
    assert publish(api, "faq", FAQ.replace("15th", "16th")).status_code == 200
    assert "the 16th" in browser.get(f"{root}/help/faq").text
    assert api.get("/v1/message-texts/help.faq/en", version=1)["text"] == FAQ
    rows = {(it["topic"], it["language"]): it["own"] for it in api.get("/v1/message-texts")["items"]}
    assert (rows["help.faq", "en"], rows["help.faq", "de"]) == (True, False)
    assert api.call("owner", "DELETE", "/v1/message-texts/help.faq/en").status_code == 204
    assert browser.get(f"{root}/help/faq").status_code == browser.get(f"{root}/help/never").status_code == 404
    assert "the 15th" not in str(api.rows("select convert_from(leaf, 'UTF8') from log where workspace_id = $1"))


def test_a_page_that_does_what_none_may_is_refused_and_nothing_is_shown(api: Api) -> None:
    """HTML, other addresses, pictures, pressure; a name that is none; who may not publish; it is no mail. A preview says the same."""
    for wrong, says in (("<script>x</script>", "HTML"), ("[x](javascript:x)", "https://"), ("Hurry!", "pressure")):
        answer = publish(api, "faq", f"{FAQ}\n{wrong}\n")
        assert (answer.status_code, answer.json()["code"]) == (422, "text_invalid")
        assert any(it["path"] == "line 5" and says in it["expected"] for it in answer.json()["errors"])
        seen = api.call(
            "owner", "POST", "/v1/message-texts/help.faq/en/preview", json={"text": f"{FAQ}\n{wrong}"}
        ).json()
        assert [it["line"] for it in seen["problems"]] == [5]
        assert "<script>" not in seen["full"]["html"]
    assert publish(api, "No-Name").status_code == 404
    assert publish(api, "faq", who="sk").status_code == 403
    assert api.call("owner", "POST", "/v1/message-texts/help.faq/en/mail", json={"text": FAQ}).status_code == 422
    assert [it for it in api.get("/v1/message-texts")["items"] if it["topic"].startswith("help.")] == []
    assert publish(api, "faq").status_code == 200
    seen = api.call("owner", "POST", "/v1/message-texts/help.faq/en/preview", json={"text": FAQ}).json()
    assert (seen["problems"], seen["full"]["subject"], seen["full"]["text"]) == ([], "Questions & answers", FAQ)

"""In which language a page speaks: what the person chose, what the browser likes, English."""

import html
import json
import re

import httpx
import pytest
from testkit import sent
from testkit.tokens import token
from tests.portal.conftest import OURS, Api
from tests.portal.test_coming_in import claims_of, secret_of

from goodword import words
from goodword.web.languages import liked
from goodword.words.catalogue import catalogue, languages, near

LANGUAGES = languages()


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("", [""]),
        ("de", ["de"]),
        ("en;q=0.5, de-AT, es;q=0.9", ["de-AT", "es", "en"]),
        ("de;q=0, es", ["es"]),
        ("de;q=x, *;q=0.1", ["*"]),
        ("de;level=1", []),
        ("x," * 1000, ["x"] * 20),
    ],
)
def test_what_a_browser_likes_most_comes_first(header: str, tags: list[str]) -> None:
    """By weight, then by place; what cannot be read is left out, and of a long one the rest."""
    assert [*liked(header)] == tags


def test_the_nearest_language_is_the_first_that_there_are_words_in() -> None:
    """By its first part, however it is written."""
    assert near(["tlh", "EN-gb", "de"]) == "en"
    assert near([None, "", "*", "tlh"]) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_what_the_browser_likes(api: Api, language: str) -> None:
    """It says so, in its headers and in itself; a friend's page too, and a page that is not there."""
    api.send(sent.enrolled("a", "ann", "ANN"))
    say = catalogue(language).say
    texts = {
        f"/portal/{api.ws}/in": say("portal.in.ask.title", workspace="test"),
        f"/w/{api.ws}/f/NONE": say("friend.unknown.title"),
    }
    for path, text in texts.items():
        answer = api.http.get(path, headers={"accept-language": f"tlh, {language}-XX;q=0.8, en;q=0.1"})
        assert answer.headers["content-language"] == language
        assert "accept-language" in answer.headers["vary"]
        assert f'<html lang="{language}">' in answer.text
        assert text in html.unescape(answer.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_chose_a_language_is_spoken_to_in_it(api: Api, language: str) -> None:
    """Whatever their browser likes; what nobody has words for is what the browser likes."""
    api.send(sent.enrolled("a", "ann", "ANN"))
    api.send({"type": "customer.updated", "id": "u", "customer_external_id": "ann", "language": f"{language}-CH"})
    with httpx.Client(base_url=api.url, headers=OURS, timeout=30) as browser:
        assert browser.post(f"/portal/{api.ws}/in/{token(secret_of(api), claims_of(api))}").status_code == 303
        answer = browser.get(f"/portal/{api.ws}", headers={"accept-language": "en"}, follow_redirects=True)
        assert answer.headers["content-language"] == language
        api.send({"type": "customer.updated", "id": "v", "customer_external_id": "ann", "language": "tlh"})
        answer = browser.get(f"/portal/{api.ws}", headers={"accept-language": language}, follow_redirects=True)
        assert answer.headers["content-language"] == language


def test_the_element_has_its_words_in_each_language(api: Api) -> None:
    """And English where the page speaks another one."""
    text = api.http.get("/portal/share.js").text
    [said] = re.findall(r"const said = (\{.*\});", text)
    assert {one: it["copy"] for one, it in json.loads(said).items()} == {
        one: catalogue(one).say("element.copy") for one in LANGUAGES
    }


def test_english_is_spoken_where_nobody_says_another() -> None:
    """As in jobs, in the console and in what the API answers."""
    assert catalogue().language == words.ENGLISH

"""Texts of messages over HTTP: published through the checks, kept by version, previewed, sent to oneself, and what messages have."""

import hashlib
import json
from typing import Any

import asyncpg
import pytest
from tests.api.conftest import RULES, Api
from tests.api.test_staff_mail import Desk, mailed

from goodword.app import letters as current_letters
from goodword.words import letters

__all__ = ["mailed"]

OWN = "Subject: Welcome to {{ company }}\n\n{% if name %}Dear {{ name }},{% else %}Welcome,{% endif %}\n\n[Your page]({{ portal }})\n"
PATH = "/v1/message-texts/enrolled/en"


def publish(api: Api, text: str = OWN, path: str = PATH, who: str = "owner") -> Any:
    """Publish a text; what that is answered."""
    return api.call(who, "PUT", path, json={"text": text})


def current(api: Api, topic: str, language: str) -> str | None:
    """What a message would have."""

    async def asked() -> str | None:
        async with api.goodword.engine.pool.acquire() as conn:
            return await current_letters.current(conn, api.ws, topic, language, api.goodword.engine)

    found: str | None = api.run(asked())
    return found


def test_a_text_is_ours_then_yours_by_version_then_ours_again(api: Api) -> None:
    """Each version stays, is named by its digest in the log, which holds no text, and counts until the next; the same again is none."""
    assert api.get(PATH)["text"] == letters.builtin("enrolled")
    assert current(api, "enrolled", "en") is None
    digest = hashlib.sha256(OWN.encode()).hexdigest()
    for _ in range(2):
        answer = publish(api, OWN.replace("\n", "\r\n"))
        assert (answer.status_code, answer.json()) == (200, {"hash": digest})
    assert current(api, "enrolled", "en") == OWN
    assert current(api, "enrolled", "en-GB") == OWN
    assert current(api, "enrolled", "de") is None
    other = OWN.replace("Welcome,", "Hello,")
    assert publish(api, other).status_code == 200
    it = api.get(PATH)
    assert (it["version"], it["own"], it["text"]) == (2, True, other)
    assert [one["version"] for one in it["versions"]] == [2, 1]
    assert api.get(PATH, version=1)["text"] == OWN
    assert api.get(PATH, version=0)["text"] == letters.builtin("enrolled")
    assert api.call("owner", "DELETE", PATH).status_code == 204
    assert current(api, "enrolled", "en") is None
    it = api.get(PATH)
    assert (it["version"], it["own"], it["versions"][0]["hash"]) == (0, False, "")
    rows = {(one["topic"], one["language"]): one for one in api.get("/v1/message-texts")["items"]}
    assert list(dict.fromkeys(topic for topic, _ in rows)) == list(letters.TOPICS)
    assert (rows["enrolled", "en"]["version"], rows["enrolled", "en"]["own"]) == (3, False)
    looked = api.rows("select what, fields, subject from look where workspace_id = $1 order by id")
    ended = ("worded", ["enrolled", "en"], "enrolled:en")
    assert [(what, json.loads(fields), subject) for what, fields, subject in looked] == [
        ("worded", ["enrolled", "en"], digest),
        ("worded", ["enrolled", "en"], hashlib.sha256(other.encode()).hexdigest()),
        ended,
    ]
    assert "Dear" not in str(api.rows("select convert_from(leaf, 'UTF8') from log where workspace_id = $1"))
    with pytest.raises(
        asyncpg.CheckViolationError, match="message_text_check"
    ):  # what was changed behind the product's back
        api.rows("update message_text set text = text || 'x' where workspace_id = $1 returning 1")


WRONG = (
    ("Subject: x\n\nHello {{ name }}", "line 3", "name may be missing"),
    ("Subject: Hurry!\n\nx", "line 1", "pressure"),
    ("no subject", "line 1", "The first line is the subject"),
)


def test_what_is_published_passes_the_checks_and_a_preview_says_how_it_reads(api: Api) -> None:
    """What leaves a hole, or presses, is refused with its line, and a preview says the same; neither stores anything.

    An unknown topic is not found; a language is one, and its figures are known.
    """
    for text, line, says in WRONG:
        answer = publish(api, text)
        assert (answer.status_code, answer.json()["code"]) == (422, "text_invalid")
        assert any(it["path"] == line and says in it["expected"] for it in answer.json()["errors"])
        seen = api.call("owner", "POST", f"{PATH}/preview", json={"text": text}).json()
        assert [f"line {it['line']}" for it in seen["problems"]] == [it["path"] for it in answer.json()["errors"]]
    seen = api.call("owner", "POST", f"{PATH}/preview", json={"text": OWN}).json()
    assert seen["problems"] == []
    assert "Dear Ann" in seen["full"]["text"]
    assert "Dear Ann" in seen["full"]["html"]
    assert seen["bare"]["text"].startswith("Welcome,\n")
    assert api.get(PATH)["versions"] == []
    loud = f'{RULES}\nsharing: {{texts: [{{name: loud, text: "Hurry, only 3 left!"}}]}}\n'
    answer = api.call("owner", "POST", "/v1/programs", json={"document": loud})
    assert (answer.status_code, answer.json()["code"]) == (422, "rules_invalid")
    assert ["sharing.texts[0].text", "“Hurry”"] in [[it["path"], it["found"]] for it in answer.json()["errors"]]
    assert publish(api, path="/v1/message-texts/nothing/en").status_code == 404
    for language in ("xx", "EN", "en_GB", "de-de"):
        assert publish(api, path=f"/v1/message-texts/enrolled/{language}").status_code == 422
    assert publish(api, path="/v1/message-texts/enrolled/de-CH").status_code == 200
    assert api.call("owner", "GET", f"{PATH}?version=7").status_code == 404


def test_who_publishes_is_a_marketer_or_manages(api: Api) -> None:
    """A secret key publishes nothing; a marketer does; who reads looks and tries, and does not publish."""
    assert publish(api, who="sk").status_code == 403
    for role, status in (("marketer", 200), ("program_manager", 200), ("approver", 403), ("analyst", 403)):
        api.member(role, role)
        assert publish(api, OWN.replace("Welcome", role), who=role).status_code == status
        assert api.call(role, "POST", f"{PATH}/preview", json={"text": OWN}).status_code == 200


def test_a_text_is_sent_to_oneself_and_to_nobody_else(api: Api, mailed: Desk) -> None:
    """Both parts arrive as they are previewed, at the member's own address, once a key; who has no mail, or may not, sends none."""
    seen = api.call("owner", "POST", f"{PATH}/preview", json={"text": OWN}).json()["full"]
    for _ in range(2):
        answer = api.call("owner", "POST", f"{PATH}/mail", json={"text": OWN}, key="once")
        assert answer.status_code == 204, answer.text
    [mail] = mailed.mails
    assert mailed.to == [["olga@shop.example"]]
    assert mail["subject"] == seen["subject"] == "Welcome to test"
    assert mail.get_content_type() == "multipart/alternative"
    for kind, part in (("plain", "text"), ("html", "html")):
        assert mail.get_body((kind,)).get_content().replace("\r\n", "\n") == seen[part]  # type: ignore[union-attr]
    assert api.call("owner", "POST", f"{PATH}/mail", json={"text": "Subject: x"}).json()["code"] == "text_invalid"
    api.member("ana", "analyst")
    assert api.call("ana", "POST", f"{PATH}/mail", json={"text": OWN}).status_code == 403
    assert len(mailed.mails) == 1

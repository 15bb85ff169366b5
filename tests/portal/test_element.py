"""What the element asks for: a token of its own shows what one person shares, says that they did, and opens nothing else."""

import gzip
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from testkit import sent
from testkit.tokens import token
from tests.api.conftest import RULES
from tests.portal.conftest import Api
from tests.portal.test_coming_in import SECRET, secret_of
from tests.portal.test_what_one_shares import said as told

from goodword.app import signed
from goodword.app.sharing import MARK
from goodword.core import events

_TEXTS = """
sharing:
  landing: page
  texts:
  - {name: short, text: I like them.}
  - {name: long, text: I like them very much.}
"""


@pytest.fixture
def secret(api: Api) -> str:
    """A program with two texts, two advocates in it; return the secret that signs."""
    api.say("owner", "/v1/programs", {"document": RULES + _TEXTS})
    api.send(sent.enrolled("a", "ann", "ANN"), sent.enrolled("e", "eve", "EVE"))
    return secret_of(api)


def _claims(api: Api, sub: str = "ann", **more: Any) -> dict[str, Any]:
    now = api.goodword.directory.now() // 1_000_000
    said = {"sub": sub, "aud": f"{api.ws}:share", "program": "main", "iat": now, "exp": now + 3600, **more}
    return {name: one for name, one in said.items() if one is not None}


def _ask(api: Api, signed_: str, /, **more: Any) -> httpx.Response:
    """Ask as the element does on another site."""
    headers = {"content-type": "text/plain", "origin": "https://shop.example", "sec-fetch-site": "cross-site"}
    body = json.dumps({"token": signed_, **more})
    return api.http.post(f"/portal/{api.ws}/element", content=body, headers=headers)


def test_a_token_shows_what_its_person_shares_and_any_site_may_read_it(api: Api, secret: str) -> None:
    """As often as it is asked; in the text that is chosen, with the disclosure behind it in each message."""
    text = token(secret, _claims(api))
    for _ in range(2):
        answer = _ask(api, text)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, "*")
        assert "set-cookie" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
    kit = answer.json()
    assert kit["link"].endswith("/r/ANN")
    assert (kit["code"], kit["text"], kit["variants"]) == ("ANN", "I like them.", ["short", "long"])
    assert kit["added"].endswith("if you order.")
    assert all(kit["added"] in it["text"] for it in kit["messages"])
    assert all(it["own"].replace(MARK, quote(kit["text"], safe="")) == it["url"] for it in kit["messages"])
    assert _ask(api, text, text="long").json()["text"] == "I like them very much."
    other = _ask(api, token(secret, _claims(api, "eve"))).json()
    assert other["code"] == "EVE"


def test_that_a_channel_was_opened_is_said_once_a_day(api: Api, secret: str) -> None:
    """It is the same event that the portal says."""
    text = token(secret, _claims(api))
    for channel in ("whatsapp", "whatsapp", "sheet"):
        assert _ask(api, text, channel=channel, text="long").status_code == 204
    assert [it.partition(". ")[2] for it in told(api, events.LinkShared)] == [
        "Channel: whatsapp. Text: long.",
        "Channel: sheet. Text: long.",
    ]
    assert _ask(api, text, channel="x", text="long", edited=True).status_code == 204
    assert [it.partition(". ")[2] for it in told(api, events.LinkShared)][2:] == ["Channel: x. In their own words."]
    assert _ask(api, text, channel="pigeon").status_code == 400


def test_whatever_shows_nothing_looks_the_same(api: Api, secret: str) -> None:
    """A token of another kind, secret, program, time or person; and nobody comes in by one of these."""
    now = api.goodword.directory.now() // 1_000_000
    signing_in = _claims(api, aud=api.ws, jti="j" * 20, exp=now + 60, program=None)
    wrong = {
        "signs in": token(secret, signing_in),
        "another secret": token("other" * 10, _claims(api)),
        "ended": token(secret, _claims(api, iat=now - 7200, exp=now - 3600)),
        "too long": token(secret, _claims(api, exp=now + 86_401)),
        "not yet": token(secret, _claims(api, iat=now + 3600, exp=now + 7200)),
        "nobody": token(secret, _claims(api, "nobody")),
        "no advocate": token(secret, _claims(api, program="other")),
        "no program": token(secret, _claims(api, program=None)),
        "another workspace": token(secret, _claims(api, aud="wsp_01ARZ3NDEKTSV4RRFFQ69G5FAV:share")),
        "no algorithm": token(secret, _claims(api), alg="none"),
        "no token": "x",
    }
    answers = {name: _ask(api, text) for name, text in wrong.items()}
    assert {name: (it.status_code, it.content) for name, it in answers.items()} == dict.fromkeys(
        wrong, (403, b'{"code": "token_shows_nothing"}')
    )
    assert _ask(api, wrong["nobody"], channel="x").status_code == 403
    own = token(secret, _claims(api))
    assert api.http.post(f"/portal/{api.ws}/in/{own}", headers={"sec-fetch-site": "same-origin"}).status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"token": 1}', b'{"token": "\xff"}', b"\0"])
def test_what_is_no_question_is_refused(api: Api, secret: str, body: bytes) -> None:
    """Nothing of it is an error of ours."""
    assert secret
    answer = api.http.post(f"/portal/{api.ws}/element", content=body)
    assert (answer.status_code, answer.json()) == (400, {"code": "malformed"})
    assert api.http.post(f"/portal/{api.ws}/element", content=b" " * 5_000).status_code == 413


def test_who_was_erased_or_has_left_shows_nothing(api: Api, secret: str) -> None:
    """The token of before is nobody's."""
    text = token(secret, _claims(api))
    assert api.call("owner", "DELETE", f"/v1/people/{api.person('ann')}").is_success
    assert _ask(api, text).status_code == 403


def test_the_script_is_small_and_any_site_may_load_it(api: Api) -> None:
    """Less than 15 kB with its words, no comments, kept for an hour, known by its tag."""
    answer = api.http.get("/portal/share.js", headers={"accept-encoding": "identity"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert len(answer.content) < 15_000
    assert not re.search(r"(?m)^\s*//", answer.text)
    assert "I may get a reward if you order." in answer.text
    assert '"WORDS"' not in answer.text
    tag = answer.headers["etag"]
    assert api.http.get("/portal/share.js", headers={"if-none-match": tag}).status_code == 304
    with api.http.stream("GET", "/portal/share.js", headers={"accept-encoding": "gzip"}) as packed:
        assert gzip.decompress(b"".join(packed.iter_raw())) == answer.content


def test_the_code_that_the_page_shows_makes_a_token() -> None:
    """In both languages, each as a program of its own; with Node where there is one."""
    page = (Path(__file__).parents[2] / "docs" / "howto" / "embed.md").read_text()
    [python, script] = re.findall(r"```(?:python|javascript)\n(.*?)```", page, re.DOTALL)
    said = f'("{SECRET}", "wsp_1", "ann", "friends")'
    ways = [[sys.executable, "-c", f"{python}\nprint(share_token{said})"]]
    if node := shutil.which("node"):
        ways.append([node, "--input-type=module", "-e", f"{script}\nconsole.log(shareToken{said})"])
    for way in ways:
        text = subprocess.run(way, capture_output=True, text=True, check=True).stdout.strip()
        claims = signed.shown(text, [SECRET.encode()], "wsp_1", time.time_ns() // 1_000)
        assert claims is not None
        assert (claims.sub, claims.program) == ("ann", "friends")


def test_no_script_of_ours_writes_a_figure() -> None:
    """Money is the same in server and browser for every currency, since the browser is given text: libraries differ in minor units."""
    root = Path(__file__).parents[2] / "src" / "goodword"
    scripts = [it for it in root.rglob("*.js") if not it.name.endswith(".min.js")]
    assert {"share.js", "goodword.js", "rows.js"} <= {it.name for it in scripts}
    writing = re.compile(r"\bIntl\b|toLocaleString|toFixed|toPrecision|NumberFormat")
    assert [it.name for it in scripts if writing.search(it.read_text())] == []

"""What an advocate shares: each channel opens with the text, the disclosure and the link; the picture is the link."""

from email.message import EmailMessage
from io import BytesIO
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
import segno
from msgspec import structs
from tests.api.conftest import RULES, Api
from tests.api.test_links import enrol

from goodword.app import say, see, sharing
from goodword.app.addresses import Link
from goodword.app.errors import UnknownError
from goodword.core import rules as core_rules
from goodword.sources import rule_file
from goodword.store.api_keys import api_key_hash

TEXT = "Tee & Kuchen: 100 % gut? #1 = +\nÄ“ü”"
LINK = Link("ANNA 10", "https://x.example/w/wsp_1/r/ANNA%2010")


def said(channel: str) -> str:
    """The address that opens a channel with the text."""
    return next(it.url for it in sharing.messages(RULED, "Tea & Co", LINK, TEXT) if it.channel == channel)


RULED = core_rules.version(core_rules.document(rule_file.read(RULES.encode(), "main.yaml"))).means
WHOLE = sharing.messages(RULED, "Tea & Co", LINK, TEXT)[0].text


def test_each_message_is_honest() -> None:
    """The text, that a reward may follow, and the link at its end; nothing else is added."""
    assert WHOLE.startswith(TEXT)
    assert WHOLE.endswith("I may get a reward from Tea & Co if you order.\n" + LINK.url)
    assert [it.text for it in sharing.messages(RULED, "Tea & Co", LINK, TEXT)] == [WHOLE] * 6


@pytest.mark.parametrize(
    ("channel", "begins", "text"),
    [
        ("whatsapp", "https://wa.me/?", WHOLE),
        ("linkedin", "https://www.linkedin.com/feed/?shareActive=true&", WHOLE),
        ("telegram", "https://t.me/share/url?", WHOLE.removesuffix("\n" + LINK.url)),
        ("x", "https://x.com/intent/post?", WHOLE.removesuffix("\n" + LINK.url)),
    ],
)
def test_a_channel_is_opened_with_what_is_said(channel: str, begins: str, text: str) -> None:
    """What a server reads off the query is the text itself, to the letter, and the link where it is a field of its own."""
    url = said(channel)
    assert url.startswith(begins)
    assert url.isascii()
    assert " " not in url
    query = parse_qs(urlsplit(url).query)
    assert query["text"] == [text]
    assert query.get("url", [LINK.url]) == [LINK.url]


def test_a_mail_and_a_text_message_are_opened_with_what_is_said() -> None:
    """As RFC 6068 and RFC 5724 have it: all but letters and digits is encoded, a space never as +, and no header gets in."""
    mail = said("email").removeprefix("mailto:?")
    fields = dict(part.split("=", 1) for part in mail.split("&"))
    assert sorted(fields) == ["body", "subject"]
    assert unquote(fields["body"]) == WHOLE.replace("\n", "\r\n")
    message = EmailMessage()
    message["subject"] = unquote(fields["subject"])
    assert message["subject"] == "A recommendation: Tea & Co"
    assert "+" not in mail
    assert unquote(said("sms").removeprefix("sms:?&body=")) == WHOLE


def test_who_gets_nothing_discloses_nothing() -> None:
    """A program that rewards no advocate has no disclosure in its texts."""
    quiet = core_rules.version(
        core_rules.document(
            rule_file.read(
                b"program: q\ncurrency: EUR\nconversions: [{rewards: [{side: friend, flat: {EUR: 100}}]}]", "q.yaml"
            )
        )
    ).means
    assert sharing.disclosure(quiet, "Tea") is None
    assert "If your order counts, you get 1.00 EUR, as cash." in sharing.messages(quiet, "Tea", LINK, "Hi.")[0].text


def test_the_picture_is_the_link() -> None:
    """As PNG and SVG, module by module what the library says of the link."""
    matrix = [list(row) for row in segno.make(LINK.url, error="q", micro=False).matrix]
    png = sharing.picture(LINK.url, "png")
    assert png.startswith(b"\x89PNG")
    expected = BytesIO()
    segno.make(LINK.url, error="q", micro=False).save(expected, kind="png", border=4, scale=12)
    assert png == expected.getvalue()
    svg = sharing.picture(LINK.url, "svg").decode()
    assert f'viewBox="0 0 {len(matrix) + 8} {len(matrix) + 8}"' in svg
    assert "script" not in svg


def test_the_kit_of_an_advocate(api: Api) -> None:
    """Link and code of the newest code, all of them beside, texts of the program, pictures; who may see no names gets none."""
    texts = (
        "\nsharing:\n  landing: page\n  texts: [{name: short, text: Good tea.}, {name: long, text: Very good tea.}]\n"
    )
    assert api.call("owner", "POST", "/v1/programs", json={"document": RULES + texts}).is_success
    old = enrol(api, "e1", "ann", code="ANN")["link"]
    new = enrol(api, "e2", "ann", code="ANNE-20")["link"]
    [advocate] = api.get("/v1/advocates")["items"]
    kit = api.get(f"/v1/advocates/{advocate['id']}/sharing")
    assert (kit["link"], kit["links"]) == (new, [old, new])
    assert (kit["variant"], [it["name"] for it in kit["variants"]]) == ("short", ["short", "long"])
    assert kit["preview"]["url"] == new["url"].replace("/r/", "/f/")
    assert httpx.get(kit["preview"]["url"]).status_code == 200
    long = api.get(f"/v1/advocates/{advocate['id']}/sharing", variant="long")
    assert all(it["text"].startswith("Very good tea. ") and it["text"].endswith(new["url"]) for it in long["messages"])
    for kind, media in (("svg", "image/svg+xml"), ("png", "image/png")):
        answer = api.call("owner", "GET", f"/v1/advocates/{advocate['id']}/sharing/picture?format={kind}")
        assert (answer.headers["content-type"], answer.content) == (media, sharing.picture(new["url"], kind))
    for path in ("/v1/advocates/adv_none/sharing", f"/v1/advocates/{advocate['id']}/sharing?variant=none"):
        assert api.call("owner", "GET", path).status_code == 404
    owner = api.run(api.goodword.directory.principal(api_key_hash(api.keys["owner"])))
    elsewhere = structs.replace(owner, actor=structs.replace(owner.actor, programs=("prg_other",)))
    for read, *more in ((see.sharing.kit,), (see.sharing.picture, "svg"), (say.sharing.change, "ANNE-30", "key")):
        with pytest.raises(UnknownError):
            api.run(read(elsewhere, api.goodword.directory, advocate["id"], *more))  # type: ignore[operator]

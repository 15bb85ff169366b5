"""What an advocate shares: link, code, picture of the link, messages for channels that open in their own app. The server sends none.

Each message says that the advocate may get a reward, if they may. Must not know: who asks, and whether they may.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from io import BytesIO
from typing import Final, Literal
from urllib.parse import quote

import segno
from msgspec import Struct

from goodword.app.addresses import Link
from goodword.core.rules import Rules
from goodword.words.catalogue import catalogue
from goodword.words.terms import offered

Format = Literal["svg", "png"]

#: Modules of white around a picture, without which readers do not find it, and pixels of a module in a PNG.
_BORDER: Final = 4
_PIXELS: Final = 12
#: Characters of an advocate's own words, and those that nobody sees: controls, and marks by which a text reads otherwise than it is.
LONGEST: Final = 500
_TURNS: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: What stands for a text that is written later: letters that no address spells otherwise.
MARK: Final = "goodword-said"
#: The name of the text that is ours.
OURS: Final = "standard"


class Variant(Struct, frozen=True):
    """A text that may be sent, without what is added to it."""

    name: str
    text: str


class Message(Struct, frozen=True):
    """What a channel is opened with. ``text``: all that it says; ``url``: which opens the advocate's own app with it.

    ``own``: the same address with ``MARK`` where the text stands, for words that are written where nobody asks us.
    """

    channel: str
    title: str
    text: str
    url: str
    own: str


class Preview(Struct, frozen=True):
    """What a friend sees of a link before they follow it, and which page they come to."""

    title: str
    description: str
    url: str


def _mail(subject: str, text: str, _: str, __: str) -> str:
    """RFC 6068: lines end with CR LF, space is %20."""
    return f"mailto:?subject={_said(subject)}&body={_said(text.replace(chr(10), chr(13) + chr(10)))}"


#: Channel -> the address that opens it: of a subject, the whole text, the link, and the text without the link.
_CHANNELS: Final[dict[str, Callable[[str, str, str, str], str]]] = {
    "email": _mail,
    "sms": lambda _, text, __, ___: f"sms:?&body={_said(text)}",  # one of ? and & each system leaves out
    "whatsapp": lambda _, text, __, ___: f"https://wa.me/?text={_said(text)}",
    "telegram": lambda _, __, url, said: f"https://t.me/share/url?url={_said(url)}&text={_said(said)}",
    "x": lambda _, __, url, said: f"https://x.com/intent/post?text={_said(said)}&url={_said(url)}",
    "linkedin": lambda _, text, __, ___: f"https://www.linkedin.com/feed/?shareActive=true&text={_said(text)}",
}


def variants(rules: Rules, company: str, language: str | None = None) -> tuple[Variant, ...]:
    """Return the texts that a program's owner wrote, or else ours."""
    if rules.sharing.texts:
        return tuple(Variant(it.name, it.text) for it in rules.sharing.texts)
    return (Variant(OURS, catalogue(language).say("share.text", company=company)),)


def disclosure(rules: Rules, company: str, language: str | None = None) -> str | None:
    """Return what an advocate says of their own reward; None: they get none."""
    return catalogue(language).say("share.disclosure", company=company) if offered(rules, language).advocate else None


def gets(rules: Rules, language: str | None = None) -> tuple[str, ...]:
    """Return in sentences what a friend gets."""
    say = catalogue(language).say
    return tuple(say("share.gets", figure=it.figure, kind=it.kind) for it in offered(rules, language).friend)


def own_words(text: str) -> str:
    """Return a text that an advocate wrote: what is seen of it, and no more than fits a message. Nobody's disclosure is in it."""
    seen = "".join(c for c in text.replace("\r\n", "\n") if c == "\n" or _is_seen(c))
    return seen.strip()[:LONGEST].rstrip()


def _is_seen(char: str) -> bool:
    return unicodedata.category(char) != "Cc" and char not in _TURNS


def messages(rules: Rules, company: str, link: Link, text: str, language: str | None = None) -> tuple[Message, ...]:
    """Return a text as each channel is opened with it: with what the friend gets, the disclosure, and the link, in this order."""
    say = catalogue(language).say
    added, subject = (
        (*gets(rules, language), disclosure(rules, company, language)),
        say("share.subject", company=company),
    )
    said, own = (" ".join(filter(None, (it, *added))) for it in (text, MARK))

    def led(channel: str, words: str) -> str:
        return _CHANNELS[channel](subject, f"{words}\n{link.url}", link.url, words)

    return tuple(
        Message(it, say(f"share.{it}"), f"{said}\n{link.url}", led(it, said), led(it, own)) for it in _CHANNELS
    )


def preview(rules: Rules, company: str, name: str | None, page: str, language: str | None = None) -> Preview:
    """Return what a friend's page says of itself. ``name``: of the advocate, as far as they permit; ``page``: its address."""
    say = catalogue(language).say
    title = say("friend.title", name=name, company=company) if name else say("friend.title.somebody", company=company)
    told = (
        say("friend.disclosure", name=name or say("friend.somebody"), company=company)
        if offered(rules, language).advocate
        else ""
    )
    return Preview(title, say("friend.preview", disclosure=told).strip(), page)


def picture(link: str, kind: Format) -> bytes:
    """Return a link as a QR code: black on white, for a dark page too, for readers of pictures tell no other apart.

    A quarter of it may be worn or covered (level Q), as of a card in a purse.
    """
    made, out = segno.make(link, error="q", micro=False), BytesIO()
    if kind == "svg":
        made.save(out, kind="svg", border=_BORDER, light="#fff", xmldecl=False, omitsize=True)
    else:
        made.save(out, kind="png", border=_BORDER, scale=_PIXELS)
    return out.getvalue()


def _said(text: str) -> str:
    return quote(text, safe="")

"""What a friend sees whose link leads nowhere: a page that says so, that nothing was noted, and what to do.

It speaks the language that their browser likes. Who asks for no page, as programs do, is given the problem document instead.
Must not know: why a link leads nowhere.
"""

from __future__ import annotations

from html import escape
from typing import Final, NamedTuple

from goodword.edge.web import Scope, Send, header, reply, reply_problem
from goodword.web.languages import liked
from goodword.words.catalogue import ENGLISH, catalogue, near
from goodword.words.pages import page


class Dead(NamedTuple):
    """Why a link leads nowhere: status and code of the problem document, its sentence, and what a friend is told, by messages' keys."""

    status: int
    code: str
    detail: str
    title: str
    told: tuple[str, ...]


_NOTHING: Final = "friend.dead.nothing"

UNKNOWN: Final = Dead(
    404,
    "unknown_host",
    "No workspace answers here.",
    "friend.unknown.title",
    ("friend.dead.host", "friend.unknown.advice"),
)
NO_CODE: Final = Dead(
    404,
    "no_landing_page",
    "The workspace has no landing page.",
    "friend.unknown.title",
    ("friend.unknown.detail", "friend.unknown.advice"),
)
NO_PAGE: Final = Dead(
    404,
    "no_landing_page",
    "The workspace has no landing page.",
    "friend.dead.page.title",
    ("friend.dead.page", "friend.dead.page.code", _NOTHING),
)
AWAY: Final = Dead(
    503,
    "unavailable",
    "Try again in a moment.",
    "friend.dead.away.title",
    ("friend.dead.away", "friend.dead.away.again", _NOTHING),
)

_MAIN: Final = """
main{max-width:480px;margin:0 auto;padding:48px 20px}
section{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:24px 20px}
p:last-child{margin:0}
.code code{color:var(--ink);font-size:20px;line-height:28px}
"""
_LONGEST = 64  # characters of a code


async def reply_dead(scope: Scope, send: Send, dead: Dead, code: str | None = None) -> None:
    """Answer a link that leads nowhere. ``code``: the code in it, where somebody has it."""
    headers = {b"cache-control": b"no-store", b"vary": b"accept"}
    if dead.status == AWAY.status:
        headers[b"retry-after"] = b"1"
    if not _wants_page(header(scope, b"accept")):
        await reply_problem(send, dead.status, dead.code, dead.detail, headers)
        return
    headers[b"vary"] += b", accept-language"
    its = catalogue(near(liked(header(scope, b"accept-language"))) or ENGLISH)
    title, told = its.say(dead.title), [f"<p>{escape(its.say(key))}</p>" for key in dead.told]
    if code:
        told.insert(-1, f'<p class="code"><code>{escape(code[:_LONGEST])}</code></p>')
    body = f"<main><section>\n<h1>{escape(title)}</h1>\n{chr(10).join(told)}\n</section></main>"
    shown = page(title, body, _MAIN, its.language)
    headers |= {name.encode(): value.encode() for name, value in shown.headers.items()}
    await reply(send, dead.status, shown.body, headers)


def _wants_page(accept: str) -> bool:
    """Return whether HTML is named among what is accepted: browsers do, programs say ``*/*`` or JSON."""
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        if kind == "text/html":
            return not any(weight in ("q=0", "q=0.0", "q=0.00", "q=0.000") for weight in parameters)
    return False

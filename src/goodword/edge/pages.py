"""What a friend sees whose link leads nowhere: a page that says so, that nothing was noted, and what to do.

Who asks for no page, as programs do, is given the problem document instead. Must not know: why a link leads nowhere.
"""

from __future__ import annotations

from html import escape
from typing import Final, NamedTuple

from goodword.edge.web import Scope, Send, header, reply, reply_problem
from goodword.words.pages import page


class Dead(NamedTuple):
    """Why a link leads nowhere: status and code of the problem document, its sentence, and what a friend is told."""

    status: int
    code: str
    detail: str
    title: str
    told: tuple[str, ...]


_ASK: Final = "Ask whoever sent it for the link anew, or go to the company's own website."
_NOTHING: Final = "Nothing about you was stored."

UNKNOWN: Final = Dead(
    404,
    "unknown_host",
    "No workspace answers here.",
    "This link does not work",
    ("Nobody's recommendation is behind it: it may have been cut or mistyped.", _ASK, _NOTHING),
)
NO_CODE: Final = Dead(
    404,
    "no_landing_page",
    "The workspace has no landing page.",
    "This link does not work",
    ("Nobody has this code: it may have been cut or mistyped.", _ASK, _NOTHING),
)
NO_PAGE: Final = Dead(
    404,
    "no_landing_page",
    "The workspace has no landing page.",
    "This link has no page yet",
    (
        "You were recommended to a company, which has not said yet which page its links lead to.",
        "Go to the company's own website; where it asks who recommended it, this is the code:",
        _NOTHING,
    ),
)
AWAY: Final = Dead(
    503,
    "unavailable",
    "Try again in a moment.",
    "One moment, please",
    ("The link could not be looked up just now.", "Open it again in a minute.", _NOTHING),
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
    told = [f"<p>{escape(sentence)}</p>" for sentence in dead.told]
    if code:
        told.insert(-1, f'<p class="code"><code>{escape(code[:_LONGEST])}</code></p>')
    body = f"<main><section>\n<h1>{escape(dead.title)}</h1>\n{chr(10).join(told)}\n</section></main>"
    shown = page(dead.title, body, _MAIN)
    headers |= {name.encode(): value.encode() for name, value in shown.headers.items()}
    await reply(send, dead.status, shown.body, headers)


def _wants_page(accept: str) -> bool:
    """Return whether HTML is named among what is accepted: browsers do, programs say ``*/*`` or JSON."""
    for part in accept.lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        if kind == "text/html":
            return not any(weight in ("q=0", "q=0.0", "q=0.00", "q=0.000") for weight in parameters)
    return False

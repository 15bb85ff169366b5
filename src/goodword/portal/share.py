"""What somebody shares: the kit, the card to print, the picture, the channels that open in their own app, and a code of their choice.

A channel leads to an address that is made here of what they share, and nowhere else. Must not know: SQL, rules, who is signed in.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from goodword.app import say, see, sharing
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal
from goodword.app.write.commands import CommandConflictError
from goodword.app.write.process import TRANSIENT, BehindError
from goodword.core.sharing import CHANNELS
from goodword.portal import typed
from goodword.portal.answering import HIDDEN, Refused
from goodword.web.forms import Sent
from goodword.web.policy import policy

_LONGEST: Final = 64  # characters of the name of a text, of a code, and of what makes a form one
#: Why a code was not changed, as the page says it.
_WRONG: Final = (
    "unreadable",
    "code_taken",
    "code_changed_before",
    "code_serves_another_program",
    "nothing_to_do",
    "refused",
)
#: The apps that a form of the kit opens.
_APPS: Final = ("mailto:", "sms:", "https://wa.me", "https://t.me", "https://x.com", "https://www.linkedin.com")
#: Format of a picture -> its media type.
_MEDIA: Final[dict[sharing.Format, str]] = {"svg": "image/svg+xml", "png": "image/png"}

_log = logging.getLogger("goodword.portal")


async def kit(directory: Directory, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
    """Return the page with all that somebody shares in a program."""
    asked = request.query_params
    its = await _kit(directory, who, request, asked.get("text", ""))
    values = {
        "kit": its,
        "picture": sharing.picture(its.link.url, "svg").decode(),
        "here": request.url.path,
        "wrong": asked.get("wrong") if asked.get("wrong") in _WRONG else None,
        "done": asked.get("done") == "code",
        "longest": sharing.LONGEST,
        "headers": {"content-security-policy": policy(_APPS)},
    }
    return "kit", values


async def card(directory: Directory, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
    """Return the card to print."""
    its = await _kit(directory, who, request, "")
    return "card", {
        "kit": its,
        "picture": sharing.picture(its.link.url, "svg").decode(),
        "back": _back(request, "card"),
    }


async def picture(directory: Directory, who: Principal, request: Request) -> Response:
    """Answer with the link as a QR code, to be kept."""
    kind = request.path_params["kind"]
    if kind not in _MEDIA:
        raise Refused(404, "own_gone")
    its = await _kit(directory, who, request, "")
    headers = {**HIDDEN, "content-disposition": f'attachment; filename="link.{kind}"'}
    return Response(sharing.picture(its.link.url, kind), 200, headers, media_type=_MEDIA[kind])


async def to(directory: Directory, who: Principal, request: Request, said: Sent) -> Response:
    """Say that a channel is opened, and lead to it. That it cannot be said now keeps nobody waiting."""
    channel = request.path_params["channel"]
    if channel not in CHANNELS:
        raise Refused(404, "own_gone")
    its = await _kit(directory, who, request, _one(said, "text"), next(iter(said.fields.get("said", ())), None))
    try:
        program, text = request.path_params["program"], None if its.edited else its.variant
        await say.sharing.shared(who, directory, program, channel, text)
    except (BehindError, *TRANSIENT) as error:
        _log.warning("that a link was shared could not be written down: %s", type(error).__name__)
    url = next((it.url for it in its.messages if it.channel == channel), None)
    return Response(None, 204, HIDDEN) if url is None else RedirectResponse(url, 303, HIDDEN)


async def change(directory: Directory, who: Principal, request: Request, said: Sent) -> Response:
    """Choose another code, and come back to the page, which says what became of it."""
    key, wrong = f"code:{who.actor.id}:{_one(said, 'once')}", None
    try:
        entry = await say.sharing.change_own(who, directory, request.path_params["program"], _one(said, "code"), key)
        if entry.refused:
            refusal = entry.verdicts[0].refusal
            wrong = refusal if refusal in _WRONG else "refused"
    except InvalidError:
        wrong = "unreadable"
    except CommandConflictError:  # by a page of before: what is refused leaves nothing, so that one was taken by it
        wrong = "code_changed_before"
    done = f"wrong={wrong}" if wrong else "done=code"
    return RedirectResponse(f"{_back(request, 'code')}?{done}#code", 303, HIDDEN)


async def _kit(
    directory: Directory, who: Principal, request: Request, text: str, said: str | None = None
) -> see.sharing.Kit:
    return await see.sharing.own(who, directory, request.path_params["program"], text[:_LONGEST] or None, said)


def _back(request: Request, last: str) -> str:
    return request.url.path.removesuffix(f"/{last}")


def _one(said: Sent, name: str) -> str:
    return typed.said_of(said, name)[:_LONGEST]

"""Saying no: a decision is not right, a friend is missing, an answer is appealed, and what is written about it to the team.

A form that is refused is shown again with what was typed. Must not know: SQL, rules, who may say what.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.routing import Route

from goodword import words
from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.errors import InvalidError
from goodword.app.principal import Principal
from goodword.app.say.disputes import Missing
from goodword.app.write.commands import CommandConflictError
from goodword.core import calendar
from goodword.core.disputes import REASONS
from goodword.core.entry import Entry
from goodword.portal.own import Pages, Wrong
from goodword.portal.typed import said_of
from goodword.web.forms import Sent

#: Characters of a text, of a mail, of an order's number.
MOST: Final = 2_000
_MAIL: Final = 320
_ORDER: Final = 100
_ONCE: Final = 64
#: How a friend heard of it.
HOW: Final = ("link", "code", "told", "other")
#: Refusals of which one is told why; of all others, that it could not be taken.
_REFUSED: Final = frozenset(
    {
        "case_open",
        "too_many",
        "appeal_over",
        "wrong_state",
        "self_referral",
        "in_future",
        "program_not_live",
        "program_not_active",
    }
)

Show = tuple[str, dict[str, Any]]


def routes(pages: Pages, directory: Directory, here: str) -> Sequence[Route]:
    """Return the routes. ``here``: the path of a workspace."""
    it = _Saying(directory)
    return (
        Route(f"{here}/wrong/{{id}}", pages.served(it.wrong), methods=["GET"]),
        Route(f"{here}/wrong/{{id}}", pages.sent(it.dispute, it.wrong), methods=["POST"]),
        Route(f"{here}/missing", pages.served(it.missing), methods=["GET"]),
        Route(f"{here}/missing", pages.sent(it.claim, it.missing), methods=["POST"]),
        Route(f"{here}/said", pages.served(it.every), methods=["GET"]),
        Route(f"{here}/said/{{id}}", pages.served(it.one), methods=["GET"]),
        Route(f"{here}/said/{{id}}", pages.sent(it.write, it.one), methods=["POST"]),
        Route(f"{here}/said/{{id}}/appeal", pages.sent(it.appeal, it.one), methods=["POST"]),
    )


class _Saying:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def wrong(self, who: Principal, request: Request) -> Show:
        about = await see.disputes.about(who, self._directory, request.path_params["id"])
        return "wrong", {"about": about, "reasons": REASONS, "wrong": None, "typed": {}}

    async def dispute(self, who: Principal, request: Request, said: Sent) -> str:
        reason, text = said_of(said, "reason"), text_of(said, needed=False)
        order, day = said_of(said, "order")[:_ORDER], said_of(said, "day")[:_ORDER]
        named = [(words.portal("say.order"), order), (words.portal("say.day"), day)]
        whole = "\n".join([*([text] if text else []), *(f"{name}: {it}" for name, it in named if it)])
        subject, key = request.path_params["id"], key_of(who, said)
        entry = await taken(say.disputes.open_(who, self._directory, subject, reason, whole or None, key))
        return f"/said/{entry.verdicts[0].subject}?done=1"

    async def missing(self, who: Principal, _: Request) -> Show:
        view = await see.disputes.claimable(who, self._directory)
        return "missing", {"view": view, "how": HOW, "wrong": None, "typed": {}}

    async def claim(self, who: Principal, _: Request, said: Sent) -> str:
        """Claim a friend; whether there is one of that name shows in nothing."""
        mail, order = said_of(said, "mail"), said_of(said, "order")[:_ORDER]
        if len(mail) > _MAIL:
            raise Wrong("mail")
        how = said_of(said, "how")
        lines = [words.portal(f"say.how.{how if how in HOW else HOW[-1]}"), text_of(said, needed=False)]
        lines += [f"{words.portal('say.order')}: {order}"] if order else []
        at = _day(said_of(said, "day"), await see.disputes.now(who, self._directory))
        friend = Missing(said_of(said, "program"), mail, order or None, at)
        await taken(say.disputes.claim(who, self._directory, friend, "\n".join(filter(None, lines)), key_of(who, said)))
        return "/said?done=claimed"

    async def every(self, who: Principal, request: Request) -> Show:
        before = request.query_params.get("before", "")[:64].replace("\0", "")
        view = await see.disputes.own(who, self._directory, before=before)
        return "said", {"view": view, "done": request.query_params.get("done") == "claimed"}

    async def one(self, who: Principal, request: Request) -> Show:
        talk = await see.disputes.own_one(who, self._directory, request.path_params["id"])
        now = await see.disputes.now(who, self._directory)
        done = "done" in request.query_params
        return "talk", {"it": talk, "now": now, "done": done, "wrong": None, "typed": {}}

    async def write(self, who: Principal, request: Request, said: Sent) -> str:
        talk, text = request.path_params["id"], text_of(said)
        await taken(say.disputes.write(who, self._directory, talk, text, key_of(who, said)))
        return f"/said/{talk}"

    async def appeal(self, who: Principal, request: Request, said: Sent) -> str:
        talk, text = request.path_params["id"], text_of(said, needed=False) or None
        await taken(say.disputes.appeal(who, self._directory, talk, text, key_of(who, said)))
        return f"/said/{talk}"


async def taken(doing: Awaitable[Entry]) -> Entry:
    """Return the entry of what was taken. Raises Wrong with why it was not."""
    try:
        entry = await doing
    except InvalidError as error:
        raise Wrong(error.parameter if error.parameter in ("mail", "reason", "text") else "form") from None
    except CommandConflictError:
        raise Wrong("said_before") from None
    refusal = entry.verdicts[0].refusal if entry.verdicts and entry.verdicts[0].refused else None
    if refusal is not None:
        raise Wrong(refusal if refusal in _REFUSED else "form")
    return entry


def key_of(who: Principal, said: Sent) -> str:
    """Return what makes sending a form twice one. Raises Wrong for a form without it."""
    once = said_of(said, "once")
    if not 0 < len(once) <= _ONCE:
        raise Wrong("form")
    return f"{who.actor.id}:{once}"


def text_of(said: Sent, *, needed: bool = True) -> str:
    """Return what was typed. Raises Wrong for too much, and for nothing where something is needed."""
    text = said_of(said, "text")
    if len(text) > MOST or (needed and not text):
        raise Wrong("text")
    return text


def _day(text: str, now: int) -> int:
    """Return the last instant of a day of UTC that was typed, or now, if it is not over. Raises Wrong for what is no day."""
    try:
        begins = calendar.day_begins(text, "UTC")
    except (ValueError, OverflowError):
        raise Wrong("day") from None
    return begins if begins > now else min(begins + calendar.DAY - 1, now)

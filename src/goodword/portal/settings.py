"""Settings: where one is paid, the tax form, language, mails, and when one agreed to what; and the link that confirms another account.

What was typed is checked as everywhere; a form that is refused is shown again with each field that is wrong. Must not know: SQL, rules.
"""

from __future__ import annotations

from collections.abc import Awaitable, Iterator, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from goodword.app import payout_link, portal_in, say, see
from goodword.app.directory import Directory
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.principal import Principal
from goodword.app.write.commands import CommandConflictError
from goodword.core.entry import Entry
from goodword.core.rules import TOPICS
from goodword.outbound.rails import DetailsError, Field
from goodword.portal.answering import Answering, Refused
from goodword.portal.own import Pages, Wrong
from goodword.portal.typed import said_of
from goodword.web.forms import Sent

_LONGEST: Final = 200  # characters of a field
_ONCE: Final = 64
_REFUSED: Final = ("too_many", "tax_form_over", "mail_unknown", "sign_in_again")
_DONE: Final = ("pay", "asked", "kept", "tax", "language", "mails")

Show = tuple[str, dict[str, Any]]


def routes(pages: Pages, answering: Answering, here: str) -> Sequence[Route]:
    """Return the routes. ``here``: the path of a workspace."""
    it, link = _Settings(pages, answering.directory), _Link(answering)
    said = {
        "payout": it.enter,
        "payout/withdrawn": it.withdraw,
        "tax": it.tax,
        "language": it.language,
        "mails": it.mails,
    }
    return (
        Route(f"{here}/settings", pages.served(it.shown), methods=["GET"]),
        *(Route(f"{here}/settings/{name}", pages.sent(do, it.shown), methods=["POST"]) for name, do in said.items()),
        Route(f"{here}/payout/{{token}}", link.shown, methods=["GET"]),
        Route(f"{here}/payout/{{token}}", link.answered, methods=["POST"]),
    )


class _Wrong(Wrong):
    """Fields were not right."""

    def __init__(self, fields: Sequence[str]) -> None:
        super().__init__(" ".join(fields))


class _Settings:
    def __init__(self, pages: Pages, directory: Directory) -> None:
        self._pages = pages
        self._directory = directory

    async def shown(self, who: Principal, request: Request) -> Show:
        view, done = await see.settings.own(who, self._directory), request.query_params.get("done")
        sign_in = view.account is None and not await self._lately(who, request)
        ways = [(rail, *way) for rail, fields in view.rails.items() for way in _ways(fields)]
        forms = [(it, kind, see.settings.FIELDS[kind]) for it in view.forms for kind in it.kinds]
        values = {
            "view": view,
            "ways": ways,
            "tax": forms,
            "choices": see.settings.CHOICES,
            "refused": (*_REFUSED, "form"),
            "sign_in": sign_in,
        }
        return "settings", {**values, "typed": {}, "done": done if done in _DONE else None}

    async def enter(self, who: Principal, request: Request, said: Sent) -> str:
        rail, details, lately = said_of(said, "rail"), _details(said), await self._lately(who, request)
        entry = await _taken(say.settings.enter(who, self._directory, rail, details, _key(who, said), lately=lately))
        asked = entry.verdicts[0].outcome == "payee_asked"
        return f"/settings?done={'asked' if asked else 'pay'}"

    async def _lately(self, who: Principal, request: Request) -> bool:
        return await portal_in.came_lately(self._directory, who.workspace.id, self._pages.session(request))

    async def withdraw(self, who: Principal, _: Request, said: Sent) -> str:
        await _taken(say.settings.withdraw(who, self._directory, _key(who, said)))
        return "/settings?done=kept"

    async def tax(self, who: Principal, _: Request, said: Sent) -> str:
        of = said_of(said, "jurisdiction"), said_of(said, "kind")
        await _taken(say.settings.give_form(who, self._directory, *of, _details(said), _key(who, said)))
        return "/settings?done=tax#tax"

    async def language(self, who: Principal, _: Request, said: Sent) -> str:
        await _taken(say.settings.speak(who, self._directory, said_of(said, "language"), _key(who, said)))
        return "/settings?done=language#language"

    async def mails(self, who: Principal, _: Request, said: Sent) -> str:
        wanted, none = set(said.fields.get("topic", ())), "none" in said.fields
        off = [it for it in TOPICS if it not in wanted]
        await _taken(say.settings.choose(who, self._directory, off, _key(who, said), none=none), same=True)
        return "/settings?done=mails#mails"


class _Link:
    """The page behind the link in a mail. A look changes nothing, for programs look at every link of a mail."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._directory = answering.directory

    async def shown(self, request: Request) -> Response:
        async def show() -> Response:
            it = await self._opened(request)
            return self._page(it, "ask" if it.due_at is None else "waits")

        return await self._answering.answered(show)

    async def answered(self, request: Request) -> Response:
        async def answer() -> Response:
            it = await self._opened(request)
            outcome = said_of(await self._answering.form(request, it.person.encode()), "outcome")
            if outcome not in ("confirmed", "withdrawn"):
                raise Refused(404, "gone")
            if not await payout_link.answer(self._directory, it, outcome):  # type: ignore[arg-type]
                raise Refused(404, "gone")
            return self._page(it, outcome)

        return await self._answering.answered(answer)

    async def _opened(self, request: Request) -> payout_link.Opened:
        """Return what the link is about. Of addresses that open nothing one tries only so many."""
        self._answering.looked(request)
        asked = request.path_params
        it = await payout_link.opened(self._directory, asked["workspace"], asked["token"])
        if it is None:
            raise Refused(404, "gone")
        return it

    def _page(self, it: payout_link.Opened, code: str) -> Response:
        ws = it.workspace
        values = {"it": it, "code": code, "workspace": ws.name, "live": ws.mode == "live", "root": f"/portal/{ws.id}"}
        return self._answering.page("payout.html", values)


def _ways(fields: Sequence[Field]) -> Iterator[tuple[str, list[Field], list[Field]]]:
    """Yield each way in which a rail can be told where to pay: its fields, and those that may be left out."""
    for way in dict.fromkeys(it.way for it in fields if it.way is not None) or [fields[0].name]:
        its = [it for it in fields if it.way in (None, way)]
        yield way, [it for it in its if it.required], [it for it in its if not it.required]


def _details(said: Sent) -> dict[str, str]:
    """Return the fields of a form that begin as its details do, without those that were left empty."""
    named = {name.removeprefix("d."): said_of(said, name)[:_LONGEST] for name in said.fields if name.startswith("d.")}
    return {name: text for name, text in named.items() if text}


def _key(who: Principal, said: Sent) -> str:
    """Return what makes sending a form twice one. Raises Wrong for a form without it."""
    once = said_of(said, "once")
    if not 0 < len(once) <= _ONCE:
        raise Wrong("form")
    return f"{who.actor.id}:{once}"


async def _taken(doing: Awaitable[Entry], *, same: bool = False) -> Entry:
    """Return the entry of what was taken; ``same``: it may change nothing. Raises Wrong with why it was not."""
    try:
        entry = await doing
    except DetailsError as error:
        raise _Wrong([it.field for it in error.problems]) from None
    except ConflictError as error:
        raise Wrong(error.code if error.code in _REFUSED else "form") from None
    except (InvalidError, CommandConflictError):
        raise Wrong("form") from None
    refusal = entry.verdicts[0].refusal if entry.verdicts and entry.verdicts[0].refused else None
    if refusal is not None and not (same and refusal == "nothing_to_do"):
        raise Wrong(refusal if refusal in _REFUSED else "form")
    return entry

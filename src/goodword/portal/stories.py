"""Tips and stories: what others tell, what one hands in, and where one permits that it is shown.

A form that is refused is shown again with what was typed. Must not know: SQL, rules, who may see what.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.routing import Route

from goodword.app import say, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.core.stories import PLACES, WHAT
from goodword.portal.own import Pages, consented
from goodword.portal.saying import key_of, taken
from goodword.portal.typed import said_of
from goodword.web.forms import Sent

_DONE: Final = ("given", "revoked", "handed_in")


def routes(pages: Pages, directory: Directory, here: str) -> Sequence[Route]:
    """Return the routes. ``here``: the path of a workspace."""
    it = _Stories(directory)
    return (
        Route(f"{here}/stories", pages.served(it.shown), methods=["GET"]),
        Route(f"{here}/stories", pages.sent(it.hand_in, it.shown), methods=["POST"]),
        Route(f"{here}/stories/shown", pages.sent(it.permit, it.shown), methods=["POST"]),
    )


class _Stories:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def shown(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        done = request.query_params.get("done")
        view = await see.stories.own(who, self._directory)
        values = {"view": view, "what": WHAT, "places": tuple(PLACES), "most": say.stories.MOST}
        return "stories", {**values, "done": done if done in _DONE else None, "wrong": None, "typed": {}}

    async def hand_in(self, who: Principal, _: Request, said: Sent) -> str:
        program, what, text = (said_of(said, name) for name in ("program", "what", "text"))
        words = text.replace("\r\n", "\n")
        await taken(say.stories.hand_in(who, self._directory, program, what, words, key_of(who, said)))
        return "/stories?done=handed_in"

    async def permit(self, who: Principal, _: Request, said: Sent) -> str:
        """Permit that theirs are shown in a place, by a name, or no longer."""
        purpose = PLACES.get(said_of(said, "place"), "")
        return f"/stories?done={await consented(who, self._directory, purpose, said)}"

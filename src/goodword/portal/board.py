"""The leaderboard: what stands on it, how one comes to stand there by a name of one's own, and how one leaves it.

Must not know: SQL, rules, who may see what.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.routing import Route

from goodword.app import portal, see
from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.portal.own import Pages, consented
from goodword.web.forms import Sent

_DONE: Final = ("given", "revoked")


def routes(pages: Pages, directory: Directory, here: str) -> Sequence[Route]:
    """Return the routes. ``here``: the path of a workspace."""
    it = _Board(directory)
    return (
        Route(f"{here}/board", pages.served(it.shown), methods=["GET"]),
        Route(f"{here}/board", pages.sent(it.agree, it.shown), methods=["POST"]),
    )


class _Board:
    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def shown(self, who: Principal, request: Request) -> tuple[str, dict[str, Any]]:
        done = request.query_params.get("done")
        view = await see.boards.own(who, self._directory)
        return "board", {"view": view, "done": done if done in _DONE else None, "wrong": None, "typed": {}}

    async def agree(self, who: Principal, _: Request, said: Sent) -> str:
        """Stand on it by a name, or no longer."""
        return f"/board?done={await consented(who, self._directory, portal.BOARD, said)}"

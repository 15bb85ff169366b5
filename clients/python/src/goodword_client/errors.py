"""What may go wrong, by what there is to do about it."""

from __future__ import annotations

from typing import Any


class GoodwordError(Exception):
    """Any of these."""


class UnreachableError(GoodwordError):
    """Nobody answered, or only that there is no room, also after every retry: send the same again later."""


class ApiError(GoodwordError):
    """The server said no. ``code`` is stable, ``status`` is HTTP's, ``field`` the place that is wrong, where one is.

    ``errors``: every such place; ``evt``: of a command that was refused, its decision in the log; ``detail``: what to do.
    """

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        self.status = status
        self.code = str(problem.get("code", "unreadable_answer"))
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, str]] = problem.get("errors") or []
        self.field: str | None = self.errors[0].get("path") if self.errors else None
        self.evt: str | None = problem.get("evt")
        super().__init__(f"{self.code}: {self.detail} ({status}{f', {self.field}' if self.field else ''})")


class EventRefusedError(GoodwordError):
    """This event cannot be used as it is: ``code`` and ``field`` say why; of another one of the same id, ``id_taken``."""

    def __init__(self, id_: str | None, code: str, field: str | None) -> None:
        self.id = id_
        self.code = code
        self.field = field
        super().__init__(f"{code}: event {id_}{f', {field}' if field else ''}")


class FullError(GoodwordError):
    """The queue holds as much as it may: the server has been away for long, or events come faster than they go."""


class WebhookError(GoodwordError):
    """The delivery is not to be believed; ``reason`` says why: headers, timestamp, signature or body."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)

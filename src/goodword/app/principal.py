"""Who calls, and what a use case asks of them. Every public function of ``say`` and ``see`` takes one first.

Must not know: HTTP, how somebody was recognised.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Literal, ParamSpec, Protocol, TypeVar

from msgspec import Struct

from goodword.core import access
from goodword.core.facts import Actor
from goodword.store.workspaces import Workspace

#: How somebody came: by a service key, by a member's key, by a session at a page, by a link of their own, by holding the database, or
#: as the system itself because it was time.
Way = Literal["sk", "wk", "pk", "mk", "session", "link", "operator", "timer"]


_WHOLE = "{action} concerns the whole workspace, and you are limited to programs of it: ask somebody who is not."


class NotPermittedError(Exception):
    """Who calls may not do this. ``action``: what it takes; ``reason``: another one than their roles or key, which says what to do."""

    def __init__(self, action: str, reason: str | None = None) -> None:
        super().__init__(reason or f"The key does not allow {action}.")
        self.action = action
        self.reason = reason


class Principal(Struct, frozen=True):
    """Who calls: how they came, the workspace that is open to them, and the actor that their commands are said by.

    An actor of the kind ``person`` is one person: they see and say only what is theirs.
    """

    way: Way
    workspace: Workspace
    actor: Actor

    def may(self, action: str) -> bool:
        """Return whether they may do the action."""
        return access.allowed(self.actor, action)

    def needs(self, action: str) -> None:
        """Raise NotPermittedError unless they may do the action."""
        if not self.may(action):
            whole = self.actor.programs and action in access.WHOLE
            raise NotPermittedError(action, _WHOLE.format(action=action) if whole else None)

    @property
    def programs(self) -> tuple[str, ...] | None:
        """The ids of the programs that they are limited to; None: all."""
        return self.actor.programs or None

    def sees(self, *programs: str | None) -> bool:
        """Return whether what belongs to these programs is shown to them."""
        return access.covers(self.actor, *programs)


class Operator(Struct, frozen=True):
    """Whoever holds the database and its master key, at the command line: works with the installation, looks at any workspace."""

    actor: Actor = Actor(id="operator", kind="operator")

    def needs(self, action: str) -> None:
        """Raise NotPermittedError unless they may do the action."""
        if not access.allowed(self.actor, action):
            raise NotPermittedError(action)

    def at(self, workspace: Workspace, actor: Actor | None = None) -> Principal:
        """Return them as a principal of a workspace, in the name of a member or in their own."""
        return Principal("operator", workspace, actor or self.actor)


OPERATOR = Operator()


class _Caller(Protocol):
    def needs(self, action: str) -> None: ...


C = TypeVar("C", bound=_Caller)
P = ParamSpec("P")
R = TypeVar("R")


def requires(action: str) -> Callable[[Callable[Concatenate[C, P], R]], Callable[Concatenate[C, P], R]]:
    """Let a use case ask its caller for an action before it does anything. Raises KeyError for an unknown action.

    The use case raises NotPermittedError as it is called, before it is awaited.
    """
    if action not in access.ACTIONS:
        raise KeyError(action)

    def asking(function: Callable[Concatenate[C, P], R]) -> Callable[Concatenate[C, P], R]:
        @wraps(function)
        def asked(who: C, /, *args: P.args, **kwargs: P.kwargs) -> R:
            who.needs(action)
            return function(who, *args, **kwargs)

        asked.__dict__["action"] = action
        return asked

    return asking


def action_of(function: Callable[..., object]) -> str:
    """Return the action that a use case asks for. Raises KeyError for a function that asks for none."""
    return str(function.__dict__["action"])

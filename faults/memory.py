"""What a process of the product remembers, apart for each of the processes that are simulated in this one.

Whoever runs a statement is the process that it belongs to, until it runs one of another. Without this two simulated processes would
tell each other what only the database can tell them.
"""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

from goodword.app.write import cache, loader, process


class _Here:
    """This process itself."""


_PROCESS: ContextVar[object] = ContextVar("process", default=_Here())  # noqa: B039 - it has no state
_REMEMBERS = ((cache, "_kept"), (loader, "_VERSIONS"), (process, "_paces"))


def be(who: object) -> None:
    """Go on as this process."""
    _PROCESS.set(who)


@contextmanager
def apart() -> Iterator[None]:
    """Let every simulated process begin with nothing in mind, and keep what it has in mind for itself, until the block ends."""
    patches = [patch.object(module, name, _Apart()) for module, name in _REMEMBERS]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


class _Apart(MutableMapping[Any, Any]):
    """A dict of which each process has its own."""

    def __init__(self) -> None:
        self._all: WeakKeyDictionary[object, dict[Any, Any]] = WeakKeyDictionary()

    @property
    def _mine(self) -> dict[Any, Any]:
        return self._all.setdefault(_PROCESS.get(), {})

    def __getitem__(self, key: Any) -> Any:
        return self._mine[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._mine[key] = value

    def __delitem__(self, key: Any) -> None:
        del self._mine[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._mine)

    def __len__(self) -> int:
        return len(self._mine)

"""A memory with a bound: the last so many values that were asked for. Every cache of a process is one of these."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Values by key, at most ``most`` of them; the longest unused go. ``busy``: which of them may not go yet."""

    def __init__(self, most: int, busy: Callable[[V], bool] | None = None) -> None:
        self.most = most
        self._busy = busy
        self._values: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[V]:
        return iter(list(self._values.values()))

    def get(self, key: K) -> V | None:
        """Return the value under this key, which counts as used; None: there is none."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> V:
        """Keep a value, and return it."""
        self.update({key: value})
        return value

    def update(self, values: Mapping[K, V]) -> None:
        """Keep several values."""
        for key, value in values.items():
            self._values[key] = value
            self._values.move_to_end(key)
        for _ in range(len(self._values) - self.most):
            key, value = self._values.popitem(last=False)
            if self._busy is not None and self._busy(value):
                self._values[key] = value  # looked at again when it is the oldest once more

    def shift(self) -> None:
        """Let the longest unused value go."""
        self._values.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()

"""Keys by the group that their entities are in: what ``State`` finds entities together by. It must not know entities.

Most groups have one key (a friend's only order, a friend's only reward): that key stands there by itself. Larger ones are lists in
order. A state has a group for almost every person.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import Any


class Groups(dict[str, Any]):
    """The groups of one noun, by one of its ways: what is in none is not here. Keys of a noun are all texts or all tuples of texts."""

    __slots__ = ()

    def of(self, group: str) -> Sequence[Any]:
        """The keys in a group, in order."""
        keys = self.get(group)
        if type(keys) is list:
            return keys
        return () if keys is None else (keys,)

    def add(self, group: str, key: Any) -> None:
        """Put a key into a group in which it is not."""
        keys = self.setdefault(group, key)
        if type(keys) is list:
            insort(keys, key)
        elif keys is not key:
            self[group] = sorted((keys, key))

    def remove(self, group: str, key: Any) -> None:
        """Take a key out of the group that it is in."""
        keys = self[group]
        if type(keys) is list and len(keys) > 1:
            del keys[bisect_left(keys, key)]
        else:
            del self[group]

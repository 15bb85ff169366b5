"""Keys by the group that their entities are in: what ``State`` finds entities together by. It must not know entities.

Most groups have one key (a friend's only order, a friend's only reward): that key stands there by itself. Larger ones are lists in
order. A state has a group for almost every person.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence


class Groups:
    """The groups of one noun."""

    __slots__ = ("_keys",)

    def __init__(self) -> None:
        self._keys: dict[str, str | list[str]] = {}

    def of(self, group: str) -> Sequence[str]:
        """The keys in a group, in order."""
        found = self._keys.get(group, ())
        return (found,) if isinstance(found, str) else found

    def add(self, group: str, key: str) -> None:
        """Put a key into a group in which it is not."""
        found = self._keys.setdefault(group, key)
        if isinstance(found, list):
            insort(found, key)
        elif found is not key:
            self._keys[group] = sorted((found, key))

    def remove(self, group: str, key: str) -> None:
        """Take a key out of the group that it is in."""
        found = self._keys[group]
        if isinstance(found, list) and len(found) > 1:
            del found[bisect_left(found, key)]
        else:
            del self._keys[group]

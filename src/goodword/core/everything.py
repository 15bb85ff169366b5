"""A set that holds everything: what is absent where there is nothing of a noun, what may be read where nobody need ask."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, Final


class _Everything(set[Any]):
    """Holds whatever is looked for; it cannot be walked through."""

    def __contains__(self, _: object) -> bool:
        return True

    def __ge__(self, _: AbstractSet[object]) -> bool:
        return True


EVERYTHING: Final = _Everything()

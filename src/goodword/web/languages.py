"""Which languages a browser likes, as its request says. Must not know: in which ones there are words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

#: Characters and languages of a header that are read.
_LONGEST: Final = 500
_MOST: Final = 20


def liked(header: str) -> Iterator[str]:
    """Yield the tags of an ``Accept-Language`` (RFC 9110, 12.5.4), the most liked first; of what cannot be read nothing."""
    found = []
    for part in header[:_LONGEST].split(",")[:_MOST]:
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if quality > 0:
            found.append((quality, tag.strip()))
    yield from (tag for _, tag in sorted(found, key=lambda it: -it[0]))

"""What the renderings share of HTTP: how many bytes of bodies are held, and read in vain. Must not know: what is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

DRAINED = 16 << 20  # bytes of a body too large that are still read, so that the sender hears why


class FullError(Exception):
    """Too much is held at once: later there may be room again."""

    code = "busy"
    detail = "Too many large requests at once. Send it again."
    again_after = 1  # seconds


class Room:
    """Bytes of bodies that are held at once, all connections together: a key that a page shows everybody bounds nobody."""

    def __init__(self, most: int = 32 << 20) -> None:
        self.left = most

    @contextmanager
    def share(self) -> Iterator[Callable[[int], None]]:
        """Yield what takes room for so many bytes more, or raises FullError; all that was taken is given back at the end."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if size > self.left:
                raise FullError
            self.left -= size
            taken += size

        try:
            yield take
        finally:
            self.left += taken

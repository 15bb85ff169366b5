"""A clock that stands where it is put: for what is told by real time and took days."""

from goodword.app.engine import Clock


class Past(Clock):
    """Shows ``at``, an instant."""

    def __init__(self, at: int) -> None:
        self.at = at

    def now(self) -> int:
        """Return the instant at which it stands."""
        return self.at

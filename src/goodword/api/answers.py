"""What a command is answered with: its decision, or a problem if nothing of it was done."""

from __future__ import annotations

from goodword.api import models
from goodword.api.errors import refused
from goodword.core.entry import Entry


def done(entry: Entry) -> models.Decision:
    """The decision. Raises ProblemError if everything was refused."""
    problem = refused(entry)
    if problem is not None:
        raise problem
    return models.decision(entry)

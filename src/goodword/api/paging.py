"""Cursor pages: ``limit`` items behind ``after``, in order of id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from goodword.api import models

After = Annotated[str, Query(max_length=300, description="The cursor of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]


def page(items: Sequence[Any], limit: int, cursor: str | None = None) -> models.Page[Any]:
    """A page; a full one may have a successor. ``cursor``: if it is not the last item's id."""
    more = len(items) == limit
    return models.Page(items=list(items), after=(cursor or items[-1].id) if more else None)

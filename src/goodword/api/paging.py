"""Cursor pages: ``limit`` items behind ``after``, in order of id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Query

from goodword.api import models
from goodword.app.see.paging import Page

T = TypeVar("T")

After = Annotated[str, Query(max_length=300, description="The cursor of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]


def page(rows: Page[T], show: Callable[[T], Any]) -> models.Page[Any]:
    """Return a page as the API gives it."""
    return models.Page(items=[show(row) for row in rows.items], after=rows.after)

"""Advocate and friend have mail at one domain that is no provider's for everybody: colleagues, perhaps one company."""

from __future__ import annotations

from goodword.core.kinds.signals.base import Scene
from goodword.core.state import Flag

#: The kind of key that such a domain is.
KEY = "domain"


def look(scene: Scene) -> list[Flag]:
    """One flag."""
    return [Flag("company_domain", {})] if KEY in scene.keys else []

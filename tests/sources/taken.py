"""What a source makes of a request, as fields that a test can compare."""

import json
from typing import Any

import msgspec

from goodword.core import calendar
from goodword.sources.base import Problem, Request, Source

NOW = calendar.parse("2026-11-27T12:00:00Z")


def taken(source: Source, path: str, body: Any, now: int = NOW, method: str = "POST") -> list[Any]:
    """Return what a body becomes: each item the fields of its event, None, or its problem."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = []
    for item in source.read(Request(path, lambda _: "", text, now, method=method)):
        mapped = item if isinstance(item, Problem) else source.map(item)
        if isinstance(mapped, Problem):
            found.append(mapped)
        else:
            found.append(msgspec.json.decode(msgspec.json.encode(mapped[0])) if mapped else None)
    return found

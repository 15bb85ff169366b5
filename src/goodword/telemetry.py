"""Logs: one JSON object a line, or lines for people, on standard error.

What an exception of somebody else says may repeat what was sent, such as a name that could not be stored: of those the class and the
trace are told and not the message. Must not know: what is logged.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

_KNOWN = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "color_message"})
#: Loggers of others that tell of each request, with its address.
_QUIET = ("httpx", "httpcore", "asyncio", "uvicorn.access")


def configure(level: str, form: str | None = None) -> None:
    """Write logs of this level and above, as ``json`` or ``text``; None: as text where a person reads. Once a process."""
    form = form or ("text" if sys.stderr.isatty() else "json")
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Json() if form == "json" else Text())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("uvicorn").handlers = []  # it goes to ours
    logging.captureWarnings(True)


class Json(logging.Formatter):
    """An object a line: time, level, logger, message, what the record has besides, and an exception with its trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        said: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_more(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            said |= {"error": _named(record.exc_info[1]), "trace": _trace(record.exc_info[1])}
        return json.dumps(said, ensure_ascii=False, default=str)


class Text(logging.Formatter):
    """A line for people; a trace stands below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines."""
        more = "".join(f" {name}={value}" for name, value in _more(record).items())
        message = record.getMessage().replace("\r", r"\r").replace("\n", r"\n")
        line = f"{_time(record)} {record.levelname:7} {record.name}: {message}{more}"
        if record.exc_info and record.exc_info[1] is not None:
            line += f"\n{_trace(record.exc_info[1])}"
        return line


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _more(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _KNOWN}


def _trace(error: BaseException) -> str:
    """Return the frames and classes of an exception and of those before it, the first one first."""
    parts: list[str] = []
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"{frames}{_named(error)}")
        if isinstance(error, BaseExceptionGroup):
            parts += [_trace(inner) for inner in error.exceptions]
        before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if before is None:
            break
        error = before
    return "\n\nwhich led to\n\n".join(reversed(parts))


def _named(error: BaseException) -> str:
    """Return the class of an exception, and what it says where that is ours or the system's own."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    if kind.__module__.startswith("goodword."):
        return f"{name}: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    code = getattr(error, "sqlstate", None)
    return f"{name} ({code})" if isinstance(code, str) else name

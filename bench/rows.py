"""The rows that statements read, as PostgreSQL tells of each (auto_explain): repeatable, whatever else the machine does."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from place import Place
from testkit.database import scans

from goodword.store.embedded_place import find_place

_SETTINGS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
}
_TOLD = re.compile(rb"LOG:  duration: [0-9.]+ ms  plan:\n((?:\t.*\n)+)")


class Read(NamedTuple):
    """A statement that was run: its first line, which says what for, and the rows that it read of tables and indexes."""

    statement: str
    rows: float


class Told:
    """What PostgreSQL tells. ``since`` gives what it told since the last time."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._seen = log.stat().st_size

    def since(self) -> list[Read]:
        """Return the statements that ended since this was asked last, or since the beginning."""
        with self._log.open("rb") as file:
            file.seek(self._seen)
            text = file.read()
        self._seen += len(text)
        return list(_read(text))


def _read(text: bytes) -> Iterator[Read]:
    for told in _TOLD.finditer(text):
        said = json.loads(told[1].replace(b"\n\t", b"\n"))
        rows = sum(
            scan["Actual Loops"]
            * (scan["Actual Rows"] + sum(scan.get(f"Rows Removed by {why}", 0) for why in _REMOVED))
            for scan in scans(said["Plan"])
        )
        yield Read(said["Query Text"].partition("\n")[0].removeprefix("-- "), rows)


_REMOVED = ("Filter", "Index Recheck")


@asynccontextmanager
async def telling(place: Place) -> AsyncIterator[Told]:
    """Let PostgreSQL tell of every statement of the sessions that begin within the block."""
    for name, value in _SETTINGS.items():
        await place.database.execute(f"alter database goodword set {name} = '{value}'")
    try:
        yield Told(find_place(place.home).folder / "server.log")
    finally:
        for name in _SETTINGS:
            await place.database.execute(f"alter database goodword reset {name}")

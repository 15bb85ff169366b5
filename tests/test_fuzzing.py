"""The fuzzing sees what is wrong: answers that are no problem documents, exceptions, events acknowledged and not stored."""

from pathlib import Path
from typing import Any

import pytest
from faults.fuzz import all_decoders
from faults.fuzz_house import installed

from goodword.sources import native_read, rule_file
from goodword.store import inbox

COUNT = 120


async def _wrong(database: str, home: Path, count: int = COUNT) -> str:
    async with installed(database, home, 1) as fuzz:
        result = await all_decoders(fuzz, count)
    assert result.tried == 6 * count
    assert result.good is not bool(fuzz.wrong)
    return "\n".join(result.examples)


async def test_nothing_breaks_on_a_few_inputs(database: str, tmp_path: Path) -> None:
    """A few hundred inputs of each decoder are answered as they should be, and what was acknowledged verifies."""
    assert await _wrong(database, tmp_path, 300) == ""


async def test_exceptions_are_seen(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that raises where it should refuse is named with its input."""

    def reads(_: bytes) -> Any:
        raise RecursionError("on purpose")

    real = rule_file.read
    monkeypatch.setattr(native_read, "read", reads)
    monkeypatch.setattr(rule_file, "read", lambda data, name: real(data, name) if b"limits" in data else 1 / 0)
    wrong = await _wrong(database, tmp_path)
    assert "RecursionError: on purpose · events: POST /v1/events" in wrong
    assert "rule files: ZeroDivisionError" in wrong


async def test_what_is_acknowledged_and_not_stored_is_seen(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inbox that says yes and keeps nothing is found."""

    async def adds(_: Any, __: str, rows: Any) -> set[str]:
        return {row.evt for row in rows}

    monkeypatch.setattr(inbox, "add", adds)
    assert "stored and not acknowledged, or the other way" in await _wrong(database, tmp_path)

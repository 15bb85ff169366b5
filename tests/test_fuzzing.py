"""The fuzzing sees what is wrong: answers that are no problem documents, exceptions, events acknowledged and not stored."""

from pathlib import Path
from typing import Any

import pytest
from faults import fuzz_house
from faults.fuzz import one_decoder
from faults.fuzz_decoders import DECODERS

from goodword.core import ids
from goodword.edge import events, web
from goodword.sources import native_read, rule_file
from goodword.store import inbox

COUNT = 120


async def _wrong(database: str, home: Path, name: str, count: int = COUNT) -> str:
    return "\n".join((await one_decoder(database, home, name, 1, count)).wrong)


@pytest.mark.parametrize("name", DECODERS)
async def test_nothing_breaks_on_a_few_inputs(
    database: str, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some inputs of each decoder are answered as they should be, and what was acknowledged verifies; each is counted."""
    monkeypatch.setattr(fuzz_house, "_ROUND", 80)
    fuzz = await one_decoder(database, tmp_path, name, 1, 200)
    assert fuzz.wrong == []
    assert fuzz.tried == 200
    assert fuzz.answers.total() >= 200


async def test_a_seed_reproduces_a_run(database: str, tmp_path: Path) -> None:
    """The same seed gives the same inputs, another one others."""
    runs = [(await one_decoder(database, tmp_path, "texts", chance, COUNT)).answers for chance in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]


async def test_exceptions_are_seen(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that raises where it should refuse is named, with the smallest input that makes it raise."""
    real, real_rules = native_read.read, rule_file.read
    monkeypatch.setattr(native_read, "read", lambda body: real(body) if b"{" in body else 1 / 0)
    monkeypatch.setattr(
        rule_file, "read", lambda data, name, **more: real_rules(data, name, **more) if b"limits" in data else 1 / 0
    )
    wrong = await _wrong(database, tmp_path, "native events")
    assert "answered 500" in wrong
    assert "{'body': (b'null', {}), 'headers': {}, 'parts': 1, 'cut': False}" in wrong
    wrong = await _wrong(database, tmp_path, "rule files")
    assert "ZeroDivisionError" in wrong
    assert "((b'null', 'rules.json'), False)" in wrong


async def test_what_is_read_leniently_is_seen(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An id that is read from a text that is more than the id is found."""
    real = ids.decode
    monkeypatch.setattr(ids, "decode", lambda text: real(text[:30]))
    assert "AssertionError: an id was read leniently" in await _wrong(database, tmp_path, "texts", 1_000)


async def test_answers_without_a_code_are_seen(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal that is no problem document is found."""

    async def replies(send: Any, status: int, *_: Any) -> None:
        await web.reply(send, status, b"no", {})

    monkeypatch.setattr(events, "reply_problem", replies)
    assert "AssertionError: no problem document: 4" in await _wrong(database, tmp_path, "native events")


async def test_what_is_acknowledged_and_not_stored_is_seen(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An inbox that says yes and keeps nothing is found."""

    async def adds(_: Any, __: str, rows: Any) -> set[str]:
        return {row.evt for row in rows}

    monkeypatch.setattr(inbox, "add", adds)
    assert "stored and not acknowledged, or the other way" in await _wrong(database, tmp_path, "native events")

"""What takes long is done beside the requests of its process: a command that looks at much, and a large file for the bank."""

import asyncio
import threading
from typing import Any

import pytest
from tests.app.conftest import House

from goodword.app import see
from goodword.app.proof.audit import verify
from goodword.app.write import commands
from goodword.app.write.batch import Batch
from goodword.core import events
from goodword.core.entry import Entry
from goodword.outbound import files


async def test_a_large_command_is_decided_while_the_loop_goes_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond so many entities a command is decided in a thread, the loop turns meanwhile, and the log is what a replay makes."""
    await house.accept(*house.story())
    loop, turned, threads = asyncio.get_running_loop(), threading.Event(), []
    real = Batch.take

    def noted(batch: Batch, event: events.AnyEvent, actor: object = None) -> Entry:
        threads.append(threading.current_thread())
        loop.call_soon_threadsafe(turned.set)
        assert turned.wait(30)  # set by the loop, which nothing holds up
        return real(batch, event, actor)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(commands, "_LARGE", 0)
        patch.setattr(Batch, "take", noted)
        await house.say(events.AdvocateSuspended, person="per_ann")
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert (await verify(house.pool, house.ws)).differences == ()


async def test_a_file_for_the_bank_is_made_while_the_loop_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty thousand payouts take seconds to write and to read back: meanwhile requests are served."""
    loop, turned, threads = asyncio.get_running_loop(), threading.Event(), []
    real = files.make

    def noted(*asked: Any) -> files.File:
        threads.append(threading.current_thread())
        loop.call_soon_threadsafe(turned.set)
        assert turned.wait(30)  # set by the loop, which nothing holds up
        return real(*asked)

    monkeypatch.setattr(files, "make", noted)
    file = await see.payouts.bank_file(house.as_(house.owner), house.directory)
    assert file.body.startswith(b"reference,")
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()

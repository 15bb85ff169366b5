"""How the two clients wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

sleep = time.sleep
async_sleep = asyncio.sleep


def run(work: Callable[[], T]) -> T:
    """Do what blocks."""
    return work()


async def async_run(work: Callable[[], T]) -> T:
    """Do what blocks, in a thread, so that the loop goes on."""
    return await asyncio.get_running_loop().run_in_executor(None, work)

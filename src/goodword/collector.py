"""The garbage collector, told what stays. Must not know: what the program does."""

from __future__ import annotations

import gc

_ALLOCATIONS = 20_000  # more than are freed, between rounds of the garbage collector


def settle() -> None:
    """Freeze what was made at the start, and collect less often: collecting took a tenth of the processor's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)

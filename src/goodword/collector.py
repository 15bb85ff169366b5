"""The garbage collector, told what stays. Must not know: what the program does."""

from __future__ import annotations

import gc

_ALLOCATIONS = 20_000  # more than are freed, between rounds of the garbage collector


def settle() -> None:
    """Leave what is there for good out of the garbage collector's rounds, of which it goes fewer: they were a tenth of the work."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)

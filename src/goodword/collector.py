"""The garbage collector, told what stays. Must not know: what the program does."""

from __future__ import annotations

import gc

#: More than are freed, between rounds of the garbage collector: more than a batch that is being decided has in hand, which it would go
#: through in vain. A page of the console leaves 27 to it.
_ALLOCATIONS = 100_000


def settle() -> None:
    """Freeze what was made at the start, and collect less often: collecting took a tenth of the processor's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 4, 20)

"""Why not, as the person whom it costs is told: a closed list of reasons, each with its sentence in the catalogue.

A member may give any reason; one that is not in the list is told as ``other``. What a law or an investigation forbids to say is
withheld, and the member says which of the two it is: the log and finance know it.
"""

from __future__ import annotations

from typing import Final

from goodword.core import semantics
from goodword.core.decision import Step
from goodword.core.draft import Draft

OTHER: Final = "other"
#: What a person can be told.
TOLD: Final = ("returned", "duplicate", "own_purchase", "terms", "mistake", OTHER)
#: What forbids it.
WITHHELD: Final = ("law", "investigation")


def told(draft: Draft, reason: str, withheld: str | None) -> tuple[Step, ...]:
    """Return the step that says what the beneficiary is told of a reason; none as it was before anybody was told."""
    if draft.semantics < semantics.REASONS_ARE_TOLD:
        return ()
    if withheld is not None:
        return (Step("reason", {"withheld": withheld}),)
    return (Step("reason", {"told": reason if reason in TOLD else OTHER}),)

"""API keys: that one was made or ended is kept by the log; which of them open what is known outside of it."""

from __future__ import annotations

from goodword.core.decision import Verdict
from goodword.core.draft import Draft
from goodword.core.events import KeyEnded, KeyMade


def made(draft: Draft, event: KeyMade) -> None:
    """A key is there from now on."""
    draft.say(Verdict(about="command", outcome="key_made", subject=event.key))


def ended(draft: Draft, event: KeyEnded) -> None:
    """A key is not asked for any more."""
    draft.say(Verdict(about="command", outcome="key_ended", subject=event.key))

"""Links by which partners register their own deals: the log keeps that one was made or ended; what opens one is known outside of it."""

from __future__ import annotations

from goodword.core.decision import Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import FormEnded, FormMade
from goodword.core.state import Advocate


def made(draft: Draft, event: FormMade) -> None:
    """A partner has a form from now on; who is no advocate of its program registers nothing in it, and gets none."""
    if event.program is None or draft.get(Advocate, (event.program, event.person)) is None:
        draft.say(refused("command", "advocate_not_enrolled", program=event.program, subject=event.form))
        return
    draft.say(Verdict(about="command", outcome="form_made", program=event.program, subject=event.form))


def ended(draft: Draft, event: FormEnded) -> None:
    """A partner's form is not opened any more."""
    draft.say(Verdict(about="command", outcome="form_ended", subject=event.form))

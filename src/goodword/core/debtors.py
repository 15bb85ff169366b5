"""Debtors: the company's own account, from which files for the bank pay. A new one waits for another owner (``changes``).

Where there is no other owner it holds at once. What was asked for stands in changes alone: the newest that was confirmed holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from goodword.core import changes, hands
from goodword.core.decision import Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import DebtorSet
from goodword.core.facts import Told
from goodword.core.state import Change

#: The subject of all changes of it: a workspace has one.
ID: Final = "debtor"
_MAY = DebtorSet.PERMISSION or ""


def newest(found: Iterable[Change]) -> Change | None:
    """Return which of these changes holds: the last that was confirmed; None: none was. They are confirmed in the order of asking."""
    return max((it for it in found if it.status == "confirmed"), key=lambda it: int(it.to["number"]), default=None)


def set_(draft: Draft, event: DebtorSet, told: Told) -> None:
    """Let an account hold, or ask another owner for it. What was asked for before and is still open is withdrawn."""
    before = draft.of(Change, "subject", ID)
    now = newest(before)
    if now is not None and now.to["debtor"] == event.debtor:
        draft.say(refused("command", "nothing_to_do", subject=event.debtor))
        return
    by = told.need_actor().id
    changes.end(draft, ID)
    to = {"number": len(before) + 1, "debtor": event.debtor, "details": event.details}
    if any(not hands.same(draft, other, by) for other in hands.confirmed(draft, _MAY)):
        asked = changes.ask(draft, "debtor", ID, to, by)
        draft.say(Verdict(about="command", outcome="second_person_needed", subject=event.debtor, steps=(asked,)))
        return
    changes.at_once(draft, "debtor", ID, to, by)
    draft.say(Verdict(about="command", outcome="debtor_set", subject=event.debtor))

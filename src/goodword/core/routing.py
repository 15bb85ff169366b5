"""Routing: a table of routes is published. What gives waits for another owner (``changes``); what only takes away holds at once.

Where there is no other owner it holds at once, too, and its version says that nobody confirmed it.
"""

from __future__ import annotations

from goodword.core import changes, hands, routes
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import RoutingPublished
from goodword.core.facts import Told

_MAY = RoutingPublished.PERMISSION or ""


def published(draft: Draft, event: RoutingPublished, told: Told) -> None:
    """Let a table hold, or ask another owner for it. What was asked for before and is still open is withdrawn."""
    refusal = routes.unfit(draft, event.document, event.table)
    if refusal is not None:
        draft.say(refusal)
        return
    now = routes.current(draft)
    if now is not None and now.hash == event.table:
        draft.say(refused("command", "nothing_to_do", subject=event.table))
        return
    by = told.need_actor().id
    changes.end(draft, routes.ID)
    takes_away = now is not None and routes.narrows(routes.read(now.text), routes.read(event.document))
    if takes_away or not any(not hands.same(draft, other, by) for other in hands.confirmed(draft, _MAY)):
        routes.hold(draft, event.document, by, None)
        step = Step("table", {"table": event.table, "from": draft.as_of})
        draft.say(Verdict(about="command", outcome="routing_published", subject=event.table, steps=(step,)))
        return
    asked = changes.ask(draft, "routing", routes.ID, {"table": event.table, "document": event.document}, by)
    draft.say(Verdict(about="command", outcome="second_person_needed", subject=event.table, steps=(asked,)))

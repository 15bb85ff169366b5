"""Changes: what one asked for is confirmed by another person, or is not. Which of them somebody decides the core says."""

from __future__ import annotations

from goodword.app.directory import Directory
from goodword.app.principal import Principal, requires
from goodword.app.say import keys
from goodword.app.say.members import MemberEntry
from goodword.app.say.said import say
from goodword.core.entry import Entry
from goodword.core.events import ChangeDecided


@requires("change.answer")
async def decide(
    who: Principal, directory: Directory, change: str, outcome: str, key: str | None = None
) -> MemberEntry:
    """Confirm, decline or withdraw what an owner asked for. A member who comes by it gets a key, unless they have one.

    Of a table of routes, a standing approval, or the company's own account, its hash stands in the place of the member.
    """
    entry = await answer(who, directory, change, outcome, key)
    if entry.refused:
        return MemberEntry(entry, "", None)
    about = next(verdict for verdict in entry.verdicts if verdict.outcome.startswith("change_")).steps[0].values
    if "member" not in about:
        return MemberEntry(
            entry, str(about.get("routing") or about.get("debtor") or about.get("tax") or about["standing"]), None
        )
    member = str(about["member"])
    return MemberEntry(entry, member, await keys.first(who, directory, member))


@requires("change.answer")
async def answer(who: Principal, directory: Directory, change: str, outcome: str, key: str | None = None) -> Entry:
    """Say the same, and make no key: who comes by it signs in."""
    return await say(who, directory, lambda s: ChangeDecided(**s, change=change, outcome=outcome), key)

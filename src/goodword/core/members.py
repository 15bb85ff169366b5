"""Members: who of the company may do what, up to which sums, and in which programs."""

from __future__ import annotations

from goodword.core import access
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import MemberSet
from goodword.core.state import Member


def set_(draft: Draft, event: MemberSet) -> None:
    """A member joins or changes; a workspace keeps at least one owner."""
    unknown = [role for role in event.roles if role not in access.ROLES]
    if unknown:
        draft.say(refused("command", "not_found", Step("role", {"role": unknown[0][:64]}), subject=event.member))
        return
    others = [m for m in draft.state.all(Member) if m.id != event.member and "owner" in m.roles]
    if "owner" not in event.roles and not others:
        draft.say(refused("command", "wrong_state", Step("last_owner", {"member": event.member}), subject=event.member))
        return
    if event.programs and "owner" in event.roles:
        draft.say(refused("command", "owner_scoped", subject=event.member))
        return
    known = {name: program.id for program in draft.programs() for name in (program.id, program.slug)}
    missing = [name for name in event.programs if name not in known]
    if missing:
        draft.say(refused("command", "unknown_program", Step("item", {"item": missing[0][:64]}), subject=event.member))
        return
    programs = tuple(sorted({known[name] for name in event.programs}))
    draft.put(Member(id=event.member, roles=event.roles, limits=event.limits, programs=programs))
    draft.say(Verdict(about="command", outcome="member_set", subject=event.member))

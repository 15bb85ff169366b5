"""Members: who of the company may do what, up to which sums, and in which programs.

What takes away holds at once. What gives waits for another owner (``changes``), except where there is no other: who is new then works
at once, and counts as who made them until somebody else confirms them, or they prove that they are somebody else (``hands``).
"""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import access, changes, hands, semantics, standing
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import MemberProved, MemberSet
from goodword.core.facts import Told
from goodword.core.state import Member


def set_(draft: Draft, event: MemberSet, told: Told) -> None:
    """A member joins or changes; a workspace keeps at least one owner."""
    unknown = [role for role in event.roles if role not in access.ROLES]
    if unknown:
        draft.say(refused("command", "not_found", Step("role", {"role": unknown[0][:64]}), subject=event.member))
        return
    known = hands.known(draft, event.member)
    if known is not None and known.became is not None:
        step = Step("became", {"member": event.member, "became": known.became})
        draft.say(refused("command", "wrong_state", step, subject=event.member))
        return
    owners = [m for m in draft.state.all(Member) if m.id != event.member and "owner" in m.roles]
    if "owner" not in event.roles and not owners:
        draft.say(refused("command", "wrong_state", Step("last_owner", {"member": event.member}), subject=event.member))
        return
    if event.programs and "owner" in event.roles:
        draft.say(refused("command", "owner_scoped", subject=event.member))
        return
    by_name = {name: program.id for program in draft.programs() for name in (program.id, program.slug)}
    missing = [name for name in event.programs if name not in by_name]
    if missing:
        draft.say(refused("command", "unknown_program", Step("item", {"item": missing[0][:64]}), subject=event.member))
        return
    programs = tuple(sorted({by_name[name] for name in event.programs}))
    asked = Member(id=event.member, roles=event.roles, limits=event.limits, programs=programs)
    if draft.semantics < semantics.FOUR_EYES:
        draft.put(asked)
        draft.say(Verdict(about="command", outcome="member_set", subject=event.member))
        return
    outcome, steps = _put(draft, asked, told.need_actor().id)
    draft.say(Verdict(about="command", outcome=outcome, subject=event.member, steps=steps))
    standing.left(draft)


def proved(draft: Draft, event: MemberProved, told: Told) -> None:
    """A member whom nobody confirmed turns out to be somebody: from now on, under another id, with what they may do.

    What was done as them before, by whomever, keeps the old id, which stands for who made them and for them, for good (``hands``): so
    nobody gains a second hand in retrospect, neither of the two, and a key or a session of before opens nothing.
    """
    before = hands.known(draft, event.member)
    if before is None or told.need_actor().id != event.member:
        draft.say(refused("command", "not_found", subject=event.member))
        return
    if before.confirmed or before.became is not None or hands.known(draft, event.becomes) is not None:
        step = Step("status", {"status": "confirmed"})
        if before.became is not None:
            step = Step("became", {"member": event.member, "became": before.became})
        draft.say(refused("command", "wrong_state", step, subject=event.member))
        return
    changes.end(draft, event.member)
    draft.put(replace(before, id=event.becomes, confirmed=True, was=event.member))
    draft.put(replace(before, roles=(), became=event.becomes))
    step = Step("became", {"member": event.member, "became": event.becomes})
    draft.say(Verdict(about="command", outcome="member_proved", subject=event.becomes, steps=(step,)))


def _put(draft: Draft, asked: Member, by: str) -> tuple[str, tuple[Step, ...]]:
    """Set of a member what may be set at once, and ask another owner for the rest."""
    before = hands.known(draft, asked.id)
    changes.end(draft, asked.id)
    if before is None and by == asked.id:  # the first of all: nobody else is there who could say so
        draft.put(asked)
        return "member_set", ()
    to = {"roles": list(asked.roles), "limits": asked.limits, "programs": list(asked.programs)}
    if (before is None or not before.confirmed) and not _other_owners(draft, by):
        made_by = by if before is None else before.made_by
        draft.put(replace(asked, made_by=made_by, confirmed=False))
        return "member_set", (changes.ask(draft, "member", asked.id, to, by),) if asked.roles else ()
    if before is not None:
        now = _common(before, asked)
        draft.put(replace(now, made_by=before.made_by, confirmed=before.confirmed, was=before.was))
        if now == asked:
            return "member_set", ()
    return "second_person_needed", (changes.ask(draft, "member", asked.id, to, by),)


def _other_owners(draft: Draft, by: str) -> list[str]:
    """The confirmed owners who are another person."""
    return [id_ for id_ in hands.confirmed(draft, "member.manage") if not hands.same(draft, id_, by)]


def _common(before: Member, asked: Member) -> Member:
    """What a member may do before and after: what of a change takes effect without anybody else. An owner has every role."""
    held = [role for role in asked.roles if role in before.roles or "owner" in before.roles]
    kept = [role for role in before.roles if "owner" in asked.roles and role not in asked.roles]
    roles = (*held, *kept)
    if not before.programs or not asked.programs:
        programs = before.programs or asked.programs
    else:
        programs = tuple(program for program in asked.programs if program in before.programs)
        if not programs:  # none would be all
            roles, programs = (), asked.programs
    return Member(id=asked.id, roles=roles, limits=_lower(before.limits, asked.limits), programs=programs)


def _lower(one: dict[str, int] | None, other: dict[str, int] | None) -> dict[str, int] | None:
    """The lower of two limits in each unit; a unit that one of them does not name is zero there."""
    if one is None or other is None:
        return other if one is None else one
    return {unit: min(most, one.get(unit, 0)) for unit, most in other.items()}

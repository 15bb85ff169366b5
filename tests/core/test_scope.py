"""A member who is limited to programs: a command about anything else is refused whole, as one about what is not there."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from testkit.world import KINDS, OWNER, World, advocate, friend, member, published, rules, said

from goodword.core import access, calendar, entry, events, launching, lists, receivables, reviews, scope, standing
from goodword.core.facts import Actor
from goodword.core.state import Advocate, Member, Program, Reward


def two_programs(**parts: Any) -> World:
    """Ann brings bob into ``main``, abe brings eve into ``other``; all that they earn is in review, with accounts known."""
    made = World()
    both = [advocate(percent="10"), friend(kind="credit", flat={"EUR": 500})]
    for slug, who, whom in (("main", "ann", "bob"), ("other", "abe", "eve")):
        made.publish(rules(program=slug, hold="0d", rewards=both, **parts))
        made.enrol(who, program=made.program(slug))
        made.referred(whom, by=who)
        made.payee(who)
    made.owner()
    return made


def limited(made: World, *roles: str, to: tuple[str, ...] = ("main",), name: str = "mia") -> Actor:
    """A member with these roles in these programs."""
    programs = tuple(sorted(made.program(slug) for slug in to))
    return Actor(id=name, kind="member", roles=roles, programs=programs)


def _items(made: World, program: str) -> tuple[events.Item, ...]:
    return made.items(made.rewards(program=made.program(program)))


def _list(items: tuple[events.Item, ...]) -> dict[str, Any]:
    return {"items": items, "list_sha256": lists.digest(items)}


_WHY = {"reason": "x"}
#: Decides what the owner entered.
DAN = member("dan")


_IDS = ("program", "standing", "subject", "case", "claim", "payout", "conversion")


def _absent(named: dict[str, Any]) -> dict[str, Any]:
    """The same about what is not there."""
    if "slug" in named:
        return _rules("none")
    ids = {name: f"{id_[:4]}none" for name, id_ in named.items() if name in _IDS}
    items = tuple(msgspec.structs.replace(item, id=f"{item.id[:4]}none") for item in named.get("items", ()))
    lists_ = {name: value for name, value in _list(items).items() if name in named}
    return {**named, **ids, **lists_}


def _terms(made: World, slug: str) -> dict[str, Any]:
    """A standing approval as it is asked for."""
    most = {"per_reward": 1, "per_beneficiary": 1, "in_all": 1}
    terms = {"program": made.program(slug), "kind": "credit", "unit": "EUR", "rail": "store_credit"} | most
    text = standing.text_of(msgspec.convert(terms | {"until": made.now + calendar.DAY}, standing.Terms))
    said = {"standing": standing.hash_of(text), "document": text, "kinds": ("credit",), "manual": False}
    return {"program": made.program(slug), "authors": (), "rules": made.newest(made.program(slug)), **said}


def _granted(made: World, slug: str) -> str:
    """One that two others have given."""
    made.join(member("ana", "approver"), DAN)
    asked = made.command(events.StandingAsked, member("ana", "approver"), **_terms(made, slug)).verdicts[0]
    change = asked.steps[0].values["change"]
    given = made.command(events.ChangeDecided, DAN, change=change, outcome="confirmed").verdicts[0]
    return given.subject or ""


def _case(made: World, program: str) -> str:
    reward = made.rewards(program=made.program(program))[0]
    made.send(events.ChargebackOpened, invoice=f"{reward.friend}-1", chargeback=reward.friend)
    [case] = made.cases(subject=f"inv:{reward.friend}-1")
    of_program = msgspec.structs.replace(case, program=made.program(program))  # as a flag of that program would open it
    made.state.put(of_program)
    return case.id


def _claimed(made: World, program: str) -> dict[str, Any]:
    advocates = (("ann" if program == "main" else "abe", 1, 1),)
    named = {"program": made.program(program), "person": "zoe", "advocates": advocates}
    return {**named, "lead_at": made.now, "reason": "x"}


def _unlike(made: World, program: str) -> dict[str, Any]:
    made.lead("zoe")
    referral = made.rewards(program=made.program(program))[0].referral
    return {"program": made.program(program), "person": "zoe", "referral": referral}


def _claim(made: World, program: str) -> str:
    made.command(events.ClaimEntered, **_claimed(made, program))
    return made.claims(program=made.program(program))[0].id


def _decided_case(made: World, program: str) -> str:
    id_ = _case(made, program)
    made.command(events.CaseDecided, case=id_, outcome="cleared", **_WHY)
    return id_


def _decided_claim(made: World, program: str) -> str:
    id_ = _claim(made, program)
    made.command(events.ClaimDecided, DAN, claim=id_, outcome="lost", **_WHY)
    return id_


def _payout(made: World, program: str) -> tuple[events.Item, ...]:
    [reward] = made.rewards(program=made.program(program), kind="cash")
    made.approve([reward])
    made.tick(made.rewards(id=reward.id)[0].due_at or 0)
    return made.items(made.draft(reward.beneficiary))


def _release(made: World, program: str) -> dict[str, Any]:
    return _list(_payout(made, program))


def _settled(made: World, program: str) -> dict[str, Any]:
    [reward] = made.rewards(program=made.program(program), kind="cash")
    made.paid(id=reward.id)
    made.refund(f"{reward.friend}-1", 10_000)
    return {**_list((receivables.item_of(made.rewards(id=reward.id)[0]),)), "how": "repaid", "reason": "x"}


def _withdrawn(made: World, program: str) -> dict[str, Any]:
    items = _items(made, program)
    made.approve([], items=items)
    return {"items": items, "reason": "x"}


def _restored(made: World, program: str) -> dict[str, Any]:
    made.command(events.RewardsRejected, items=_items(made, program), reason="x")
    rewards = made.rewards(status="rejected", program=made.program(program))
    return {**_list(tuple(reviews.restorable(reward) for reward in rewards)), "reason": "x"}


def _suspended(made: World, program: str) -> dict[str, Any]:
    [advocate] = [each for each in made.state.all(Advocate) if each.program == made.program(program)]
    made.send(events.AdvocateSuspended, person=advocate.person, program=advocate.program)
    return {"person": advocate.person, "program": advocate.program, "reason": "x"}


def _amended(made: World, program: str) -> dict[str, Any]:
    [reward] = made.rewards(program=made.program(program), kind="cash")
    return {"conversion": reward.conversion, "amount": 5_000, "currency": "EUR", "reason": "x"}


_MESSAGE = {"side": "sales", "note": "x"}


def _registered(made: World, slug: str) -> str:
    program = made.program(slug)
    advocate = next(each.person for each in made.state.all(Advocate) if each.program == program)
    said = made.send(events.DealRegistered, advocate=advocate, person="carl", company=slug, program=program)
    return said.verdicts[0].subject or ""


def _agreed(made: World, slug: str) -> dict[str, Any]:
    program = made.program(slug)
    return {"program": program, "person": next(it.person for it in made.state.all(Advocate) if it.program == program)}


def _corrected(made: World, slug: str) -> dict[str, Any]:
    return {**_agreed(made, slug), "origin": "goodwill", "amount": 100, "currency": "EUR", "note": "x"}


def _came_back(made: World, slug: str) -> dict[str, Any]:
    payout = made.payout(_sent(made, slug))
    made.answer(payout, "failed")
    return {"payout": payout.id, "amount": payout.amount, "unit": payout.unit, "note": "x"}


def _agreed_before(made: World, slug: str) -> dict[str, Any]:
    said = _agreed(made, slug)
    made.command(events.AgreementMade, **said)
    return said


def _looked(made: World, slug: str) -> dict[str, Any]:
    return {"subject": made.rewards(program=made.program(slug))[0].id, "what": "opened", "seconds": 5}


def _plan(made: World, slug: str) -> dict[str, Any]:
    program = made.program(slug)
    listed = launching.evidence(made.rules[made.newest(program)].means, None, program)
    heard = {"shop": made.now}
    plan = {"owner": OWNER.id, "looks": OWNER.id, "trigger": "shop", "billing": "shop", "silence": launching.USUAL}
    return {
        "program": program,
        "plan": events.LaunchPlan(**plan, evidence=listed, measures=launching.MEASURES, every=30),
        "rules": made.newest(program),
        "terms": "ab",
        "authors": (),
        "heard": heard,
    }


def _piloted(made: World, slug: str) -> dict[str, Any]:
    """Name the pilot of a program, which another member began, as one that stops."""
    program = made.program(slug)
    made.command(events.PilotStarted, program=program, share=(1, 2))
    [pilot] = next(it.pilots for it in made.state.all(Program) if it.id == program)
    return {"program": program, "pilot": pilot.id, "ends": pilot.ends, "outcome": "stopped"}


#: command -> who says it, and what it names in a program
COMMANDS: dict[type[events.Event], tuple[str, Callable[[World, str], dict[str, Any]]]] = {
    events.ProgramPublished: ("program_manager", lambda _, slug: _rules(slug)),
    events.ProgramMoved: ("program_manager", lambda made, slug: {"program": made.program(slug), "to": "paused"}),
    events.ProgramLaunched: ("program_manager", _plan),
    events.PilotStarted: ("program_manager", lambda made, slug: {"program": made.program(slug), "share": (1, 2)}),
    events.PilotDecided: ("program_manager", _piloted),
    events.StandingAsked: ("approver", _terms),
    events.StandingStopped: ("payer", lambda made, slug: {"standing": _granted(made, slug), "reason": "x"}),
    events.StockUploaded: (
        "program_manager",
        lambda made, slug: {
            "program": made.program(slug),
            "name": "x",
            "unit": "EUR",
            "amount": 1,
            "size": 1,
            "codes": "",
        },
    ),
    events.ApprovalGiven: ("approver", lambda made, slug: _list(_items(made, slug))),
    events.RewardsRejected: ("approver", lambda made, slug: {"items": _items(made, slug), "reason": "x"}),
    events.RewardsHeld: ("operations", lambda made, slug: {"items": _items(made, slug), "reason": "x"}),
    events.RewardSnoozed: ("operations", lambda made, slug: {"reward": _looked(made, slug)["subject"], **_WHY}),
    events.RewardsRestored: ("approver", _restored),
    events.OrderAmended: ("operations", _amended),
    events.SuspensionLifted: ("approver", _suspended),
    events.ApprovalWithdrawn: ("approver", _withdrawn),
    events.CaseDecided: ("operations", lambda made, slug: {"case": _case(made, slug), "outcome": "cleared", **_WHY}),
    events.CaseAppealed: ("operations", lambda made, slug: {"case": _decided_case(made, slug), **_WHY}),
    events.CaseAssigned: ("operations", lambda made, slug: {"case": _case(made, slug)}),
    events.CaseNoted: ("support", lambda made, slug: {"case": _case(made, slug), "note": "x"}),
    events.CaseSnoozed: ("operations", lambda made, slug: {"case": _case(made, slug), **_WHY}),
    events.ClaimEntered: ("support", _claimed),
    events.MatchDeclined: ("support", _unlike),
    events.ClaimTaken: ("operations", lambda made, slug: {"claim": _claim(made, slug)}),
    events.ClaimNoted: ("support", lambda made, slug: {"claim": _claim(made, slug), "note": "x"}),
    events.ClaimAppealed: ("support", lambda made, slug: {"claim": _decided_claim(made, slug), **_WHY}),
    events.ClaimDecided: ("approver", lambda made, slug: {"claim": _claim(made, slug), "outcome": "won", **_WHY}),
    events.DealAccepted: ("program_manager", lambda made, slug: {"registration": _registered(made, slug)}),
    events.DealDeclined: ("approver", lambda made, slug: {"registration": _registered(made, slug), "reason": "no_fit"}),
    events.DealNoted: ("support", lambda made, slug: {"registration": _registered(made, slug), **_MESSAGE}),
    events.CodeChanged: (
        "support",
        lambda made, slug: {
            "program": made.program(slug),
            "person": {"main": "ann", "other": "abe"}[slug],
            "code": "NEW",
        },
    ),
    events.DealWithdrawn: ("support", lambda made, slug: {"registration": _registered(made, slug)}),
    events.AgreementMade: ("program_manager", _agreed),
    events.AgreementEnded: ("program_manager", _agreed_before),
    events.RecordLooked: ("support", _looked),
    events.ReceivableSettled: ("payer", _settled),
    events.CorrectionEntered: ("support", _corrected),
    events.PayoutArrived: ("payer", _came_back),
    events.PayoutScheduled: ("payer", lambda made, slug: {"plan": _DAILY, "program": made.program(slug)}),
    events.PayoutReleased: ("payer", _release),
    events.PayoutCanceled: ("payer", lambda made, slug: {"payout": _payout(made, slug)[0].id, "reason": "x"}),
    events.PayoutAnswered: ("payer", lambda made, slug: {"payout": _sent(made, slug), "outcome": "sent"}),
}


_DAILY = events.Plan(rail="bank_file", unit="EUR", every="day", hour=8, timezone="UTC")


def _rules(slug: str) -> dict[str, Any]:
    return published(rules(program=slug, hold="1d"))


def _sent(made: World, slug: str) -> str:
    [item] = _payout(made, slug)
    made.release([made.payout(item.id)])
    made.answer(made.payout(item.id), "processing")
    return item.id


def test_every_command_is_limited_or_concerns_the_whole_workspace() -> None:
    """A command is in the table of what it names, and in this file's, or asks for an action that nobody limited may do."""
    limited_ = {command for command in events.COMMANDS if command.PERMISSION not in access.WHOLE}
    assert limited_ == set(scope.NAMED) == {*COMMANDS, events.PayoutDrafted, events.MemberProved, events.FileHandedOut}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_command_about_another_program_is_refused_as_one_about_nothing(command: type[events.Event]) -> None:
    """What a limited member may say of their program they may not say of another; the answers about nothing are the same."""
    role, naming = COMMANDS[command]
    made = two_programs()
    actor = limited(made, role)
    theirs, mine = naming(made, "other"), naming(made, "main")
    before = {key: value for table in made.state.tables.values() for key, value in table.items()}
    refused = made.command(command, actor, **theirs)
    nothing = made.command(command, actor, **_absent(theirs))
    assert said(refused) == said(nothing) == [("command", "outside_scope")]
    assert {step.code for verdict in (*refused.verdicts, *nothing.verdicts) for step in verdict.steps} == {"item"}
    assert {key: value for table in made.state.tables.values() for key, value in table.items()} == before
    done = made.command(command, actor, **mine)
    assert not any(verdict.refused for verdict in done.verdicts), done.verdicts


def test_a_list_with_one_item_of_another_program_is_refused_whole() -> None:
    """Nothing of it is approved."""
    made = two_programs()
    items = (*_items(made, "main"), *_items(made, "other"))
    refused = made.command(events.ApprovalGiven, limited(made, "approver"), **_list(items))
    assert said(refused) == [("command", "outside_scope")]
    assert {reward.status for reward in made.rewards()} == {"in_review"}
    assert made.command(events.ApprovalGiven, limited(made, "approver", to=("main", "other")), **_list(items)).postings


def _shared() -> World:
    """Ann is owed for bob by ``main`` and for bea by ``other``."""
    made = two_programs()
    made.enrol("ann", "ANNOTHER", program=made.program("other"))
    made.lead("bea", code="ANNOTHER")
    made.buy("bea", 20_000)
    made.approve(made.rewards(beneficiary="ann"))
    made.tick(max(reward.due_at or 0 for reward in made.rewards(beneficiary="ann")))
    return made


def _drafted(made: World, actor: Actor, *people: str) -> list[tuple[str, ...]]:
    decision = made.command(
        events.PayoutDrafted, actor, rail="bank_file", kinds=KINDS["bank_file"], unit="EUR", beneficiaries=people
    )
    return [made.payout(v.subject or "").programs if not v.refused else (str(v.refusal),) for v in decision.verdicts]


def test_a_draft_gathers_the_rewards_of_the_members_programs() -> None:
    """Of a beneficiary of two programs those of one; of one of another program nothing, as of somebody whom nobody knows."""
    made = _shared()
    actor = limited(made, "payer")
    assert _drafted(made, actor, "ann", "abe", "nobody") == [
        (actor.programs[0],),
        ("nothing_to_do",),
        ("nothing_to_do",),
    ]
    assert [reward.program for reward in made.rewards(beneficiary="ann") if reward.payout] == [actor.programs[0]]


def test_a_payout_of_several_programs_is_released_by_who_works_with_all_of_them() -> None:
    """Who is limited to one of them is refused."""
    made = _shared()
    [payout] = made.draft("ann")
    both = tuple(sorted((made.program("main"), made.program("other"))))
    assert payout.programs == both
    assert said(made.release([payout], limited(made, "payer"))) == [("command", "outside_scope")]
    assert said(made.release([payout], limited(made, "payer", to=("main", "other")))) == [("command", "released")]


def test_a_debt_of_another_program_is_not_netted_by_who_is_limited() -> None:
    """The debt waits for a draft of somebody who is not; such a payout belongs to the debt's program too."""
    made = _shared()
    [payout] = [made.payout(made.draft("ann")[0].id)]
    made.release([payout])
    for outcome in ("processing", "sent", "completed"):
        made.answer(made.payout(payout.id), outcome)
    made.refund("bea-1", 20_000)
    owing = made.reward(friend="bea", side="advocate")
    assert owing.receivable == 2_000
    made.lead("ben", code="ANN")
    made.buy("ben", 50_000)
    made.approve(made.rewards(friend="ben", side="advocate"))
    made.tick(made.reward(friend="ben", side="advocate").due_at or 0)
    assert _drafted(made, limited(made, "payer"), "ann") == [(made.program("main"),)]
    [alone] = [p for p in made.state.all(type(payout)) if p.status == "awaiting_release"]
    assert (alone.amount, alone.parts[0].netted) == (5_000, ())
    made.command(events.PayoutCanceled, payout=alone.id, reason="x")
    [netting] = made.draft("ann")
    assert (netting.amount, netting.programs) == (3_000, payout.programs)
    assert said(made.release([netting], limited(made, "payer"))) == [("command", "outside_scope")]


def test_a_claim_that_would_end_a_binding_elsewhere_is_decided_by_who_works_with_both() -> None:
    """Bob is bound in ``main``; who is limited to ``other`` may lose the claim for him there, and not win it."""
    made = two_programs()
    claim = made.command(
        events.ClaimEntered,
        program=made.program("other"),
        person="bob",
        advocates=(("abe", 1, 1),),
        lead_at=made.now,
        reason="x",
    )
    id_ = claim.verdicts[0].subject
    actor = limited(made, "approver", to=("other",))
    won = made.command(events.ClaimDecided, actor, claim=id_, outcome="won", reason="x")
    assert said(won) == [("command", "outside_scope")]
    assert {reward.status for reward in made.rewards(friend="bob")} == {"in_review"}
    lost = made.command(events.ClaimDecided, actor, claim=id_, outcome="lost", reason="x")
    assert said(lost) == [("command", "lost"), ("attribution", "not_theirs")]


def test_who_enters_a_claim_is_not_told_of_claims_elsewhere() -> None:
    """Open claims of the friend in other programs contest it; who is limited is told of none of them."""
    made = two_programs()
    other, main = _claim(made, "other"), COMMANDS[events.ClaimEntered][1](made, "main")
    for actor, told in ((limited(made, "support"), []), (OWNER, [other])):
        decision = made.command(events.ClaimEntered, actor, **main)
        assert [step.values["contested_by"] for step in decision.verdicts[0].steps] == [told]


@pytest.mark.parametrize("action", sorted(access.WHOLE))
def test_who_is_limited_does_nothing_that_concerns_the_whole_workspace(action: str) -> None:
    """Whatever their roles are, even those of an owner: members, keys, accounts, the log, the clock."""
    roles = tuple(access.ROLES)
    assert not access.allowed(Actor(id="mia", kind="member", roles=roles, programs=("prg_1",)), action)


def test_who_is_limited_is_refused_members_and_accounts_by_core_too() -> None:
    """A command that came past its use case is not permitted."""
    made = two_programs()
    actor = limited(made, "owner", "payer", "operations")
    refused = made.command(events.MemberSet, actor, member="max", roles=("approver",))
    assert said(refused) == [("command", "not_permitted")]
    assert said(made.payee("ann", "other", actor=actor)) == [("command", "not_permitted")]


def test_programs_are_given_to_a_member_by_a_decision() -> None:
    """By id or slug, each once and in order; one that there is not, and any for an owner, is refused; none means all."""
    made = two_programs()
    both = tuple(sorted((made.program("main"), made.program("other"))))

    def set_(*programs: str, roles: tuple[str, ...] = ("approver",)) -> Any:
        decision = made.command(events.MemberSet, member="mia", roles=roles, programs=programs)
        found = made.state.get(Member, "mia")
        return decision.verdicts[0].refusal, found.programs if found is not None else None

    assert set_("other", "main", both[0]) == (None, both)
    assert set_("main", "none") == ("unknown_program", both)
    assert set_("main", roles=("approver", "owner")) == ("owner_scoped", both)
    assert set_() == (None, ())


def test_an_entry_of_before_has_the_same_bytes() -> None:
    """A member without programs, as in every old log, is written and read as before there were any."""
    made = World()
    made.owner()
    made.command(events.MemberSet, member("olga"), member="mia", roles=("approver",), limits={"EUR": 5})
    assert b"programs" not in made.leaves[-1]
    read = entry.read(made.leaves[-1])
    assert read.facts.actor == member("olga")
    assert isinstance(read.event, events.MemberSet)
    assert read.event.programs == ()


def test_what_a_limited_member_said_replays_as_it_was_decided() -> None:
    """Their programs stand in the facts of the entry."""
    made = two_programs()
    actor = limited(made, "approver")
    made.command(events.ApprovalGiven, actor, **_list(_items(made, "other")))
    read = entry.read(made.leaves[-1])
    assert read.facts.actor == actor
    assert [verdict.refusal for verdict in read.verdicts] == ["outside_scope"]
    assert made.state.tables[Reward]

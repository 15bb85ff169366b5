"""The gate before a program of a live workspace, and what stops one whose feeds fall silent or whom nobody answers for."""

from itertools import permutations
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from testkit.world import OWNER, SERVER, World, advocate, published, rules

from goodword.core import calendar, events, launching, routes
from goodword.core.decision import Decision
from goodword.core.facts import Actor
from goodword.core.rules import Rules
from goodword.core.state import Member, Program, Reward, Table

PAUL = Actor(id="paul", kind="member", roles=("program_manager",))
ANNA = Actor(id="anna", kind="member", roles=("approver",))
PAY = Actor(id="pat", kind="member", roles=("payer",))
WORKER = Actor(id="worker", kind="system")
HOUR = calendar.HOUR


def drafted(*members: Actor) -> World:
    """A live workspace with a program that nobody launched yet."""
    world = World()
    world.join(OWNER, *members)
    world.command(events.ProgramPublished, PAUL, **published(rules()), gated=True)
    return world


def it(world: World) -> Program:
    program = world.state.get(Program, world.program())
    assert program is not None
    return program


def said(world: World, **otherwise: Any) -> dict[str, Any]:
    """What is said of a launch in which nothing is missing, but for what is said otherwise."""
    program = it(world)
    means = world.rules[program.newest].means
    plan = events.LaunchPlan(
        owner="anna",
        trigger="stripe",
        billing="shop",
        silence=24 * HOUR,
        evidence=launching.evidence(means, None, program.id),
        measures=("reward_cost", "approved_to_paid"),
        every=30,
        looks="anna",
    )
    heard = {"stripe": world.now - HOUR, "shop": world.now}
    fields = {"rules": program.newest, "terms": "ab" * 32, "authors": ("paul",), "heard": heard}
    plan = replace(
        plan, **{name: otherwise.pop(name) for name in [*otherwise] if name in events.LaunchPlan.__struct_fields__}
    )
    return {"program": program.id, "plan": plan, **fields, **otherwise}


def launch(world: World, **otherwise: Any) -> Decision:
    return world.command(events.ProgramLaunched, **said(world, **otherwise))


def outcome(decision: Decision) -> tuple[str, str | None]:
    return decision.verdicts[0].outcome, decision.verdicts[0].refusal


def missing(decision: Decision) -> list[tuple[str, str]]:
    return [(step.values["item"], step.values["why"]) for step in decision.verdicts[0].steps if step.code == "gate"]


#: What is said otherwise -> what the gate says is missing, and why.
MISSING: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"owner": ""}, ("owner", "not_named")),
    ({"owner": "pat"}, ("owner", "may_not")),
    ({"owner": "nobody"}, ("owner", "may_not")),
    ({"authors": ("paul", "anna", OWNER.id)}, ("approver", "nobody")),
    ({"terms": ""}, ("terms", "not_made")),
    ({"evidence": ""}, ("evidence", "not_confirmed")),
    ({"evidence": "cd" * 32}, ("evidence", "changed")),
    ({"trigger": ""}, ("trigger", "not_named")),
    ({"trigger": "other"}, ("trigger", "never_heard")),
    ({"billing": ""}, ("billing", "not_named")),
    ({"billing": "old"}, ("billing", "silent")),
    ({"measures": ()}, ("measures", "not_named")),
    ({"measures": ("smiles",)}, ("measures", "unknown")),
    ({"every": 0}, ("measures", "seldom")),
    ({"every": 93}, ("measures", "seldom")),
    ({"looks": ""}, ("measures", "nobody")),
    ({"looks": "nobody"}, ("measures", "nobody")),
]


@pytest.mark.parametrize(("otherwise", "found"), MISSING)
def test_what_is_missing_alone_is_named_and_keeps_the_program_a_draft(
    otherwise: dict[str, Any], found: tuple[str, str]
) -> None:
    """Each thing that the gate looks at, missing alone, is the one step of the refusal, and the program stays a draft."""
    world = drafted(PAUL, ANNA, PAY)
    heard = {"stripe": world.now, "shop": world.now, "old": world.now - 25 * HOUR}
    decision = launch(world, heard=heard, **otherwise)
    assert outcome(decision) == ("refused", "not_ready")
    assert missing(decision) == [found]
    assert it(world).status == "draft"


def test_the_gate_names_all_that_is_missing_at_once() -> None:
    """One refusal says everything that is to be done, in the order of the list; each item is looked at by some row above."""
    world = drafted(PAUL, ANNA)
    decision = launch(world, plan=events.LaunchPlan(), terms="", authors=("paul", "anna", OWNER.id), heard={})
    assert [item for item, _ in missing(decision)] == list(launching.ITEMS)
    assert {item for _, (item, _) in MISSING} == set(launching.ITEMS)


@pytest.mark.parametrize(("hours", "goes"), [(0, False), (1, True), (168, True), (169, False)])
def test_a_feed_may_be_silent_for_an_hour_to_a_week(hours: int, goes: bool) -> None:
    """A plan that allows less or more is refused: an alarm that never rings is none."""
    world = drafted(PAUL, ANNA)
    now = {"stripe": world.now, "shop": world.now}
    decision = launch(world, silence=hours * HOUR, heard=now)
    assert outcome(decision) == (("launched", None) if goes else ("refused", "not_ready"))


def test_what_was_checked_stands_in_the_entry_and_on_the_program() -> None:
    """With nothing missing the program is active from that instant on, and the entry says what was seen of each thing."""
    world = drafted(PAUL, ANNA)
    decision = launch(world)
    assert outcome(decision) == ("launched", None)
    assert missing(decision) == [(item, None) for item in launching.ITEMS]
    program = it(world)
    assert (program.status, program.moves[-1]) == ("active", (world.now, "active"))
    assert program.launch is not None
    assert program.launch.plan.owner == "anna"
    assert set(program.launch.heard) == {"stripe", "shop"}
    assert program.status_at(program.moves[0][0] - 1) == program.status_at(world.now - 1) == "draft"


def test_rules_that_were_published_meanwhile_are_looked_at_anew() -> None:
    """A launch is of the version that was looked up: another one may have another author, and other evidence."""
    world = drafted(PAUL, ANNA)
    stale = said(world)
    world.command(events.ProgramPublished, OWNER, **published(rules(budget={"EUR": 100_000})), gated=True)
    assert outcome(world.command(events.ProgramLaunched, **stale)) == ("refused", "item_changed")


def test_the_evidence_that_was_confirmed_is_of_these_rewards_and_of_who_approves_them() -> None:
    """Other rewards, or another role that approves them, are another list: what was confirmed before is not confirmed any more."""
    plain = msgspec.convert(rules(), Rules)
    points = msgspec.convert(rules(rewards=[advocate(kind="points", points=10)]), Rules)
    row = {"name": "rest", "role": "operations", "fallback": "anna", "days": 3}
    text = routes.text_of(msgspec.convert({"routes": [row]}, routes.Document))
    table = Table(hash=routes.hash_of(text), text=text, at=0, evt="evt_1", by="owner", confirmed_by=None)
    lists = [launching.evidence(each, its, "prg_1") for each, its in ((plain, None), (points, None), (plain, table))]
    assert len(set(lists)) == 3
    assert launching.pieces(plain, table, "prg_1")[0].roles == ("operations",)


def traffic(world: World) -> list[Decision]:
    """What would earn in a program that is live: by a code, by an import, by a balance, by a correction."""
    program = world.program()
    return [
        world.lead("bob", code="ANN"),
        world.buy("bob"),
        world.send(events.ReferralImported, person="eve", advocate="ann", lead_at=world.now, program=program),
        world.buy("eve"),
        world.send(
            events.BalanceOpened,
            person="ann",
            amount=500,
            currency="EUR",
            reward_kind="cash",
            program=program,
            reference="b-1",
        ),
        world.command(
            events.CorrectionEntered,
            program=program,
            person="ann",
            origin="goodwill",
            amount=500,
            currency="EUR",
            note="ab",
        ),
        world.command(
            events.ClaimEntered,
            program=program,
            person="kit",
            advocates=(("ann", 1, 1),),
            lead_at=world.now,
            reason="said",
        ),
    ]


def test_nothing_is_earned_before_the_launch_nor_by_what_was_told_before_it() -> None:
    """No reward and no referral of a draft comes of any traffic; it says why, and the launch puts nothing right afterwards."""
    world = drafted(PAUL, ANNA)
    world.enrol("ann")
    world.tick(world.now + HOUR)
    refusals = [verdict.refusal for decision in traffic(world) for verdict in decision.verdicts]
    assert "program_not_live" in refusals
    assert not [*world.state.all(Reward)]
    world.tick(world.now + HOUR)
    assert outcome(launch(world)) == ("launched", None)
    assert not [*world.state.all(Reward)]
    early = world.now - HOUR // 2
    world.lead("kim", early, code="ANN")
    world.buy("kim", when=early + 1)
    assert not [*world.state.all(Reward)]
    world.lead("lea", code="ANN")
    world.buy("lea")
    assert {reward.friend for reward in world.state.all(Reward)} == {"lea"}


@pytest.mark.parametrize("order", [*permutations(["launch", "lead", "buy"])])
def test_a_reward_exists_only_where_lead_and_order_came_behind_the_launch(order: tuple[str, ...]) -> None:
    """In every order of launch, lead and order a reward comes of it exactly where the launch was first, and they followed in order."""
    world = drafted(PAUL, ANNA)
    world.enrol("ann")
    for step in order:
        world.tick(world.now + HOUR)
        if step == "launch":
            assert outcome(launch(world)) == ("launched", None)
        elif step == "lead":
            world.lead("bob", code="ANN")
        else:
            world.buy("bob")
    assert bool([*world.state.all(Reward)]) is (order == ("launch", "lead", "buy"))


def test_a_draft_is_not_resumed_and_a_program_without_the_gate_stays_as_it_is() -> None:
    """Resuming is no way around the gate. A program that was published without it is active, names no feeds and releases."""
    world = drafted(PAUL, ANNA)
    decision = world.command(events.ProgramMoved, to="active", program=world.program())
    assert outcome(decision) == ("refused", "program_not_live")
    assert outcome(world.command(events.ProgramMoved, to="paused", program=world.program()))[1] == "wrong_state"
    free = World()
    free.publish()
    assert it(free).status == "active"
    assert [*launching.troubles(it(free), [])] == []


def silence(world: World, feed: str = "shop", ago: int = 25 * HOUR, actor: Actor = WORKER) -> Decision:
    return world.command(events.FeedSilenced, actor, program=world.program(), feed=feed, last_at=world.now - ago)


def hear(world: World, feed: str = "shop") -> Decision:
    return world.command(events.FeedHeard, WORKER, program=world.program(), feed=feed, last_at=world.now)


def test_a_feed_is_said_to_be_silent_by_the_system_alone_and_once() -> None:
    """Neither a member nor a key says it; a pause that the plan allows, a source that it does not name and a repeat change nothing."""
    world = drafted(PAUL, ANNA)
    assert outcome(silence(world)) == ("refused", "nothing_to_do")
    launch(world)
    for who in (OWNER, ANNA, SERVER):
        assert outcome(silence(world, actor=who)) == ("refused", "not_permitted")
    assert outcome(silence(world, ago=24 * HOUR)) == ("refused", "nothing_to_do")
    assert outcome(silence(world, feed="other")) == ("refused", "nothing_to_do")
    assert outcome(hear(world)) == ("refused", "nothing_to_do")
    assert outcome(silence(world)) == ("feed_silenced", None)
    assert outcome(silence(world)) == ("refused", "nothing_to_do")
    assert set(dict(it(world).silent)) == {"shop"}
    assert outcome(hear(world)) == ("feed_heard", None)
    assert it(world).silent == ()


def paying() -> World:
    """A live program of which a reward is approved and due."""
    world = drafted(PAUL, ANNA, PAY)
    world.enrol("ann")
    launch(world)
    world.lead("bob", code="ANN")
    world.buy("bob")
    [reward] = world.approved(side="advocate")
    world.tick(reward.due_at or 0)
    return world


def drawn(world: World) -> tuple[str, str | None]:
    fields = {"rail": "bank_file", "kinds": ("cash",), "manual": True, "unit": "EUR", "beneficiaries": ("ann",)}
    return outcome(world.command(events.PayoutDrafted, PAY, **fields))


def test_what_waits_for_a_silent_feed_is_approved_and_not_sent_until_it_is_heard() -> None:
    """While a feed is silent nothing of the program is gathered or released; heard again, the same list goes out."""
    world = paying()
    silence(world)
    assert drawn(world) == ("refused", "feed_silent")
    hear(world)
    [payout] = world.draft("ann")
    silence(world)
    refused = world.release([payout])
    assert outcome(refused) == ("refused", "feed_silent")
    assert refused.verdicts[0].steps[0].values["feed"] == "shop"
    silence(world, "stripe")
    hear(world)
    assert outcome(world.release([payout])) == ("refused", "feed_silent")
    hear(world, "stripe")
    assert outcome(world.release([payout])) == ("released", None)


def test_silence_of_one_program_holds_up_no_other() -> None:
    """What another program owes the same person is gathered and released as ever."""
    world = paying()
    world.publish({**rules(), "program": "other"})
    world.send(events.AdvocateEnrolled, person="ann", code="ANN2", program=world.program("other"))
    world.lead("lea", code="ANN2")
    world.buy("lea")
    rewards = world.approved(side="advocate", friend="lea")
    world.tick(rewards[0].due_at or 0)
    silence(world)
    [payout] = world.draft("ann")
    assert [part.program for part in payout.parts] == [world.program("other")]
    assert outcome(world.release([payout])) == ("released", None)


def test_an_owner_who_may_decide_nothing_any_more_stops_release_until_another_is_named() -> None:
    """Who answers for a program can decide its exceptions now, at each release; launching it anew names another."""
    world = paying()
    [payout] = world.draft("ann")
    world.command(events.MemberSet, member="anna", roles=("analyst",), limits=None)
    refused = world.release([payout])
    assert outcome(refused) == ("refused", "owner_missing")
    assert [code for code, _ in launching.troubles(it(world), [])] == ["owner_missing"]
    again = launch(world, owner="owner", looks="owner", authors=("paul",))
    assert outcome(again) == ("launched", None)
    assert it(world).status == "active"
    assert outcome(world.release([payout])) == ("released", None)


def test_a_launch_said_anew_keeps_a_paused_program_paused_and_forgets_old_silence() -> None:
    """It says what goes with the program, and resumes nothing; its feeds were heard as it was said."""
    world = drafted(PAUL, ANNA)
    launch(world)
    silence(world)
    world.command(events.ProgramMoved, to="paused", program=world.program())
    assert outcome(launch(world)) == ("launched", None)
    assert (it(world).status, it(world).silent) == ("paused", ())


def test_a_program_that_is_ended_pays_what_was_earned_and_its_owner_can_still_be_named() -> None:
    """Nothing stops for good by its end: leads need no source any more, orders do, and who answers for it is said anew."""
    world = paying()
    [payout] = world.draft("ann")
    silence(world, "stripe")
    world.command(events.ProgramMoved, to="ended", program=world.program())
    assert outcome(silence(world, "stripe")) == ("refused", "nothing_to_do")
    silence(world)
    assert outcome(world.release([payout])) == ("refused", "feed_silent")
    assert [values["feed"] for _, values in launching.troubles(it(world), [*world.state.all(Member)])] == ["shop"]
    hear(world)
    world.command(events.MemberSet, member="anna", roles=("analyst",), limits=None)
    assert outcome(world.release([payout])) == ("refused", "owner_missing")
    quiet = {"stripe": world.now - 1_000 * HOUR, "shop": world.now}
    fields = {"owner": "owner", "looks": "owner", "authors": ("paul",)}
    assert missing(launch(world, **fields, heard={**quiet, "shop": 0})) == [("billing", "silent")]
    assert outcome(launch(world, **fields, heard=quiet)) == ("launched", None)
    assert it(world).status == "ended"
    assert outcome(world.release([payout])) == ("released", None)


def test_a_draft_that_is_ended_was_never_live_and_nothing_is_earned_by_it() -> None:
    """Ending is no way around the gate: no correction, balance, import or claim makes a reward, and it is not launched any more."""
    world = drafted(PAUL, ANNA)
    world.enrol("ann")
    world.command(events.ProgramMoved, to="ended", program=world.program())
    decisions = traffic(world)
    assert {outcome(each) for each in decisions[2:] if outcome(each)[1] != "not_referred"} == {
        ("refused", "program_not_live")
    }
    assert not [*world.state.all(Reward)]
    assert outcome(launch(world)) == ("refused", "program_ended")

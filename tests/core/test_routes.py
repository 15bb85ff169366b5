"""Routes: each reward has one, which says who decides it and by when; a table that gives anything waits for a second owner."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from testkit.tables import rows
from testkit.world import OWNER, World, advocate, at, member

from goodword import words
from goodword.core import calendar, events, priority, routes, semantics
from goodword.core.decision import Verdict
from goodword.core.draft import Draft
from goodword.core.routes import Document, Row
from goodword.core.state import Case, Reward

ANA, FRED, OLA, PAM = (
    member("ana", "approver"),
    member("fred", "approver"),
    member("ola"),
    member("pam", "program_manager"),
)
DAY = calendar.DAY
REST = {"name": "rest", "role": "approver", "fallback": "fred", "days": 7}
LARGE = {"name": "large", "role": "owner", "fallback": "fred", "days": 3, "at_least": {"EUR": 10_000}}


def world(*, owners: bool = True, **parts: Any) -> World:
    """Paul recommends; an approver, another one who stands in, and a second owner work there."""
    made = World()
    made.join(OWNER, ANA, FRED, *([OLA] if owners else []))
    made.publish(**({"hold": "0d", "rewards": [advocate(percent="10")]} | parts))
    made.enrol("paul")
    return made


def document(*table: dict[str, Any]) -> Document:
    return msgspec.convert({"routes": table}, Document)


def say(made: World, *table: dict[str, Any], actor: Any = OWNER) -> Verdict:
    """Publish a table."""
    text = routes.text_of(document(*table))
    return made.command(events.RoutingPublished, actor, table=routes.hash_of(text), document=text).verdicts[0]


def confirm(made: World, said: Verdict, actor: Any = OLA) -> Verdict:
    change = said.steps[0].values["change"]
    return made.command(events.ChangeDecided, actor, change=change, outcome="confirmed").verdicts[0]


def publish(made: World, *table: dict[str, Any]) -> None:
    """Let a table hold, whoever must confirm it."""
    said = say(made, *table)
    if said.outcome == "second_person_needed":
        assert confirm(made, said).outcome == "change_confirmed"


def earn(made: World, amount: int = 50_000, friend: str = "bob", **more: Any) -> Reward:
    """What Paul earns by an order."""
    made.tick(made.now + DAY)
    made.lead(friend, code="PAUL")
    made.buy(friend, amount=amount, **more)
    return made.reward(friend=friend)


def test_where_no_table_was_published_an_approver_decides_within_the_days_of_the_rules() -> None:
    made = world()
    reward = earn(made)
    assert (reward.route, priority.decide_by(reward) - made.now) == (None, 7 * DAY)
    made.payee("paul")
    assert made.approve([reward], ANA).verdicts[0].outcome == "approved"


def test_a_reward_says_its_route_where_it_was_earned_and_is_decided_by_its_role() -> None:
    made = world()
    publish(made, LARGE, REST)
    small, large = earn(made), earn(made, 100_000, "ben")
    made.payee("paul")
    shown = [step.values for v in made.log[-2][2].verdicts for step in v.steps if step.code == "route"]
    assert [(it["route"], it["place"], it["role"], it["fallback"], it["days"], it["why"]) for it in shown] == [
        ("large", 1, "owner", "fred", 3, ["amount"])
    ]
    assert (small.route and small.route.name, large.route and large.route.name) == ("rest", "large")
    assert [priority.decide_by(it) - priority.since(it) for it in (small, large)] == [7 * DAY, 3 * DAY]
    assert made.approve([small], ANA).verdicts[0].outcome == "approved"
    assert made.approve([large], ANA).verdicts[0].refusal == "routed_elsewhere"
    assert made.approve([large], OLA).verdicts[0].outcome == "approved"


def test_the_fallback_decides_once_the_promised_time_is_over_and_nobody_else_does() -> None:
    made = world()
    publish(made, LARGE, REST)
    reward = earn(made, 100_000)
    made.payee("paul")
    made.tick(priority.decide_by(reward) - 1)
    assert made.approve([reward], FRED).verdicts[0].refusal == "routed_elsewhere"
    made.tick(priority.decide_by(reward) + 1)
    escalated = [v.outcome for *_, decision in made.log for v in decision.verdicts if v.about == "timer"]
    assert escalated == ["escalated"]
    assert made.approve([reward], ANA).verdicts[0].refusal == "routed_elsewhere"
    assert made.approve([reward], FRED).verdicts[0].outcome == "approved"


@pytest.mark.parametrize("number", [semantics.PROMISED_FROM_NOW - 1, semantics.CURRENT])
def test_what_comes_when_its_hold_is_over_is_promised_from_then_on(number: int) -> None:
    """Nobody is promised a day that is over, and nothing is late on the day on which it is first known."""
    made = world()
    made.semantics = number
    publish(made, LARGE, REST)
    made.lead("bob", code="PAUL")
    bought = made.now
    made.tick(bought + 60 * DAY)
    made.buy("bob", when=bought + DAY, amount=50_000)
    made.tick(made.now + 1)
    reward, since = made.reward(friend="bob"), made.now - 1
    (told,) = [
        step.values["decide_by"] for *_, it in made.log for v in it.verdicts for step in v.steps if step.code == "hold"
    ]
    assert (
        told
        == priority.decide_by(reward)
        == (since if number >= semantics.PROMISED_FROM_NOW else bought + DAY) + 7 * DAY
    )
    escalated = [v.outcome for *_, it in made.log for v in it.verdicts if v.outcome == "escalated"]
    assert escalated == ([] if number >= semantics.PROMISED_FROM_NOW else ["escalated"])


def test_what_was_decided_in_time_is_not_escalated() -> None:
    made = world()
    publish(made, REST)
    reward = earn(made)
    made.payee("paul")
    made.approve([reward], ANA)
    made.tick(made.now + 30 * DAY)
    assert [v.outcome for v in made.log[-1][2].verdicts] == ["nothing_to_do"]


def test_who_may_not_approve_by_its_route_does_not_reject_it_either() -> None:
    made = world()
    publish(made, LARGE, REST)
    reward = earn(made, 100_000)
    rejected = {"items": made.items([reward]), "reason": "other"}
    assert made.command(events.RewardsRejected, ANA, **rejected).verdicts[0].refusal == "routed_elsewhere"
    assert made.command(events.RewardsRejected, OLA, **rejected).verdicts[0].outcome == "rejected"


def test_who_may_not_reject_by_its_route_does_not_do_so_by_a_case() -> None:
    """They may hold it; to confirm the case, which rejects the reward, is whose the reward is."""
    made = world()
    made.join(OPS)
    publish(made, LARGE, REST)
    reward = earn(made, 100_000)
    for actor in (ANA, OPS):
        held = {"items": made.items([reward]), "reason": "other"}
        assert made.command(events.RewardsHeld, actor, **held).verdicts[0].outcome == "held"
        [case] = [it for it in made.state.all(Case) if it.status == "open"]
        said = {"case": case.id, "reason": "fraud"}
        assert (
            made.command(events.CaseDecided, actor, outcome="confirmed", **said).verdicts[0].refusal
            == "routed_elsewhere"
        )
        assert made.command(events.CaseDecided, OLA, outcome="cleared", **said).verdicts[0].outcome == "cleared"
        assert made.reward(id=reward.id).amount == reward.amount
    made.semantics = semantics.CASES_ARE_ROUTED - 1
    made.command(events.RewardsHeld, ANA, **held)
    [case] = [it for it in made.state.all(Case) if it.status == "open"]
    said = {"case": case.id, "reason": "fraud", "outcome": "confirmed"}
    assert made.command(events.CaseDecided, ANA, **said).verdicts[0].outcome == "confirmed"


def test_a_case_of_what_was_sent_is_confirmed_by_whoever_decides_cases() -> None:
    """Nothing is rejected by it: it takes back."""
    made = world()
    publish(made, LARGE, REST)
    reward = earn(made, 100_000)
    made.payee("paul")
    made.paid(beneficiary="paul")
    assert made.reward(id=reward.id).status == "paid"
    made.send(events.ChargebackOpened, invoice="bob-1", chargeback="cb")
    [case] = [it for it in made.state.all(Case) if it.status == "open"]
    said = {"case": case.id, "reason": "fraud", "outcome": "confirmed"}
    assert made.command(events.CaseDecided, ANA, **said).verdicts[0].outcome == "confirmed"
    assert made.reward(id=reward.id).status == "reversed"


def test_a_flag_that_is_raised_routes_a_reward_anew_and_keeps_its_promise() -> None:
    made = world()
    flagged = {"name": "flagged", "role": "owner", "fallback": "fred", "days": 1, "flags": ["any"]}
    publish(made, flagged, REST)
    reward = earn(made)
    assert reward.route is not None
    assert reward.route.name == "rest"
    made.command(events.RewardsHeld, items=made.items([reward]), reason="other")
    now = made.reward(friend="bob")
    assert now.route is not None
    assert (now.route.name, now.decide_by) == ("flagged", reward.decide_by)
    assert [v.outcome for v in made.log[-1][2].verdicts if v.outcome == "routed"] == ["routed"]


def test_a_table_that_holds_later_moves_nothing_that_was_routed_before() -> None:
    made = world()
    publish(made, REST)
    before = earn(made)
    publish(made, REST | {"days": 2, "role": "owner"})
    after = earn(made, friend="ben")
    assert [it.route and it.route.role for it in (made.reward(friend="bob"), after)] == ["approver", "owner"]
    assert made.reward(friend="bob") == before


def test_a_table_waits_for_another_owner_and_one_that_only_takes_away_holds_at_once() -> None:
    made = world()
    said = say(made, LARGE, REST)
    assert said.outcome == "second_person_needed"
    assert earn(made).route is None
    assert confirm(made, said, OWNER).refusal == "same_member"
    assert confirm(made, said).outcome == "change_confirmed"
    lower = LARGE | {"days": 2}, REST | {"role": "owner"}
    assert say(made, *lower).outcome == "routing_published"
    assert say(made, *lower).refusal == "nothing_to_do"
    for higher in ([LARGE, REST], [LARGE, REST | {"role": "owner", "fallback": "ana"}], [REST]):
        assert say(made, *higher).outcome == "second_person_needed"


def test_of_two_owners_who_change_it_at_once_the_later_one_is_asked_about() -> None:
    """What the first asked for is withdrawn: nobody confirms a table that another one has overtaken."""
    made = world()
    first, second = say(made, REST), say(made, LARGE, REST, actor=OLA)
    assert confirm(made, first).refusal == "wrong_state"
    assert confirm(made, second, OWNER).outcome == "change_confirmed"
    table = routes.current(made_draft(made))
    assert table is not None
    assert (table.by, table.confirmed_by, [row.name for row in routes.read(table.text).routes]) == (
        "ola",
        "owner",
        ["large", "rest"],
    )


def test_a_sole_owner_publishes_alone_and_the_version_says_so() -> None:
    made = world(owners=False)
    assert say(made, REST).outcome == "routing_published"
    table = routes.current(made_draft(made))
    assert table is not None
    assert (table.by, table.confirmed_by) == ("owner", None)


def test_what_a_table_names_and_is_gone_by_then_is_not_confirmed() -> None:
    made = world()
    said = say(made, REST)
    made.command(events.MemberSet, OLA, member="fred", roles=())
    assert confirm(made, said).refusal == "routing_invalid"
    assert routes.current(made_draft(made)) is None


# --- operations, where it is routed to them ---------------------------------------------------------------------------

OPS, OTTO = member("ops", "operations", EUR=6_000), member("otto", "operations")
TO_OPS = REST | {"role": "operations"}


def test_operations_decide_what_is_routed_to_them_and_nothing_else() -> None:
    """They approve and reject it; without a route, or by another one, they may not; and an approver has not their role."""
    made = world()
    made.join(OPS, OTTO)
    made.payee("paul")
    before = earn(made)
    assert made.approve([before], OTTO).verdicts[0].refusal == "not_permitted"
    publish(made, LARGE, TO_OPS)
    small, large, other = earn(made, friend="a"), earn(made, 100_000, "b"), earn(made, friend="c")
    assert made.approve([small], ANA).verdicts[0].refusal == "routed_elsewhere"
    for those in ([large], [small, large], [before, small]):
        assert made.approve(those, OTTO).verdicts[0].refusal == "not_permitted"
    rejected = {"items": made.items([large]), "reason": "other"}
    assert made.command(events.RewardsRejected, OTTO, **rejected).verdicts[0].refusal == "not_permitted"
    assert made.approve([small], OTTO).verdicts[0].outcome == "approved"
    rejected = {"items": made.items([other]), "reason": "other"}
    assert made.command(events.RewardsRejected, OTTO, **rejected).verdicts[0].outcome == "rejected"
    assert made.approve([earn(made, friend="d")], OLA).verdicts[0].outcome == "approved"


def test_above_their_limit_two_of_operations_decide_it_one_of_them_within_theirs() -> None:
    made = world()
    made.join(OPS, OTTO)
    made.payee("paul")
    publish(made, TO_OPS)
    reward = earn(made, 70_000)
    assert approved_by(made, reward, OPS, ANA, OTTO) == ["second_person_needed", "routed_elsewhere", "approved"]
    first = earn(made, 70_000, "a")
    assert approved_by(made, first, OPS) == ["second_person_needed"]
    made.command(events.MemberSet, OWNER, member="ops", roles=("support",))
    assert approved_by(made, made.reward(friend="a"), OTTO) == ["approved"]
    assert made.reward(friend="a").approvals == ("otto",)


def test_who_of_operations_is_limited_to_other_programs_decides_nothing_of_this_one() -> None:
    made = world()
    made.publish(program="other", rewards=[advocate(percent="10")])
    far = replace(OTTO, id="far", programs=(made.program("other"),))
    made.join(far)
    made.payee("paul")
    publish(made, TO_OPS)
    assert made.approve([earn(made)], far).verdicts[0].refusal == "not_permitted"


@pytest.mark.parametrize("route", [REST, TO_OPS], ids=["approver", "operations"])
def test_a_flag_is_cleared_by_operations_where_all_that_waits_for_it_is_routed_to_them(route: dict[str, Any]) -> None:
    made = world()
    made.join(OTTO)
    publish(made, route)
    made.payee("paul")
    made.tick(made.now + DAY)
    made.lead("bob", code="PAUL", disposable=True)
    made.buy("bob")
    (case,) = [it for it in made.state.all(Case) if it.status == "open"]
    assert [flag.code for flag in case.flags] == ["disposable_mail"]
    said = made.command(events.CaseDecided, OTTO, case=case.id, outcome="cleared", reason="checked").verdicts[0]
    assert (said.refusal or said.outcome) == ("cleared" if route is TO_OPS else "not_permitted")


# --- above how much two approve ---------------------------------------------------------------------------------------

TWO = REST | {"two_above": {"EUR": 5_000}}
SUM = REST | {"per_advocate": {"EUR": 9_000}}


def approved_by(made: World, reward: Reward, *actors: Any) -> list[str | None]:
    """What becomes of a reward as these approve it one after the other."""
    verdicts = [made.approve([reward], actor).verdicts[0] for actor in actors]
    return [said.refusal or said.outcome for said in verdicts]


@pytest.mark.parametrize(("amount", "waits"), [(50_000, False), (50_010, True)])
def test_above_the_limit_of_its_route_two_members_approve_a_reward(amount: int, waits: bool) -> None:
    """Two different ones, over the same list; at the limit one is enough."""
    made = world()
    publish(made, TWO)
    made.payee("paul")
    reward = earn(made, amount)
    said = made.approve([reward], ANA).verdicts[0]
    if not waits:
        assert said.outcome == "approved"
        return
    assert (said.outcome, said.steps[0].code) == ("second_person_needed", "route_two_above")
    assert f"{reward.id} is 50.01 EUR; above 50.00 EUR its route rest asks for two members." in str(
        words.sentences(said).steps
    )
    assert approved_by(made, made.reward(friend="bob"), ANA, FRED) == ["same_member", "approved"]
    assert made.reward(friend="bob").approvals == ("ana", "fred")


def test_once_so_much_is_approved_for_one_beneficiary_two_members_approve_whatever_the_day() -> None:
    """Of small rewards, one a day, those that come to the limit take one member, the next and all after it two; of others one."""
    made = world()
    publish(made, SUM)
    for person in ("paul", "pia"):
        made.payee(person)
    made.enrol("pia")
    found = [approved_by(made, earn(made, 30_000, friend), ANA) for friend in ("a", "b", "c", "d")]
    assert found == [["approved"], ["approved"], ["approved"], ["second_person_needed"]]
    assert approved_by(made, made.reward(friend="d"), FRED) == ["approved"]
    late = earn(made, 10, "e")
    said = made.approve([late], ANA).verdicts[0]
    assert next((s.code, s.values.get("sum"), s.values.get("limit")) for s in said.steps) == (
        "route_per_advocate",
        12_001,
        9_000,
    )
    made.tick(made.now + DAY)
    made.lead("f", code="PIA")
    made.buy("f", amount=50_000)
    assert approved_by(made, made.reward(friend="f"), ANA) == ["approved"]


def test_a_list_counts_together_and_what_is_withdrawn_stays_counted() -> None:
    made = world()
    publish(made, SUM)
    made.payee("paul")
    three, four = [earn(made, 30_000, friend) for friend in "abc"], earn(made, 30_000, "d")
    assert made.approve([*three, four], ANA).verdicts[0].outcome == "second_person_needed"
    assert made.approve(three, ANA).verdicts[0].outcome == "approved"
    one = made.reward(friend="a")
    made.command(events.ApprovalWithdrawn, OLA, items=made.items([one]), reason="other")
    assert approved_by(made, made.reward(friend="a"), ANA) == ["second_person_needed"]


def test_who_were_merged_count_as_one() -> None:
    made = world()
    publish(made, SUM)
    made.enrol("pia")
    for person in ("paul", "pia"):
        made.payee(person)
    assert approved_by(made, earn(made, 90_000, "a"), ANA) == ["approved"]
    made.command(events.PersonsJoined, OWNER, keep="pia", gone="paul", reason="same_person")
    made.tick(made.now + DAY)
    made.lead("b", code="PIA")
    made.buy("b", amount=100)
    assert approved_by(made, made.reward(friend="b"), ANA) == ["second_person_needed"]


def test_what_was_approved_without_such_a_limit_is_not_counted_and_a_rejection_takes_one_member() -> None:
    made = world()
    publish(made, REST)
    made.payee("paul")
    assert approved_by(made, earn(made, 900_000), ANA) == ["approved"]
    publish(made, SUM | {"two_above": {"EUR": 1}})
    reward = earn(made, 90_000, "ben")
    rejected = {"items": made.items([reward]), "reason": "other"}
    assert made.command(events.RewardsRejected, ANA, **rejected).verdicts[0].outcome == "rejected"


def test_a_lower_limit_holds_at_once_and_a_higher_one_waits() -> None:
    made = world()
    publish(made, TWO)
    for after, outcome in (
        ({"two_above": {"EUR": 4_999}}, "routing_published"),
        ({"two_above": {"EUR": 4_999, "USD": 1}, "per_advocate": {"EUR": 1}}, "routing_published"),
        ({"two_above": {"EUR": 4_999}, "per_advocate": {"EUR": 1}}, "second_person_needed"),
        ({"two_above": {"EUR": 5_000, "USD": 1}, "per_advocate": {"EUR": 1}}, "second_person_needed"),
        ({}, "second_person_needed"),
    ):
        assert say(made, REST | after).outcome == outcome, after


def test_a_table_without_such_limits_has_the_name_that_it_always_had() -> None:
    """It was published before there were any: its text, which is signed in the log, says nothing of them."""
    text = routes.text_of(document(REST))
    assert text == (
        '{"routes":[{"at_least":null,"below":null,"days":7,"fallback":"fred","flags":[],"kinds":[],"name":"rest",'
        '"programs":[],"role":"approver"}]}'
    )


# --- the tables in words ----------------------------------------------------------------------------------------------

TABLE = [
    {"name": "partners", "programs": ["partners"], "role": "owner", "fallback": "fred", "days": 10},
    {
        "name": "exceptions",
        "flags": ["partner_exception", "two_agreements"],
        "role": "owner",
        "fallback": "ola",
        "days": 5,
    },
    {"name": "suspicious", "flags": ["any"], "role": "approver", "fallback": "ola", "days": 4},
    LARGE | {"kinds": ["cash"], "at_least": {"EUR": 100_000, "USD": 110_000}},
    {"name": "middle", "kinds": ["cash"], "at_least": {"EUR": 10_000}, "below": {"EUR": 100_000}}
    | {"role": "approver", "fallback": "fred", "days": 2},
    {
        "name": "points",
        "kinds": ["points"],
        "below": {"points": 500},
        "role": "approver",
        "fallback": "fred",
        "days": 0,
    },
    REST,
]


def told(row: Row) -> list[str]:
    """A route as the table in words says it."""

    def amounts(of: dict[str, int] | None) -> str:
        said = {"points": "{} points"}
        found = [said[u].format(n) if u in said else f"{n / 100:,.2f} {u}" for u, n in sorted((of or {}).items())]
        return ", ".join(found) or "any"

    flag = "any flag" if "any" in row.flags else ", ".join(row.flags)
    if not flag:
        flag = "any" if row.name in ("partners", "exceptions") else "none asked"
    who = {"owner": "an owner", "approver": "an approver"}[row.role]
    of = [", ".join(row.kinds) or "any", ", ".join(row.programs) or "any", flag]
    return [row.name, *of, amounts(row.at_least), amounts(row.below), who, row.fallback, f"{row.days} days"]


def test_the_table_in_words_is_the_table_that_is_tried() -> None:
    assert [told(row) for row in document(*TABLE).routes] == rows(__file__, "The table")


def reward_of(kind: str, amount: int, unit: str, program: str) -> Reward:
    ids = {name: name for name in ("id", "referral", "conversion", "friend", "beneficiary", "rules", "evt")}
    fields = {
        "side": "advocate",
        "share": 0,
        "gross": amount,
        "status": "in_review",
        "on": "purchase",
        "rule": 0,
        "tier": -1,
    }
    return Reward(**ids, **fields, kind=kind, amount=amount, unit=unit, program=program, earned_at=0, hold_until=0)


@pytest.mark.parametrize("row", rows(__file__, "Which reward goes to whom"), ids=str)
def test_which_reward_goes_to_whom(row: list[Any]) -> None:
    kind, (amount, unit), program, flags, name, why, role, until, fallback = row
    found = routes.choose(document(*TABLE), reward_of(kind, amount, unit, program), flags)
    assert (found.row.name, list(found.why), found.row.role, found.row.fallback) == (name, why, role, fallback)
    assert at("2024-03-01T12:00") + found.row.days * DAY == at(until)


@pytest.mark.parametrize("row", rows(__file__, "Who may say what"), ids=str)
def test_who_may_say_what(row: list[Any]) -> None:
    who = {one.id: one for one in (OLA, ANA, FRED, PAM)}[row[0]]
    for late in (False, True):
        for place, amount in enumerate((100_000, 50_000)):
            made = world()
            made.join(PAM)
            publish(made, LARGE, REST)
            reward = earn(made, amount)
            made.payee("paul")
            made.tick(priority.decide_by(reward) + (1 if late else -1))
            said = made.approve([reward], who).verdicts[0]
            assert (said.refusal or said.outcome) == row[1 + 2 * late + place], (late, amount)


@pytest.mark.parametrize("row", rows(__file__, "What is no table"), ids=str)
def test_what_is_no_table(row: list[Any]) -> None:
    made = world()
    made.join(PAM)
    table, path, expected = row
    said = say(made, *table)
    assert said.refusal == "routing_invalid"
    assert ("misrouted", f"At {path} this is expected: {expected}.") in words.sentences(said).steps


# --- whatever the table and the reward --------------------------------------------------------------------------------

UNITS = st.sampled_from(["EUR", "USD", "points"])
LIMIT = st.dictionaries(UNITS, st.integers(0, 200), min_size=1)
AMOUNTS = LIMIT | st.none()


@st.composite
def tables(draw: st.DrawFn) -> Document:
    """Any table that could be published, and some that could not."""
    some = st.fixed_dictionaries(
        {
            "role": st.sampled_from(routes.ROLES),
            "fallback": st.sampled_from(["fred", "ola"]),
            "days": st.integers(0, 30),
            "kinds": st.lists(st.sampled_from(["cash", "credit", "points"]), max_size=2),
            "programs": st.lists(st.sampled_from(["main", "partners"]), max_size=2),
            "flags": st.lists(st.sampled_from(["any", "velocity", "chargeback"]), max_size=2),
            "at_least": AMOUNTS,
            "below": AMOUNTS,
        },
        optional={"two_above": LIMIT, "per_advocate": LIMIT},
    )
    found = [{"name": f"r{place}", **one} for place, one in enumerate(draw(st.lists(some, max_size=6)))]
    return document(*found, REST)


REWARDS = st.builds(
    reward_of,
    st.sampled_from(["cash", "credit", "points"]),
    st.integers(0, 300),
    st.sampled_from(["EUR", "USD", "CHF", "points:main"]),
    st.sampled_from(["main", "partners", "third"]),
)
FLAGS = st.lists(st.sampled_from(["velocity", "chargeback", "household"]), max_size=3)


@given(tables(), REWARDS, FLAGS)
@settings(max_examples=300)
def test_every_reward_has_exactly_one_route_a_role_that_may_approve_and_a_date(
    table: Document, reward: Reward, flags: list[str]
) -> None:
    """It is the first whose every condition is met, asked one by one; the order of flags changes nothing."""
    found = routes.choose(table, reward, flags)
    met = [place for place, row in enumerate(table.routes) if _meets(row, reward, flags)]
    assert found.place == met[0]
    assert routes.choose(table, reward, reversed(flags)) == found
    assert found.row.role in routes.ROLES
    assert found.row.days >= 0


def _meets(row: Row, reward: Reward, flags: list[str]) -> bool:
    unit = "points" if reward.unit.startswith("points:") else reward.unit
    asked = [
        not row.kinds or reward.kind in row.kinds,
        not row.programs or reward.program in row.programs,
        not row.flags or (bool(flags) if "any" in row.flags else bool({*row.flags} & {*flags})),
        row.at_least is None or (unit in row.at_least and reward.amount >= row.at_least[unit]),
        row.below is None or (unit in row.below and reward.amount < row.below[unit]),
    ]
    return all(asked)


@given(tables(), tables(), st.lists(REWARDS, min_size=1, max_size=5), FLAGS)
@settings(max_examples=200)
def test_what_only_takes_away_gives_nobody_a_reward_that_they_could_not_decide(
    before: Document, other: Document, rewards: list[Reward], flags: list[str]
) -> None:
    """Whoever decides after it could decide before it; so it holds without a second person. Tried on neighbours too."""
    lower = Document(
        routes=tuple(
            replace(row, role="owner" if row.days % 2 else row.role, days=row.days // 2) for row in before.routes
        )
    )
    assert routes.narrows(before, lower)
    for after in (lower, other):
        if not routes.narrows(before, after):
            continue
        for reward in rewards:
            was, now = (routes.choose(it, reward, flags) for it in (before, after))
            assert now.place == was.place
            assert now.row.role in (was.row.role, "owner")
            assert (now.row.fallback, now.row.days <= was.row.days) == (was.row.fallback, True)
            for name in routes.LIMITS:
                before_, after_ = (getattr(it.row, name) or {} for it in (was, now))
                assert all(after_[unit] <= most for unit, most in before_.items())


@given(tables())
def test_a_table_has_one_text_and_one_name(table: Document) -> None:
    text = routes.text_of(table)
    assert routes.read(text) == table
    assert routes.text_of(routes.read(text)) == text
    assert len(routes.hash_of(text)) == 64


def made_draft(made: World) -> Draft:
    return Draft(made.state, made.rules, "evt", made.now)

"""Flags: each is raised by the smallest story, opens a case over what was earned, refuses nothing, and shows its evidence."""

from itertools import permutations
from typing import Any

import pytest
from testkit.stories import tell, with_another_program, world
from testkit.tables import stories
from testkit.world import World, advocate, friend, member, verdict

from goodword.core import calendar, events, lists
from goodword.core.kinds.signals import CODES, REGISTRY, families
from goodword.core.state import Conversion

STORIES = stories(__file__)


#: These are raised by what no story tells, and have tests of their own: a second program, and an agreement (``test_agreements``).
APART = {"two_agreements", "partner_exception"}
OPENING = [flag for flag in REGISTRY if not families.sort(flag).marks and flag not in APART]


@pytest.mark.parametrize("flag", OPENING)
def test_flag(flag: str) -> None:
    """It opens a case over both sides' rewards and stands with its evidence in the explanation."""
    parts, story = STORIES[f"{flag}: flagged"]
    made = world(**parts)
    tell(made, story)
    (case,) = made.cases(kind="flags")
    assert [found.code for found in case.flags] == [flag]
    verdicts = made.log[-1][2].verdicts
    assert set(case.rewards) == {each.subject for each in verdicts}
    for each in verdicts:
        assert each.flags == (flag,)
        assert [step.values["code"] for step in each.steps if step.code == "flag"] == [flag]


@pytest.mark.parametrize("flag", OPENING)
def test_no_flag(flag: str) -> None:
    """On the other side of the boundary nothing is flagged."""
    parts, story = STORIES[f"{flag}: not flagged"]
    made = world(**parts)
    tell(made, story)
    assert made.cases() == []


def _marks(made: World) -> list[tuple[str, dict[str, Any]]]:
    """What rewards are marked with; none of it opens a case."""
    assert made.cases() == []
    [marks, *others] = [reward.marks for reward in made.rewards()]
    assert all(other == marks for other in others)
    assert all(mark.case is None for mark in marks)
    return [(mark.code, mark.evidence) for mark in marks]


def test_every_flag_has_a_sort() -> None:
    """A family and a severity that there is; and nothing is sorted that nobody raises, but kinds of cases."""
    kinds = {"chargeback", "conversion_conflict", "refund_exceeds", "refund_conflict", "suspended", "dispute", "story"}
    assert {*families.SORTS} == {*CODES} | kinds
    for found in families.SORTS.values():
        assert (found.family in families.FAMILIES, found.severity in families.SEVERITIES) == (True, True)
    assert (families.worst([]), families.worst(["company_domain", "self_referral"])) == (None, "high")


@pytest.mark.parametrize("closed", [False, True])
def test_an_open_issue_of_the_customer_marks_what_is_earned_by_them(closed: bool) -> None:
    """What is earned before and after it; of what comes after it was closed nothing."""
    parts, story = STORIES[f"customer_issue: {'not ' if closed else ''}flagged"]
    made = world(**parts)
    tell(made, story)
    assert _marks(made) == ([] if closed else [("customer_issue", {"issue": "late", "open": 1})])
    made.send(events.CustomerIssueOpened, person="bob", issue="broken")
    made.send(events.CustomerIssueOpened, person="bob", issue="broken")
    assert ("customer_issue", {"issue": "broken", "open": 1 if closed else 2}) in _marks(made)


def test_a_refund_that_is_asked_for_marks_what_the_order_earns() -> None:
    """Once a refund, whether it is asked for before or after the order; not what was given back, declined, or paid already."""
    asked = ("refund_open", {"refund": "r1", "open": 1})
    parts, story = STORIES["refund_open: flagged"]
    made = world(**parts)
    tell(made, story)
    assert _marks(made) == [asked]
    made.send(events.RefundOpened, invoice="bob-1", refund="r1")
    assert _marks(made) == [asked]
    made.send(events.RefundOpened, invoice="bob-1", refund="r2", amount=500)
    assert _marks(made)[-1] == ("refund_open", {"refund": "r2", "open": 2})
    made.refund("bob-1", 500, "r2")
    made.refund("bob-1", 500, "r1")
    [order] = made.state.all(Conversion)
    assert (order.asked_back, order.back.amount) == ({}, 1_000)
    made.send(events.RefundOpened, invoice="bob-1", refund="r1")  # it comes late: it was given back
    [order] = made.state.all(Conversion)
    assert order.asked_back == {}
    parts, story = STORIES["refund_open: not flagged"]
    made = world(**parts)
    tell(made, story)
    assert _marks(made) == []
    late, at = world(**parts), made.now
    late.send(events.RefundClosed, when=at + calendar.DAY, invoice="bob-1", refund="r1")
    late.send(events.RefundOpened, when=at, invoice="bob-1", refund="r1")  # told late: it was closed since
    tell(late, "\n".join(line for line in story.splitlines() if "asks" not in line))
    assert _marks(late) == []
    late.send(events.RefundOpened, when=late.now, invoice="bob-1", refund="r1")  # and asked for anew
    assert _marks(late) == [asked]
    early = world(**parts)
    early.send(events.RefundOpened, invoice="bob-1", refund="r1")
    tell(early, "\n".join(line for line in story.splitlines() if "asks" not in line))
    assert _marks(early) == [asked]


def test_the_oldest_of_several_refunds_is_named_whatever_they_are_called() -> None:
    """An order that comes after them names the one asked for first, of which the row, which keeps no order, has the later id."""
    parts, story = STORIES["refund_open: not flagged"]
    made = world(**parts)
    at = made.now
    made.send(events.RefundOpened, when=at + calendar.DAY, invoice="bob-1", refund="r2")
    made.send(events.RefundOpened, when=at, invoice="bob-1", refund="r10")
    [order] = made.state.all(Conversion)
    assert list(order.asked_back) == ["r2", "r10"]
    tell(made, "\n".join(line for line in story.splitlines() if "asks" not in line))
    assert _marks(made) == [("refund_open", {"refund": "r10", "open": 2})]


@pytest.mark.parametrize("became", ["given", "failed"])
@pytest.mark.parametrize("order", list(permutations(["asked", "became", "ordered"])))
def test_a_refund_that_was_given_or_failed_is_asked_for_no_longer(order: tuple[str, ...], became: str) -> None:
    """Whenever it is told: before the order too, of which then nothing is marked that nobody asks back any more."""
    parts, story = STORIES["refund_open: not flagged"]
    told = "\n".join(line.partition(" ->")[0] for line in story.splitlines() if "asks" not in line)
    made = world(**parts)
    for each in order:
        if each == "asked":
            made.send(events.RefundOpened, invoice="bob-1", refund="r1")
        elif each == "ordered":
            tell(made, told)
        elif became == "given":
            made.refund("bob-1", 500, "r1")
        else:
            made.send(events.RefundReturned, invoice="bob-1", refund="r1")
    [conversion] = made.state.all(Conversion)
    assert conversion.asked_now == ()
    marked = order.index("asked") < order.index("became") and order.index("became") == 2
    assert [code for code, _ in _marks(made)] == ["refund_open"] * marked


@pytest.mark.parametrize(
    ("rule", "seconds", "flagged"),
    [
        (None, 0, True),
        (None, 9, True),
        (None, 10, False),
        (60, 59, True),
        (60, 60, False),
        (1, 0, True),
        (1, 1, False),
        (0, 0, False),
    ],
)
def test_a_click_seconds_before_the_order_marks_it(rule: int | None, seconds: int, flagged: bool) -> None:
    """Under as many seconds as the referral's rules say, else ten; of who typed a code nothing is marked, however fast they were."""
    made = world() if rule is None else world(review={"just_before": rule})
    made.click("ANN", "v1")
    made.lead("bob", visitor="v1")
    made.publish(review={"just_before": 3_600})  # what comes later changes nothing for who was brought before
    made.buy("bob", 10_000, made.now + seconds * calendar.SECOND)
    within = 10 if rule is None else rule
    marks = _marks(made)
    assert [(code, seen["seconds"], seen["within"]) for code, seen in marks] == (
        [("lead_just_before", seconds, within)] if flagged else []
    )
    typed = world()
    typed.lead("bob", code="ANN")
    typed.buy("bob", 10_000)
    assert _marks(typed) == []


def test_payment_details_that_change_mark_what_is_open() -> None:
    """Not the first ones, and not the same again."""
    made = world()
    made.lead("bob", code="ANN")
    made.buy("bob", 10_000)
    cash = [reward.id for reward in made.rewards() if reward.beneficiary == "ann"]
    for destination, marks in (("one", ()), ("one", ()), ("two", ("payee_changed",))):
        made.payee("ann", destination)
        [reward] = made.rewards(id=cash[0])
        assert tuple(mark.code for mark in reward.marks) == marks


def test_payment_details_in_another_name_mark_what_is_open_and_what_comes() -> None:
    """As they are entered, and each later reward, until details in the right name come; credit and points go to no details."""
    made = world(
        conversions=[{"counts": {"months": 12}, "rewards": [advocate(percent="10"), friend(kind="points", points=5)]}]
    )
    made.lead("bob", code="ANN")
    made.buy("bob", 10_000)
    for n, (name, destination) in enumerate((("differs", "one"), ("differs", "one"), (None, "two"))):
        said = made.payee("ann", destination, payee_name=name).verdicts[0].steps[0].values
        assert said.get("payee_name") == name
        made.buy("bob", 10_000, made.now + (n + 1) * calendar.DAY, invoice=f"later-{n}")
        codes = [{mark.code for mark in reward.marks} for reward in made.rewards(side="advocate")]
        assert codes[0] == {"payee_name", *(["payee_changed"] if destination == "two" else [])}
        assert codes[-1] == ({"payee_name"} if name else set())
    assert not any(reward.marks for reward in made.rewards(side="friend"))
    assert made.cases() == []
    made.tick(made.now + 60 * calendar.DAY)
    first = made.rewards(side="advocate")[0]
    items = made.items([first])
    said_ = {"items": items, "list_sha256": lists.digest(items)}
    unseen = made.command(events.ApprovalGiven, member("max", "approver"), **said_)
    assert verdict(unseen) == "evidence_not_opened"


def test_consent_that_becomes_unclear_stops_what_is_open_once() -> None:
    """What the friend says later concerns what is open; said again it asks nobody again; what is given says nothing."""
    made = world()
    made.lead("bob", code="ANN")
    made.buy("bob", 10_000)
    made.send(events.CustomerUpdated, person="bob", traits={"consent": True})
    assert made.cases() == []
    for said in (False, "withdrawn"):
        made.send(events.CustomerUpdated, person="bob", traits={"consent": said})
    (case,) = made.cases()
    assert [(flag.code, flag.evidence) for flag in case.flags] == [("consent_unclear", {"consent": "refused"})]
    assert {*case.rewards} == {reward.id for reward in made.rewards()}
    made.tick(made.now + 400 * calendar.DAY)
    assert {verdict(made.approve([reward])) for reward in made.rewards()} == {"case_open"}


def test_two_programs_that_owe_the_same_advocate_for_one_order_are_looked_at() -> None:
    """The second opens a case that an approver or an owner clears; two advocates of two programs are nothing odd."""
    for person, flagged in (("ann", True), ("abe", False)):
        made = with_another_program(world(), shares_customers=True)
        made.enrol("ann", "ANN2", program=made.program("other"))
        made.lead("bob", code="ANN")
        made.lead("bob", code="ANN2" if person == "ann" else "ABE", program=made.program("other"))
        made.buy("bob", 10_000)
        cases = made.cases()
        assert [flag.code for case in cases for flag in case.flags] == (["two_agreements"] if flagged else [])
        for case in cases:
            first = made.rewards(side="advocate", program=made.program())[0]
            assert case.flags[0].evidence == {"program": made.program(), "reward": first.id}
            for role, said in (("operations", "not_permitted"), ("approver", "cleared")):
                answer = {"case": case.id, "outcome": "cleared", "reason": "x"}
                assert verdict(made.command(events.CaseDecided, member("jo", role), **answer)) == said


@pytest.mark.parametrize(("role", "said_"), [("operations", "cleared"), ("support", "not_permitted")])
def test_consent_is_cleared_by_whoever_decides_cases(role: str, said_: str) -> None:
    """It is no fraud, no dispute and no partner's exception."""
    parts, story = STORIES["consent_unclear: flagged"]
    made = world(**parts)
    tell(made, story)
    (case,) = made.cases()
    answer = {"case": case.id, "outcome": "cleared", "reason": "x"}
    assert verdict(made.command(events.CaseDecided, member("jo", role), **answer)) == said_


def test_a_claim_entered_after_the_order_marks_what_it_wins() -> None:
    """A person has decided it, so no case is opened; who approves is told of the order of things."""
    made = world()
    made.tick(made.now + 2 * calendar.DAY)
    made.buy("bob", 10_000)
    made.tick(made.now + calendar.DAY)
    said = {
        "program": made.program(),
        "person": "bob",
        "advocates": (("ann", 1, 1),),
        "lead_at": made.now - 2 * calendar.DAY,
    }
    made.command(events.ClaimEntered, **said, reason="mail", evidence=("tch_1",))
    made.command(events.ClaimDecided, member("dan"), claim=made.claims()[0].id, outcome="won", reason="x")
    [(code, evidence)] = _marks(made)
    assert (code, evidence["claim"]) == ("claim_after_conversion", made.claims()[0].id)


@pytest.mark.parametrize(("role", "outcome", "said_"), [
    ("operations", "cleared", "not_permitted"), ("operations", "confirmed", "confirmed"), ("approver", "cleared", "cleared"),
    ("owner", "cleared", "cleared"),
])  # fmt: skip
def test_who_clears_a_flag_of_fraud(role: str, outcome: str, said_: str) -> None:
    """An approver or an owner; who decides other cases may confirm it, and clears what is of another family."""
    for flag, guarded in (("self_referral", True), ("existing_customer", False)):
        parts, story = STORIES[f"{flag}: flagged"]
        made = world(**parts)
        tell(made, story)
        [case] = made.cases()
        decision = made.command(events.CaseDecided, member("kim", role), case=case.id, outcome=outcome, reason="x")
        assert verdict(decision) == (said_ if guarded else outcome)

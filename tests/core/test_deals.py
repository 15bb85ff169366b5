"""Deals: whose a sale is, what speaks against it, and that the order in which it is told changes nothing."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testkit.world import OWNER, World, member
from tests.core.test_loading import decided_on_parts

from goodword.core import calendar, deals, entry, events
from goodword.core.state import Claim, Conversion, Deal, Prospect, Referral, Registration

TABLE = Path(__file__).parent / "tables" / "deals.md"
SAM, SUE = member("sam", "program_manager"), member("sue", "support")
DAY = calendar.DAY


def rows() -> list[list[str]]:
    lines = [line for line in TABLE.read_text().splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def world() -> World:
    made = World()
    made.join(OWNER, SAM, SUE)
    made.publish()
    made.enrol("paul")
    made.enrol("petra")
    return made


def company(text: str) -> dict[str, str]:
    """``acme, acme.example, 77`` as fields: a name, a domain, what a CRM calls it."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        found["company_domain" if "." in part else "company_ref" if part.isdigit() else "company"] = part
    return found


def register(made: World, by: str = "paul", what: str = "acme, acme.example", **more: Any) -> Registration:
    """The registration that a partner makes of a deal."""
    decision = made.send(events.DealRegistered, advocate=by, **{"person": f"{by}s-contact", **company(what), **more})
    (verdict,) = decision.verdicts
    assert verdict.outcome == "deal_registered", verdict
    return at(made, verdict.subject or "")


def at(made: World, id_: str) -> Registration:
    found = made.state.get(Registration, id_)
    assert found is not None
    return found


def report(made: World, deal: str = "d1", status: str = "open", what: str = "acme, acme.example", **more: Any) -> Deal:
    made.send(events.DealReported, deal=deal, status=status, **company(what), **more)
    found = made.state.get(Deal, deal)
    assert found is not None
    return found


def accept(made: World, it: Registration, actor: Any = SAM, **more: Any) -> str:
    """What comes of accepting a registration by somebody who saw its conflicts as they stand on it."""
    seen = tuple(each.subject for each in at(made, it.id).conflicts)
    decision = made.command(events.DealAccepted, actor, registration=it.id, **{"conflicts": seen, **more})
    return decision.verdicts[0].refusal or decision.verdicts[0].outcome


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_conflicts_stand_on_a_registration_as_the_table_says(row: list[str]) -> None:
    before, registers, conflict, accepted = row
    made = world()
    match before.split(" ", 3):
        case ["deal", "of", _, rest]:
            *named, status = rest.removeprefix("ours: ").split(", ")
            report(made, "own", status, ", ".join(named).removeprefix("ours: "))
        case ["the", *_]:
            made.send(events.CustomerKnown, person="pauls-contact", since=made.now - 1)
        case [who, "registered", *rest]:
            register(made, who.lower(), " ".join(rest))
        case [who, "has", *rest]:
            accept(made, register(made, who.lower(), " ".join(rest), person="before"))
        case [who, "had", *rest]:
            accept(made, register(made, who.lower(), " ".join(rest).removesuffix(" until today")), days=1)
            made.tick(made.now + DAY)
        case [who, "took", "back", rest]:
            it = register(made, who.lower(), rest)
            accept(made, it)
            made.command(events.DealWithdrawn, SUE, registration=it.id)
        case [who, "was", *rest]:
            it = register(made, who.lower(), " ".join(rest).removeprefix("declined "))
            made.command(events.DealDeclined, SAM, registration=it.id, reason="no_fit")
        case _:
            assert before == "nothing"
    registration = register(made, what=registers)
    found = [f"{each.kind} by {each.by}: {each.sure}" for each in registration.conflicts]
    assert "; ".join(found) == conflict
    if conflict:
        unseen = accept(made, registration, conflicts=())
        assert unseen == ("already_protected" if accepted == "already_protected" else "conflict_not_seen")
    assert accept(made, registration) == accepted


def test_an_acceptance_binds_the_contact_to_the_partner_and_what_they_buy_earns() -> None:
    made = world()
    registration = register(made, person="carl")
    made.tick(made.now + DAY)
    made.buy("carl")  # before it was accepted: decided again then
    made.now += DAY
    assert not made.rewards()
    assert accept(made, registration) == "conflict_not_seen"
    assert accept(made, registration, conflicts=("carl",)) == "deal_accepted"
    (referral,) = made.state.all(Referral)
    assert (referral.friend, referral.shares[0].person, referral.touch) == ("carl", "paul", registration.id)
    assert (referral.confidence, referral.grounds[0].code) == ("exact", "deal_registered")
    assert referral.lead_at == registration.at
    assert made.reward(side="advocate").beneficiary == "paul"


def test_who_accepted_or_entered_a_registration_approves_nothing_of_it() -> None:
    made = world()
    registration = register(made, person="carl", entered_by="sue")
    assert accept(made, registration, SUE) == "not_permitted"
    made.join(member("ada", "approver", "program_manager"))
    assert accept(made, registration, member("ada", "approver", "program_manager")) == "deal_accepted"
    made.buy("carl")
    assert {act.act for act in made.reward(side="advocate").acts} == {"deal.registered", "deal.accepted"}


def test_whoever_registered_a_deal_does_not_accept_it() -> None:
    made = world()
    assert accept(made, register(made, entered_by="sam"), SAM) == "own_work"


def test_a_registration_is_accepted_once() -> None:
    made = world()
    registration = register(made)
    assert [accept(made, registration) for _ in range(2)] == ["deal_accepted", "wrong_state"]


def test_of_two_partners_who_register_one_company_one_is_accepted() -> None:
    made = world()
    first, second = register(made, "petra"), register(made, "paul")
    assert [each.subject for each in at(made, first.id).conflicts] == [second.id], "the first is told of the second"
    assert [accept(made, first), accept(made, second)] == ["deal_accepted", "already_protected"]


@given(st.integers(0, 3 * DAY))
def test_a_protection_begins_with_its_acceptance_and_is_over_at_its_end(after: int) -> None:
    made = world()
    registration = register(made, "petra")
    accept(made, registration, days=2)
    began = made.now
    made.tick(began + after)
    other = register(made, "paul")
    assert at(made, registration.id).protects(began + after) is (after < 2 * DAY)
    assert [each.kind for each in other.conflicts] == (["protected"] if after < 2 * DAY else [])
    assert at(made, registration.id).status == ("accepted" if after < 2 * DAY else "expired")


REPORTS: list[dict[str, Any]] = [
    {"status": "open", "after": 1, "opened_at": True},
    {"status": "open", "after": 2, "stage": "offer", "named": True},
    {"status": "won", "after": 3, "stage": "done"},
    {"status": "lost", "after": 4},
    {"status": "won", "after": 9, "amount": 5, "currency": "EUR"},
]


@pytest.mark.parametrize("until", [2, 5, 30])
def test_the_order_in_which_reports_of_a_deal_come_changes_nothing(until: int) -> None:
    found = set()
    for order in permutations(REPORTS):
        made = world()
        registration = register(made)
        accept(made, registration, days=until)
        began = made.now
        made.tick(began + 20 * DAY)
        for number, said in enumerate(order):
            fields = {name: said[name] for name in ("stage", "amount", "currency") if name in said}
            fields["registration"] = registration.id if "named" in said else None
            fields["opened_at"] = began if "opened_at" in said else None
            report(made, status=said["status"], when=began + said["after"] * DAY, **fields)
            assert number or made.state.get(Deal, "d1") is not None
        deal = made.state.get(Deal, "d1")
        assert deal is not None
        prospect = made.state.get(Prospect, "acme.example")
        assert prospect is not None
        stands = (deal.status, deal.at, deal.opened_at, deal.stage, deal.amount, deal.registration)
        found.add((*stands, *sorted(deal.since.items()), at(made, registration.id).status, len(prospect.won)))
    assert len(found) == 1
    assert at(made, registration.id).status == ("expired" if until == 2 else "won")


def test_a_deal_of_our_own_that_is_reported_later_stands_on_the_registration_and_goes_when_it_is_lost() -> None:
    made = world()
    registration = register(made)
    opened = made.now - DAY
    report(made, opened_at=opened)
    (conflict,) = at(made, registration.id).conflicts
    assert (conflict.kind, conflict.by, conflict.since) == ("own_deal", "company_domain", opened)
    found = made.state.get(Prospect, "acme.example")
    assert found is not None
    assert found.opened_at == opened
    made.now += 1
    report(made, status="lost")
    assert at(made, registration.id).conflicts == ()
    found = made.state.get(Prospect, "acme.example")
    assert found is not None
    assert found.opened_at is None


def test_a_deal_that_an_acceptance_names_is_the_partners_and_no_conflict() -> None:
    made = world()
    registration = register(made)
    report(made)
    assert accept(made, registration, conflicts=(), deal="d1") == "deal_accepted"
    assert at(made, registration.id).conflicts == ()
    made.now += 1
    report(made, status="won")
    assert at(made, registration.id).status == "won"


def test_a_registration_is_open_again_when_its_deal_is() -> None:
    made = world()
    registration = register(made)
    accept(made, registration)
    found = []
    for status in ("lost", "open", "won"):
        made.now += 1
        said = made.send(events.DealReported, deal="d1", status=status, company="acme", registration=registration.id)
        found += [(verdict.outcome, at(made, registration.id).status) for verdict in said.verdicts[1:]]
    assert found == [("deal_lost", "lost"), ("deal_reopened", "accepted"), ("deal_won", "won")]


def test_what_was_not_accepted_is_declined_with_a_reason_of_the_list_and_stays_so() -> None:
    made = world()
    registration = register(made)
    said = made.command(events.DealDeclined, SAM, registration=registration.id, reason="own_deal").verdicts[0]
    assert (said.outcome, said.steps[0].values) == ("deal_declined", {"reason": "own_deal"})
    assert accept(made, registration) == "wrong_state"
    said = made.command(events.DealWithdrawn, SUE, registration=registration.id).verdicts[0]
    assert said.refusal == "wrong_state"


def test_a_code_in_a_report_binds_its_contact_once() -> None:
    made = world()
    report(made, code="PAUL", person="carl")
    (referral,) = made.state.all(Referral)
    assert (referral.friend, referral.typed) == ("carl", True)
    made.now += 1
    decision = made.send(events.DealReported, deal="d1", status="won", code="PAUL", person="carl")
    assert [verdict.about for verdict in decision.verdicts] == ["event"]


@pytest.mark.parametrize("told_before", [True, False])
def test_a_code_that_is_typed_into_a_deal_later_reaches_no_further_back(told_before: bool) -> None:
    """Who bought meanwhile was a customer before it; of a deal that is told with its code at once nothing else is known."""
    made = world()
    opened = made.now
    if told_before:
        report(made, person="carl", opened_at=opened)
    made.now += DAY
    made.buy("carl")
    made.now += DAY
    report(made, status="won", code="PAUL", person="carl", opened_at=opened)
    assert [each.lead_at for each in made.state.all(Referral)] == ([] if told_before else [opened])
    assert {each.beneficiary for each in made.rewards()} == (set() if told_before else {"paul", "carl"})


def test_a_colleague_whom_no_touch_brings_is_the_partners_as_long_as_the_company_is_protected() -> None:
    made = world()
    accept(made, register(made, what="acme, acme.example, 77", person="carl"), days=2)
    made.now += DAY
    made.lead("cora", domain="acme.example")
    made.lead("cal", company="77", company_as="id")
    made.lead("coy", domain="acme.example", domain_of_mail=True)
    made.lead("cam", company="acme", company_as="name")
    made.enrol("zoe")
    made.lead("cleo", domain="acme.example", code="ZOE")
    made.now += DAY
    made.lead("cyd", domain="acme.example")
    brought = {each.friend: (each.shares[0].person, each.grounds[0].code) for each in made.state.all(Referral)}
    assert brought["cora"] == brought["cal"] == ("paul", "company_protected")
    assert not {"coy", "cam"} & {*brought}, "a mail's domain and a name are hints, and bind nobody"
    assert brought["cleo"] == ("zoe", "code_typed")
    assert "cyd" not in brought


#: How a colleague's company is told, and that they made themselves known, in this order and the other: one of these is two accounts.
KNOWN: dict[str, tuple[str, ...]] = {
    "told": ("lead", "company", "buy"),
    "bought before it was told": ("lead", "buy", "company"),
    "of the record of a CRM": ("lead", "record", "merge", "buy"),
    "of a record that was told first": ("record", "lead", "merge", "buy"),
}


@pytest.mark.parametrize("how", KNOWN)
@pytest.mark.parametrize("parted", [True, False])
def test_whose_company_is_told_after_they_made_themselves_known_is_the_partners_too(how: str, parted: bool) -> None:
    """A CRM tells of a company when it gets there: which of the two is told first binds nobody to somebody else."""
    made = world()
    accept(made, register(made, person="carl"), days=2)
    made.now += DAY
    made.lead("nobodys")
    for each in KNOWN[how]:
        made.now += 1
        match each:
            case "lead":
                made.lead("cora")
                lead_at = made.now
            case "buy":
                made.buy("cora")
            case "merge":
                made.send(events.PersonMerged, keep="cora", gone="record")
            case "company" | "record":
                who = "cora" if each == "company" else "record"
                made.send(events.CustomerUpdated, person=who, traits={}, domain="acme.example")
    brought = {each.friend: (each.shares[0].person, each.grounds[0].code) for each in made.state.all(Referral)}
    assert brought["cora"] == ("paul", "company_protected")
    assert [each.lead_at for each in made.state.all(Referral) if each.friend == "cora"] == [lead_at]
    assert made.reward(side="advocate").beneficiary == "paul"
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=parted)


@pytest.mark.parametrize("said", [{"domain": "acme.example", "domain_of_mail": True}, {"domain": "other.example"}])
def test_what_does_not_say_that_they_are_of_the_company_binds_nobody_later(said: dict[str, Any]) -> None:
    """A hint, another company, and a lead from before its protection or behind it."""
    made = world()
    made.lead("early")
    made.now += 1
    accept(made, register(made, person="carl"), days=2)
    made.now += DAY
    made.lead("cora")
    made.now += DAY
    made.lead("late")
    made.send(events.CustomerUpdated, person="cora", traits={}, **said)
    for who in ("early", "late"):
        made.send(events.CustomerUpdated, person=who, traits={}, domain="acme.example")
    assert {each.friend for each in made.state.all(Referral)} == {"carl"}


def test_who_accepted_a_registration_beside_a_deal_of_our_own_has_decided_whose_its_contact_is() -> None:
    made = world()
    report(made, "own", opened_at=made.now - 3 * DAY)
    made.now += DAY
    registration = register(made, person="carl")
    assert [each.kind for each in registration.conflicts] == ["own_deal"]
    made.send(events.CustomerUpdated, person="carl", traits={}, domain="acme.example")
    assert accept(made, registration) == "deal_accepted"
    (referral,) = made.state.all(Referral)
    assert (referral.friend, referral.shares[0].person) == ("carl", "paul")
    made.buy("carl")
    assert made.reward(side="advocate").beneficiary == "paul"
    report(made, "older", opened_at=made.now - 9 * DAY)
    assert made.cases() == []


def test_a_deal_of_a_registration_is_no_deal_of_our_own_whoever_comes_from_its_company() -> None:
    made = world()
    registration = register(made)
    accept(made, registration, days=2)
    report(made, registration=registration.id)
    made.enrol("zoe")
    made.now += DAY
    made.lead("cleo", domain="acme.example", code="ZOE")
    assert {each.friend for each in made.state.all(Referral)} == {"pauls-contact", "cleo"}


@pytest.mark.parametrize(
    ("said", "what", "conflict"),
    [
        ({"domain": "acme.example"}, "acme, acme.example", ("company_domain", "probable", "acme.example")),
        ({"company": "77", "company_as": "id"}, "acme, acme.example, 77", ("company_ref", "exact", "77")),
        ({"domain": "acme.example", "domain_of_mail": True}, "acme, acme.example", ("company_domain", "possible", "acme.example")),
        ({"company": "acme", "company_as": "name"}, "acme, acme.example", ("company", "possible", "acme")),
        ({"domain": "other.example"}, "acme, acme.example", None),
    ],
)  # fmt: skip
def test_other_people_of_the_company_make_it_an_existing_customer(
    said: dict[str, Any], what: str, conflict: tuple[str, ...] | None
) -> None:
    made = world()
    made.send(events.CustomerUpdated, person="old", traits={}, **said)
    made.buy("old")
    since = made.now
    made.now += DAY
    registration = register(made, what=what)
    found = [(each.kind, each.by, each.sure, each.subject, each.since) for each in registration.conflicts]
    assert found == ([] if conflict is None else [("existing_customer", *conflict, since)])
    assert accept(made, registration, conflicts=()) == ("deal_accepted" if conflict is None else "conflict_not_seen")


def test_who_is_no_partner_registers_nothing() -> None:
    made = world()
    said = made.send(events.DealRegistered, advocate="nobody", person="carl", company="acme").verdicts[0]
    assert said.refusal == "advocate_not_enrolled"
    said = made.send(events.DealRegistered, advocate="paul", person="paul", company="acme").verdicts[0]
    assert said.refusal == "self_referral"


def test_partner_and_sales_write_to_each_other_and_a_key_speaks_for_the_partner() -> None:
    made = world()
    registration = register(made)
    made.command(events.DealNoted, SUE, registration=registration.id, side="sales", note="1" * 64)
    made.command(events.DealNoted, registration=registration.id, side="partner", note="2" * 64)
    assert [(each.side, each.by) for each in at(made, registration.id).messages] == [
        ("sales", "sue"),
        ("partner", "owner"),
    ]


def test_a_registration_that_one_company_refuses_leaves_nothing_at_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A domain that has too many refuses it whole; a name that has too many is left out, for many companies have it."""
    monkeypatch.setattr(deals, "MOST_AT_ONE", 2)
    made = world()
    for number in range(2):
        register(made, what=f"acme, {number}.example")
    third = register(made, what="acme, 3.example, 77")
    assert third.status == "submitted"
    register(made, what="globex, 3.example")
    said = made.send(events.DealRegistered, advocate="paul", person="x", **company("initech, 3.example, 77")).verdicts
    assert [verdict.refusal for verdict in said] == ["too_many"]
    for what in ("initech", "acme", "77", "3.example"):
        report(made, what=what)
    known = made.state.get(Prospect, "77")
    assert known is not None
    assert known.registrations == (third.id,)


def test_a_partner_who_registers_a_company_over_and_over_keeps_nobody_else_out() -> None:
    """Theirs wait up to a number, whatever else it is called; another partner's is taken, and so is theirs once one was decided."""
    made = world()
    first, *_ = [register(made, what=f"n{number}, acme.example") for number in range(deals.MOST_WAITING)]
    said = made.send(events.DealRegistered, advocate="paul", person="x", **company("acme, acme.example")).verdicts
    [refusal] = [(verdict.refusal, verdict.steps[0].values) for verdict in said]
    assert refusal == ("too_many", {"most": deals.MOST_WAITING})
    assert register(made, "petra").status == "submitted"
    made.command(events.DealDeclined, SAM, registration=first.id, reason="duplicate")
    assert register(made).status == "submitted"


def test_of_very_many_deals_of_a_company_the_oldest_are_kept_in_whatever_order_they_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deals, "MOST_AT_ONE", 2)
    for order in permutations(range(3)):
        made = world()
        made.now += 9 * DAY
        start = made.now
        for each in order:
            report(made, f"d{each}", opened_at=start - (5 - each) * DAY)
        known = made.state.get(Prospect, "acme.example")
        assert known is not None
        assert (sorted(known.open), known.ours_since) == (["d0", "d1"], start - 5 * DAY)


def test_a_contact_who_bought_or_was_brought_until_the_decision_is_seen_before_it() -> None:
    made = world()
    bought, brought = register(made, person="carl"), register(made, person="cora", what="globex")
    made.now += 1
    made.buy("carl")
    made.lead("cora", code="PETRA")
    made.now += DAY
    (referral,) = made.state.all(Referral)
    assert accept(made, bought) == "conflict_not_seen"
    assert accept(made, bought, conflicts=("carl",)) == "deal_accepted"
    assert accept(made, brought) == "conflict_not_seen"
    assert accept(made, brought, conflicts=(referral.id,)) == "deal_accepted"
    assert [(each.kind, each.since) for each in at(made, brought.id).conflicts] == [("bound", referral.lead_at)]


def test_who_registered_or_accepted_a_deal_does_not_decide_the_claim_that_it_makes() -> None:
    made = world()
    clerk = member("ada", "owner")
    made.join(clerk)
    registration = register(made, person="cora", entered_by="owner")
    made.now += 1
    made.lead("cora", code="PETRA")
    (referral,) = made.state.all(Referral)
    assert accept(made, registration, SAM, conflicts=(referral.id,)) == "deal_accepted"
    (claim,) = made.state.all(Claim)
    assert [(act.member, act.act) for act in claim.acts] == [("owner", "deal.registered"), ("sam", "deal.accepted")]
    said = made.command(events.ClaimDecided, OWNER, claim=claim.id, outcome="won", reason="seen")
    assert said.verdicts[0].refusal == "own_work"
    said = made.command(events.ClaimDecided, clerk, claim=claim.id, outcome="won", reason="seen")
    assert "won" in [verdict.outcome for verdict in said.verdicts]
    (now,) = [each for each in made.state.all(Referral) if each.status != "void"]
    assert {act.act for act in now.acts} == {"deal.registered", "deal.accepted", "claim.decided"}


def test_who_makes_a_partners_referral_begin_sooner_had_a_part_in_it() -> None:
    made = world()
    registration = register(made, person="carl", entered_by="sue")
    made.now += 1
    made.lead("carl", code="PAUL")
    accept(made, registration, SAM)
    (referral,) = made.state.all(Referral)
    assert referral.lead_at == registration.at
    assert [(act.member, act.act) for act in referral.acts] == [("sue", "deal.registered"), ("sam", "deal.accepted")]


def test_who_typed_the_code_that_makes_a_referral_begin_sooner_had_a_part_in_it() -> None:
    made = world()
    first = made.now
    made.now += DAY
    made.lead("carl", code="PAUL")
    made.lead("carl", code="PAUL", when=first, entered_by="sue")
    (referral,) = made.state.all(Referral)
    assert (referral.lead_at, [act.member for act in referral.acts]) == (first, ["sue"])


def test_a_partner_who_may_have_nothing_by_then_is_accepted_no_more() -> None:
    made = world()
    registration = register(made)
    made.command(events.AdvocateSuspended, OWNER, person="paul")
    assert accept(made, registration) == "advocate_not_active"
    made = world()
    registration = register(made, person="carl")
    made.command(events.PersonsJoined, OWNER, keep="paul", gone="carl", reason="same")
    assert accept(made, registration) == "self_referral"


@pytest.mark.parametrize("ends", [events.DealDeclined, events.DealWithdrawn])
def test_a_deal_of_a_registration_that_is_over_is_our_own(ends: Any) -> None:
    """Whether the CRM named it before that or afterwards."""
    made = world()
    registration, reason = register(made), {"reason": "no_fit"} if ends is events.DealDeclined else {}
    report(made, "before", registration=registration.id)
    assert at(made, registration.id).conflicts == ()
    made.command(ends, SAM, registration=registration.id, **reason)
    made.now += 1
    report(made, "after", registration=registration.id)
    other = register(made, "petra")
    assert {each.subject for each in other.conflicts} == {"before", "after"}
    assert accept(made, other, deal="before") == "deal_accepted"


def test_a_deal_leaves_no_registration_that_was_accepted_for_one_that_was_not() -> None:
    made = world()
    first, second = register(made), register(made, "petra", "globex")
    accept(made, first)
    for it in (first, second):
        made.now += 1
        report(made, registration=it.id)
    assert (at(made, first.id).deals, at(made, second.id).deals) == (("d1",), ())


def test_who_takes_a_protection_back_does_not_give_the_company_to_another_partner() -> None:
    made = world()
    first, second = register(made), register(made, "petra")
    assert accept(made, first) == "deal_accepted"
    made.command(events.DealWithdrawn, SAM, registration=first.id)
    assert accept(made, second, SAM) == "own_work"
    assert accept(made, second, OWNER) == "deal_accepted"


def test_of_very_many_deals_of_a_registration_each_that_is_won_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deals, "MOST_DEALS", 2)
    made = world()
    registration = register(made)
    accept(made, registration)
    for number in range(3):
        report(made, f"d{number}", registration=registration.id)
    made.now += 1
    report(made, "d2", "won")
    assert at(made, registration.id).status == "won"
    assert len(at(made, registration.id).deals) == 2


def test_a_deal_that_was_over_before_it_was_registered_wins_and_loses_nothing() -> None:
    for status in ("won", "lost"):
        made = world()
        long_ago = made.now
        made.tick(made.now + DAY)
        registration = register(made)
        accept(made, registration)
        report(made, status=status, when=long_ago, registration=registration.id)
        assert at(made, registration.id).status == "accepted"


#: What a CRM tells of a deal, by day -> whether the order stands in the end.
TOLD = {
    "1 won, 2 lost": False,
    "1 lost, 2 won": True,
    "1 open, 2 won, 3 lost": False,
    "1 won, 2 lost, 3 won": False,  # what was taken back stays so
    "1 lost, 2 won, 3 lost": False,
    "1 lost, 2 open, 3 won": True,
    "1 won, 2 open": True,
    "1 lost before it was won here": False,
}


@pytest.mark.parametrize(("said", "stands"), TOLD.items(), ids=list(TOLD))
def test_a_deal_that_is_lost_after_it_was_won_takes_its_order_back_in_whatever_order_it_is_told(
    said: str, *, stands: bool
) -> None:
    """The CRM need not say that it was won: what was told of the deal says it. Once, and for good."""
    reports = [part.split(" ", 2) for part in said.split(", ")]
    for order in permutations(reports):
        made = world()
        made.lead("bob", code="PAUL")
        began = made.now
        made.tick(began + 9 * DAY)
        for day, status, *was in order:
            when = began + int(day) * DAY
            report(made, status=status, when=when, person="bob", orders=True, was_won=bool(was))
            if status == "won":
                made.buy("bob", invoice="d1", when=when)
        if said.endswith("here"):
            made.buy("bob", invoice="d1", when=began)
        [order_] = [it for it in made.state.all(Conversion) if it.id == "inv:d1" or it.evt]
        assert order_.status == ("paid" if stands else "canceled"), order
        assert {reward.amount > 0 for reward in made.rewards()} <= {stands}
        assert bool(made.rewards()) or not stands
        taken = [verdict for _, _, its in made.log for verdict in its.verdicts if verdict.outcome == "canceled"]
        assert len(taken) == (not stands)


def test_nothing_is_taken_back_of_a_deal_whose_crm_does_not_say_that_deals_are_orders() -> None:
    made = world()
    made.lead("bob", code="PAUL")
    for status in ("won", "lost"):
        report(made, status=status, person="bob", was_won=True)
        if status == "won":
            made.buy("bob", invoice="d1")
        made.now += DAY
    [order] = made.state.all(Conversion)
    assert order.status == "paid"


def test_who_stands_beside_a_deal_is_kept_as_whom_they_are_now_and_binds_nobody() -> None:
    made = world()
    made.lead("bea", code="PAUL")
    made.send(events.PersonMerged, keep="bea", gone="bibi")
    found = report(made, person="bob", contacts=("bibi", "bea", "carl"))
    assert found.contacts == ("bea", "carl")
    made.buy("bob")
    assert not made.rewards()

"""Every refusal has the smallest story that produces it: a member without one fails here."""

from collections.abc import Callable
from typing import Any

import pytest
from testkit.stories import tell, world
from testkit.tables import stories
from testkit.world import OWNER, RAIL, World, advocate, at, friend, member, published, rules

from goodword.core import calendar, events, launching, lists, messages, routes, standing
from goodword.core.customers import MOST_CONSENTS
from goodword.core.facts import Actor
from goodword.core.refusals import Refusal
from goodword.core.state import Conversion, Offer, Registration, Reward

TOLD = stories(__file__)


def referred(made: World) -> list[Reward]:
    """What is earned by the shortest way, ann's payment details known."""
    made.referred()
    made.payee("ann")
    return made.rewards()


def contested(made: World) -> list[Reward]:
    """The same, with a case that is open."""
    rewards = referred(made)
    made.send(events.ChargebackOpened, invoice="bob-1", chargeback="cb")
    return rewards


def chosen(made: World, code: str) -> Any:
    """Ann shares another code."""
    return made.command(events.CodeChanged, program=made.program(), person="ann", code=code)


def drafted(made: World) -> str:
    """A program that waits for its launch; its id."""
    made.command(events.ProgramPublished, **published(rules(program="gated")), gated=True)
    return made.program("gated")


WRITING = {"messages": {"topics": ["enrolled", "tip_share"]}}
JOINED = ("adv_01HK153X00HF8T78SRB6NGVC7Q", "adv_01HK153X00HF8T78SRB6NGVC7R")


def written(made: World, topic: str, trigger: int = 0, **facts: Any) -> Any:
    """A message to Ann is due."""
    said = {"known": True, **facts, "person": "ann", "topic": topic, "trigger": JOINED[trigger]}
    return made.command(events.MessageDue, Actor(id="worker", kind="system"), program=made.program(), **said)


def stopped(made: World) -> Any:
    """Ann wants no more of them."""
    return made.send(events.MessageUnsubscribed, message=messages.id_of("ann", "enrolled", JOINED[0]))


def launched(made: World, **otherwise: Any) -> Any:
    """A program is launched with a plan in which nothing is missing, but for what is said otherwise."""
    program = drafted(made)
    listed = launching.evidence(made.rules[made.newest(program)].means, None, program)
    plan = {"owner": OWNER.id, "looks": OWNER.id, "trigger": "shop", "billing": "shop", "silence": launching.USUAL}
    plan |= {"evidence": listed, "measures": launching.MEASURES, "every": 30, **otherwise}
    said = {"rules": made.newest(program), "terms": "ab", "authors": (), "heard": {"shop": made.now}}
    return made.command(events.ProgramLaunched, program=program, plan=events.LaunchPlan(**plan), **said)


def standing_still(made: World, *, silent: bool) -> Any:
    """A payout of a launched program is released while a feed is silent, or nobody answers for it."""
    made.join(OWNER, member("ida"))
    launched(made, owner="ida")
    program = made.program("gated")
    made.send(events.AdvocateEnrolled, person="eve", code="EVE", program=program)
    made.lead("gil", code="EVE")
    made.buy("gil")
    [reward, *_] = made.approved(side="advocate", friend="gil")
    made.tick(reward.due_at or 0)
    payouts = made.draft("eve")
    if silent:
        last = made.now - launching.LONGEST
        made.command(events.FeedSilenced, RAIL, program=program, feed="shop", last_at=last)
    else:
        made.command(events.MemberSet, member="ida", roles=("analyst",))
    return made.release(payouts)


def without_order(made: World) -> list[Reward]:
    """The same, its order taken out of the state by hand: nothing that happens does so."""
    rewards, made.checked = referred(made), False
    del made.state.tables[Conversion][rewards[0].conversion]
    return rewards


def decided(made: World) -> list[Reward]:
    """The same, the case decided by the owner."""
    contested(made)
    made.command(events.CaseDecided, OWNER, case=made.cases()[0].id, outcome="cleared", reason="x")
    return made.rewards()


def unopened(made: World) -> None:
    """The same, approved by somebody else, who has not looked at why there was a case."""
    items = made.items(decided(made))
    made.command(events.ApprovalGiven, member("ada", "approver"), items=items[:1], list_sha256=lists.digest(items[:1]))


def accepted_twice(made: World, *, seen: bool) -> None:
    """Two partners register one company; the second is accepted by who saw the first, or did not."""
    for partner, domain in (("pia", "acme.example"), ("pat", "acme.example" if seen else None)):
        made.enrol(partner)
        said = {"company": "acme", "company_domain": domain}
        made.send(events.DealRegistered, advocate=partner, person=f"{partner}s", **said)
        newest = next(it for it in made.state.all(Registration) if it.status == "submitted")
        made.command(events.DealAccepted, registration=newest.id)


def agreed_too_often(made: World) -> None:
    for number in range(MOST_CONSENTS + 1):
        made.send(events.ConsentRecorded, person="bob", purpose=f"p{number}", outcome="given")


def returned_early(made: World) -> None:
    """A part of a refund that nobody told, while it had to be told first."""
    made.semantics = 2
    tell(made, "01-02 buy bob 10.00 EUR\n01-02 back bob-1 r1 1.00")


def claimed(made: World, name: str = "amy") -> None:
    """Somebody enters, with evidence, that another advocate brought the friend."""
    if made.rewards() == []:
        referred(made)
    made.enrol(name, name.upper())
    said: dict[str, Any] = {
        "program": made.program(),
        "person": "bob",
        "advocates": ((name, 1, 1),),
        "lead_at": made.now,
    }
    made.command(events.ClaimEntered, **said, reason="mail", evidence=("tch_1",))


def appealed_late(made: World) -> None:
    """Weeks after a claim was decided somebody appeals."""
    claimed(made)
    (claim,) = made.claims()
    made.command(events.ClaimDecided, member("dan"), claim=claim.id, outcome="lost", reason="x")
    made.tick(made.now + 30 * 86_400_000_000)
    made.command(events.ClaimAppealed, claim=claim.id, reason="x")


def below_minimum(made: World) -> None:
    """What is due comes to less than is paid out."""
    made.approve(referred(made))
    made.tick(at("06-01"))
    made.draft("ann")


def doubted(made: World, outcome: str | None = None) -> None:
    """A bank knows the account by another name; a draft while a person is asked, or once they said that it is another's."""
    made.approve(referred(made))
    said = {"destination": "iban", "answer": "no_match", "provider": "bank", "answered_at": made.now}
    made.command(events.PayeeChecked, person="ann", **said)
    if outcome is not None:
        (case,) = made.cases(kind="payee_check")
        made.command(events.CaseDecided, case=case.id, outcome=outcome, reason="other")
    made.draft("ann")


def said_by_an_owner(made: World) -> None:
    """Who releases says what became of a payout that only its rail can know of."""
    made.payee("ann", rail="pigeon")
    made.referred()
    made.approve(made.rewards())
    made.tick(at("02-20"))
    (payout,) = made.draft("ann", rail="pigeon")
    made.release([payout])
    made.answer(payout, "processing")
    made.answer(payout, "failed", OWNER)


def owing(made: World) -> list[Reward]:
    """Ann was paid for an order that came back."""
    made.payee("ann")
    made.referred()
    made.paid()
    made.refund("bob-1", 10_000)
    return made.rewards(beneficiary="ann")


def in_two_programs(made: World) -> None:
    """An enrolment that names neither."""
    made.publish(rules(program="other"))
    made.enrol("abe")


def with_their_own_code(made: World) -> None:
    """Ann enrols in a second program with the code that serves the first."""
    made.send(events.AdvocateEnrolled, person="ann", code="ANN", program=made.publish(rules(program="other")))


def joined(made: World) -> None:
    """Somebody enrols themselves at the portal."""
    made.send(events.AdvocateEnrolled, person="zoe", source="portal")


def of_another_program(made: World) -> None:
    """Who is limited to one program approves what another one owes."""
    rewards = referred(made)
    other = made.publish(rules(program="other"))
    made.approve(rewards, Actor(id="mia", kind="member", roles=("approver",), programs=(other,)))


def by_one_of_two(made: World) -> None:
    """Who may approve little approves twice."""
    for _ in range(2):
        made.approve(referred(made) if not made.rewards() else made.rewards(), member("mia", "approver", EUR=1))


def by_two_within_no_limit(made: World) -> None:
    """Two who may approve little approve much."""
    by_one_of_two(made)
    made.approve(made.rewards(), member("max", "approver", EUR=2))


def released_alone(made: World) -> None:
    """The only owner of a live workspace releases more than leaves without a second member."""
    made.approve(referred(made))
    made.tick(at("06-01"))
    made.release(made.draft("ann"), alone_up_to={"EUR": 100})


def routed_elsewhere(made: World) -> None:
    """An approver approves what its route gives to an owner."""
    made.join(OWNER)
    row = routes.Row(name="all", role="owner", fallback="owner", days=3)
    text = routes.text_of(routes.Document(routes=(row,)))
    made.command(events.RoutingPublished, table=routes.hash_of(text), document=text)
    made.approve(referred(made), member("ada", "approver"))


def by_the_author(made: World) -> None:
    """Who published the rules asks for a standing approval."""
    until = made.now + calendar.DAY
    most = {"per_reward": 1, "per_beneficiary": 1, "in_all": 1}
    terms = standing.Terms(program=made.program(), kind="credit", unit="EUR", rail="store_credit", **most, until=until)
    text = standing.text_of(terms)
    said = {"standing": standing.hash_of(text), "document": text, "kinds": ("credit",), "manual": False}
    said |= {"program": made.program(), "rules": made.newest(made.program())}
    made.command(events.StandingAsked, authors=("owner",), **said)


def credited(made: World, redeemed: int = 0) -> None:
    """Ten euros are ann's as our own credit, of which some may be used."""
    made.approve(made.referred())
    for payout in made.draft("ann", rail="store_credit"):
        made.release([payout])
        made.answer(payout, "processing")
        made.answer(payout, "completed")
    if redeemed:
        redeem(made, redeemed)


def redeem(made: World, amount: int) -> None:
    made.send(events.CreditRedeemed, person="ann", redemption="r1", amount=amount, currency="EUR")


def give_back(made: World, amount: int) -> None:
    made.send(events.CreditReversed, redemption="r1", reversal="v1", amount=amount)


def welcomed(made: World, amount: int = 9_500, by: str = "bob", offer: str | None = None, **more: Any) -> None:
    """Bob has an offer, which an order of his, or of somebody else, names."""
    if not made.rewards():
        made.lead("bob", code="ANN")
    (its,) = made.state.all(Offer)
    made.buy(by, amount, offer=offer or its.id, **{"discount": 500, **more})


def welcomed_late(made: World) -> None:
    """Bob's order comes when his offer is over."""
    made.lead("bob", code="ANN")
    made.tick(made.now + 31 * calendar.DAY)
    (its,) = made.state.all(Offer)
    made.buy("bob", 9_500, offer=its.id, discount=500)


def taxed(made: World) -> None:
    """What ann earns reaches a threshold, and is approved."""
    made.command(events.TaxReportingSet, jurisdictions=("eu-dac7",), timezone="UTC")
    made.referred(amount=3_000_000)
    made.payee("ann")
    made.approve(made.rewards(side="advocate"))


def give_form(made: World, signed: str) -> None:
    made.command(events.TaxFormGiven, person="ann", jurisdiction="us", form="w8ben", digest="d", signed=signed)


HOLD: dict[str, Any] = {"hold": "0d"}
WELCOME: dict[str, Any] = {
    "rewards": [friend(kind="welcome", flat={"EUR": 500}, valid="30d")],
    "conversion": {"minimum": {"EUR": 1_000}},
}
CREDIT = {**HOLD, "payouts": {"every": "once"}, "rewards": [advocate(percent="10", kind="credit")]}
TAXED = {**HOLD, "payouts": {"every": "once"}, "rewards": [advocate(percent="10")]}
REVIEWED = {**HOLD, "rewards": [advocate(percent="10"), friend(kind="credit", flat={"EUR": 500})]}


#: refusal -> (parts of the rules, what is done), where it cannot be told
def brought_by_nobody(made: World) -> None:
    """Ann's friend is said to be nobody's, and comes by her code again."""
    made.referred()
    claimed(made)
    (found,) = made.claims(status="open")
    made.command(events.ClaimDecided, member("dan"), claim=found.id, outcome="none", reason="seen")
    made.lead("bob", code="ANN")


DONE: dict[str, tuple[dict[str, Any], Callable[[World], object]]] = {
    "code_serves_another_program": ({}, with_their_own_code),
    "join_closed": ({}, joined),
    "consent_to_join_missing": ({"enrol": {}}, lambda made: made.buy("zoe")),
    "not_a_customer": ({"sharing": {"join": "open", "joiners": "customers"}}, joined),
    "in_future": ({}, lambda made: made.lead("bob", made.now + 5 * 60_000_000 + 1, accepted_at=made.now)),
    "program_required": ({}, in_two_programs),
    "test_event": ({}, lambda made: made.buy("bob", test=True)),
    "not_permitted": (REVIEWED, lambda made: made.approve(referred(made), member("pat", "payer"))),
    "outside_scope": (REVIEWED, of_another_program),
    "owner_scoped": (
        {},
        lambda made: made.command(events.MemberSet, member="mia", roles=("owner",), programs=("main",)),
    ),
    "not_found": ({}, lambda made: made.command(events.CaseDecided, case="cas_none", outcome="cleared", reason="x")),
    "code_changed_before": ({}, lambda made: [chosen(made, code) for code in ("A", "B")]),
    "nothing_to_do": ({}, lambda made: made.approve([])),
    "item_changed": (REVIEWED, lambda made: made.approve(referred(made), list_sha256="0" * 64)),
    "hold_running": ({}, lambda made: made.approve(referred(made))),
    "case_open": (REVIEWED, lambda made: made.approve(contested(made))),
    "below_payout_minimum": ({**REVIEWED, "payout_minimum": {"EUR": 100_000}}, below_minimum),
    "not_due": (REVIEWED, lambda made: (made.approve(referred(made)), made.draft("ann"))),
    "payee_missing": (HOLD, lambda made: made.approve(made.referred())),
    "tax_form_missing": (TAXED, lambda made: (taxed(made), made.draft("ann"))),
    "tax_form_over": ({}, lambda made: give_form(made, "2019-12-31")),
    "payee_asked": (REVIEWED, doubted),
    "payee_refused": (REVIEWED, lambda made: doubted(made, "confirmed")),
    "evidence_missing": (REVIEWED, lambda made: made.approve(without_order(made))),
    "conversion_unknown": ({}, lambda made: made.send(events.ConversionCanceled, conversion="evt_never")),
    "refund_unknown": ({}, returned_early),
    "exceeds_receivable": (HOLD, lambda made: made.settle(owing(made), amount=1_001)),
    "rewards_open": (REVIEWED, lambda made: (referred(made), made.command(events.PersonErased, person="ann"))),
    "offer_unknown": (WELCOME, lambda made: welcomed(made, 500, offer="off_none")),
    "offer_of_another": (WELCOME, lambda made: welcomed(made, by="eve")),
    "offer_used": (WELCOME, lambda made: (welcomed(made), welcomed(made, invoice="bob-2"))),
    "offer_over": (WELCOME, welcomed_late),
    "offer_currency": ({**WELCOME, "currencies": ["EUR", "USD"]}, lambda made: welcomed(made, currency="USD")),
    "offer_no_discount": (WELCOME, lambda made: welcomed(made, discount=0)),
    "offer_order_refused": (WELCOME, lambda made: welcomed(made, 500)),
    "credit_short": (CREDIT, lambda made: credited(made, 1_001)),
    "redemption_conflict": (CREDIT, lambda made: (credited(made, 1_000), redeem(made, 999))),
    "redemption_unknown": ({}, lambda made: give_back(made, 1)),
    "reversal_exceeds": (CREDIT, lambda made: (credited(made, 1_000), give_back(made, 1_001))),
    "credit_left": (CREDIT, lambda made: (credited(made), made.command(events.PersonErased, person="ann"))),
    "decided_nobodys": ({}, brought_by_nobody),
    "already_protected": ({}, lambda made: accepted_twice(made, seen=True)),
    "conflict_not_seen": ({}, lambda made: accepted_twice(made, seen=False)),
    "contested": (REVIEWED, lambda made: (claimed(made), made.approve(made.rewards(side="advocate")))),
    "appeal_over": (REVIEWED, appealed_late),
    "too_many_consents": ({}, agreed_too_often),
    "topic_off": ({}, lambda made: written(made, "enrolled")),
    "mail_unknown": (WRITING, lambda made: written(made, "enrolled", known=False)),
    "mail_suppressed": (WRITING, lambda made: written(made, "enrolled", listed="bounced")),
    "unsubscribed": (WRITING, lambda made: (written(made, "enrolled"), stopped(made), written(made, "enrolled", 1))),
    "consent_missing": (WRITING, lambda made: written(made, "tip_share")),
    "too_many": (REVIEWED, lambda made: [claimed(made, f"a{number}") for number in range(21)]),
    "evidence_not_opened": (REVIEWED, unopened),
    "own_work": (REVIEWED, lambda made: made.approve(decided(made), OWNER)),
    "rail_answers": ({**HOLD, "rewards": [advocate(flat={"EUR": 2_500})]}, said_by_an_owner),
    "same_member": (REVIEWED, by_one_of_two),
    "over_limit": (REVIEWED, by_two_within_no_limit),
    "second_member_needed": (REVIEWED, released_alone),
    "routed_elsewhere": (REVIEWED, routed_elsewhere),
    "routing_invalid": ({}, lambda made: made.command(events.RoutingPublished, table="x", document="{")),
    "standing_invalid": (
        {},
        lambda made: made.command(
            events.StandingAsked,
            program=made.program(),
            standing="x",
            document="{",
            kinds=("credit",),
            manual=False,
            authors=(),
            rules="x",
        ),
    ),
    "program_not_live": (
        {},
        lambda made: made.command(events.ProgramMoved, to="active", program=drafted(made)),
    ),
    "outside_pilot": ({}, "02-01 pilot main amy\n02-02 lead bob code=ANN"),
    "pilot_running": ({}, "02-01 pilot main ann\n02-02 everybody main"),
    "pilot_invalid": ({}, lambda made: made.command(events.PilotStarted, program=made.program())),
    "not_ready": ({}, lambda made: launched(made, owner="nobody")),
    "feed_silent": ({}, lambda made: standing_still(made, silent=True)),
    "owner_missing": ({}, lambda made: standing_still(made, silent=False)),
    "rules_author": ({}, by_the_author),
    "rules_invalid": ({}, lambda made: made.command(events.ProgramPublished, slug="main", rules="x", document="{")),
    "in_past": ({}, lambda made: made.command(events.AgreementMade, person="ann", since=at("2023-12-31"))),
    "not_forward": ({}, lambda made: made.command(events.ClockMoved, to=at("2023-12-31"))),
}


@pytest.mark.parametrize("refusal", [member_.name for member_ in Refusal])
def test_refusal(refusal: str) -> None:
    """The story's last event is refused so, and said so once about each side that it concerns."""
    parts, done = TOLD.get(refusal) or DONE[refusal]
    made = world(**parts)
    if isinstance(done, str):
        tell(made, done)
    else:
        done(made)
    assert refusal in [verdict.refusal for verdict in made.log[-1][2].verdicts]


def test_a_verified_key_refuses_what_was_attributed_before() -> None:
    """Attributed while nothing was known; a verified key that both share refuses the reward."""
    made = world()
    tell(made, "01-02 lead bob code=ANN")
    tell(made, "01-03 same phone bob ann\n 01-03 buy bob 10.00 EUR -> refused self_referral")


def test_the_first_of_several_reasons_is_given() -> None:
    """Too late, too small, in another currency: the one that stands first in the list."""
    made = world(conversion={"window": "1d", "minimum": {"EUR": 2_000}}, rewards=[advocate(flat={"EUR": 1})])
    tell(
        made,
        """
        01-02 lead bob code=ANN
        01-05 buy bob 1.00 USD invoice=a -> refused outside_conversion_window
        01-02 buy bob 1.00 USD invoice=b -> refused currency_not_offered
        01-02 buy bob 1.00 EUR invoice=c -> refused below_minimum
        """,
    )


def test_each_has_one_scenario() -> None:
    """No story for a refusal that is gone, none told twice."""
    assert set(TOLD) | set(DONE) == set(Refusal.__members__)
    assert not set(TOLD) & set(DONE)

"""Each invariant notices its breach: a workspace in which all is well is changed by hand, and what is wrong is named."""

import re
from string import Template
from typing import get_type_hints

import msgspec
import pytest
import yaml
from msgspec.structs import replace
from testkit.stories import tell, world
from testkit.tables import texts
from testkit.world import World, advocate, friend, member, rules

from goodword.core import calendar, events, invariants, messages, standing
from goodword.core.facts import Actor
from goodword.core.state import (
    NOUNS,
    Advocate,
    Agreement,
    Balance,
    Case,
    Entity,
    Letter,
    Lot,
    Offer,
    Payout,
    Registration,
    Schedule,
    Standing,
    Stock,
)

BREACHES = texts(__file__)
CHANGE = re.compile(r"(\w+) (\{.*?\}) (\{.*\})")


def well(title: str = "") -> World:
    """Return the workspace that the page begins with; where credit is looked at, with abe's, or uma's."""
    limits = [{"per": "month", "count": 9}, {"per": "year", "amount": {"EUR": 9_000}}]
    made = world(budget={"EUR": 50_000}, rewards=[advocate(percent="10", limits=limits)])
    tell(
        made,
        """
        02-01 lead bob code=ANN
        02-01 buy bob 100.00 EUR
        02-02 lead bea code=ANN
        02-02 buy bea 50.00 EUR
        02-03 lead ben code=ANN
        02-03 buy ben 30.00 EUR
        02-04 lead bud code=ANN
        02-04 buy bud 20.00 EUR
        02-05 refund bud-1 20.00 r1
        """,
    )
    made.tick("03-10")
    made.payee("ann")
    made.paid(conversion="inv:bob-1")
    made.approve(made.rewards(conversion="inv:bea-1"))
    tell(made, "03-12 chargeback ben-1 opened")
    made.send(events.DealRegistered, advocate="ann", person="carl", company="acme", company_domain="acme.example")
    (registration,) = made.state.all(Registration)
    made.command(events.DealAccepted, registration=registration.id)
    made.send(events.DealReported, deal="ours", status="open", company="globex")
    made.command(events.AgreementMade, person="amy", percent="20")
    breach = BREACHES.get(title, ())
    if any("uma" in line for line in breach):
        _with_a_code(made)
    elif any(line.startswith(("Lot", "Redemption")) for line in breach):
        _with_points(made)
    if any(line.startswith(("Stock", "Handout")) for line in BREACHES.get(title, ())):
        _with_codes(made)
    if any(line.startswith("Schedule") for line in breach):
        plan = events.Plan(rail="bank_file", unit="EUR", every="day", hour=8, timezone="UTC")
        made.command(events.PayoutScheduled, plan=plan)
    if any(line.startswith(("Letter", "Recipient")) for line in breach):
        _with_a_message(made)
    if any(line.startswith("Offer") for line in BREACHES.get(title, ())):
        _with_offers(made)
    if any(line.startswith("Standing") or "standing" in line for line in BREACHES.get(title, ())):
        _with_standing(made)
    return made


def _with_a_message(made: World) -> None:
    """One to ann is put off; another one she answered with a wish."""
    post = made.publish(rules(program="post", messages={"topics": ["enrolled"]}))
    made.enrol("ann", "ANN3", program=post)
    worker, trigger = Actor(id="worker", kind="system"), "rwd_01HK153X00HF8T78SRB6NGVC7Q"
    said = {"topic": "enrolled", "program": post, "known": True}
    for after, it in ((None, f"{trigger[:-1]}R"), (made.now + calendar.DAY, trigger)):
        made.command(events.MessageDue, worker, person="ann", trigger=it, after=after, **said)
    done = messages.id_of("ann", "enrolled", f"{trigger[:-1]}R")
    made.command(events.MessageAnswered, worker, message=done, outcome="sent")
    made.send(events.MessageUnsubscribed, message=done)


def _with_standing(made: World) -> None:
    """A standing approval of ada and olga has approved 20 euros of credit for zoe."""
    made.join(member("olga"), member("ada", "approver"))
    gift = made.publish(rules(program="gift", rewards=[advocate(percent="100", kind="credit")], hold="0d"))
    most = {"per_reward": 2_500, "per_beneficiary": 4_000, "in_all": 6_000}
    terms = {"program": gift, "kind": "credit", "unit": "EUR", "rail": "store_credit", "until": made.now + calendar.DAY}
    text = standing.text_of(msgspec.convert(terms | most, standing.Terms))
    said = {"standing": standing.hash_of(text), "document": text, "kinds": ("credit",), "manual": False}
    said |= {"program": gift, "authors": (), "rules": made.newest(gift)}
    asked = made.command(events.StandingAsked, member("ada", "approver"), **said).verdicts[0]
    change = asked.steps[0].values["change"]
    made.command(events.ChangeDecided, member("olga"), change=change, outcome="confirmed")
    made.enrol("zoe", program=gift)
    made.lead("cat", code="ZOE", program=gift)
    made.buy("cat", 2_000)


def _with_codes(made: World) -> None:
    """Two cards of three have gone to kai, for 20 euros."""
    cards = made.publish(rules(program="cards", rewards=[advocate(percent="100", kind="credit")], hold="0d"))
    made.command(events.StockUploaded, name="cards", unit="EUR", amount=1_000, size=3, codes="x")
    made.enrol("kai", program=cards)
    made.lead("dot", code="KAI", program=cards)
    made.buy("dot", 2_000)
    made.approve(made.rewards(program=cards))
    made.tick(made.now + 60 * calendar.DAY)
    (payout,) = made.draft("kai", rail="code_stock")
    made.release([payout])
    made.answer(payout, "processing")
    made.answer(payout, "completed")


def _with_offers(made: World) -> None:
    """Of two friends whom lea brings one has redeemed the offer of 5.00 EUR, and the other has one that is open."""
    rewards = [advocate(points=1, kind="points"), friend(kind="welcome", flat={"EUR": 500}, valid="30d")]
    greet = made.publish(rules(program="greet", rewards=rewards))
    made.enrol("lea", program=greet)
    for person in ("dot", "eva"):
        made.lead(person, code="LEA", program=greet)
    made.buy("dot", 9_500, offer=next(it.id for it in made.state.all(Offer) if it.person == "dot"), discount=500)


def _with_points(made: World) -> None:
    points = [advocate(points=70, kind="points")]
    shop = made.publish(rules(program="shop", rewards=points, hold="0d", payouts={"every": "once"}))
    made.enrol("abe", program=shop)
    made.lead("cid", code="ABE", program=shop)
    made.buy("cid", 1_000)
    made.approve(made.rewards(program=shop))
    (payout,) = made.draft("abe", rail="store_credit", unit=f"points:{shop}")
    made.release([payout])
    made.answer(payout, "processing")
    made.answer(payout, "completed")
    made.send(events.CreditRedeemed, person="abe", program=shop, redemption="r1", amount=20)
    made.send(events.CreditReversed, redemption="r1", reversal="v1", amount=5)


def _with_a_code(made: World) -> None:
    """A code is worth 20 euros, of which 5 were used; its advocate uma has nothing in her purse."""
    club = made.publish(rules(program="club", rewards=[advocate(percent="100", kind="credit")], hold="0d"))
    made.enrol("uma", program=club)
    made.lead("dot", code="UMA", program=club)
    made.buy("dot", 2_000)
    made.approve(made.rewards(program=club))
    made.tick(made.now + 60 * calendar.DAY)
    (payout,) = made.draft("uma", rail="discount_code")
    made.release([payout])
    made.answer(payout, "processing")
    made.answer(payout, "completed")
    made.send(events.CreditRedeemed, person="uma", payout=payout.id, redemption="r1", amount=500, currency="EUR")


def names(made: World) -> dict[str, str]:
    """Return what ids are called on the page."""
    (payout, *points), (case,) = made.state.all(Payout), made.state.all(Case)
    (code,) = made.state.get(Advocate, (made.program(), "ann")).codes
    (registration,) = made.state.all(Registration)
    (agreement,) = made.state.all(Agreement)
    called = {"main": made.program(), "payout": payout.id, "case": case.id, "ANN": code, "deal": registration.id}
    called["agreement"] = agreement.id
    for it in made.state.all(Standing):
        called |= {"standing": it.id, "gift": it.program, "gift_payout": points[0].id}
    for it in made.state.all(Stock):
        called |= {"stock": it.id, "cards_payout": points[0].id}
    for it in made.state.all(Letter):
        called |= {"letter": it.id} if it.status == "deferred" else {}
    for it in made.state.all(Schedule):
        called |= {"schedule": it.id}
    for offer in made.state.all(Offer):
        (person,) = [event.person for event, _, _ in made.log if event.evt == offer.evt]  # type: ignore[union-attr]
        called |= {f"{person}_offer": offer.id, "greet": offer.program}
    for lot in made.state.all(Lot):
        called |= {"lot": lot.id, "points": points[0].id, "shop": lot.program}
    for reward in made.rewards():
        friend = reward.conversion[4:7]
        what = "welcome" if reward.kind == "welcome" else "reward"
        called |= {f"{friend}_{what}": reward.id, f"{friend}_referral": reward.referral, "rules": reward.rules}
    return called


def change(made: World, line: str) -> Entity | None:
    """Return the row that a line of the page changes, as it is then; None: the line is what the invariants say."""
    match = CHANGE.fullmatch(Template(line).substitute(names(made)))
    if match is None:
        return None
    noun = next(noun for noun in NOUNS if noun.__name__ == match[1])
    which, fields = yaml.safe_load(match[2]), yaml.safe_load(match[3])
    if noun is Balance:
        return Balance(program=made.program(), unit="EUR", **which, **fields)
    (row,) = [row for row in made.state.all(noun) if all(getattr(row, name) == value for name, value in which.items())]
    types = get_type_hints(noun)
    return replace(row, **{name: msgspec.convert(value, types[name]) for name, value in fields.items()})


def said(made: World, line: str) -> str:
    """Return a line with names instead of ids."""
    named = {id_: name.replace("_", "'s ") for name, id_ in names(made).items()}
    named |= {advocate_.id: advocate_.person for advocate_ in made.state.all(Advocate)}
    for id_, name in named.items():
        line = line.replace(id_, name)
    return line


@pytest.mark.parametrize("title", BREACHES)
def test_a_breach_is_named(title: str) -> None:
    """What was changed by hand is named by its invariants and no other, with culprit and what was expected; what is allowed is not."""
    made, before = well(title), well(title)
    assert invariants.broken(made.state, made.rules) == []
    changes = [row for line in BREACHES[title] if (row := change(made, line)) is not None]
    assert changes
    for row in changes:
        made.state.put(row)
    expected = BREACHES[title][len(changes) :]
    assert [said(before, line) for line in invariants.broken(made.state, made.rules)] == expected


def test_every_invariant_is_broken_by_something() -> None:
    """No invariant is without a breach that it names."""
    broken = {line.split()[0] for lines in BREACHES.values() for line in lines if line.startswith("I-")}
    assert broken == {invariant.id for invariant in invariants.INVARIANTS}


def test_two_caps_of_one_period_count_a_reward_once() -> None:
    """A count and an amount of the same month are two limits of one reward; what is above either is named."""
    limits = [{"per": "month", "count": 1}, {"per": "month", "amount": {"EUR": 1_500}}]
    made = world(rewards=[advocate(percent="10", limits=limits)])
    tell(made, "02-01 lead bob code=ANN\n02-01 buy bob 100.00 EUR")
    assert invariants.broken(made.state, made.rules) == []
    reward = made.reward()
    made.state.put(replace(reward, amount=1_501, gross=1_501))
    (line,) = [line for line in invariants.broken(made.state, made.rules) if line.startswith("I-15")]
    assert line.endswith("1 rewards of 1501, allowed 1 of 1500")
    made.state.put(replace(reward, id="rwd_x"))
    (line,) = [line for line in invariants.broken(made.state, made.rules) if line.startswith("I-15")]
    assert line.endswith("2 rewards of 2501, allowed 1 of 1500")

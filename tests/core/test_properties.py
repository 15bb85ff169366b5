"""Generated histories: every invariant after every event, replay to equal leaves."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, get_args

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from testkit import explained, rule_documents
from testkit.world import KINDS, OPERATOR, RAIL, SERVER, World, advocate, friend, member, published, rules

from goodword.core import (
    calendar,
    disputes,
    entry,
    events,
    launching,
    ledger,
    lists,
    payouts,
    reviews,
    routes,
    schedules,
    standing,
)
from goodword.core.decide import decide
from goodword.core.draft import Draft
from goodword.core.evolve import evolve
from goodword.core.facts import Actor
from goodword.core.lifecycles import LIFECYCLES
from goodword.core.refusals import Refusal
from goodword.core.state import (
    Advocate,
    Case,
    Change,
    Claim,
    Conversion,
    Letter,
    Lot,
    Member,
    Offer,
    Payee,
    Payout,
    Program,
    Referral,
    Registration,
    Reporting,
    Reward,
    Schedule,
    Standing,
    State,
)

ADVOCATES = ("ann", "amy", "abe")
FRIENDS = ("bob", "bea", "ben", "ann")
PROGRAMS = ("main", "other")
MEMBERS = (
    Actor(id="owner", kind="member", roles=("owner",)),
    member("mia", "approver", EUR=800, USD=0),
    member("max", "approver", "payer", EUR=5_000, USD=5_000),
)
WORKER = Actor(id="worker", kind="system")
#: A second owner, of whom standing approvals need one.
SECOND = member("sol")
RICH = {**rule_documents.document("generated"), "credit": {"expires": "60d"}}
WELCOMES = rules(
    program="welcomes",
    new_customers_only=False,
    shares_customers=True,
    hold="2d",
    budget={"EUR": 1_400},
    conversion={"minimum": {"EUR": 1_000}},
    rewards=[advocate(percent="2"), friend(kind="welcome", flat={"EUR": 500}, valid="20d")],
)
OTHER = rules(program="other", new_customers_only=False, shares_customers=True, conversion={"counts": {"months": 2}})

NUMBER = st.integers(0, 11)
Move = Callable[[World, int, int, int], None]


def pick(things: Any, n: int) -> Any:
    return things[n % len(things)]


def late(world: World, n: int) -> int:
    """Now, or up to three days ago, or at the very time of something before."""
    return world.now - pick((0, 0, 0, calendar.HOUR, calendar.DAY, 3 * calendar.DAY), n)


def program_of(world: World, n: int) -> str | None:
    return pick((None, None, None, world.program("main"), world.program("other"), "prg_none"), n)


def enrol(world: World, a: int, b: int, c: int) -> None:
    person = pick(ADVOCATES, a)
    code = pick((person.upper(), f"{person.upper()}2", "ANN", None), b)
    program = pick((world.program("main"), world.program("main"), world.program("other"), None), c)
    world.send(events.AdvocateEnrolled, person=person, code=code, program=program, when=late(world, c))


def stand(world: World, a: int, b: int, c: int) -> None:
    kind = pick((events.AdvocateSuspended, events.AdvocateResumed, events.AdvocateResumed, events.AdvocateLeft), a)
    world.send(kind, person=pick(ADVOCATES, b), program=program_of(world, c))


def click(world: World, a: int, b: int, c: int) -> None:
    code = pick(("ANN", "AMY", "ABE", "ANN2", "NONE"), a)
    named = {"click": f"c{b % 3}"} if c % 2 else {}
    world.click(code, f"v{b % 3}", late(world, c), bot=c == 11, **named)


def lead(world: World, a: int, b: int, c: int) -> None:
    touch = pick(
        ({"visitor": "v0"}, {"visitor": "v1"}, {"code": "ANN"}, {"code": "AMY"}, {"click": "c1"}, {"link_code": "ABE"}),
        b,
    )
    world.lead(pick(FRIENDS, a), late(world, c), unverified=c == 7, program=program_of(world, a + b), **touch)


def buy(world: World, a: int, b: int, c: int) -> None:
    amount = pick((1_000, 999, 7_777, 20_000, 30_000, 0), b)
    touch = pick(({}, {}, {"visitor": "v0"}, {"code": "AMY"}, {"link_code": "ABE"}), c)
    more = {
        "currency": pick(("EUR", "EUR", "USD", "GBP"), a + b),
        "status": pick(("paid", "paid", "paid", "open"), b + c),
        **touch,
    }
    world.buy(
        pick(FRIENDS, a),
        amount,
        late(world, b + c),
        invoice=f"i{(a + c) % 6}",
        test=a + b + c == 33,
        settled=c == 10,
        **more,
    )


def sign_up(world: World, a: int, b: int, c: int) -> None:
    world.buy(pick(FRIENDS, a), None, late(world, b), name=pick(("sign-up", "demo"), c))


def refund(world: World, a: int, b: int, c: int) -> None:
    world.refund(f"i{pick((0, 1, 2, 3, 4, 5, 0, 1), a)}", pick((1, 500, 6_777, 20_000), b), f"r{c % 4}")


def chargeback(world: World, a: int, b: int, c: int) -> None:
    key = {"invoice": f"i{pick((0, 1, 2, 3, 4, 5, 0, 1), a)}", "chargeback": f"cb{b % 2}"}
    if c % 2:
        amount, currency = pick(((None, None), (None, "USD"), (700, "EUR"), (700, "USD")), c // 2)
        world.send(events.ChargebackOpened, **key, amount=amount, currency=currency)
    else:
        world.send(events.ChargebackClosed, outcome=pick(("kept", "lost"), c // 2), **key)


def otherwise(world: World, a: int, b: int, c: int) -> None:
    """An order is told otherwise: amended, taken back whole; a refund of it is taken back; a chargeback of a part."""
    invoice = f"i{pick((0, 1, 2, 3, 4, 5, 0, 1), a)}"
    if c % 4 == 0:
        figures = {"amount": pick((0, 999, 20_000, 31_000), b), "currency": "EUR", "tax": pick((0, 400), a + b)}
        figures["tax"] = min(figures["tax"], figures["amount"])
        if a % 3:
            world.send(events.ConversionAmended, when=late(world, b), invoice=invoice, amendment=f"a{b % 3}", **figures)
        else:
            world.command(events.OrderAmended, pick(MEMBERS, b), conversion=f"inv:{invoice}", reason="told", **figures)
    elif c % 4 == 1:
        some_of_it = pick((None, None, 300), b)
        world.send(events.RefundReturned, invoice=invoice, refund=f"r{b % 4}", amount=some_of_it)
    elif c % 4 == 2 and b % 3 == 0:
        world.send(
            pick((events.RefundOpened, events.RefundOpened, events.RefundClosed), a),
            invoice=invoice,
            refund=f"r{b % 4}",
        )
    elif c % 4 == 2:
        world.send(events.ChargebackOpened, invoice=invoice, chargeback=f"cb{b % 2}", amount=pick((700, 40_000), a))
    elif b > 9:
        world.send(events.ConversionCanceled, invoice=invoice)
    elif b == 8:
        world.buy("cat", 1_000, invoice=f"test-{a}", test=True)
    elif b == 7:
        world.send(events.ChargebackClosed, invoice=invoice, chargeback="cb9", outcome="kept")


def customer(world: World, a: int, b: int, c: int) -> None:
    if b % 2:
        world.send(events.CustomerKnown, person=pick(FRIENDS, a), since=late(world, c))
    else:
        said: dict[str, Any] = {"keys": ("mail",), "language": "de"} if c % 2 else {}
        if c % 3:  # their firm, of one or two: by its domain or that of their mail, its id or its name
            said |= {"domain": pick(("acme.example", "globex.example"), c), "domain_of_mail": bool(a % 2)}
            said |= (
                {"company": pick(("77", "acme"), a), "company_as": pick(("id", "name", None), b // 2)}
                if c % 3 == 2
                else {}
            )
        world.send(events.CustomerUpdated, person=pick(FRIENDS, a), traits={"plan": "team"}, **said)


def move_in(world: World, a: int, b: int, c: int) -> None:
    person, program = pick(ADVOCATES, b), program_of(world, a + b)
    if c % 3:
        first = {"purchase": late(world, c)} if c % 2 else {}
        fields = {"person": pick(FRIENDS, a), "advocate": person, "lead_at": late(world, b), "first": first}
        world.send(events.ReferralImported, program=program, **fields)
    else:
        amount = pick((1_200, -500, 9_999), a)
        fields = {"person": person, "amount": amount, "currency": "EUR", "reference": f"old{b % 4}"}
        world.send(events.BalanceOpened, program=program, **fields)


def merge(world: World, a: int, b: int, c: int) -> None:
    keep, gone = pick((*FRIENDS, "amy"), a), pick(("cat", "cat", "ben", "bea", "abe"), b)
    if c % 4 == 0:
        world.command(events.PersonsJoined, pick(MEMBERS, c // 4), keep=keep, gone=gone, reason="same_person")
    elif c % 4 == 1:
        world.send(events.PersonMerged, keep=keep, gone=gone)
    else:
        world.buy("cat", 1_000, late(world, c), invoice=f"i{b % 6}", code="AMY")


def wait(world: World, a: int, _b: int, _c: int) -> None:
    world.tick(world.now + pick((1, 60, 24, 24 * 20, 24 * 45), a) * calendar.HOUR)


def publish(world: World, a: int, b: int, c: int) -> None:
    if c % 4 == 0:
        to = pick(("paused", "active", "ended", "draft"), a)
        world.command(
            events.ProgramMoved,
            program=world.program(pick(PROGRAMS, b)),
            to=to if b > 9 else pick(("paused", "active"), a),
        )
    else:
        world.publish({**(RICH if a % 2 else OTHER), "hold": pick(("0d", "1d"), b)})


def some(things: list[Any], a: int, b: int) -> list[Any]:
    """A few of the things, not always there, sometimes one twice."""
    found = sorted(things, key=lambda thing: thing.id)
    return [found[(a + i) % len(found)] for i in range(1 + b % 3)] if found else []


def approve(world: World, a: int, b: int, c: int) -> None:
    ready = [r for r in world.state.all(Reward) if r.status == "in_review" and not r.cases]
    for reward in some(ready, a, b) if c == 3 else ():
        what = pick(("opened", "unmasked"), b)
        world.command(events.RecordLooked, pick(MEMBERS, a), subject=reward.id, what=what, seconds=c)
    if c in (6, 7, 8):  # without a look at what is flagged, or other than it is
        items = tuple(replace(item, amount=item.amount + (c == 6)) for item in world.items(some(ready, a, b)))
        world.command(events.ApprovalGiven, pick(MEMBERS, c), items=items, list_sha256=lists.digest(items))
    world.approve(some(ready if c % 5 else list(world.state.all(Reward)), a, b), pick(MEMBERS, c))


def undo(world: World, a: int, b: int, c: int) -> None:
    kind = events.ApprovalWithdrawn if c % 2 else events.RewardsRejected
    world.command(kind, pick(MEMBERS, c), items=world.items(some(list(world.state.all(Reward)), a, b)), reason="told")


def put_right(world: World, a: int, b: int, c: int) -> None:
    if c % 3 == 0:
        fields = {"person": pick(ADVOCATES, a), "program": program_of(world, b)}
        for member in MEMBERS[: 1 + c % 2]:
            world.command(events.SuspensionLifted, member, reason="told", **fields)
        return
    ended = [r for r in world.state.all(Reward) if r.status in ("rejected", "expired")]
    items = tuple(reviews.restorable(reward) for reward in some(ended, a, 0))
    for member in MEMBERS:
        world.command(events.RewardsRestored, member, items=items, list_sha256=lists.digest(items), reason="told")


def decide_case(world: World, a: int, b: int, c: int) -> None:
    for case in some(world.cases(status="open") if c % 7 else world.cases(), a, 0):
        outcome = pick(("cleared", "cleared", "confirmed", "replaced"), b)
        world.command(events.CaseDecided, pick(MEMBERS, c), case=case.id, outcome=outcome, reason="looked")


def handle(world: World, a: int, b: int, c: int) -> None:
    """Some rewards are held, cases assigned, commented and put aside, and customers have issues and say what they agree to."""
    member = pick(MEMBERS, c)
    if c == 0:
        held = some([r for r in world.state.all(Reward) if r.status in ("pending", "in_review", "approved")], a, b)
        world.command(events.RewardsHeld, member, items=world.items(held), reason="look")
    elif c % 4 == 1:
        kind = pick((events.CustomerIssueOpened, events.CustomerIssueClosed), b)
        world.send(kind, person=pick(FRIENDS, a), issue="late")
    elif c % 4 == 2:
        said = {"outcome": pick(("given", "revoked"), a), "until": pick((None, late(world, a)), b)}
        world.send(events.ConsentRecorded, person=pick(FRIENDS, b), purpose=pick(("referral", "news"), c), **said)
    for reward in some([r for r in world.state.all(Reward) if r.status == "in_review"], b, c):
        until = world.now + b * calendar.HOUR if a % 3 else None
        world.command(events.RewardSnoozed, member, reward=reward.id, until=until, reason="asked")
    for found in some(world.claims(), a, 0):
        world.command(events.ClaimNoted, member, claim=found.id, note="0" * 64)
    for case in some(world.cases(), a, 0):
        if b % 3 == 0:
            whose = pick((*MEMBERS, None), a)
            world.command(events.CaseAssigned, member, case=case.id, member=whose.id if whose is not None else None)
        elif b % 3 == 1:
            world.command(events.CaseNoted, member, case=case.id, note="0" * 64)
        else:
            until = world.now + b * calendar.HOUR if a % 3 else None
            world.command(events.CaseSnoozed, member, case=case.id, until=until, reason="asked")


def deal(world: World, a: int, b: int, c: int) -> None:
    """Partners register deals, CRMs report them, and members decide."""
    company = {
        "company": pick(("acme", "globex"), a),
        "company_domain": pick(("acme.example", None, "globex.example"), b),
    }
    member, known = pick(MEMBERS, c), list(world.state.all(Registration))
    if c % 3 == 0:
        said = {"advocate": pick(ADVOCATES, b), "person": pick(FRIENDS, a), "program": program_of(world, 3 + a % 3)}
        world.send(events.DealRegistered, when=late(world, c), company_ref=pick((None, "77"), c), **company, **said)
    elif c % 3 == 1:
        named = some(known, a, 0)
        said = {"status": pick(("open", "won", "lost"), a + b), "person": pick((*FRIENDS, None), b)}
        said |= {"registration": named[0].id if named and b % 2 else None, "code": pick(("ANN", None, None, "AMY"), b)}
        said |= {"contacts": (pick(FRIENDS, b), pick(FRIENDS, c)), "orders": c > 5, "was_won": b % 4 == 0}
        id_ = f"i{a % 3}" if c > 5 else f"d{a % 3}"  # as an invoice
        world.send(events.DealReported, when=late(world, b), deal=id_, **company, **said)
    for found in some(known, a, b):
        seen = tuple(each.subject for each in found.conflicts) if b % 4 else ()
        named = {"deal": f"d{b % 3}"} if b % 5 == 0 else {}
        world.command(events.DealAccepted, member, registration=found.id, conflicts=seen, days=1 + a, **named)
        world.command(events.DealNoted, member, registration=found.id, side="sales", note="0" * 64)
        if c > 9:
            world.command(events.DealDeclined, member, registration=found.id, reason="no_fit")
        elif c > 7:
            world.command(events.DealWithdrawn, member, registration=found.id)
    bound = [it for it in world.state.all(Referral) if it.status != "void"]
    for found in some(bound, a, b) if c == 4 else ():
        world.command(events.MatchDeclined, member, person=pick(FRIENDS, b), referral=found.id, program=found.program)
    if c == 2:
        world.lead(pick(FRIENDS, a), company=pick(("acme.example", "globex.example"), b))


def agree(world: World, a: int, b: int, c: int) -> None:
    """Terms are agreed on with partners, in one program or all, from now or later on, and ended again."""
    named = {"person": pick(ADVOCATES, a), "program": pick((None, world.program("main"), "prg_none"), b)}
    since = pick((None, None, world.now + calendar.DAY, world.now - 1), c)
    if c % 4 == 3:
        world.command(events.AgreementEnded, MEMBERS[0], since=since, **named)
        return
    rate = pick(({"percent": "17.5"}, {"flat": {"EUR": 1_234}}, {}, {"flat": {"USD": 700}, "on": "purchase"}), b + c)
    until = pick((None, world.now + 20 * calendar.DAY), a + b)
    accounts = ("acme.example",) if b % 2 else ()
    world.command(events.AgreementMade, MEMBERS[0], since=since, until=until, accounts=accounts, **rate, **named)


def route(world: World, a: int, b: int, c: int) -> None:
    """Who decides what, and by when, is said anew; somebody confirms it, or it only takes away."""
    row = {
        "role": pick(("approver", "approver", "owner", "payer"), b),
        "fallback": pick(("max", "mia", "ida"), a),
        "days": c,
    }
    large = {"name": "large", **row, "role": "owner", "at_least": pick(({"EUR": 900, "points": 5}, {"USD": 1}), a)}
    flagged = {"name": "flagged", **row, "days": 1, "flags": pick((["any"], ["velocity", "chargeback"]), c)}
    limits = {"two_above": {"EUR": 500}, "per_advocate": {"EUR": 2_000, "points": 3}} if b % 2 else {}
    table = [large, flagged, {"name": "rest", **row, **limits}][a % 3 :]
    text = routes.text_of(msgspec.convert({"routes": table}, routes.Document))
    world.command(events.RoutingPublished, pick(MEMBERS, c), table=routes.hash_of(text), document=text)
    for change in [found for found in world.state.all(Change) if found.status == "open" and found.kind == "routing"]:
        by = pick((OPERATOR, OPERATOR, *MEMBERS), a + b)
        world.command(events.ChangeDecided, by, change=change.id, outcome=pick(("confirmed", "declined"), c % 2))


def pay_from(world: World, a: int, b: int, c: int) -> None:
    """The account that files for the bank pay from is given; somebody confirms it, or does not."""
    name = pick(("acme", "acme", "other"), c)
    world.command(events.DebtorSet, pick(MEMBERS, a), debtor=name, details=f"{name} {b}")
    for change in [found for found in world.state.all(Change) if found.status == "open" and found.kind == "debtor"]:
        by = pick((OPERATOR, OPERATOR, *MEMBERS), a + b)
        world.command(events.ChangeDecided, by, change=change.id, outcome=pick(("confirmed", "declined"), b % 2))


def tax(world: World, a: int, b: int, c: int) -> None:
    """Where is reported is said, and confirmed or not; or a form is given, in time or too late."""
    if c % 3 == 0 or not world.state.tables[Reporting]:
        where = pick((("eu-dac7",), ("us", "eu-dac7"), (), ("mars",)), a)
        world.command(
            events.TaxReportingSet, pick(MEMBERS, b), jurisdictions=where, timezone=pick(("UTC", "Asia/Tokyo"), c)
        )
        for change in [found for found in world.state.all(Change) if found.status == "open" and found.kind == "tax"]:
            by = pick((OPERATOR, OPERATOR, *MEMBERS), a + b)
            world.command(
                events.ChangeDecided, by, change=change.id, outcome=pick(("confirmed", "declined"), b % 5 == 4)
            )
        return
    of, form = pick((("us", "w9"), ("us", "w8ben"), ("eu-dac7", "vat_id"), ("eu-dac7", "none"), ("us", "vat_id")), a)
    said = {"person": pick((*ADVOCATES, *FRIENDS), b), "jurisdiction": of, "form": form, "digest": f"d{c}"}
    by = pick((*MEMBERS, SERVER), b + c)
    world.command(events.TaxFormGiven, by, signed=pick(("2019-03-01", "2024-01-01"), c), **said)


def correct(world: World, a: int, b: int, c: int) -> None:
    """A correction is entered, perhaps of a reward, and looked at by who may; or what came back arrived after all, as two say."""
    back = [found for found in world.state.all(Payout) if found.status in ("failed", "returned")]
    if back and c % 2:
        found = pick(sorted(back, key=lambda it: it.id), a)
        said = {"payout": found.id, "amount": found.amount + (b % 7 == 6), "unit": found.unit, "note": "n"}
        for by in (pick(MEMBERS, b), pick(MEMBERS, b + 1)):
            world.command(events.PayoutArrived, by, **said)
        return
    kind = pick(("cash", "cash", "credit", "points"), b)
    right = pick((None, *world.rewards()[:6]), a + c)
    person = pick((*ADVOCATES, *FRIENDS), a) if right is None else right.beneficiary
    said = {"program": program_of(world, b), "person": person, "note": "n", "reward_kind": kind}
    said |= {"origin": pick((*ledger.ORIGINS, "present"), a), "amount": pick((0, 1, 900, 40_000), b + c)}
    said |= {"currency": None if kind == "points" else "EUR", "puts_right": right.id if right is not None else None}
    world.command(events.CorrectionEntered, pick(MEMBERS, c), **said)
    entered = [it for it in world.rewards(status="in_review") if ledger.origin(it.on) in ledger.ORIGINS]
    for by in MEMBERS if a % 3 else ():
        world.approve([it for it in entered if world.reward(id=it.id).status == "in_review"][:1], by)


def stand_by(world: World, a: int, b: int, c: int) -> None:
    """An approval is given beforehand, or stopped; then something of its class is earned."""
    if world.state.get(Member, SECOND.id) is None:
        world.join(SECOND)
    known = [it for it in world.state.all(Standing) if it.status == "active"]
    if c % 4 == 0 and known:
        world.command(events.StandingStopped, pick(MEMBERS, a), standing=pick(known, b).id, reason="enough")
        return
    if not known or c > 9:
        kind = pick(("credit", "points", "cash"), b) if c == 9 else pick(("credit", "points"), b)
        unit, rail = ("points" if kind == "points" else "EUR"), pick(("store_credit", "sandbox"), c == 11)
        program, most = world.program(pick(PROGRAMS, a // 6)), pick((900, 5_000), a)
        terms = standing.Terms(
            program=program,
            kind=kind,
            unit=unit,
            rail=rail,
            side=pick((None, None, "friend"), c),
            per_reward=most,
            per_beneficiary=2 * most,
            in_all=3 * most,
            until=world.now + (1 + b) * calendar.DAY,
        )
        text = standing.text_of(terms)
        said = {"standing": standing.hash_of(text), "document": text, "manual": False, "authors": ("owner",)}
        said |= {"program": program, "rules": world.newest(program)}
        world.command(events.StandingAsked, MEMBERS[1 + a % 2], kinds=KINDS[rail], **said)
        for change in [it for it in world.state.all(Change) if it.status == "open" and it.kind == "standing"]:
            by = pick((MEMBERS[0], SECOND, SECOND, SECOND), a)
            world.command(events.ChangeDecided, by, change=change.id, outcome=pick(("confirmed", "declined"), c == 7))
    friend = f"sue{len(world.log)}"
    world.lead(friend, code=pick(("ANN", "AMY", "ABE"), a))
    world.buy(friend, pick((1_000, 7_777, 20_000), b), invoice=friend, imported=c == 5)


def parts_of(world: World, found: Claim, outcome: str, n: int) -> dict[str, Any]:
    """The parts of a split between who claims somebody and who has them; perhaps it is neither."""
    if outcome != "split":
        return {}
    bound = [it for it in world.state.all(Referral) if it.friend == found.friend and it.status != "void"]
    holder = bound[0].shares[0].person if bound else pick(ADVOCATES, n)
    one, other = pick((((1, 2), (1, 2)), ((1, 3), (2, 3)), ((5, 7), (2, 7))), n)
    return {"shares": ((holder, *one), (found.shares[0].person, *other))}


def claim(world: World, a: int, b: int, c: int) -> None:
    if c % 3:
        shares = pick(((("amy", 1, 1),), (("ann", 1, 3), ("abe", 2, 3)), (("abe", 1, 2),)), b)
        fields = {
            "person": pick(FRIENDS, a),
            "advocates": shares,
            "program": program_of(world, 3 + a % 3),
            "lead_at": late(world, b + 3),
        }
        evidence = ("tch_1",) if a % 2 else ()
        world.command(events.ClaimEntered, pick(MEMBERS, c), reason="mail", evidence=evidence, **fields)
    for found in some(world.claims(), a, 0):
        outcome = pick(("won", "lost", "split", "withdrawn", "none", "won"), b + c)
        if b == 5:
            world.command(events.ClaimTaken, pick(MEMBERS, c), claim=found.id)
        said = {"claim": found.id, "outcome": outcome, **parts_of(world, found, outcome, a)}
        world.command(events.ClaimDecided, pick(MEMBERS, a + c), reason="heard", **said)


def appeal(world: World, a: int, b: int, c: int) -> None:
    """What was decided is to be looked at again, and somebody does."""
    for case in some(world.cases(), a, 0) if c % 2 else ():
        world.command(events.CaseAppealed, pick(MEMBERS, b), case=case.id, reason="new evidence")
    for found in some(world.claims(), a, b) if c % 2 == 0 else ():
        world.command(events.ClaimAppealed, pick(MEMBERS, b), claim=found.id, reason="new evidence")
        outcome = pick(("lost", "won", "split", "none"), b)
        for number in range(3):
            said = {"claim": found.id, "outcome": outcome, **parts_of(world, found, outcome, b)}
            world.command(events.ClaimDecided, pick(MEMBERS, c + number), reason="seen", **said)


def payee(world: World, a: int, b: int, c: int) -> None:
    rail = pick(("bank_file", "sandbox", "bank_file", "pigeon"), b + (c == 0))
    world.payee(pick((*ADVOCATES, *FRIENDS), a), f"iban{c % 2}", rail)


def draft(world: World, a: int, b: int, c: int) -> None:
    people = (*ADVOCATES, *FRIENDS)[: a % 7]
    world.draft(
        *people,
        rail=pick(("bank_file", "sandbox"), b),
        unit=pick(("EUR", "EUR", "USD", f"points:{world.program()}"), c),
        actor=pick(MEMBERS, a),
    )


def credit(world: World, a: int, b: int, c: int) -> None:
    """Credit and points are delivered as our own, used, and given back."""
    unit = pick(("EUR", f"points:{world.program()}", "EUR"), b)
    if c % 3 == 0:
        wait(world, 1, 0, 0)
        wait(world, 4, 0, 0)
        for case in world.cases(status="open"):
            world.command(events.CaseDecided, MEMBERS[1], case=case.id, outcome="cleared", reason="looked")
        world.approve([r for r in world.rewards(status="in_review") if not r.cases and r.kind != "cash"])
        wait(world, 4, 0, 0)
        for payout in world.draft(*ADVOCATES, *FRIENDS, rail="store_credit", unit=unit):
            world.release([payout])
            world.answer(payout, pick(("processing", "processing", "returned"), a))
            world.answer(payout, pick(("completed", "completed", "unknown"), b))
    held = [lot.person for lot in world.state.all(Lot) if lot.rest and lot.unit == unit]
    for person in [*held, pick((*ADVOCATES, *FRIENDS), a)]:
        named = {"program": world.program()} if ":" in unit else {"currency": unit, "program": program_of(world, 3 * b)}
        said = {"redemption": f"rd{(a + b) % 5}", "amount": pick((1, 3, 300, 7, 500, 9_999), a + c)}
        world.send(events.CreditRedeemed, when=late(world, c), person=person, **named, **said)
    amount = pick((None, None, 1, 400, 9_999), a)
    for number in range(b % 3, 6, 2):
        world.send(events.CreditReversed, redemption=f"rd{number}", reversal=f"rv{c % 3}", amount=amount)
    if c > 9:
        world.command(events.PersonErased, person=pick((*ADVOCATES, *FRIENDS), a))


def code(world: World, a: int, b: int, c: int) -> None:
    """Codes are uploaded, and given out for credit: those that a payout finds; else it waits for some, or is canceled."""
    wait(world, 4, 0, 0)
    world.approve([r for r in world.rewards(status="in_review") if not r.cases and r.kind == "credit"])
    wait(world, 4, 0, 0)
    for payout in world.draft(*ADVOCATES, *FRIENDS, rail="code_stock"):
        world.release([payout])
    for turn in range(2):
        for payout in [it for it in world.state.all(Payout) if it.rail == "code_stock" and it.status == "released"]:
            if c == 7 and turn:
                world.command(events.PayoutCanceled, payout=payout.id, reason="x")
            world.answer(payout, "processing")
            world.answer(payout, pick(("completed", "completed", "unknown", "returned"), b))
        said = {"name": "cards", "unit": "EUR", "size": 1 + a, "codes": "x"}
        ends_at = world.now + calendar.DAY if b == 3 else None
        world.command(
            events.StockUploaded, amount=pick((100, 500, 1), c), program=program_of(world, b), ends_at=ends_at, **said
        )


def own_code(world: World, a: int, b: int, c: int) -> None:
    """Credit is delivered behind codes of our own, which are used, by the code or as if out of the purse, and given back."""
    wait(world, 4, 0, 0)
    world.approve([r for r in world.rewards(status="in_review") if not r.cases and r.kind == "credit"])
    wait(world, 4, 0, 0)
    for payout in world.draft(*ADVOCATES, *FRIENDS, rail="discount_code"):
        world.release([payout])
        world.answer(payout, "processing")
        world.answer(payout, pick(("completed", "completed", "returned"), b))
    for number, lot in enumerate([lot for lot in world.state.all(Lot) if lot.rest and lot.code is not None]):
        said = {
            "redemption": f"rc{(a + b + number) % 6}",
            "amount": pick((1, 300, 500, 9_999), a + c),
            "currency": "EUR",
        }
        payout_ = pick((lot.payout, lot.payout, None), c)
        world.send(events.CreditRedeemed, when=late(world, c), person=lot.person, payout=payout_, **said)
    for number in range(b % 3, 6, 2):
        world.send(events.CreditReversed, redemption=f"rc{number}", reversal=f"rv{c % 3}", amount=pick((None, 1), a))


def welcome(world: World, a: int, b: int, c: int) -> None:
    """A third program welcomes friends: one of them is bound there, or orders with somebody's offer, which may be canceled."""
    known = next((it.id for it in world.state.all(Program) if it.slug == "welcomes"), None)
    program = known or world.publish(WELCOMES)
    for person in ADVOCATES if known is None else ():
        world.enrol(person, f"{person.upper()}W", program=program)
    person = pick(FRIENDS, a)
    world.lead(person, code=pick(("ANNW", "AMYW"), b))
    named = sorted(it.id for it in world.state.all(Offer))
    offer = pick(named, b) if named and c != 1 else None
    status = "open" if c % 4 == 0 else "paid"
    invoice = f"w{(a + b) % 5}"
    more = {"offer": offer, "discount": pick((300, 500, 0, 900), b), "status": status, "invoice": invoice}
    world.buy(person, pick((5_000, 5_000, 500), c), late(world, b), **more)
    if c > 8:
        world.send(events.ConversionCanceled, invoice=invoice)
    wait(world, 4, 0, 0)
    world.approve([r for r in world.rewards(status="in_review") if not r.cases and r.kind == "welcome"])


def stated(world: World, a: int, b: int, c: int) -> None:
    """A bank says of payouts, in whatever state, that they left, came back, were refused or taken over; some with another amount."""
    lines = []
    for n, payout in enumerate(some(list(world.state.all(Payout)), a, 0)):
        said = pick(("booked", "booked", "booked", "rejected", "accepted", "pending"), b + n)
        amount = payout.amount * pick((-1, -1, 1), c + n) + (1 if c == 5 else 0)
        key = {"id": f"bkg_{payout.id}{said}{amount}{c % 3}", "payout": payout.id, "other_account": c == 6}
        day = pick((None, "2023-12-31", "2024-01-02", "2029-01-01"), a + c)
        lines.append(events.BankLine(said=said, amount=amount, unit=payout.unit, day=day, reason="AC04", **key))
    lines.append(events.BankLine(id=f"bkg_{c}", said="booked", payout="pay_none", amount=-1, unit="EUR"))
    of = {"file": f"f{c}", "form": "camt.053", "statement": f"stm_{c}", "others": a, "size": 20}
    world.command(events.StatementRead, pick(MEMBERS, b), lines=tuple(lines), **of)


def verified(world: World, a: int, b: int, c: int) -> None:
    """A bank answers about the details of somebody, or about others; somebody decides an open case about such an answer, or appeals."""
    payees = sorted(world.state.all(Payee), key=lambda it: it.person)
    for payee in payees[a % len(payees) :][:2] if payees else ():
        of = {"person": payee.person, "destination": payee.destination if c != 7 else "others", "provider": "bank"}
        answer = pick(("no_match", "close_match", "match", "not_possible"), b)
        world.command(
            events.PayeeChecked, pick((SERVER, *MEMBERS), c), answer=answer, answered_at=world.now - b % 3, **of
        )
    for case in [it for it in world.state.all(Case) if it.kind == "payee_check"][-2:]:
        kind = events.CaseAppealed if case.status != "open" and c % 3 == 0 else events.CaseDecided
        more = {} if kind is events.CaseAppealed else {"outcome": pick(("cleared", "confirmed"), b)}
        world.command(kind, pick(MEMBERS, c), case=case.id, reason="other", **more)
    if c % 4 == 0:
        pay_out(world, a, b, c)


def handed(world: World, a: int, b: int, c: int) -> None:
    """A file for the bank is handed out, once more or with others in it; now and then the bank refuses it as a whole."""
    payouts = some([p for p in world.state.all(Payout) if p.status == "processing"], a, b)
    said = {"file": f"GW{c % 3}", "form": "csv", "digest": f"{a}", "sums": {"EUR": sum(p.amount for p in payouts)}}
    world.command(events.FileHandedOut, pick(MEMBERS, b), payouts=tuple(p.id for p in payouts), **said)
    if b % 3 == 0:
        lines = [events.BankLine(id=f"bkg_h{p.id}", said="rejected", payout=p.id, reason="FF01") for p in payouts]
        whole = events.BankLine(id=f"bkg_w{c}", said="rejected", file=f"GW{c % 3}", reason="FF01")
        of = {"file": f"p{c}", "form": "pain.002", "statement": f"stm_p{c}", "others": 0, "size": len(lines) + 1}
        world.command(events.StatementRead, pick(MEMBERS, b), lines=(*lines, whole), **of)


def audited(world: World, a: int, b: int, c: int) -> None:
    """Somebody signs an audit of payouts in whatever state, perhaps with a finding, perhaps of another list."""
    chosen = [payouts.item_of(payout) for payout in some(list(world.state.all(Payout)), a, 0)]
    items, sha = tuple(chosen), lists.digest(tuple(chosen)) if c % 7 else "x"
    found = {"findings": tuple(item.id for item in items[: c % 2]), "outliers": {item.id: ("x",) for item in items[:1]}}
    said = {"month": f"2024-0{1 + c % 3}", "head": 1, "root": "ab", "items": items, "list_sha256": sha}
    world.command(events.AuditSigned, pick(MEMBERS, b), **said, **found)


def scheduled(world: World, a: int, b: int, c: int) -> None:
    """A schedule is set, changed or stopped, by whomever; what a run finds is drafted, perhaps of an older one, perhaps by somebody."""
    its = list(world.state.all(Schedule))
    chosen = pick(its, a).id if its and c % 4 else None
    program = pick((None, world.program("main"), world.program("other")), b)
    every, on = pick((("day", ()), ("week", (1 + a % 7,)), ("month", (1 + a, 31)), ("year", ())), b)
    plan = events.Plan(rail=pick(("bank_file", "sandbox"), c), unit="EUR", every=every, on=on, hour=a, timezone="UTC")
    said = {"plan": plan if c % 5 else None, "program": program}
    world.command(events.PayoutScheduled, pick(MEMBERS, b), schedule=chosen, **said)
    for it in its[:2]:
        rail, run = it.plan.rail, it.ran_at if a % 5 else it.at
        of = {"rail": rail, "kinds": KINDS[rail], "manual": rail == "bank_file", "unit": it.plan.unit}
        who = schedules.TIMER if c != 7 else pick(MEMBERS, a)
        people = ("ann", "amy", "bob")
        world.command(
            events.PayoutDrafted, who, beneficiaries=people, schedule=it.id, run=run, program=it.program, **of
        )


def surveyed(world: World, a: int, b: int, c: int) -> None:
    """A customer answers a survey, of everybody's or of the company's own, now or told late."""
    scale = {"low": 0, "high": 100} if a % 3 == 0 else {}
    survey = f"own{c}" if scale else "nps"
    world.send(events.SurveyAnswered, person=pick(FRIENDS, b), survey=survey, score=c % 11, **scale)


def written(world: World, a: int, b: int, c: int) -> None:
    """A message is due, in a program that writes or not; what became of some is said, by whomever; somebody stops them, or answers."""
    if a % 4 == 0 and all(it.slug != "post" for it in world.state.all(Program)):
        quiet = {"begins": "21:00", "ends": f"{c + 1:02}:00"}
        world.publish(
            rules(program="post", messages={"topics": ["enrolled", "tip_share", "satisfaction"], "quiet": quiet})
        )
    programs = [it.id for it in world.state.all(Program)]
    person, topic = pick(ADVOCATES, a), pick(("enrolled", "tip_share", "satisfaction"), b)
    trigger = f"rwd_{'0' * 25}{c % 5}"
    world.send(events.ConsentRecorded, person=person, purpose="messages", outcome=pick(("given", "revoked"), c))
    if programs and a % 3:
        world.enrol(person, program=programs[-1])
    said = {"person": person, "topic": topic, "trigger": trigger, "program": pick(programs, -1), "known": b != 5}
    late = {"after": world.now + a * calendar.DAY} if c % 4 == 1 else {}
    world.command(events.MessageDue, WORKER if c != 7 else pick(MEMBERS, a), **said, **late)
    for it in list(world.state.all(Letter))[-3:]:
        outcome = pick(("sent", "sent", "refused", "unknown", "withheld"), a + b)
        world.command(events.MessageAnswered, WORKER, message=it.id, outcome=outcome)
        world.command(
            events.MessageSettled, pick(MEMBERS, c), message=it.id, outcome=pick(("again", "arrived", "leave"), b)
        )
        if c % 3 == 0:
            world.send(events.MessageBounced, message=it.id, hard=b % 3 == 0)
        if c % 5 == 0:
            world.send(pick((events.MessageComplained, events.MessageUnsubscribed), a), message=it.id)
        if topic == "satisfaction":
            world.send(events.SatisfactionAnswered, message=it.id, score=1 + b % 6)
    if b == 3:
        world.command(events.MessagesResumed, pick(MEMBERS, a), person=person, reason="asked")
    if a == 5:
        world.tick(world.now + c * calendar.DAY)


def piloted(world: World, a: int, b: int, c: int) -> None:
    """A program runs for some first, or a member decides what follows, perhaps too early, perhaps of another report."""
    program = next(it for it in world.state.all(Program) if it.slug == pick(("main", "main", "other"), a))
    who = {"persons": tuple(ADVOCATES[: b % 3]), "ways": pick(((), ("link",), ("code",)), c), "share": (a, 12)}
    if program.pilot is None:
        world.command(events.PilotStarted, pick(MEMBERS, b), program=program.id, **who)
        return
    if b % 3 == 0:
        world.tick(max(world.now, program.pilot.ends))
    outcome = pick(("enlarged", "everybody", "again", "stopped"), c)
    said = {"pilot": program.pilot.id, "ends": program.pilot.ends, "report": "ab", "through": 1}
    more = who if outcome == "enlarged" else {}
    world.command(events.PilotDecided, pick(MEMBERS, a), program=program.id, outcome=outcome, **said, **more)
    if outcome == "stopped" and a % 2:
        world.command(events.ProgramMoved, program=program.id, to="active")


def disputed(world: World, a: int, b: int, c: int) -> None:
    """A person disputes, claims, writes or appeals, of theirs or another's, and somebody answers or decides it."""
    rewards, open_ = world.rewards(), [it for it in world.cases() if it.person is not None]
    if rewards and a % 3 == 0:
        reward = pick(rewards, b)
        actor = Actor(id=pick((reward.beneficiary, reward.friend), c // 3), kind="person")
        said = {"subject": pick((reward.id, reward.referral), c), "reason": pick(disputes.REASONS, b)}
        world.command(events.DisputeOpened, actor, person=actor.id, **said)
    elif a % 3 == 1:
        pat = Actor(id="per_pat", kind="person")
        if world.state.get(Advocate, (world.program(), pat.id)) is None:
            world.enrol(pat.id, program=world.program())
        of = {"person": pick(FRIENDS, b), "advocates": ((pat.id, 1, 1),), "program": world.program()}
        world.command(events.ClaimEntered, pat, lead_at=late(world, c), reason="their_word", **of)
    for case in some(open_, b, 0):
        whose = Actor(id=case.person or "", kind="person")
        world.command(events.CaseNoted, pick((whose, pick(MEMBERS, c)), a), case=case.id, note="ab", told=True)
        if c % 2:
            outcome = pick((*disputes.OUTCOMES, "cleared"), b)
            world.command(events.CaseDecided, pick(MEMBERS, a + c), case=case.id, outcome=outcome, reason="x")
            world.command(events.CaseAppealed, whose, case=case.id, reason="x")
    for found in some([it for it in world.claims() if it.entered_by == "per_pat"], b, 0) if c % 3 == 0 else ():
        world.command(events.ClaimDecided, pick(MEMBERS, a), claim=found.id, outcome="lost", reason="heard")
        world.command(events.ClaimAppealed, Actor(id="per_pat", kind="person"), claim=found.id, reason="x")


def settled_(world: World, a: int, b: int, c: int) -> None:
    """A person enters where they are paid, confirms it or takes it back, for themselves or another, and says what they are mailed."""
    who = Actor(id=pick((*ADVOCATES, FRIENDS[0]), a), kind="person")
    person, to = pick((who.id, who.id, pick(ADVOCATES, c)), b), f"own{b % 3}"
    world.command(events.PayeeSet, who, person=person, rail="bank_file", destination=to)
    world.command(
        events.PayeeAnswered, who, person=person, destination=to, outcome=pick(("confirmed", "withdrawn"), c // 2)
    )
    if c % 3 == 0:
        world.tick(world.now + pick((calendar.DAY // 2, calendar.DAY), b))
    world.command(events.MessagesChosen, who, person=person, off=pick(((), ("tip_share",)), a), none=b % 4 == 0)


def gone_(world: World, a: int, b: int, c: int) -> None:
    """A person complains about their data or asks to be erased once they are paid, or gives up what is open and is erased."""
    who = Actor(id=pick((*ADVOCATES, FRIENDS[0]), a), kind="person")
    person = pick((who.id, who.id, pick(ADVOCATES, c)), b)
    if c % 4 == 0:
        world.command(events.PersonErased, who, person=person, gives_up=b % 3 > 0)
    else:
        reason = pick((disputes.DATA, disputes.ERASURE, "other"), c)
        world.command(events.DisputeOpened, who, person=who.id, subject=person, reason=reason)


def launching_(world: World, a: int, b: int, c: int) -> None:
    """A program of a live workspace is a draft with traffic, and is launched; a launched one falls silent and is heard."""
    slug = pick(("gated", "main"), b)
    if slug not in {program.slug for program in world.state.all(Program)}:
        fields = published(rules(program="gated", shares_customers=True), world.semantics)
        world.command(events.ProgramPublished, **fields, gated=True)
        world.send(events.AdvocateEnrolled, person="amy", code="AMYG", program=world.program("gated"))
    program = next(it for it in world.state.all(Program) if it.slug == slug)
    friend = f"gil{len(world.log)}"
    if c % 4 == 0:
        means, newest = world.rules[program.newest or ""].means, program.newest
        plan = events.LaunchPlan(
            owner=pick(("owner", "mia", "nobody"), a),
            trigger="shop",
            billing=pick(("shop", "stripe", "never"), a // 3),
            silence=calendar.DAY,
            evidence=launching.evidence(
                means, routes.current(Draft(world.state, world.rules, "", world.now)), program.id
            ),
            measures=launching.MEASURES[: 1 + a % 3],
            every=30,
            looks="owner",
        )
        heard = {"shop": world.now, "stripe": world.now - b * calendar.HOUR}
        said = {"plan": plan, "rules": newest, "terms": "ab" * 32, "authors": ("max",) if a % 5 else (), "heard": heard}
        world.command(events.ProgramLaunched, MEMBERS[0], program=program.id, **said)
    elif c % 4 == 1:
        said = {"feed": pick(("shop", "stripe"), a), "last_at": world.now - b * 5 * calendar.HOUR}
        world.command(events.FeedSilenced, RAIL, program=program.id, **said)
    elif c % 4 == 2:
        world.command(events.FeedHeard, RAIL, program=program.id, feed=pick(("shop", "stripe"), a), last_at=world.now)
    else:
        world.lead(friend, code="AMYG")
        world.buy(friend, 9_000, invoice=friend)


def sharing_(world: World, a: int, b: int, c: int) -> None:
    """Somebody chooses a code, perhaps another's or one that looks like it, or opens a channel; the page of a code is opened."""
    person = pick((*ADVOCATES, "bob"), a)
    who = pick((Actor(id=person, kind="person"), Actor(id="amy", kind="person"), MEMBERS[0]), b)
    of = {"program": program_of(world, c), "person": person}
    if c % 3 == 0:
        code, look = (
            pick((f"{person}own", f"{person}own", "ANN", "amyown", "NONE"), a + b),
            pick((None, "look", "AMY"), a),
        )
        world.command(events.CodeChanged, who, code=code, look=look, like=pick((None, None, "ABE"), b), **of)
    elif c % 3 == 1:
        world.command(events.LinkShared, who, channel=pick(("x", "sms", "fax"), b), text=pick((None, "short"), a), **of)
    elif b == 0:
        pairs = (("ANN", f"ann{a}"), ("NONE", "x"), ("AMY", pick(("ANN", "amylook"), a)))
        world.send(events.CodesAlike, source="looks", looks=pairs)
    else:
        world.send(events.LandingViewed, source="landing", code=pick(("ANN", "annown", "NONE"), a), day=b, opened=10**a)


def release(world: World, a: int, b: int, c: int) -> None:
    ready = [p for p in world.state.all(Payout) if p.status == "awaiting_release"]
    world.release(some(ready if c % 5 else list(world.state.all(Payout)), a, b), pick(MEMBERS, c))


def answer(world: World, a: int, b: int, c: int) -> None:
    for payout in some(list(world.state.all(Payout)), a, 0):
        if c > 9:
            world.command(events.PayoutCanceled, payout=payout.id, reason="changed")
        else:
            world.answer(
                payout,
                pick(("processing", "sent", "completed", "completed", "returned", "failed", "unknown", "lost"), b),
            )


def pay_out(world: World, a: int, b: int, c: int) -> None:
    """The whole way out for everything that can go, so that histories reach payments at all."""
    wait(world, 1, 0, 0)
    wait(world, 4, 0, 0)
    for person in sorted({r.beneficiary for r in world.rewards(kind="cash")}):
        if b % 3:
            world.payee(person, rail=pick(("bank_file", "sandbox"), a))
    for case in world.cases(status="open") if a % 3 else ():
        world.command(events.CaseDecided, MEMBERS[1], case=case.id, outcome="cleared", reason="looked")
    ready = [r for r in world.rewards(status="in_review") if not r.cases][: 1 + c]
    world.approve(ready)
    wait(world, 4, 0, 0)
    payouts = world.draft(*ADVOCATES, *FRIENDS, rail=pick(("bank_file", "sandbox"), a))
    if b % 4 == 3:
        return  # they wait for their release
    world.release(payouts)
    for payout in payouts:
        if c == 11:
            world.command(events.PayoutCanceled, payout=payout.id, reason="changed")
        world.answer(payout, "processing")
        world.answer(payout, pick(("completed", "sent", "failed"), a + c))


def cross(world: World, a: int, b: int, c: int) -> None:
    """What a payout pays is given back once it was sent, the next one nets that debt, and then the first comes back."""
    pay_out(world, a, b, 8)
    for payout in some([p for p in world.state.all(Payout) if p.status in ("processing", "sent", "completed")], a, 0):
        for part in payout.parts:
            conversion = world.state.get(Conversion, world.rewards(id=part.reward)[0].conversion)
            if conversion is None:
                continue  # no order earned it: there is nothing to give back
            world.refund(conversion.id.removeprefix("inv:"), pick((conversion.net, 500), b) or 1, f"r{4 + c}")
        friend = f"fay{len(world.log)}"
        world.lead(friend, code=payout.beneficiary.upper())
        world.buy(friend, 17_000, invoice=friend)  # flagged, so that it does not expire
        if c % 4 == 0:
            settle(world, a, b, 1)
        pay_out(world, 4 if payout.rail == "bank_file" else 1, 1, 8)
        world.answer(payout, "failed" if payout.status == "processing" else "returned")


def settle(world: World, a: int, b: int, c: int) -> None:
    """What is owed back is settled, in parts and by two."""
    owing = [r for r in world.state.all(Reward) if r.receivable]
    for found in some(owing if c % 5 else list(world.state.all(Reward)), a, 0):
        amount = found.receivable if b % 2 else found.receivable // 2
        for who in (MEMBERS[2], MEMBERS[0]):
            world.settle([found], pick(("repaid", "forgiven", "written_off"), b), who, amount)


def office(world: World, a: int, b: int, c: int) -> None:
    """What else happens in an office: members, the sandbox clock, persons who are erased, API keys, blocks of clicks from the edge."""
    if c % 3 == 0:
        roles = pick((("owner",), ("approver",), ("king",), ()), b)
        world.command(events.MemberSet, pick(MEMBERS, c), member=pick(("ida", "leo", "lou"), a), roles=roles)
        for change in [found for found in world.state.all(Change) if found.status == "open"][: b % 2]:
            outcome = pick(("confirmed", "declined"), a)
            world.command(events.ChangeDecided, pick((OPERATOR, *MEMBERS), c), change=change.id, outcome=outcome)
        name = pick(("ida", "leo", "lou", "owner"), b)
        by = Actor(id=name, kind="member", roles=roles)
        world.command(events.MemberProved, by, member=name, becomes=f"{name} {a}")
    elif c % 3 == 1:
        world.command(events.ClockMoved, to=world.now + (b - 3) * calendar.HOUR)
    elif c == 11:
        world.command(events.PersonErased, person=pick((*ADVOCATES, *FRIENDS), a))
    elif c == 5:
        kind, said = pick(((events.KeyMade, {"digest": "x"}), (events.KeyEnded, {"ended_at": world.now})), a)
        world.command(kind, key=f"key_{b}", **said)
        form = {
            "person": pick((*ADVOCATES, *FRIENDS), b),
            "program": world.program(),
            "until": world.now,
            "digest": "x",
        }
        kind, said = pick(((events.FormMade, form), (events.FormEnded, {"ended_at": world.now})), a)
        world.command(kind, form=f"frm_{b}", **said)
    else:
        world.send(events.TouchesRecorded, source="edge", block=f"blk_{a}", count=b, digest="0" * 64)


def again(world: World, a: int, _b: int, _c: int) -> None:
    """Something from outside is delivered once more, as a new event."""
    outside = [(e, f) for e, f, _ in world.log if isinstance(e, events.OUTSIDE)]
    if outside:
        event, _ = outside[-1 - a % len(outside)]
        fields = {
            name: getattr(event, name)
            for name in event.__struct_fields__
            if name not in ("evt", "accepted_at", "occurred_at")
        }
        world.send(type(event), when=event.occurred_at, **fields)


MOVES: tuple[Move, ...] = (
    enrol, stand, click, click, lead, lead, buy, buy, buy, sign_up, move_in, merge, refund, chargeback, otherwise, customer, wait,
    publish, approve, undo, put_right, decide_case, handle, claim, claim, appeal, payee, draft, release, answer, answer, pay_out,
    pay_out, cross, again,
    office, settle, deal, agree,
)  # fmt: skip
#: With routes, store credit and corrections, too: the stories of other tests, which are chosen by number, are made of the others.
ROUTED: tuple[Move, ...] = (*MOVES, route, credit, credit, correct, correct)
#: With standing approvals besides, likewise.
STANDING: tuple[Move, ...] = (*ROUTED, stand_by, stand_by)
#: With codes besides, likewise.
CODED: tuple[Move, ...] = (*STANDING, code)
#: With codes of our own besides, likewise.
BEHIND: tuple[Move, ...] = (*CODED, own_code)
#: With an account that files for the bank pay from besides, likewise.
BANKED: tuple[Move, ...] = (*BEHIND, pay_from)
#: With welcome offers besides, likewise.
OFFERED: tuple[Move, ...] = (*BANKED, welcome, welcome)
#: With what a bank says besides, likewise.
STATED: tuple[Move, ...] = (*OFFERED, stated, stated)
#: With taxes besides, likewise.
TAXED: tuple[Move, ...] = (*STATED, tax, tax)
#: With what banks answer about names of payees besides, likewise.
VERIFIED: tuple[Move, ...] = (*TAXED, verified)
#: With files for the bank that are handed out, and refused, besides, likewise.
HANDED: tuple[Move, ...] = (*VERIFIED, handed)
#: With audits that are signed besides, likewise.
AUDITED: tuple[Move, ...] = (*HANDED, audited)
#: With schedules besides, likewise.
SCHEDULED: tuple[Move, ...] = (*AUDITED, scheduled)
#: With programs that run for some first besides, likewise.
PILOTED: tuple[Move, ...] = (*SCHEDULED, piloted)
#: With programs that go live through the gate besides, likewise.
LAUNCHED: tuple[Move, ...] = (*PILOTED, launching_)
#: With persons who say no besides, likewise.
DISPUTED: tuple[Move, ...] = (*LAUNCHED, disputed)
#: With what advocates share besides, likewise.
SHARED: tuple[Move, ...] = (*DISPUTED, sharing_, sharing_)
#: With messages to advocates besides, likewise.
WRITTEN: tuple[Move, ...] = (*SHARED, written)
#: People say where they are paid and what they are mailed.
SETTLED: tuple[Move, ...] = (*WRITTEN, settled_)
#: Customers answer surveys.
SURVEYED: tuple[Move, ...] = (*SETTLED, surveyed)
#: With persons who complain about their data, ask to be erased, and have themselves erased besides, likewise.
LEFT: tuple[Move, ...] = (*SURVEYED, gone_)
HISTORY = st.lists(st.tuples(st.sampled_from(LEFT), NUMBER, NUMBER, NUMBER), min_size=1, max_size=40)
GENERATED = settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def start() -> World:
    world = World()
    world.join(*MEMBERS)
    world.publish(RICH)
    world.publish(OTHER)
    world.recognise(*(("mail", "1", person, True) for person in ("ben", "abe")))
    world.recognise(*(("device", "2", person, False) for person in ("bea", "amy")))
    for person in ADVOCATES:
        world.enrol(person, program=world.program("main"))
    world.send(events.AdvocateEnrolled, person="abe", code="ABE3", program=world.program("other"))
    for person, code, invoice in (("bob", "ANN", "i0"), ("bea", "AMY", "i1")):
        world.lead(person, code=code)
        world.buy(person, 20_000, invoice=invoice)
    return world


def told(history: list[tuple[Move, int, int, int]]) -> World:
    world = start()
    for move, a, b, c in history:
        move(world, a, b, c)
    return world


def test_histories_reach_everything() -> None:
    """Every kind of event happens in them, most refusals, every end of a reward or payout, and netting that was for nothing."""
    random = Random(3)  # noqa: S311 - the same histories every time
    kinds: set[type] = set()
    refusals: set[str | None] = set()
    ends: set[tuple[type, str]] = set()
    withheld: set[bool] = set()
    for moves in [WRITTEN] * 400 + [SETTLED] * 40 + [LEFT] * 15:  # so that the first are those of before
        world = told([(random.choice(moves), *(random.randrange(12) for _ in range(3))) for _ in range(50)])  # type: ignore[misc]
        kinds |= {type(event) for event, _, _ in world.log}
        refusals |= {verdict.refusal for _, _, decision in world.log for verdict in decision.verdicts}
        ends |= {(type(thing), thing.status) for noun in (Reward, Payout, Claim) for thing in world.state.all(noun)}
        put = [thing for _, _, decision in world.log for thing in decision.puts.values()]
        withheld |= {reward.amount > 0 for reward in put if isinstance(reward, Reward) and reward.withheld}
    assert kinds == set(get_args(events.AnyEvent))
    assert len(refusals & set(Refusal.__members__)) > len(Refusal) * 2 / 3
    assert {status for noun, status in ends if noun is Reward} == set(LIFECYCLES["reward"])
    assert {status for noun, status in ends if noun is Claim} == set(LIFECYCLES["claim"])
    assert withheld == {True, False}
    assert {status for noun, status in ends if noun is Payout} >= {
        "awaiting_release",
        "completed",
        "failed",
        "canceled",
        "returned",
    }


@GENERATED
@given(HISTORY)
def test_every_invariant_holds_after_every_event(history: list[tuple[Move, int, int, int]]) -> None:
    """Whatever comes, in whatever order, with repeats and late arrivals, no invariant is ever broken."""
    told(history)  # the workspace checks all of them after each event


@GENERATED
@given(HISTORY)
def test_every_cent_is_explained_to_whom_it_belongs(history: list[tuple[Move, int, int, int]]) -> None:
    """In each entry, what the verdicts of a reward say that it changed by is what was posted of it, and each names its beneficiary."""
    world = told(history)
    for _, _, decision in world.log:
        assert explained.told(decision.verdicts, world.state) == explained.posted(decision.postings, world.state)


@GENERATED
@given(HISTORY)
def test_the_route_that_is_told_is_the_one_that_a_reward_has(history: list[tuple[Move, int, int, int]]) -> None:
    """Where a reward is earned, raised, lowered or flagged, what is told of its route is how it stands behind it."""
    world = told(history)
    for _, _, decision in world.log:
        last = {v.subject: s.values for v in decision.verdicts for s in v.steps if s.code == "route"}
        for reward in decision.puts.values():
            if isinstance(reward, Reward) and reward.id in last and reward.status in ("pending", "in_review"):
                assert reward.route is not None
                said = last[reward.id]
                assert (reward.route.table, reward.route.name) == (said["table"], said["route"])


@GENERATED
@given(HISTORY)
def test_no_correction_is_approved_or_paid_without_two_people(history: list[tuple[Move, int, int, int]]) -> None:
    """Who entered one, and who approved or released it, are never the same, whatever happened between."""
    world = told(history)
    for event, facts, decision in world.log:
        for reward in decision.puts.values():
            if not isinstance(reward, Reward) or ledger.origin(reward.on) not in ledger.ORIGINS:
                continue
            entered = {act.member for act in reward.acts if act.act == "correction.entered"}
            assert entered
            assert reward.status not in ("approved", "processing", "paid") or (
                reward.approvals and entered.isdisjoint(reward.approvals)
            )
            if type(event) in (events.ApprovalGiven, events.PayoutReleased) and reward.status in (
                "approved",
                "processing",
            ):
                assert facts.actor is not None
                assert facts.actor.id not in entered


@GENERATED
@given(HISTORY)
def test_nobody_earns_twice_by_one_order(history: list[tuple[Move, int, int, int]]) -> None:
    """However claims move it and appeals give it back, an order owes a person at most one reward of a kind in a program."""
    world = told(history)
    for conversion in world.state.all(Conversion):
        rewards = [reward for id_ in conversion.rewards if (reward := world.state.get(Reward, id_)) is not None]
        standing = Counter((r.program, r.side, r.beneficiary, r.kind) for r in rewards if r.amount)
        assert all(count == 1 for count in standing.values())


@GENERATED
@given(HISTORY)
def test_a_replay_gives_the_same_leaves(history: list[tuple[Move, int, int, int]]) -> None:
    """From the leaves alone every decision is made again, byte for byte, and the same state stands at the end."""
    replayed(told(history))


def replayed(world: World) -> None:
    """Decide all of a workspace again, from its leaves alone."""
    state, versions, leaves = State(complete=True), {}, []
    for leaf in world.leaves:
        old, asked = entry.read(leaf), entry.asked(leaf)
        assert (asked.event, asked.facts) == (old.event, old.facts)
        decision = decide(state, old.event, old.facts, versions, old.as_of)
        versions |= {version.hash: version for version in decision.rules}
        evolve(state, decision)
        leaves.append(entry.leaf(entry.entry(old.position, old.as_of, old.event, old.facts, decision)))
    assert leaves == world.leaves
    assert (state.tables, state.balances) == (world.state.tables, world.state.balances)

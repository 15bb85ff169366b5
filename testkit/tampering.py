"""A workspace with every noun in it, and what somebody with all rights may change in its rows.

What verification cannot find by itself stands in ``OUTSIDE``, as docs/howto/verify.md says it.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import msgspec

from goodword.app import coded
from goodword.app.follow import search
from goodword.app.principal import OPERATOR, Principal
from goodword.app.proof.audit import Difference, examine
from goodword.app.say import agreements, deals, forms, keys, looking, stocks, taxes
from goodword.app.say.agreements import Agreed
from goodword.app.say.payees import Answered, check, set_payee
from goodword.app.say.people import erase, unmask
from goodword.app.say.rewards import reject
from goodword.app.say.said import Why
from goodword.app.say.stocks import Upload
from goodword.app.see import launching
from goodword.core import calendar, events, lists, routes, standing
from goodword.core.facts import Actor
from goodword.core.state import NOUNS, Advocate, Offer, Payee, Payout, Program, Reward
from goodword.sources import native_read
from goodword.sources.native_source import SENDERS
from goodword.store import people
from goodword.store.vault import Vault
from testkit import sent
from testkit.database import run
from testkit.house import ANNA, DUE, OWNER, PAT, RULES, House, happened, opened, reviewable, sale
from testkit.world import RAIL

#: Table -> the columns that name a row in a difference.
KEYS: dict[str, tuple[str, ...]] = {
    "log": ("position",),
    "log_tile": ("tile",),
    "log_head": ("size",),
    "posting": ("position", "n"),
    "approval": ("position", "n"),
    "touch": ("id",),
    "touch_block": ("id",),
    "rule_version": ("hash",),
    "payee_detail": ("person",),
    "tax_form_detail": ("person",),
    "stream": (),
    "event": ("evt",),
    "undecided": ("evt",),
    "alias": ("kind", "blind"),
    "match_key": ("kind", "blind", "person"),
    "personal": ("person", "evt"),
    "person": ("id",),
    "note": ("id",),
    "workspace_secret": ("purpose",),
    "job": ("id",),
    "workspace": (),
    "api_key": ("id",),
    "deal_form": ("id",),
    "code_text": ("id",),
    "figure": ("slot", "program", "metric", "unit", "basis"),
    **{noun.__name__.lower(): noun.KEY for noun in NOUNS},
}


_ROW = re.compile(r"\| `(\w+)(?:\.(\w+))?` \| (\S.*) \|")
#: Columns, and whole tables (None), that stand outside of the proof, each with the reason: as the page about it says.
OUTSIDE = {
    (found[1], found[2]): found[3]
    for line in (Path(__file__).parent.parent / "docs" / "howto" / "verify.md").read_text().splitlines()
    if (found := _ROW.fullmatch(line))
}
#: What columns hold that take one of a few words.
_WORDS = ("live", "sandbox", "real", "events", "sk", "wk")
#: Tables of which a difference names what a row is of, rather than the table: the event that brought it, the payout of a job.
_NAMED_AS = {
    "alias": {"alias": "id", "event": "evt", "person": "id"},
    "match_key": {"match_key": "person", "event": "evt"},
    "personal": {"event": "evt"},
    "job": {"job": "subject"},
    "undecided": {"undecided": "evt", "event": "evt"},
}


class Row(NamedTuple):
    """A row that is edited: its table, its values, and the condition that finds it."""

    table: str
    values: dict[str, Any]
    here: str

    @property
    def names(self) -> set[str]:
        """The keys by which a difference may name it; a click of the redirect goes by its block."""
        if self.table in _NAMED_AS:
            return {str(self.values[column]) for column in _NAMED_AS[self.table].values() if self.values[column]} | (
                {str(self.values["raised"])} if self.values.get("raised") else set()
            )
        if self.table == "stream":
            return set(self.values)
        if self.table == "workspace":
            return {str(self.values["workspace_id"])}
        separator = "." if self.table in ("posting", "approval") else " "
        key = separator.join(str(self.values[column]) for column in KEYS[self.table])
        return {key, str(self.values["block"])} if self.table == "touch" else {key}


async def fill(database: str) -> str:
    """Make every noun, with something in every column: paid, rejected, refunded, contested, clicked, flagged."""
    async with opened(database) as house:
        rewards = await reviewable(house, 50)
        for at in (0, 3):
            await house.approve(rewards[at : at + 3])
        await looking.reward(house.as_(ANNA), house.directory, rewards[8].id, 9)
        wrong = await house.items(rewards[6:8])
        why = Why("mistake", "they bought it themselves")
        assert not (await reject(house.as_(ANNA), house.directory, wrong, why, "rejected")).refused
        await house.move_clock(DUE)
        await _taxed(house, rewards[0].beneficiary)
        payouts = await house.draft(rewards)
        await _scheduled(house)
        await house.release(payouts[:3])
        for said in ("processing", "completed"):
            await house.say(
                events.PayoutAnswered, PAT, payout=payouts[0].id, outcome=said, reference="ref-1", reason="fine"
            )
        await _stated(house, payouts[0])
        await house.send(*_trouble())
        await house.decide()
        await _contest(house)
        await _deals(house)
        terms = Agreed(advocate="partner", percent="12.5", accounts=("left.example",), countries=("FR",))
        await agreements.make(house.as_(OWNER), house.directory, terms, "They bring many.", "agreement-made")
        for key in ("form-1", "form-2"):
            form = await forms.make(house.as_(OWNER), house.directory, "partner", None, None, key)
        await forms.end(house.as_(OWNER), house.directory, form.id)
        await _routed(house)
        await house.say(events.MemberSet, member=PAT.id, roles=("payer",), limits={"EUR": 1_000_000})
        await house.clicked(5)
        await house.decide()
        await house.sign()
        await _audited(house, payouts[0])
        await _written(house)
        await house.publish({**RULES, "hold": "30d"})
        await reviewable(house, 1, name="after-the-head", status="pending")
        await _known(house)
        await _stood(house)
        await _coded(house)
        await _offered(house)
        await _launched(house)
        await house.follow()
        done = f"delete from job where subject = '{payouts[0].id}' or kind = '{search.KIND}' or queue = 'messages'"  # it was, long ago
        await run(database, done)
        await house.send(sent.lead("waits", "f-waits", customer_email="waits@example.org"))
        return house.ws


async def _taxed(house: House, payee: str) -> None:
    """What is paid is counted from now on; a payee has given a form that ends one day."""
    said = await house.say(events.TaxReportingSet, OWNER, jurisdictions=("us", "eu-dac7"), timezone="Europe/Berlin")
    assert said.verdicts[0].outcome == "tax_reporting_set", said.verdicts
    told = {"name": "Ann", "country": "DE", "street": "Weg 1", "town": "Ulm", "signed": "2026-01-15"}
    given = await taxes.give(house.as_(OWNER), house.directory, payee, "us", "w8ben", told)
    assert not given.refused, given.verdicts


async def _stated(house: House, payout: Payout) -> None:
    """The bank's statement: what left of a payout, and a line that names one that there is not, with everything that a bank may say."""
    said: dict[str, Any] = {
        "said": "booked",
        "unit": payout.unit,
        "day": "2026-03-02",
        "reference": "B1",
        "reason": "AC04",
    }
    ours = events.BankLine(id="bkg_1", payout=payout.id, amount=-payout.amount, **said)
    other = events.BankLine(id="bkg_2", payout="pay_none", amount=-1, **said)
    balances = {"opening": 10_000, "closing": 9_000, "first": "2026-03-01", "last": "2026-03-02", "unit": "EUR"}
    whole = {
        "file": "f1",
        "form": "mt940",
        "statement": "stm_1",
        "number": "1",
        "account": "3000",
        "others": 2,
        "size": 4,
    }
    handed = {"file": "GW1", "form": "pain.001", "digest": "0" * 64, "payouts": (ours.payout,), "sums": {"EUR": 1_000}}
    refused = events.BankLine(id="bkg_3", said="rejected", reason="FF01", file="GW1")
    await house.say(events.FileHandedOut, PAT, debtor="d1", day="2026-12-01", **handed)
    await house.say(events.StatementRead, PAT, lines=(refused,), **{**whole, "statement": "stm_0"})
    entry = await house.say(events.StatementRead, PAT, lines=(ours, other), **whole, **balances)
    assert not entry.refused, entry.verdicts


async def _scheduled(house: House) -> None:
    """A schedule of one program that has run and found nothing, and another one that is stopped."""
    plan = events.Plan(rail="sandbox", unit="USD", every="month", on=(1, 31), hour=8, timezone="Europe/Berlin")
    [program] = await house.every(Program)
    said = [await house.say(events.PayoutScheduled, PAT, plan=plan, program=program.id) for _ in range(2)]
    await house.say(events.PayoutScheduled, PAT, schedule=said[1].verdicts[0].subject, program=program.id)


async def _written(house: House) -> None:
    """Messages to an advocate: one that is put off, one that was refused, one that came back; its person has said everything."""
    await house.publish({**RULES, "messages": {"topics": ["enrolled", "satisfaction"]}})
    [program], [advocate, *_] = await house.every(Program), await house.every(Advocate)
    worker, said = Actor(id="worker", kind="system"), {"person": advocate.person, "program": program.id, "known": True}
    await house.say(events.ConsentRecorded, person=advocate.person, purpose="messages", outcome="given")
    its = []
    for topic, trigger, after in (
        ("enrolled", advocate.id, None),
        ("satisfaction", advocate.person, None),
        ("enrolled", program.id, 2**52),
    ):
        entry = await house.say(events.MessageDue, worker, topic=topic, trigger=trigger, after=after, **said)
        its.append(entry.verdicts[0].subject)
    await house.say(events.MessageAnswered, worker, message=its[0], outcome="refused", reason="550")
    await house.say(events.MessageAnswered, worker, message=its[1], outcome="sent")
    await house.say(events.SatisfactionAnswered, message=its[1], score=4)
    await house.say(events.MessageBounced, message=its[1])
    await house.say(events.MessageUnsubscribed, message=its[0])
    await house.say(events.MessageUnsubscribed, message=its[0], all=True)


async def _audited(house: House, payout: Payout) -> None:
    """A month that an auditor signed, with a finding."""
    otto = Actor(id="otto", kind="member", roles=("auditor",))
    await house.join(otto)
    items = await house.items([payout])
    said = {"month": "2026-03", "head": 9, "root": "ab", "items": items, "list_sha256": lists.digest(items)}
    entry = await house.say(events.AuditSigned, otto, **said, findings=(payout.id,))
    assert not entry.refused, entry.verdicts


async def _routed(house: House) -> None:
    """A table of routes, confirmed where it must be."""
    row = routes.Row(name="all", role="approver", fallback=ANNA.id, days=5)
    text = routes.text_of(routes.Document(routes=(row,)))
    said = await house.say(events.RoutingPublished, OWNER, table=routes.hash_of(text), document=text)
    for step in said.verdicts[0].steps:
        if step.code == "change":
            change = step.values["change"]
            await house.say(events.ChangeDecided, OPERATOR.actor, change=change, outcome="confirmed")
    assert not said.refused, said.verdicts


async def _stood(house: House) -> None:
    """A standing approval, given by two: credit that it approved is used and given back; then a third one stops it."""
    credit = [{"side": "advocate", "kind": "credit", "percent": "100"}]
    gift = {"program": "gift", "conversions": [{"rewards": credit}], "new_customers_only": False}
    await house.publish({**RULES, **gift})
    [it] = [it for it in await house.every(Program) if it.slug == "gift"]
    program, rules = it.id, it.newest or ""
    most = {"per_reward": 500, "per_beneficiary": 1_000, "in_all": 2_000}
    terms = {"program": program, "kind": "credit", "unit": "EUR", "rail": "store_credit", "side": "advocate", **most}
    text = standing.text_of(msgspec.convert(terms | {"until": calendar.parse(DUE) + 30 * calendar.DAY}, standing.Terms))
    said = {"standing": standing.hash_of(text), "document": text, "kinds": ("credit",), "manual": False, "authors": ()}
    asked = await house.say(events.StandingAsked, ANNA, program=program, rules=rules, **said)
    change = asked.verdicts[0].steps[0].values["change"]
    granted = await house.say(events.ChangeDecided, change=change, outcome="confirmed")
    at = {"program": "gift"}
    await house.send(sent.enrolled("ge", "giver", "GIFT", **at), sent.lead("gl", "given", code="GIFT", **at))
    await house.decide()
    await house.send(sent.purchase("gp", "given", "gift-1", 400))
    await house.decide()
    [payout] = [it for it in await house.every(Payout) if it.rail == "store_credit"]
    for word in ("processing", "completed"):
        await house.say(events.PayoutAnswered, RAIL, payout=payout.id, outcome=word)
    await run(house.database, f"delete from job where subject = '{payout.id}'")  # it was, long ago
    used = {"id": "gu", "customer_external_id": "giver", "redemption_id": "gu-1", "amount": 300, "currency": "EUR"}
    await house.send({"type": "credit.redeemed", **used, "order_reference": "order-9"})
    await house.send(
        {"type": "credit.reversed", "id": "gr", "redemption_id": "gu-1", "reversal_id": "gr-1", "amount": 100}
    )
    await house.decide()
    stopped = await house.say(events.StandingStopped, PAT, standing=granted.verdicts[0].subject, reason="enough")
    assert not stopped.refused, stopped.verdicts


async def _launched(house: House) -> None:
    """What passed the gate keeps its plan; one of its feeds has gone silent."""
    [it] = [it for it in await house.every(Program) if it.slug == "gift"]
    seen = await launching.readiness(house.as_(OWNER), house.directory, it.id)
    plan: dict[str, Any] = {
        "owner": ANNA.id,
        "looks": ANNA.id,
        "trigger": "stripe",
        "billing": "shop",
        "silence": calendar.HOUR,
    }
    plan |= {"measures": ("reward_cost",), "every": 30, "evidence": seen.evidence}
    now = calendar.parse(DUE) + 90 * calendar.DAY
    said = {"plan": events.LaunchPlan(**plan), "rules": it.newest, "terms": "ab" * 32, "authors": ()}
    launched = await house.say(events.ProgramLaunched, program=it.id, **said, heard={"stripe": now, "shop": now})
    assert not launched.refused, launched.verdicts
    silent = await house.say(
        events.FeedSilenced, RAIL, program=it.id, feed="shop", last_at=calendar.parse(DUE) - calendar.DAY
    )
    assert not silent.refused, silent.verdicts


async def _coded(house: House) -> None:
    """Two codes of three are given out, for one reward; others end one day. Another one has a code of our own, used in part."""
    prize = {
        "program": "prize",
        "conversions": [{"rewards": [{"side": "advocate", "kind": "credit", "percent": "100"}]}],
    }
    await house.publish({**RULES, **prize, "new_customers_only": False, "payouts": {"every": "once"}})
    for name, program, low in (("cards", "prize", 1), ("gifts", None, 0)):
        texts = "\n".join(f"{name.upper()}-{n}" for n in range(3))
        ends_at = None if low else calendar.parse(DUE) + 300 * calendar.DAY
        cards = Upload(name=name, unit="EUR", amount=200, text=texts, program=program, low=low, ends_at=ends_at)
        assert not (await stocks.upload(house.as_(OWNER), house.directory, cards)).refused
    at = {"program": "prize"}
    await house.send(sent.enrolled("ce", "carder", "CARD", **at), sent.lead("cl", "carded", code="CARD", **at))
    await house.decide()
    await house.send(sent.purchase("cp", "carded", "card-1", 400))
    await house.decide()
    [reward] = [it for it in await house.every(Reward) if it.kind == "credit" and it.status == "in_review"]
    await house.approve([reward])
    said: dict[str, Any] = {"rail": "code_stock", "kinds": ("credit",), "manual": False, "unit": "EUR"}
    await house.say(events.PayoutDrafted, beneficiaries=(reward.beneficiary,), **said)
    await _brought(house, "code_stock")
    await house.send(sent.lead("cl2", "carded2", code="CARD", **at), sent.purchase("cp2", "carded2", "card-2", 700))
    await house.decide()
    [reward] = [it for it in await house.every(Reward) if it.kind == "credit" and it.status == "in_review"]
    await house.approve([reward])
    await house.say(events.PayoutDrafted, beneficiaries=(reward.beneficiary,), **{**said, "rail": "discount_code"})
    payout = await _brought(house, "discount_code")
    used = {"person": reward.beneficiary, "payout": payout, "redemption": "cu-1", "amount": 300, "currency": "EUR"}
    assert not (await house.say(events.CreditRedeemed, OPERATOR.actor, **used)).refused


async def _brought(house: House, rail: str) -> str:
    """Let the one payout over a rail be released and completed; returns its id."""
    [payout] = [it for it in await house.every(Payout) if it.rail == rail]
    await house.release([payout])
    also = coded.keeping(house.workspace)
    for word in ("processing", "completed"):
        await house.say(events.PayoutAnswered, RAIL, payout=payout.id, outcome=word, also=also)
    await run(house.database, f"delete from job where subject = '{payout.id}'")  # it was, long ago
    return str(payout.id)


async def _offered(house: House) -> None:
    """Of three friends who are welcomed one has redeemed their offer, one has ordered without, and one has it open."""
    sides = [{"side": "friend", "kind": "welcome", "flat": {"EUR": 500}, "valid": "300d"}]
    await house.publish({**RULES, "program": "greet", "conversions": [{"rewards": sides}], "new_customers_only": False})
    at = {"program": "greet"}
    await house.send(sent.enrolled("oe", "greeter", "GREET", **at))
    for n, named in ((0, True), (1, False), (2, None)):
        await house.send(sent.lead(f"ol{n}", f"greeted{n}", code="GREET", **at))
        await house.decide()
        offer = next(it for it in await house.every(Offer) if it.status == "open")
        more = {"offer_id": offer.id, "discount": 500} if named else {}
        if named is not None:
            await house.send(sent.purchase(f"op{n}", f"greeted{n}", f"greet-{n}", 9_500) | more)
            await house.decide()


async def _known(house: House) -> None:
    """Persons of whom much is known, two of whom were erased; codes that Goodword made the text of; commands with a key."""
    said = [
        {
            **sent.purchase(f"kp{n}", f"known{n}", f"kp{n}", 1_000),
            "customer_email": f"known{n}@example.org",
            "payment_fingerprint": f"card{n}",
            "device_id": f"device{n}",
            "visitor_id": f"visitor{n}",
        }
        for n in range(12)
    ]
    leads = [sent.lead(f"kl{n}", f"known{n}", customer_phone=f"+49 30 90182{n}") for n in range(12)]
    named = [
        {"type": "advocate.enrolled", "id": f"kn{n}", "external_id": f"named{n}", "email": f"n{n}@example.org"}
        for n in range(4)
    ]
    await house.ingest.accept(house.workspace, SENDERS["pk"], native_read.read(msgspec.json.encode(leads[:8])))
    more = [{**lead, "id": f"again-{lead['id']}", "company": f"c{n}.example"} for n, lead in enumerate(leads)]
    joined = [
        {"type": "person.merged", "id": f"km{n}", "keep_external_id": f"known{n}", "gone_external_id": f"known{n + 1}"}
        for n in (8, 10)
    ]
    await house.send(*said, *more, *named, *joined)
    await house.decide()
    names = [("person", text) for text in ("known0", "named0", "named1", "named2")]
    async with house.pool.acquire() as conn:
        found = await people.find(conn, house.ws, house.workspace.keys, names)
        codes = [code for one in await house.every(Advocate) for code in one.codes]
        await people.code_texts(conn, house.ws, house.workspace.keys, codes)
    owner = house.as_(OWNER)
    asked, doubted = found.pop(("person", "named1")), found.pop(("person", "named2"))
    seen = await unmask(owner, house.directory, asked, ["email"], "they called", "unmask")
    assert seen.values == {"email": "n1@example.org"}
    ended, _ = await keys.make(owner, house.directory, "wk")
    await keys.make(owner, house.directory, "mk", member=ANNA.id)
    await keys.revoke(owner, house.directory, ended)
    await set_payee(owner, house.directory, found["person", "named0"], "sandbox", {"name": "Nora"})
    await set_payee(owner, house.directory, doubted, "sandbox", {"name": "Nils"})
    [payee] = [it for it in await house.every(Payee) if it.person == doubted]
    said_by = Answered(answer="close_match", provider="bank", destination=payee.destination, suggested="Niels")
    assert not (await check(owner, house.directory, doubted, said_by)).refused
    oneself = Principal("session", house.workspace, Actor(id=doubted, kind="person"))
    waits = await set_payee(oneself, house.directory, doubted, "sandbox", {"name": "Nora"}, "another")
    assert waits.verdicts[0].outcome == "payee_asked"
    for person in found.values():
        assert not (await erase(owner, house.directory, person, key=f"erase {person}")).refused


def _trouble() -> list[dict[str, Any]]:
    line = {"id": "1", "product": "tea", "amount": 5_000}
    return [
        *happened("s2", "s4", "s3", device_id="d1"),
        {**sale("v1", amount=5_000), "lines": [line], "country": "DE"},
        sent.lead("l2", "f-x", code="nobody", visitor_id="v2"),
        {"type": "customer.updated", "id": "u1", "customer_external_id": "f-k", "traits": {"plan": "team"}},
    ]


async def _contest(house: House) -> None:
    [(program, advocate), *_] = await house.rows("select program, person from advocate where workspace_id = $1")
    [(person,)] = await house.rows("select person from customer where workspace_id = $1 and known_since is not null")
    entered = await house.say(
        events.ClaimEntered,
        ANNA,
        program=program,
        person=person,
        advocates=((advocate, 1, 1),),
        lead_at=house.workspace.created_at,
        reason="said_so",
    )
    assert entered.verdicts[0].refusal is None, entered.verdicts


async def _deals(house: House) -> None:
    """A deal of our own, and two that a partner registered: one accepted over it, won and written on, one declined."""
    company = {"company": "Acme", "company_domain": "acme.example", "company_id": "crm-77"}
    money = {"amount": 5_000, "currency": "EUR"}
    ours = {"type": "deal.reported", "id": "deal-ours", "deal_id": "ours", "status": "open", **company, **money}
    partner = {"type": "deal.registered", "advocate_external_id": "partner", **company, **money}
    await house.send(
        sent.enrolled("partner", "partner", "PARTNER"),
        {**ours, "stage": "offer", "code": "PARTNER", "customer_external_id": "deal-f0"},
        {**partner, "id": "deal-1", "customer_external_id": "deal-f1", "entered_by": "desk", "note": "They asked."},
        {**partner, "id": "deal-2", "customer_external_id": "deal-f2"},
    )
    await house.decide()
    rows = await house.rows("select id from registration where workspace_id = $1 order by id")
    [first, second] = [id_ for (id_,) in rows]
    seen = ("ours", second)
    said = await house.say(events.DealAccepted, ANNA, registration=first, conflicts=seen)
    assert said.verdicts[0].refusal is None, said.verdicts
    await deals.write(house.as_(ANNA), house.directory, first, "sales", "Who decides there?", "deal-message")
    await house.say(events.DealDeclined, ANNA, registration=second, reason="protected")
    await house.send({**ours, "id": "deal-won", "deal_id": "theirs", "status": "won", "registration_id": first})
    await house.decide()


async def pick(conn: asyncpg.Connection, ws: str, table: str, order: str = "1", *, most: int = 1) -> list[Row]:
    """Return the first rows of a table in an order; there is one at least."""
    rows = await conn.fetch(f'select * from "{table}" where workspace_id = $1 order by {order} limit {most}', ws)
    assert rows, f"the workspace has no {table}"
    return [Row(table, dict(row), await here(conn, table, dict(row))) for row in rows]


async def here(conn: asyncpg.Connection, table: str, values: dict[str, Any]) -> str:
    """Return the condition that finds a row."""
    columns = ["workspace_id", *KEYS[table], *(["stored_at"] if table == "touch" else [])]
    texts = [f"\\x{value.hex()}" if isinstance(value := values[column], bytes) else str(value) for column in columns]
    literals = [await conn.fetchval("select quote_literal($1::text)", text) for text in texts]
    return " and ".join(f'"{column}" = {value}' for column, value in zip(columns, literals, strict=True))


def named(found: Sequence[Difference], row: Row) -> bool:
    """Whether a difference names the row; an entry behind the last full tile may be named by the part of the tree it is in."""
    nouns = {row.table, *_NAMED_AS.get(row.table, ())}
    for one in found:
        if one.noun in nouns and one.key in row.names:
            return True
        if one.noun == "log" and row.table == "stream":  # its frontier is that of the entries
            return True
        if one.noun == row.table == "log" and " to " in one.key:
            first, last = map(int, one.key.split(" to "))
            if first <= row.values["position"] <= last:
                return True
    return False


async def edit(
    conn: asyncpg.Connection, wanted: dict[tuple[str, str], list[Row]]
) -> dict[tuple[str, str], tuple[Row, Row]]:
    """Change one column each of as many rows as there are for it; returns each row before and after."""
    edited: dict[tuple[str, str], tuple[Row, Row]] = {}
    names: set[str] = set()
    for (column, type_), rows in wanted.items():
        row = next((row for row in rows if not row.names & names), None)
        if row is not None and (not edited or row.table != "log"):  # what follows an edit of the log may follow from it
            after = await change(conn, row, column, type_)
            if after is not None:
                edited[column, type_] = (row, after)
                names |= row.names | after.names
    return edited


async def columns(conn: asyncpg.Connection, table: str) -> list[tuple[str, str]]:
    """Return the columns of a table with their types."""
    rows = await conn.fetch(
        """select attname, format_type(atttypid, atttypmod) from pg_attribute
           where attrelid = $1::text::regclass and attnum > 0 and not attisdropped order by attnum""",
        f'"{table}"',
    )
    assert rows
    return [tuple(row) for row in rows]


def _telling(table: str, column: str, type_: str) -> str:
    """Order rows so that the first has something in the column, and what follows from nothing else."""
    if type_ == "jsonb":
        return f'"{column}" is null, length("{column}"::text) desc'
    if column == "netted":
        return "sent desc"
    if column == "n":
        return "n desc"
    return f'"{column}" is null, "{[*KEYS[table], "workspace_id"][0]}"'


def _full(rows: list[Row], column: str) -> list[Row]:
    """Return the rows that have something in a column, if any has: of nothing, a field nobody knows is nothing either."""
    # Of jobs what goes on with a payout: a mail that is not sent is missed by nothing.
    rows = [row for row in rows if row.table != "job" or row.values["subject"].startswith("pay_")]
    return [row for row in rows if row.values[column] not in ("{}", "[]")] or rows


async def change(conn: asyncpg.Connection, row: Row, column: str, type_: str) -> Row | None:
    """Return a column another value that its type and the table's constraints allow, if there is one; returns the row as it is now."""
    for value in _others(row.values[column], type_):
        try:
            async with conn.transaction():
                changed = await conn.execute(f'update "{row.table}" set "{column}" = $1 where {row.here}', value)
        except (asyncpg.CheckViolationError, asyncpg.UniqueViolationError):
            continue
        assert changed == "UPDATE 1"
        values = {**row.values, column: value}
        return Row(row.table, values, await here(conn, row.table, values))
    return None


def _others(value: Any, type_: str) -> list[Any]:
    """Return values unlike this one, the subtlest first."""
    if type_ in ("bigint", "integer", "numeric"):
        return [1, 2] if value is None else [value + 1, value - 1, value + 100_000]
    if type_ == "boolean":
        return [not value]
    if type_ == "bytea":
        return [b"x"] if value is None else [value[:-1] + bytes([(value[-1:] or b"\0")[0] ^ 1])]
    if type_ == "jsonb":
        return {"[]": ['["x"]'], "{}": ['{"x": 1}'], None: ['{"EUR": 1}']}.get(value) or [_emptied(value)]
    words = [f"{value or ''}x", *_WORDS]
    return [word for word in words if word != value]


def _emptied(value: str) -> str:
    return "{}" if value.startswith("{") else "[]"


async def unnamed(conn: asyncpg.Connection, ws: str, table: str, safe: Vault) -> tuple[int, list[str]]:
    """Change each column of a table by itself, in trials that are rolled back; returns how many, and whose row is not named."""
    wanted = {
        (column, type_): _full(await pick(conn, ws, table, _telling(table, column, type_), most=40), column)
        for column, type_ in await columns(conn, table)
        if (table, column) not in OUTSIDE
    }
    count, wrong = len(wanted), list[str]()
    while wanted:
        trial = conn.transaction()
        await trial.start()
        edited = await edit(conn, wanted)
        found = (await examine(conn, ws, safe=safe)).differences
        await trial.rollback()
        if not edited:
            return count, [*wrong, *(f"{table}.{column} cannot be changed at all" for column, _ in wanted)]
        for (column, type_), rows in edited.items():
            if not any(named(found, row) for row in rows):
                wrong.append(f"{table}.{column}: {[row.names for row in rows]} is not in {found}")
            del wanted[column, type_]
    return count, wrong

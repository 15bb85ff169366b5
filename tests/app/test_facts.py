"""What a decision is told beside the state: each fact is fetched, and changes what is decided."""

from typing import Any

import pytest
from testkit.house import SERVER
from tests.app.conftest import DAY, RULES, House

from goodword.app.directory import Directory
from goodword.app.principal import Principal
from goodword.app.say import payouts
from goodword.app.write.process import drain, quarantined
from goodword.core import events, lists
from goodword.core.entry import Entry
from goodword.core.state import Payout, Program, Referral, Reward
from goodword.store import people, touches
from goodword.store.vault import Vault


def said(entry: Entry) -> list[tuple[str, str | None]]:
    """What an entry says, in short: outcome or refusal, and for whom."""
    return [(verdict.refusal or verdict.outcome, verdict.beneficiary) for verdict in entry.verdicts]


async def enrol(house: House, *names: str) -> None:
    for name in names:
        await house.send(events.AdvocateEnrolled, person=f"per_{name}", code=f"cod_{name}")


async def same_person(house: House, kind: str, *persons: str, verified: bool = True) -> None:
    """Persons have one and the same mail or phone."""
    async with house.pool.acquire() as conn:
        keys = [(kind, "the same", person, verified, None) for person in persons]
        await people.add_match_keys(conn, house.ws, house.workspace.keys, keys)


async def followed(house: House, code: str) -> str:
    """Somebody follows a link: the click's id, all that the redirect knows of them."""
    [click] = await house.clicked(1, code)
    return click


@pytest.mark.parametrize("known", [True, False])
async def test_a_lead_that_names_a_click_is_attributed_by_it(house: House, known: bool) -> None:
    """Whoever follows a link has no visitor: the id of the click, which the landing page passes on, is enough."""
    await enrol(house, "ann", "amy")
    other, click = await followed(house, "cod_amy"), await followed(house, "cod_ann")
    if known:
        await drain(house.engine, house.ws)
    lead = await house.send(events.LeadCreated, person="per_bob", click=click)
    assert said(lead) == [("attributed", "per_ann")]
    assert [touch.id for touch in lead.facts.touches] == [click]
    bought = await house.send(
        events.ConversionRecorded, person="per_bea", click=other, invoice="inv_1", amount=10_000, currency="EUR"
    )
    assert said(bought)[0] == ("attributed", "per_amy")


async def test_what_a_page_said_is_attributed_by_what_the_page_knew(house: House) -> None:
    """The confirmation names the visitor alone; the click that brought them stands in the lead of the page."""
    await enrol(house, "ann")
    click = await followed(house, "cod_ann")
    page = await house.send(events.LeadCreated, person="per_bob", visitor="vis_1", click=click, unverified=True)
    assert said(page) == [("unverified_lead", None)]
    signed = await house.send(events.LeadCreated, person="per_bob", visitor="vis_1")
    assert ("attributed", "per_ann") in said(signed)
    assert [touch.id for touch in signed.facts.touches] == [click]


async def test_what_a_page_said_of_a_customer_who_is_bound_is_looked_at_when_they_buy(house: House) -> None:
    """A purchase of a bound customer is no lead, and still confirms the page's: another advocate's click becomes a claim."""
    await enrol(house, "ann", "amy")
    await house.send(events.LeadCreated, person="per_bob", code="cod_ann")
    click = await followed(house, "cod_amy")
    await house.send(events.LeadCreated, person="per_bob", visitor="vis_1", click=click, unverified=True)
    bought = await house.send(
        events.ConversionRecorded, person="per_bob", visitor="vis_1", invoice="inv_1", amount=10_000, currency="EUR"
    )
    assert said(bought)[0] == ("already_bound", None)
    assert [step.code for step in bought.verdicts[0].steps][-1] == "claim"


async def test_what_a_stranger_said_by_a_page_is_no_fact_for_the_customer(house: House) -> None:
    """Neither their page's visitor nor its click is quoted, so no number of them pushes out the click of the customer."""
    await enrol(house, "ann", "amy")
    own = await house.send(events.ClickRecorded, code="cod_ann", visitor="vis_1")
    strange = await followed(house, "cod_amy")
    await house.send(events.LeadCreated, person="per_bob", visitor="vis_2", click=strange, unverified=True)
    await house.accept(*(house.event(events.ClickRecorded, code="cod_amy", visitor="vis_2") for _ in range(101)))
    await drain(house.engine, house.ws)
    lead = await house.send(events.LeadCreated, person="per_bob", visitor="vis_1")
    assert said(lead) == [("attributed", "per_ann")]
    assert [touch.id for touch in lead.facts.touches] == [own.event.evt]


async def test_of_very_many_touches_both_ends_are_quoted(house: House) -> None:
    """A decision quotes a hundred, the oldest 20 and the newest 80, and says how many there were; the last one wins (finding 16)."""
    await enrol(house, "ann", "amy")
    clicks = []
    for number in range(105):
        house.at += 1
        code = "cod_amy" if number == 104 else "cod_ann"
        clicks.append(house.event(events.ClickRecorded, code=code, visitor="vis_1"))
    await house.accept(*clicks)
    await drain(house.engine, house.ws)
    lead = await house.send(events.LeadCreated, person="per_bob", visitor="vis_1")
    assert [touch.id for touch in lead.facts.touches] == [click.evt for click in clicks[:20] + clicks[25:]]
    assert lead.facts.touches_count == 105
    assert said(lead) == [("attributed", "per_amy")]


async def test_the_first_click_is_found_however_many_come_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the first touch wins, 150 later clicks in the same browser do not hide it, nor do older ones (finding 16)."""
    monkeypatch.setattr(touches, "MOST_OF_ONE", 90)
    await house.publish({**RULES, "attribution": {"touch": "first"}})
    await enrol(house, "amy", "ann", "mal")
    clicks = [house.event(events.ClickRecorded, code="cod_amy", visitor="vis_1") for _ in range(5)]
    house.at += 40 * DAY
    clicks.append(house.event(events.ClickRecorded, code="cod_ann", visitor="vis_1"))
    for _ in range(150):
        house.at += 1
        clicks.append(house.event(events.ClickRecorded, code="cod_mal", visitor="vis_1"))
    for click in clicks:  # each is stored at an instant of its own, as clicks are
        await house.accept(click)
        await drain(house.engine, house.ws)
    lead = await house.send(events.LeadCreated, person="per_bob", visitor="vis_1")
    assert said(lead) == [("attributed", "per_ann")]
    assert len(lead.facts.touches) == 100


async def test_very_many_touches_of_one_visitor_hide_none_of_another(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leads of one batch are looked up together; a visitor of whom more is stored than is read leaves the others what is theirs."""
    monkeypatch.setattr(touches, "MOST", 100)
    monkeypatch.setattr(touches, "MOST_OF_ONE", 50)
    await enrol(house, "ann", "amy")
    await house.accept(*(house.event(events.ClickRecorded, code="cod_amy", visitor="vis_2") for _ in range(110)))
    await drain(house.engine, house.ws)
    own = await house.send(events.ClickRecorded, code="cod_ann", visitor="vis_1")
    crowd = house.event(events.LeadCreated, person="per_mal", visitor="vis_2")
    lead = house.event(events.LeadCreated, person="per_bob", visitor="vis_1")
    await house.accept(crowd, lead)
    await drain(house.engine, house.ws)
    entry = await house.entry(lead.evt)
    assert [touch.id for touch in entry.facts.touches] == [own.event.evt]
    assert said(entry) == [("attributed", "per_ann")]
    assert said(await house.entry(crowd.evt)) == [("attributed", "per_amy")]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("visitors", [("vis_1", "vis_2", "vis_1"), ("vis_2", "vis_1", "vis_2")])
async def test_of_clicks_at_one_time_the_later_in_the_log_is_last(
    house: House, visitors: tuple[str, ...], together: bool
) -> None:
    """It wins, whichever of the customer's visitors it is of, and whether it is decided in one batch with the lead or before."""
    await enrol(house, "ann", "amy")
    await house.send(events.LeadCreated, person="per_bob", visitor="vis_1")
    house.at += 1
    codes = ("cod_amy", "cod_ann", "cod_amy")
    made: list[Any] = [
        house.event(events.ClickRecorded, code=code, visitor=visitor)
        for code, visitor in zip(codes, visitors, strict=True)
    ]
    if not together:
        await house.accept(*made)
        await drain(house.engine, house.ws)
        made = []
    lead = house.event(events.LeadCreated, person="per_bob", visitor="vis_2")
    await house.accept(*made, lead)
    await drain(house.engine, house.ws)
    entry = await house.entry(lead.evt)
    assert [touch.code for touch in entry.facts.touches] == list(codes)
    assert said(entry) == [("attributed", "per_amy")]


@pytest.mark.parametrize("together", [True, False])
async def test_of_clicks_with_one_id_the_first_in_the_log_counts(house: House, together: bool) -> None:
    """A click that is told twice is one, as it was told first; though the second says that it was earlier."""
    await enrol(house, "ann", "amy")
    house.at += 2 * DAY
    first = house.event(events.ClickRecorded, code="cod_ann", visitor="vis_1", click="tch_1")
    second = house.event(
        events.ClickRecorded, code="cod_amy", visitor="vis_1", click="tch_1", occurred_at=house.at - DAY
    )
    lead = house.event(events.LeadCreated, person="per_bob", visitor="vis_1", click="tch_1")
    for batch in [[first, second, lead]] if together else [[first], [second], [lead]]:
        await house.accept(*batch)
        await drain(house.engine, house.ws)
    assert said(await house.entry(lead.evt)) == [("attributed", "per_ann")]


@pytest.mark.parametrize("kind", ["mail", "phone"])
async def test_who_gets_a_code_that_they_named_themselves_refers_nobody(house: House, kind: str) -> None:
    """The lead waited for the code; that it is the advocate's own, under another name, is seen when the code is theirs."""
    lead = await house.send(events.LeadCreated, person="per_bob", code="cod_ann")
    assert said(lead) == [("unknown_code", None)]
    await same_person(house, kind, "per_bob", "per_ann")
    enrolled = await house.send(events.AdvocateEnrolled, person="per_ann", code="cod_ann")
    assert said(enrolled) == [("enrolled", None), ("self_referral", None)]
    assert await house.every(Referral) == []


async def test_a_claim_pays_nobody_for_themselves(house: House) -> None:
    """A claim for the friend themselves, by a verified mail that both have, cannot be won; nothing earns (finding 14)."""
    await enrol(house, "ann")
    await same_person(house, "mail", "per_bob", "per_ann")
    await house.accept(house.bought())
    await drain(house.engine, house.ws)
    [program] = await house.every(Program)
    entered = await house.say(
        events.ClaimEntered,
        program=program.id,
        person="per_bob",
        advocates=(("per_ann", 1, 1),),
        lead_at=house.at,
        reason="mail",
    )
    dan = await house.member("dan", "approver")
    won = await house.say(events.ClaimDecided, dan, claim=entered.verdicts[0].subject, outcome="won", reason="seen")
    assert said(won) == [("self_referral", None)]
    assert await house.every(Referral) == []
    assert await house.every(Reward) == []


@pytest.mark.parametrize("together", [True, False])
async def test_what_is_quoted_does_not_depend_on_the_batch(house: House, together: bool) -> None:
    """Of who bought unreferred no sign is told to the decision, though the next event of the batch is told it of them."""
    await enrol(house, "ann")
    await same_person(house, "payment", "per_bob", "per_ann")
    bought, lead = house.bought(), house.event(events.LeadCreated, person="per_bob", code="cod_ann")
    for batch in [[bought, lead]] if together else [[bought], [lead]]:
        await house.accept(*batch)
        await drain(house.engine, house.ws)
    assert (await house.entry(bought.evt)).facts.known == ()
    assert [match.other for match in (await house.entry(lead.evt)).facts.known] == ["per_ann"]


async def test_a_referral_lapses_when_its_window_is_over(house: House) -> None:
    """Nobody bought in time: its timer finds the referral, which is lapsed then, once."""
    [conversion] = RULES["conversions"]
    await house.publish(conversions=[{**conversion, "window": "30d"}])
    await enrol(house, "ann")
    await house.send(events.LeadCreated, person="per_bob", code="cod_ann")
    house.at += 29 * DAY
    await house.send(events.CustomerKnown, person="per_eve", since=0)
    assert [referral.status for referral in await house.every(Referral)] == ["attributed"]
    house.at += DAY
    await house.send(events.CustomerKnown, person="per_eve", since=0)
    assert await quarantined(house.pool, house.ws) == []
    assert [referral.status for referral in await house.every(Referral)] == ["lapsed"]


async def test_a_draft_of_everybody_names_those_whose_rewards_are_due(house: House, vault: Vault) -> None:
    """Who is owed something that is not due yet is not named: nobody is told that there was nothing to do for them."""
    owner = Principal("mk", house.workspace, house.owner)

    async def drafted(key: str) -> Entry:
        return await payouts.draft(owner, Directory(house.engine, vault), "sandbox", "EUR", None, key)

    due = []
    for name, later in (("ann", 0), ("amy", 40)):
        house.at += later * DAY
        await house.accept(*house.story(f"per_f{name}", f"per_{name}"))
        house.at += 31 * DAY
        await house.send(events.CustomerKnown, person="per_eve", since=0)
        await house.say(events.PayeeSet, SERVER, person=f"per_{name}", rail="sandbox", destination="d")
        [reward] = [reward for reward in await house.every(Reward) if reward.beneficiary == f"per_{name}"]
        items = (events.Item(id=reward.id, amount=reward.amount, unit="EUR", destination="d"),)
        approved = await house.say(events.ApprovalGiven, items=items, list_sha256=lists.digest(items))
        assert said(approved) == [("approved", None)]
        [due_at] = [found.due_at for found in await house.every(Reward) if found.id == reward.id]
        due.append(due_at)
    assert due[0] < house.at < due[1]
    first = await drafted("now")
    assert said(first) == [("drafted", "per_ann")]
    house.at = due[1]
    await house.send(events.CustomerKnown, person="per_eve", since=0)
    assert said(await drafted("later")) == [("drafted", "per_amy")]
    assert {payout.beneficiary for payout in await house.every(Payout)} == {"per_ann", "per_amy"}


async def test_where_there_is_no_program_nobody_earns(make_house: Any) -> None:
    """Events that name an advocate are decided, not set aside, in a workspace that has published nothing, or not this program."""
    house = await make_house()
    await house.accept(house.event(events.LeadCreated, person="per_bob", code="cod_ann"))
    await house.decide()
    for event in (
        house.event(events.AdvocateEnrolled, person="per_ann", code="cod_ann"),
        house.event(events.ReferralImported, person="per_bob", advocate="per_ann", lead_at=house.at),
    ):
        await house.accept(event)
        await house.decide()
        assert (await house.entry(event.evt)).refused
    fields = {"program": "prg_x", "person": "per_bob", "advocates": (("per_ann", 1, 1),), "lead_at": 0, "reason": "x"}
    assert (await house.say(events.ClaimEntered, **fields)).refused

"""Whose company was a customer before, on the real database: what is loaded is what deciding it looks at, alone and in a batch."""

from itertools import permutations

import pytest
from tests.app.conftest import DAY, House

from goodword.app.proof.audit import verify
from goodword.app.write.process import quarantined
from goodword.core import events
from goodword.core.state import Case, Company, Referral, Registration, Reward

ACME = "cmp_acme"


async def told(house: House) -> tuple[int, list[tuple[str, int]]]:
    """How many referrals there are, and the flags of the cases, each with how many rewards wait for it; all is as the log says."""
    assert await quarantined(house.pool, house.ws) == []
    assert (await verify(house.pool, house.ws)).differences == ()
    assert await house.broken() == []
    rewards, cases = await house.every(Reward), await house.every(Case)
    waiting = [(case.flags[0].code, sum(case.id in reward.cases for reward in rewards)) for case in cases]
    return len(await house.every(Referral)), waiting


def firm(house: House, person: str, *, of_mail: bool = False) -> events.Event:
    """Somebody belongs to a firm."""
    return house.event(events.CustomerUpdated, person=person, traits={}, domain=ACME, domain_of_mail=of_mail)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("of_mail", [True, False])
async def test_a_colleague_of_a_customer(house: House, *, of_mail: bool, together: bool) -> None:
    """Known in time, what is sure refuses, and what a mail tells is flagged: in one batch as one by one."""
    said = [firm(house, "per_old", of_mail=of_mail), house.bought("per_old", 3_000, "i-old")]
    house.at += DAY
    said += [firm(house, "per_bob", of_mail=of_mail), *house.story("per_bob", "per_ann")]
    for group in [said] if together else [(one,) for one in said]:
        await house.accept(*group)
        await house.decide()
    assert await told(house) == ((1, [("colleague", 2)]) if of_mail else (0, []))


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("together", [True, False])
async def test_an_older_customer_of_the_company_is_told_last(
    house: House, order: tuple[int, ...], *, together: bool
) -> None:
    """Whose firm it is and since when they bought may come after the friend's order, in any order: one case holds what is open."""
    since = house.at - 100 * DAY
    said = [
        firm(house, "per_bob"),
        firm(house, "per_old"),
        house.event(events.CustomerKnown, person="per_old", since=since),
    ]
    await house.accept(*house.story("per_bob", "per_ann"))
    await house.decide()
    house.at += DAY
    late = [said[place] for place in order]
    for group in [late] if together else [(one,) for one in late]:
        await house.accept(*group)
        await house.decide()
    assert await told(house) == (1, [("colleague", 2)])


async def test_merged_accounts_bring_their_past_to_the_company(house: House) -> None:
    """An old account without a firm turns out to be somebody's of the friend's firm."""
    since = house.at - 100 * DAY
    await house.accept(firm(house, "per_bob"), *house.story("per_bob", "per_ann"), firm(house, "per_cid"))
    await house.accept(house.event(events.CustomerKnown, person="per_old", since=since))
    await house.decide()
    assert await told(house) == (1, [])
    house.at += DAY
    await house.accept(house.event(events.PersonMerged, keep="per_cid", gone="per_old"))
    await house.decide()
    assert await told(house) == (1, [("colleague", 2)])


async def test_a_friend_whose_firms_are_many_is_told_of_one(house: House) -> None:
    """A friend belongs to a firm by its id and by their mail: an older date of either asks once, and the other is not looked at."""
    both = {"company": "cmp_id", "company_as": "id", "domain": ACME, "domain_of_mail": True}
    await house.accept(house.event(events.CustomerUpdated, person="per_bob", traits={}, **both))
    await house.accept(*house.story("per_bob", "per_ann"))
    await house.decide()
    since = house.at - 100 * DAY
    for person, named in (("per_one", {"domain": ACME}), ("per_two", {"company": "cmp_id", "company_as": "id"})):
        house.at += DAY
        await house.accept(house.event(events.CustomerUpdated, person=person, traits={}, **named))
        await house.accept(house.event(events.CustomerKnown, person=person, since=since))
        await house.decide()
    assert await told(house) == (1, [("colleague", 2)])
    assert {company.id for company in await house.every(Company)} == {ACME, "cmp_id"}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("merged", [True, False])
async def test_a_colleague_of_a_protected_company_is_the_partners_though_the_company_is_told_last(
    house: House, *, merged: bool, together: bool
) -> None:
    """They made themselves known and bought while a partner's registration protected it; the firm is told of them, or of a record."""
    await house.accept(
        house.event(events.AdvocateEnrolled, person="per_paul", code="cod_paul"),
        house.event(
            events.DealRegistered, advocate="per_paul", person="per_carl", company="cmp_name", company_domain=ACME
        ),
    )
    await house.decide()
    [registration] = await house.every(Registration)
    said = await house.say(events.DealAccepted, registration=registration.id, days=90)
    assert said.verdicts[0].outcome == "deal_accepted"
    who = "per_record" if merged else "per_cora"
    house.at = said.event.accepted_at + 1_000_000
    late = [
        house.event(events.LeadCreated, person="per_cora"),
        house.bought("per_cora", 5_000),
        firm(house, who),
        *([house.event(events.PersonMerged, keep="per_cora", gone="per_record")] if merged else []),
    ]
    for group in [late] if together else [(one,) for one in late]:
        await house.accept(*group)
        await house.decide()
    assert await told(house) == (2, [])
    assert {reward.beneficiary for reward in await house.every(Reward)} == {"per_paul", "per_cora"}

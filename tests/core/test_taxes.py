"""What was paid in a year is held against thresholds of the law: a golden table of their boundaries, and what a form changes."""

from decimal import Decimal
from typing import Any

import pytest
from testkit.tables import rows
from testkit.world import CLERK, OWNER, SERVER, World, advocate, at, member, rules, verdict
from tests.core.test_loading import decided_on_parts

from goodword.core import calendar, entry, events, invariants, taxes
from goodword.core.facts import Actor
from goodword.core.state import Change, Counter, Payout, Reporting, TaxForm

CORA, OLA = member("cora", "operations"), member("ola", "owner")


def house(*jurisdictions: str, now: str = "2026-06-01T00:00:00", zone: str = "UTC") -> World:
    """A workspace that reports there, with ann, whose payment details are known; what is approved is due at once."""
    made = World()
    made.tick(at(now))
    made.publish(rules(rewards=[advocate(percent="10")], hold="0d", payouts={"every": "once"}))
    made.enrol("ann")
    made.payee("ann")
    if jurisdictions:
        assert report(made, *jurisdictions, zone=zone) == "tax_reporting_set"
    return made


def report(made: World, *jurisdictions: str, zone: str = "UTC", by: Any = OWNER) -> str:
    return verdict(made.command(events.TaxReportingSet, by, jurisdictions=jurisdictions, timezone=zone))


def earn(made: World, amount: str, unit: str = "USD", person: str = "ann") -> list[str]:
    """Let somebody earn so much and have it approved; what the approval says."""
    said = {
        "program": made.program(),
        "person": person,
        "note": "n",
        "currency": unit,
        "amount": int(Decimal(amount) * 100),
    }
    made.command(events.CorrectionEntered, CORA, origin="goodwill", **said)
    decision = made.approve([reward for reward in made.rewards() if reward.status == "in_review"])
    return [it.outcome for it in decision.verdicts]


def pay(made: World, amount: str, unit: str = "USD") -> Payout:
    """Let ann be paid so much."""
    earn(made, amount, unit)
    [payout] = made.draft("ann", unit=unit)
    assert verdict(made.release([payout])) == "released"
    made.answer(payout, "processing")
    assert verdict(made.answer(payout, "completed")) == "completed"
    return made.payout(payout.id)


def form(made: World, kind: str = "w9", jurisdiction: str = "us", by: Any = SERVER, signed: str = "2026-05-01") -> str:
    said = {"person": "ann", "jurisdiction": jurisdiction, "form": kind, "digest": "d", "signed": signed}
    return verdict(made.command(events.TaxFormGiven, by, **said))


def drafted(made: World, unit: str = "USD") -> list[str]:
    """What a draft for ann says."""
    said = made.command(
        events.PayoutDrafted, CLERK, rail="bank_file", kinds=("cash",), manual=True, unit=unit, beneficiaries=("ann",)
    )
    return [it.refusal or it.outcome for it in said.verdicts]


def paid(made: World, year: str = "2026", unit: str = "USD") -> int:
    """What counts as paid to ann and who is her."""
    return sum(it.amounts.get(unit, 0) for it in made.state.all(Counter) if it.kind == "paid" and it.period == year)


@pytest.mark.parametrize(("reports", "day", "unit", "before", "now", "held"), rows(__file__, "Boundary"))
def test_a_threshold_is_exact(reports: str, day: str, unit: str, before: str, now: str, held: str) -> None:
    """To the cent and to the instant at which a year begins; where nobody said that they report, nothing is held."""
    made = house(*(() if reports == "none" else (reports,)), now=day)
    if before != "0.00":
        pay(made, before, unit)
    earn(made, now, unit)
    assert drafted(made, unit)[0] == ("tax_form_missing" if held == "yes" else "drafted")


def test_a_form_is_asked_for_before_the_threshold_and_what_is_held_goes_on_with_it() -> None:
    """The approval that would reach it asks, once a year; the draft is refused with the reason, and made once the form is there."""
    made = house("us")
    assert earn(made, "1500.00") == ["approved"]
    assert earn(made, "499.99") == ["approved"]
    assert earn(made, "0.01") == ["approved", "tax_form_asked"]
    assert [(it.asked_for, it.form) for it in made.state.all(TaxForm)] == [("2026", None)]
    assert earn(made, "5.00") == ["approved"]
    assert drafted(made) == ["tax_form_missing"]
    assert form(made) == "tax_form_given"
    assert [(it.asked_for, it.form) for it in made.state.all(TaxForm)] == [(None, "w9")]
    assert drafted(made) == ["drafted"]


def test_payouts_that_are_only_together_beyond_it_are_not_released_together() -> None:
    """Each is below; the list says which one is beyond, and one of them alone is released."""
    made = house("us")
    earn(made, "1200.00")
    [one] = made.draft("ann", unit="USD")
    earn(made, "800.00")
    [two] = made.draft("ann", unit="USD")
    said = made.release([one, two])
    assert (said.verdicts[0].refusal, said.verdicts[0].subject) == ("tax_form_missing", two.id)
    assert [(it.asked_for, it.form) for it in made.state.all(TaxForm)] == [("2026", None)]
    assert verdict(made.release([one])) == "released"
    assert verdict(made.release([two])) == "tax_form_missing"
    form(made)
    assert verdict(made.release([two])) == "released"


def test_what_comes_back_counts_no_more() -> None:
    """Failed, returned or taken back; what then arrives after all counts once."""
    made = house("us")
    one = pay(made, "900.00")
    assert (paid(made), one.paid_on) == (90_000, "2026-06-01")
    made.answer(one, "returned")
    assert (paid(made), made.payout(one.id).paid_on) == (0, None)
    made.approve([reward for reward in made.rewards() if reward.status == "in_review"])
    [two] = made.draft("ann", unit="USD")
    made.release([two])
    assert paid(made) == 90_000
    made.command(events.PayoutCanceled, payout=two.id, reason="x")
    assert paid(made) == 0
    assert [it for it in invariants.broken(made.state, made.rules) if it.startswith("I-28")] == []


def test_a_year_is_that_of_the_completion_in_the_companys_zone() -> None:
    """Released on New Year's Eve it counts then; completed on the next day it counts in the next year."""
    made = house("us", now="2026-12-31T12:00:00", zone="America/New_York")
    earn(made, "700.00")
    [payout] = made.draft("ann", unit="USD")
    made.release([payout])
    assert (paid(made), paid(made, "2027")) == (70_000, 0)
    made.tick(at("2027-01-01T04:59:59"))  # still the old year there
    made.answer(payout, "processing")
    made.answer(payout, "sent")
    assert (paid(made), paid(made, "2027")) == (70_000, 0)
    made.tick(at("2027-01-01T05:00:00"))
    made.answer(payout, "completed")
    assert (paid(made), paid(made, "2027"), made.payout(payout.id).paid_on) == (0, 70_000, "2027-01-01")


def test_what_is_under_way_of_the_year_before_is_held_against_the_new_one() -> None:
    """It may arrive in it; once it has arrived, or failed, it counts once, or not at all. So it is of what left two years before."""
    for arrives, more, held in (
        ("completed", "800.00", True),
        (None, "800.00", True),
        (None, "799.99", False),
        ("failed", "799.99", False),
    ):
        made = house("us", now="2026-12-31T12:00:00")
        earn(made, "1200.00")
        [payout] = made.draft("ann", unit="USD")
        made.release([payout])
        made.answer(payout, "processing")
        made.tick(at("2027-01-01T00:00:00" if arrives else "2028-02-01T00:00:00"))
        if arrives is not None:
            made.answer(payout, arrives)
        earn(made, more)
        assert drafted(made) == (["tax_form_missing"] if held else ["drafted"])


@pytest.mark.parametrize(
    ("booked", "counts"),
    [
        ("2026-12-30", "2026-12-30"),
        ("2026-12-31", "2026-12-31"),
        ("2027-01-02", "2027-01-02"),
        ("2026-12-28", "2027-01-05"),  # before it left
        ("2027-01-06", "2027-01-05"),  # to come
        (None, "2027-01-05"),
    ],
)
def test_what_a_bank_booked_in_the_old_year_is_of_that_year(booked: str | None, counts: str) -> None:
    """The statement of December is read in January: what counts is when the money left the account, where that can be."""
    made = house("us", now="2026-12-29T12:00:00")
    earn(made, "700.00")
    [payout] = made.draft("ann", unit="USD")
    made.release([payout])
    made.answer(payout, "processing")
    made.tick(at("2027-01-05T09:00:00"))
    line = events.BankLine(id="bkg_1", said="booked", payout=payout.id, amount=-70_000, unit="USD", day=booked)
    of = {"file": "f", "form": "camt.053", "statement": "stm_1", "others": 0, "size": 1}
    made.command(events.StatementRead, OWNER, lines=(line,), **of)
    now = made.payout(payout.id)
    assert (now.status, now.paid_on) == ("completed", counts)
    assert (paid(made, "2026"), paid(made, "2027")) == ((70_000, 0) if counts < "2027" else (0, 70_000))


def test_of_two_who_are_one_a_form_is_asked_once() -> None:
    """Asked of whom they are now; of nobody, where either has given one; and given, it is asked for no more."""
    for has in (False, True):
        made = house("us")
        made.enrol("amy")
        if has:
            given = {"person": "amy", "jurisdiction": "us", "form": "w9", "digest": "d", "signed": "2026-05-01"}
            made.command(events.TaxFormGiven, SERVER, **given)
        earn(made, "2000.00")
        made.command(events.PersonsJoined, keep="amy", gone="ann", reason="same")
        asked = [it.person for it in made.state.all(TaxForm) if it.asked_for is not None]
        assert asked == ([] if has else ["amy"])
        form(made)
        assert not [it for it in made.state.all(TaxForm) if it.asked_for is not None]
        decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=True)


def test_who_reaches_a_threshold_by_what_nothing_holds_is_asked_all_the_same() -> None:
    """Two who turn out to be one, and what arrives after all: no draft could have said it."""
    made = house("us")
    pay(made, "1500.00")
    made.enrol("amy")
    made.payee("amy")
    earn(made, "600.00", person="amy")
    [payout] = made.draft("amy", unit="USD")
    made.release([payout])
    assert not [*made.state.all(TaxForm)]
    said = made.command(events.PersonsJoined, keep="amy", gone="ann", reason="same")
    assert [it.outcome for it in said.verdicts] == ["merged", "tax_form_asked"]
    assert [it.person for it in made.state.all(TaxForm) if it.asked_for == "2026"] == ["amy"]
    decided_on_parts([entry.asked(leaf) for leaf in made.leaves], parted=True)


def test_who_is_limited_to_programs_is_not_told_what_was_paid_in_all() -> None:
    """Neither by the refusal of a draft or a release, nor by what is asked for; the threshold is the law's, and named."""
    made = house("us")
    pay(made, "1500.00")
    pia = Actor(id="pia", kind="member", roles=("payer",), programs=(made.program(),))
    earn(made, "600.00")
    said = {"rail": "bank_file", "kinds": ("cash",), "manual": True, "unit": "USD", "beneficiaries": ("ann",)}
    for actor, told in ((CLERK, True), (pia, False)):
        [refused, *_] = made.command(events.PayoutDrafted, actor, **said).verdicts
        assert refused.refusal == "tax_form_missing"
        assert ("paid" in refused.steps[0].values, refused.steps[0].values["threshold"]) == (told, 200_000)


def test_a_w8ben_ends_with_the_third_year_after_its_signature() -> None:
    """One that has ended is refused; one that ends holds what comes after it; a W-9 holds on."""
    made = house("us", now="2026-12-31T10:00:00")
    assert form(made, "w8ben", signed="2022-12-31") == "tax_form_over"
    assert form(made, "w8ben", signed="2023-01-01") == "tax_form_given"
    [given] = made.state.all(TaxForm)
    assert (given.until, given.holds("2026-12-31"), given.holds("2027-01-01")) == ("2026-12-31", True, False)
    assert form(made, "w9", signed="1999-01-01") == "tax_form_given"
    [given] = made.state.all(TaxForm)
    assert given.until is None


def test_that_none_is_needed_is_a_members_word_and_each_form_is_for_its_jurisdiction() -> None:
    """A key cannot lift what is held by saying so, and a VAT id is no W-9."""
    made = house("us")
    earn(made, "2000.00")
    assert form(made, "none") == "wrong_state"
    assert form(made, "vat_id") == "wrong_state"
    assert form(made, "vat_id", "eu-dac7") == "tax_form_given"
    assert drafted(made) == ["tax_form_missing"]
    assert form(made, "none", by=CLERK) == "tax_form_given"
    assert drafted(made) == ["drafted"]


def test_persons_who_are_merged_are_one_payee() -> None:
    """What either was paid counts, and the form of either holds."""
    made = house("us")
    pay(made, "1500.00")
    made.enrol("amy")
    made.payee("amy")
    earn(made, "600.00", person="amy")
    made.command(events.PersonsJoined, keep="amy", gone="ann", reason="same")
    assert paid(made) == 150_000
    said = made.command(
        events.PayoutDrafted, CLERK, rail="bank_file", kinds=("cash",), manual=True, unit="USD", beneficiaries=("amy",)
    )
    assert said.verdicts[0].refusal == "tax_form_missing"
    assert said.verdicts[0].steps[0].values["paid"] == 150_000


def test_another_owner_confirms_where_is_reported() -> None:
    """Until then nothing is counted; the same again is nothing to do; what is unknown is refused."""
    made = house()
    made.join(OLA)
    assert report(made, "us") == "second_person_needed"
    pay(made, "100.00")
    assert (len(made.state.tables[Reporting]), paid(made)) == (0, 0)
    [change] = [it for it in made.state.all(Change) if it.subject == taxes.ID]
    assert verdict(made.command(events.ChangeDecided, OWNER, change=change.id, outcome="confirmed")) == "same_member"
    assert verdict(made.command(events.ChangeDecided, OLA, change=change.id, outcome="confirmed")) == "change_confirmed"
    assert report(made, "us") == "nothing_to_do"
    assert report(made, "mars") == "wrong_state"
    assert report(made, "us", zone="Mars/Olympus") == "wrong_state"
    pay(made, "50.00")
    assert paid(made) == 5_000


def test_thresholds_are_in_order_and_say_their_source() -> None:
    """The newest that has begun holds: what is not known of a later year is what was known last."""
    assert [it.source for it in taxes.THRESHOLDS if not it.source] == []
    days = [(it.jurisdiction, it.unit, it.since) for it in taxes.THRESHOLDS]
    assert len(days) == len(set(days))
    assert [taxes.least("us", "USD", year) for year in ("2024", "2025", "2026", "2040")] == [
        60_000,
        60_000,
        200_000,
        200_000,
    ]
    assert taxes.least("us", "EUR", "2026") is None
    assert calendar.day(at("2026-01-01T00:00:00"), "UTC") == "2026-01-01"

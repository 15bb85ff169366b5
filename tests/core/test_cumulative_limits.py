"""A member's limit is one for the whole day: what they did alone for somebody counts toward what they may still do alone."""

from testkit.stories import tell, world
from testkit.world import World, advocate, member, verdict
from tests.core import test_payouts as payouts

from goodword.core import calendar, events
from goodword.core.state import Payout

PAT = member("pat", "approver", "payer", EUR=1_000)
PAM = member("pam", "approver", "payer", EUR=1_000)


def due(*amounts: int) -> World:
    """Approved rewards of these amounts, all due; each invoice but the first is contested, so that it waits."""
    made = payouts.due(*amounts)
    for number in range(1, len(amounts)):
        contest(made, number, events.ChargebackOpened)
    return made


def contest(made: World, number: int, kind: type[events.Event], **more: str) -> None:
    made.send(kind, invoice=f"f{number}-1", chargeback=f"cb{number}", **more)


def next_of(made: World, number: int, person: str = "ann") -> Payout:
    """The payout of a reward alone: nobody contests it any longer, and those before it are on their way."""
    if number:
        contest(made, number, events.ChargebackClosed, outcome="kept")
    (payout,) = made.draft(person)
    return payout


def test_release_after_release_below_the_limit_needs_a_second_person() -> None:
    """What a member released alone today for a beneficiary counts: the release that goes beyond the limit is not theirs alone."""
    made = due(600, 400, 1)
    assert verdict(made.release([next_of(made, 0)], PAT)) == "released"
    assert verdict(made.release([next_of(made, 1)], PAT)) == "released"  # exactly the limit
    last = next_of(made, 2)
    decision = made.release([last], PAT)
    assert verdict(decision) == "second_person_needed"
    assert decision.verdicts[0].steps[0].values == {"unit": "EUR", "beneficiary": "ann", "sum": 1_001, "limit": 1_000}
    assert decision.postings == ()
    assert verdict(made.release([last], PAM)) == "released"
    assert made.payout(last.id).releases == ("pat", "pam")


def test_payouts_of_one_list_are_summed_with_what_was_released_today() -> None:
    """Two payouts for one beneficiary in one list: both together with what went today are the sum, not each alone."""
    made = due(600, 250, 250)
    assert verdict(made.release([next_of(made, 0)], PAT)) == "released"
    decision = made.release([next_of(made, 1), next_of(made, 2)], PAT)
    assert verdict(decision) == "second_person_needed"
    assert decision.verdicts[0].steps[0].values == {"unit": "EUR", "beneficiary": "ann", "sum": 1_100, "limit": 1_000}


def test_a_new_day_another_member_and_another_beneficiary_begin_anew() -> None:
    """The sum is one of a UTC day, a member and a beneficiary: none of these takes from another's limit."""
    made = due(600, 500, 500)
    made.release([next_of(made, 0)], PAT)
    assert verdict(made.release([next_of(made, 1)], PAM)) == "released"
    tell(made, "03-01 lead late code=AMY\n03-01 buy late 10.00 EUR")
    made.approved(friend="late")
    made.tick(made.reward(friend="late").due_at or 0)
    made.tick(made.now - made.now % calendar.DAY + calendar.DAY)  # the first moment of a day
    assert verdict(made.release([next_of(made, 2)], PAT)) == "released"
    assert verdict(made.release([next_of(made, 0, "amy")], PAT)) == "released"


def test_a_release_with_two_people_counts_for_whose_limit_carries_it() -> None:
    """The other one loses nothing; two members cannot release any sum in pieces within one limit (finding 31g)."""
    made = due(1_001, 1_000, 1_000, 1_000)
    first, pia = next_of(made, 0), member("pia", "payer", EUR=1_500)
    made.release([first], PAT)
    assert verdict(made.release([first], pia)) == "released"
    assert verdict(made.release([next_of(made, 1)], PAT)) == "released"
    piece = next_of(made, 2)
    assert verdict(made.release([piece], PAT)) == "second_person_needed"
    assert verdict(made.release([piece], pia)) == "over_limit"
    assert verdict(made.release([piece], PAM)) == "released"
    piece = next_of(made, 3)
    assert verdict(made.release([piece], PAT)) == "second_person_needed"
    assert verdict(made.release([piece], PAM)) == "over_limit"


def test_approval_after_approval_below_the_limit_needs_a_second_person() -> None:
    """With approvals it is the same: a day's sum for one beneficiary, by one member alone."""
    made = world(hold="0d", rewards=[advocate(percent="100")])
    made.payee("ann")
    for number, amount in enumerate((600, 400, 1)):
        made.lead(f"f{number}", code="ANN")
        made.buy(f"f{number}", amount)
    said = [verdict(made.approve(made.rewards(friend=f"f{number}"), PAT)) for number in range(3)]
    assert said == ["approved", "approved", "second_person_needed"]
    assert verdict(made.approve(made.rewards(friend="f2"), PAM)) == "approved"

"""Why something is refused: a closed list in order of precedence, each with the sentence that explains it.

A refusal is a value in a decision, never an exception. Where several would apply, the one that stands first here is given.
The sentence is for the people who read the documentation; the two for a single case are rendered by ``words``.
"""

from __future__ import annotations

from enum import Enum


class Refusal(Enum):
    """Code and meaning. The order of the members is part of the contract."""

    # the event as a whole
    in_future = "The event says that it happens more than five minutes after it arrived."
    unknown_program = "The event names a program that this workspace does not have."
    program_required = "The event must name its program: not exactly one program is active."
    test_event = "The sender marked the event as a test; it counts for nothing."
    person_unknown = "The event is about a person who is not known in that role here."
    code_taken = "The code belongs to another advocate."
    already_enrolled = "The person is an advocate of this program already."
    # the conversion as a thing of its own
    duplicate_conversion = "This invoice was recorded before with the same values; it counts once."
    conversion_conflict = "This invoice was recorded before with other values; the first stands and a case is opened."
    not_paid = "The invoice is open; it counts when it is paid."
    # attribution
    program_not_active = "The program takes no new referrals: it is not published yet, paused or ended."
    already_bound = "The customer belongs to an earlier referral; a binding does not move by itself."
    existing_customer = "The friend was a customer before the recommendation; the program is for new customers."
    unknown_code = "Nobody owns the code that was named."
    bot_touch = "The click came from a program, not from a person."
    advocate_not_enrolled = "The advocate was not enrolled when the touch happened."
    advocate_not_active = "The advocate is suspended or has left the program."
    terms_missing = "The advocate has not accepted the terms of the program."
    outside_window = "The click is older than the attribution window, or later than the lead."
    self_referral = "The advocate and the friend are the same person."
    unverified_lead = "A lead from a public page is evidence; a signed source must name the customer to bind."
    no_touch = "No click and no code links the customer to an advocate."
    # a conversion and its referral
    not_referred = "The customer was not referred by anybody."
    program_ended = "The program has ended; new conversions earn nothing."
    conversion_not_offered = "The program rewards no conversion of this name."
    before_lead = "The conversion happened before the recommendation."
    outside_conversion_window = "The conversion happened after the conversion window had closed."
    currency_not_offered = "The rules have no amount for this currency."
    below_minimum = "The amount is below the program's minimum."
    condition_not_met = "A condition of the program is not met."
    not_first = "Another conversion of this customer took the place already."
    recurring_ended = "The months in which the customer's conversions earn are over."
    # one side of a reward
    beneficiary_not_active = "The advocate's own standing keeps this side from earning."
    count_cap_reached = "The advocate has reached the number of rewards for the period."
    amount_cap_reached = "The advocate has reached the amount of rewards for the period."
    budget_exhausted = "The program's budget does not cover the whole reward."
    # refunds and chargebacks
    duplicate_refund = "This refund was recorded before; it counts once."
    refund_exceeds = "The refund is more than what is left of the invoice."
    chargeback_unknown = "No open chargeback has this id."
    # what people ask for
    not_permitted = "The role of the person or key does not allow this."
    outside_scope = "It lies in no program that the member is limited to, or is not there at all."
    owner_scoped = "An owner works with the whole workspace and cannot be limited to programs."
    not_found = "There is no such thing in this workspace."
    wrong_state = "Its present state does not allow this step."
    nothing_to_do = "The list is empty or names something twice."
    item_changed = "An item is not as the list says; look again before deciding."
    hold_running = "The hold is not over yet."
    case_open = "A case is open; a person must close it first."
    below_payout_minimum = "What is due is below the program's minimum for a payout; it waits for more."
    payee_missing = "No payment details are known for the beneficiary."
    own_work = "Who entered it, decided it, said that it came back or entered its payment details cannot approve or release it."
    rail_answers = (
        "The rail answers for what it was sent; a member says only what became of a payout that nobody knows of."
    )
    same_member = "The second person must be another member than the first."
    rules_invalid = "The rules cannot be used as they are."
    not_forward = "A clock moves forward only."

    @property
    def code(self) -> str:
        """The stable code, as the API and the log show it."""
        return self.name


#: Code -> place in the order of precedence; the smaller is given first.
PRECEDENCE = {refusal.name: place for place, refusal in enumerate(Refusal)}

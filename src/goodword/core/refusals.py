"""Why something is refused: a closed list in order of precedence.

A refusal is a value in a decision, never an exception. Where several would apply, the one that stands first here is given.
What each means is said by ``words``.
"""

from __future__ import annotations

from enum import Enum, auto


class Refusal(Enum):
    """The order of the members is part of the contract."""

    # the event as a whole
    in_future = auto()
    unknown_program = auto()
    program_required = auto()
    test_event = auto()
    person_unknown = auto()
    code_taken = auto()
    code_serves_another_program = auto()
    code_changed_before = auto()
    already_enrolled = auto()
    join_closed = auto()
    not_a_customer = auto()
    consent_to_join_missing = auto()
    already_merged = auto()
    # the conversion as a thing of its own
    duplicate_conversion = auto()
    conversion_conflict = auto()
    not_paid = auto()
    nothing_paid = auto()
    conversion_canceled = auto()
    # attribution
    program_not_live = auto()
    program_not_active = auto()
    already_bound = auto()
    decided_nobodys = auto()
    existing_customer = auto()
    unknown_code = auto()
    bot_touch = auto()
    advocate_not_enrolled = auto()
    advocate_not_active = auto()
    terms_missing = auto()
    outside_pilot = auto()
    outside_window = auto()
    self_referral = auto()
    duplicate_friend = auto()
    unverified_lead = auto()
    no_touch = auto()
    # a conversion and its referral
    not_referred = auto()
    program_ended = auto()
    conversion_not_offered = auto()
    before_lead = auto()
    outside_conversion_window = auto()
    currency_not_offered = auto()
    below_minimum = auto()
    condition_not_met = auto()
    not_first = auto()
    recurring_ended = auto()
    settled_elsewhere = auto()
    # one side of a reward
    beneficiary_not_active = auto()
    count_cap_reached = auto()
    amount_cap_reached = auto()
    budget_exhausted = auto()
    # offers
    offer_unknown = auto()
    offer_of_another = auto()
    offer_used = auto()
    offer_over = auto()
    offer_currency = auto()
    offer_no_discount = auto()
    offer_order_refused = auto()
    # refunds and chargebacks
    duplicate_refund = auto()
    refund_exceeds = auto()
    refund_currency = auto()
    refund_conflict = auto()
    refund_unknown = auto()
    conversion_unknown = auto()
    chargeback_unknown = auto()
    # credit
    redemption_conflict = auto()
    credit_short = auto()
    redemption_unknown = auto()
    reversal_exceeds = auto()
    # customers
    too_many_consents = auto()
    # messages to advocates
    topic_off = auto()
    mail_unknown = auto()
    mail_suppressed = auto()
    unsubscribed = auto()
    consent_missing = auto()
    # what people ask for
    already_protected = auto()
    conflict_not_seen = auto()
    not_permitted = auto()
    outside_scope = auto()
    owner_scoped = auto()
    not_found = auto()
    wrong_state = auto()
    nothing_to_do = auto()
    item_changed = auto()
    hold_running = auto()
    case_open = auto()
    contested = auto()
    routed_elsewhere = auto()
    below_payout_minimum = auto()
    not_due = auto()
    payee_missing = auto()
    tax_form_missing = auto()
    tax_form_over = auto()
    payee_asked = auto()
    payee_refused = auto()
    evidence_missing = auto()
    exceeds_receivable = auto()
    rewards_open = auto()
    credit_left = auto()
    feed_silent = auto()
    owner_missing = auto()
    own_work = auto()
    evidence_not_opened = auto()
    appeal_over = auto()
    too_many = auto()
    in_past = auto()
    rail_answers = auto()
    same_member = auto()
    over_limit = auto()
    second_member_needed = auto()
    pilot_running = auto()
    pilot_invalid = auto()
    rules_invalid = auto()
    routing_invalid = auto()
    standing_invalid = auto()
    rules_author = auto()
    not_ready = auto()
    not_forward = auto()

    @property
    def code(self) -> str:
        """The stable code, as the API and the log show it."""
        return self.name


#: Code -> place in the order of precedence; the smaller is given first.
PRECEDENCE = {refusal.name: place for place, refusal in enumerate(Refusal)}

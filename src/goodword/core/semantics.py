"""The behaviours of this engine, by number. An entry of the log says under which it was decided, and is decided again so for good.

A behaviour that decides otherwise under the same rules and facts gets the next number and a constant here, the number from which on
it holds; what was decided before goes on as it was. What concerns the money of a referral follows the number of its rule version, for
life; all else follows the number of the entry.
"""

from __future__ import annotations

from typing import Final

#: Under which new entries are decided and new rule versions are published. It never falls in a log.
CURRENT: Final = 7

#: A click that only a page said opens no claim: it is evidence, which a signed source confirms by naming its visitor or itself.
PAGES_OPEN_NOTHING: Final = 2
#: Who a person is follows from what each kind of key proves, and who has an equal mail or phone is that person (``persons``).
PERSONS: Final = 2
#: A rejection and a confirmed case tell the beneficiary why, unless the reason is withheld (``reasons``).
REASONS_ARE_TOLD: Final = 2
#: A program that was paused or ended is so for what happens from then on, whenever that is told.
MOVES_HOLD_FROM_THEN: Final = 2
#: A reward expires by the timer of its present stay in review, which begins when somebody could first act on it.
EXPIRY_OF_THE_STAY: Final = 2
#: Who orders and is somebody who is bound, under another name, is joined with them, or a person is asked (``same_person``).
SAME_PERSON: Final = 2
#: A lead that bound nothing is decided again by a click or enrolment that comes later, and conversions in the order of their time.
LATE_IS_NOT_LOST: Final = 2
#: A refusal because of a suspension is remembered and takes no place; a rejection is noted, so that others may put it right.
PUT_RIGHT: Final = 2

#: An act of a member says which it was (``conduct``).
ACTS_ARE_NAMED: Final = 2
#: What an open claim or case touches is neither approved nor sent; its payout goes on without it (``contested``).
CONTESTED_STOPS: Final = 2
#: A claim that is won moves money in every state, keeps the places that were paid, and can be appealed (``claims``).
CLAIMS_MOVE_MONEY: Final = 2
#: Every change of a reward's amount has a verdict of its own (``settlement``).
A_VERDICT_A_REWARD: Final = 2
#: Each program pays by its own minimum and nets its own debts first; a draft that gathers nothing says what is due when.
EACH_PAYS: Final = 2
#: An approval says when what it approves is due.
DUE_SAID: Final = 2
#: A long list of a condition is named by its digest in explanations (``kinds.conditions.base``).
LISTS_BY_DIGEST: Final = 2
#: Whether a customer paid twice is looked for among the first two orders of the same amount in each ten minutes.
TWINS_BY_SLOT: Final = 2
#: Two people are two: what raises a member waits for another owner, who is made by a sole owner is no second person for them, the
#: first of two is looked at again, one of two decides within their own limit, and limits hold for rejections too (docs/decisions/0033).
FOUR_EYES: Final = 2
#: What is netted across programs goes through the account between the two, so that each of them balances alone.
BETWEEN: Final = 2
#: Tax, shipping, discount and lines of an order and of its refunds are kept; a refund that is too much is clamped, and what was
#: given back can be taken back.
PARTS_ARE_KEPT: Final = 2
#: An open invoice is a draft; one that was paid is told otherwise at most once to a person.
FIRST_PAID_COUNTS: Final = 2
#: Of a refund comes back what it said and not what of it fitted its order, also where that is told before the refund itself; and of
#: an order that was taken back whole, or of which a bank took all, nothing is left, whatever comes back or it is amended to.
RETURNS_OF_WHAT_WAS_SAID: Final = 3
#: What comes back of a payout is approved anew unless it was approved for the details of whose it is now.
BACK_TO_WHOSE_IT_IS: Final = 3
#: Who was merged with a friend is that friend, also for a claim that was opened before.
MERGED_ARE_THEMSELVES: Final = 3
#: Nothing comes alive again of a conversion whose place another one has taken since, neither by an appeal nor by a restoration, or
#: which is worth nothing by now.
PLACES_STAY_TAKEN: Final = 3
#: Whatever the order in which it is told: an order that was taken back before it came takes its place and earns nothing, also where
#: its customer is bound later, and of what a bank decided of a chargeback the last counts.
ANY_ORDER_OF_TELLING: Final = 3
#: A lead that is told late and came before the one that bound its customer to the same advocate is theirs from then on.
LATE_OF_BEFORE: Final = 3

#: A claim that two accounts are one person's, which was won, is appealed as any other.
SAME_PERSON_IS_APPEALED: Final = 3
#: A proof that a friend was a customer before, or is who earns, stops what is open as it comes, not with the next order.
LATE_PROOFS: Final = 3
#: Who lifts a suspension is told how many of its refusals are not remembered any more.
FORGOTTEN_IS_SAID: Final = 3
#: Who chose or wrote the figures of an order had a part in all that it earns.
AMENDED_BY_HAND: Final = 3
#: What an order or a place pays is owed once: nothing comes alive again beside what was earned in its stead (``planning.displaced``).
OWED_ONCE: Final = 3
#: What a program bears, since it was sent before a claim took it, rises again with its order to what was sent.
BORNE_AGAIN: Final = 3
#: What a claim moves, an appeal gives back and a payout brings back concerns whom friend and beneficiary are by now.
MERGES_ARE_FOLLOWED: Final = 3
#: A late proof and a suspension stop what was released and not handed over to its rail yet.
STOPPED_UNTIL_HANDED_OVER: Final = 3
#: An order that is amended is decided in each program in which it earned nothing yet.
AMENDED_IN_EACH_PROGRAM: Final = 3
#: Whose own code serves another program is told so (``advocates``).
CODE_SERVES_ONE: Final = 3

#: What binds a friend says how sure it is who brought them, and why (``confidence``).
CONFIDENCE_IS_SAID: Final = 4
#: What enters review is to be decided by a day that its rules say (``reviews.decide_by``).
REVIEW_HAS_A_DATE: Final = 4
#: What was recommended of a reward stands beside what a person decided (``recommendation``).
RECOMMENDED_BESIDE: Final = 4
#: Nothing is approved without its evidence, and nothing released without its approval (``dossier``).
EVIDENCE_IS_WHOLE: Final = 4
#: What a flag was raised on is approved by who opened its evidence since, and by nobody else (``reviews``).
EVIDENCE_IS_OPENED: Final = 4
#: Flags have families: some only mark a reward for review, and some are cleared by an approver or an owner alone (``families``).
FLAGS_BY_FAMILY: Final = 4
#: A case says by when it is to be decided (``cases``).
CASES_ARE_DUE: Final = 4
#: A reward in review can be put aside, and is back when something new comes (``aside``).
REWARDS_PUT_ASIDE: Final = 4
#: A claim is decided by an approver or an owner; whoever else handles claims may take one up and withdraw it (``claims``).
CLAIMS_ARE_CLEARED: Final = 4
#: Who drafted a payout is the first of two to release it, wherever somebody else could (``payouts``).
RELEASED_BY_ANOTHER: Final = 4
#: A claim may be decided to be shared, or to be nobody's; who keeps a part of the friend keeps their part of each reward (``claims``).
CLAIMS_ARE_SHARED: Final = 4

#: A friend is new whose firm was no customer either; of a firm that is only likely theirs a person is asked (``companies``).
COMPANIES_ARE_NEW: Final = 5
#: What a bank took in another currency than the order's takes nothing by itself: a person decides.
CHARGEBACKS_OF_ANOTHER_CURRENCY: Final = 5
#: Who typed the code of an earlier lead approves nothing of the referral that begins with it (``referrals.sooner``).
WHO_MADE_IT_SOONER: Final = 5
#: Whoever is merged brings their issues along, and that a mail of theirs is for minutes.
MERGES_KEEP_ISSUES: Final = 5
#: A reward of which something is withheld does not end, and its verdict does not call it rejected or reversed (``settlement``).
WITHHELD_IS_NO_END: Final = 5

#: Of what a claim took the company bears what its beneficiary has: not what was not handed over, or came back (``borne``).
BORNE_IS_WHAT_ARRIVED: Final = 6
#: An opening balance is neither amended nor taken back as an order is, by whatever it is named (``amendments``).
BALANCES_ARE_NO_ORDERS: Final = 6

#: A stay in review that begins when its hold is over already is promised to end so many days from then on (``settlement``).
PROMISED_FROM_NOW: Final = 7
#: An approver may be the second person of a standing approval (``changes``).
STANDING_BY_APPROVERS: Final = 7
#: Who does not decide a reward by its route does not reject it by confirming its case either (``cases``).
CASES_ARE_ROUTED: Final = 7
#: A proof that a friend is not new, or is who earns, ends the welcome that they were promised (``late_proof``).
WELCOMES_END_BY_PROOF: Final = 7
#: An advocate remembers by which version of the rules they accepted the terms (``advocates``).
TERMS_OF_A_VERSION: Final = 7
#: Whoever says that a payout arrived had a part in it (``payouts``): they do not sign its audit.
ARRIVALS_ARE_ACTS: Final = 7
#: Of whom two accounts became one, the stricter holds of what each said and did: consents, messages, a code that was changed, a
#: suspension; and what was paid for a referral between the two follows ``claims.lost_after_payment`` (``merges``).
MERGES_ARE_STRICT: Final = 7

#: What a person agreed to is remembered with what they said of it before (``customers``).
CONSENTS_ARE_REMEMBERED: Final = 7

# What a rule version of that number means, for life.

#: The base of a percentage is the goods, where the parts of an order are named.
GOODS_ARE_THE_BASE: Final = 2
#: A currency that no rule names is not offered.
CURRENCIES_ARE_NAMED: Final = 2
#: What meets a condition of lines earns, each line at its own rate.
LINES_EARN: Final = 2
#: An order of nothing is no conversion.
NOUGHT_IS_NO_CONVERSION: Final = 2
#: What caps left of a reward is the most it can ever be.
CEILINGS_STAY: Final = 2
#: Tiers count the conversions of their own name.
TIERS_COUNT_BY_NAME: Final = 2

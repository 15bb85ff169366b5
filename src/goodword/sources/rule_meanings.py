"""What each field of a rule file means, with an example: for the published schema and ``docs/rules.md``. One line a field.

An example is YAML of the part that the field stands in. A condition tells its own (``EXAMPLES``). Must not know: what is made of it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from msgspec import Struct

from goodword.core import rules


class Meaning(NamedTuple):
    """What a field means, and an example of the part with the field in it."""

    text: str
    example: str


MEANINGS: Final[dict[type[Struct], dict[str, Meaning]]] = {
    rules.Rules: {
        "program": Meaning(
            "The program's slug: events and filters name it by this. A file with a slug that exists is a new version "
            "of that program.",
            "program: friends",
        ),
        "currency": Meaning(
            "The program's currency: that of a conversion without an amount. Every map of amounts that a reward is "
            "worked out from "
            "names it, and may name others.",
            "currency: EUR",
        ),
        "currencies": Meaning(
            "The currencies in which anything is offered; an order in another earns nothing. Without it the program's and "
            "all that its maps of amounts name. Every limit names all of them. `any` offers all there are: limits then say "
            "`any` too, so many minor units of each.",
            "currencies: [EUR, USD]",
        ),
        "conversions": Meaning(
            "What earns, at most 16, each under another name.",
            "conversions: [{on: purchase, rewards: [{side: advocate, percent: 10}]}]",
        ),
        "name": Meaning("The name that people see; without one the slug.", "name: Recommend a friend"),
        "timezone": Meaning(
            "Whose calendar the days, months and years of limits and of `counts` follow: an IANA name.",
            "timezone: Europe/Berlin",
        ),
        "attribution": Meaning("Who referred whom.", "attribution: {window: 60d, touch: first}"),
        "new_customers_only": Meaning(
            "Whether a friend who was a customer before the lead, or whose company was, brings nothing.",
            "new_customers_only: false",
        ),
        "requires_terms": Meaning(
            "Whether an advocate earns only once `accepted_terms` or `terms_sha256` came with an enrolment.",
            "requires_terms: true",
        ),
        "shares_customers": Meaning(
            "Whether a customer whom another program has bound may be bound here too.", "shares_customers: true"
        ),
        "hold": Meaning(
            "How long after its conversion a reward waits, in case the order is returned, before anybody can approve "
            "it.",
            "hold: 14d",
        ),
        "expires_after": Meaning(
            "How long after its hold a reward expires that nobody approved; without it never.", "expires_after: 365d"
        ),
        "budget": Meaning(
            "The most that all rewards of the program may sum to, by currency; what is reversed comes back to it. A "
            "reward that the rest "
            "does not cover whole is refused; the friend's comes first. A currency that is not named has no limit.",
            "budget: {EUR: 5000000}",
        ),
        "review": Meaning(
            "When a person must look closer, and when two must approve. Nothing is ever paid without one.",
            "review: {over: {EUR: 50000}}",
        ),
        "payout_minimum": Meaning(
            "Below this sum what the program owes a beneficiary and is due waits for more, by currency. A lower one that is "
            "published later helps those who wait; who has left the program is paid any sum, and so is everybody once it has ended.",
            "payout_minimum: {EUR: 2500}",
        ),
        "claims": Meaning(
            "What a claim does that is won after the reward was sent, and how long its decision can be appealed.",
            "claims: {lost_after_payment: net}",
        ),
        "payouts": Meaning("When what was approved is due.", "payouts: {every: week}"),
        "credit": Meaning(
            "What becomes of credit and points that were delivered over the rail `store_credit`.",
            "credit: {expires: 365d}",
        ),
        "landing_url": Meaning(
            "The page that links lead to, with what [links](links.md) bring in its query. Without it a friend sees "
            "another program's page, "
            "or one that says that there is none.",
            "landing_url: https://shop.example.com/welcome",
        ),
        "entity": Meaning(
            "The legal entity whose books the program belongs to, as exported journals tag it; without one the workspace "
            "is it. Programs balance alone, so the books of an entity are those of its programs.",
            "entity: acme-gmbh",
        ),
        "enrol": Meaning(
            "Customers are enrolled by what they order, if they agreed to it ([joining](howto/joining.md#by-a-rule)). "
            "Without it nobody is.",
            "enrol: {nth: 2}",
        ),
        "sharing": Meaning(
            "What a friend sees who follows a link, and what advocates may send.",
            "{sharing: {landing: page}, landing_url: https://shop.example.com/welcome}",
        ),
        "messages": Meaning(
            "Of what advocates are written mails ([messages](howto/messages.md)).",
            "messages: {topics: [reward_approved, reward_paid]}",
        ),
    },
    rules.Messages: {
        "topics": Meaning(
            "What they are written about. Of what is not named nothing is sent; tips and the question how satisfied they are take a "
            "consent besides.",
            "messages: {topics: [enrolled, referral_counted, satisfaction]}",
        ),
        "quiet": Meaning(
            "Hours in which no mail is sent: it waits for their end. By the clock where the advocate is, or else of the program.",
            'messages: {topics: [enrolled], quiet: {begins: "21:00", ends: "08:00"}}',
        ),
    },
    rules.Quiet: {
        "begins": Meaning(
            "When they begin; they may go over midnight.",
            'messages: {topics: [enrolled], quiet: {begins: "21:00", ends: "08:00"}}',
        ),
        "ends": Meaning(
            "When they end: from then on a mail is sent.",
            'messages: {topics: [enrolled], quiet: {begins: "21:00", ends: "08:00"}}',
        ),
    },
    rules.Enrol: {
        "on": Meaning("Which orders enrol, by the name of the conversion.", "enrol: {on: purchase}"),
        "nth": Meaning(
            "From their how-manieth such order on; what was refunded whole or canceled is none.", "enrol: {nth: 2}"
        ),
        "conditions": Meaning(
            "What the order or its customer must meet too; `trait` is how a segment is named.",
            "enrol: {conditions: [{kind: trait, name: club, equals: true}]}",
        ),
        "consent": Meaning(
            "The purpose of the consent without which nobody is enrolled, as `consent.recorded` names it.",
            "enrol: {consent: advocate}",
        ),
    },
    rules.Sharing: {
        "landing": Meaning(
            "`page`: who follows a link sees first who recommends you, what a friend gets and on which condition, and that the "
            "advocate may get a reward; the button goes on to `landing_url`. `direct`: links lead there at once.",
            "{sharing: {landing: page}, landing_url: https://shop.example.com/welcome}",
        ),
        "texts": Meaning(
            "What advocates may send as it is or change, in variants. The link, and that the advocate may get a reward, are added. "
            "Without any there is one of ours.",
            "sharing: {texts: [{name: short, text: I like their coffee.}]}",
        ),
        "join": Meaning(
            "`open`: people enrol themselves at a page of the program, once they confirmed their mail ([joining](howto/joining.md)). "
            "`closed`: the company enrols them.",
            "sharing: {join: open}",
        ),
        "board": Meaning(
            "Whether its advocates see a leaderboard at the portal, of those who agreed to stand there: `closed` or `open`.",
            "sharing: {board: open}",
        ),
        "joiners": Meaning(
            "Who may: `anybody`, or only who was a customer before, as the company itself knows their mail.",
            "sharing: {join: open, joiners: customers}",
        ),
        "colour": Meaning(
            "The company's colour on the pages where people join. Where text of that colour could not be read, a darker or lighter "
            "shade of it stands.",
            'sharing: {colour: "#8a1c4a"}',
        ),
    },
    rules.Text: {
        "name": Meaning(
            "By which name it is asked for and counted.",
            "sharing: {texts: [{name: short, text: I like their coffee.}]}",
        ),
        "text": Meaning(
            "The text: no pressure, and nothing that is not true.",
            "sharing: {texts: [{name: short, text: I like their coffee.}]}",
        ),
    },
    rules.Payouts: {
        "every": Meaning(
            "`month` or `week`: by the end of that of its approval, in the program's time zone; `once`: at once; `threshold`: "
            "at once, and `payout_minimum` is the threshold.",
            "payouts: {every: week}",
        ),
        "net": Meaning(
            "How many days after the last day of the month or week: without it 15 after a month, which is NET-15, and 1 after a "
            "week, which is Monday.",
            "payouts: {every: month, net: 30}",
        ),
    },
    rules.Credit: {
        "expires": Meaning(
            "How long after its delivery credit or points can be used; what is left then expires, the first delivered first. "
            "Without it never.",
            "credit: {expires: 365d}",
        ),
    },
    rules.Attribution: {
        "window": Meaning(
            "How old a click may be when the lead comes: from the click up to, and without, its end. A typed code "
            "knows no window.",
            "attribution: {window: 60d}",
        ),
        "touch": Meaning("Which click of several counts. A typed code beats them all.", "attribution: {touch: first}"),
        "same_person": Meaning(
            "What follows when somebody orders whom nothing binds, and whose mail or phone, as verified sources say, is that of a "
            "friend who is bound: a guest's and an account's. `claim`: a claim opens, and to win it joins the two; `join`: they "
            "are joined at once, and the order earns under the friend's referral.",
            "attribution: {same_person: join}",
        ),
    },
    rules.Claims: {
        "lost_after_payment": Meaning(
            "What becomes of what was sent to the wrong advocate: the company bears it, the next payouts are netted with it, or "
            "it is asked back and never netted. The rightful one is owed at once in each case.",
            "claims: {lost_after_payment: ask_back}",
        ),
        "appeal_within": Meaning(
            "How long after the decision of a claim or a case another member may be asked to look at it again.",
            "claims: {appeal_within: 30d}",
        ),
    },
    rules.Conversion: {
        "on": Meaning("The `name` of the conversions that this is for.", "on: sign-up"),
        "window": Meaning(
            "How long after the lead a conversion earns: from the lead up to, and without, its end; without it for "
            "ever.",
            "window: 90d",
        ),
        "counts": Meaning(
            "Which conversions of a friend earn: the first, unless `months` or `payments` says more. An order of 0 is no "
            "conversion.",
            "counts: {months: 12}",
        ),
        "base": Meaning(
            "What a percentage is taken of: the goods, with their tax, with their shipping, or all that was charged. Without "
            "it the goods. An order that names neither tax nor shipping is all goods.",
            "base: with_tax",
        ),
        "minimum": Meaning(
            "The least amount that earns, by currency; a conversion in another currency earns nothing. It is judged "
            "on the amount as charged; "
            "an order that refunds bring below it has earned nothing.",
            "minimum: {EUR: 2000}",
        ),
        "conditions": Meaning(
            "What else must hold, all of it. One of a product or a brand chooses lines: those that meet it earn, the others do "
            "not.",
            "conditions: [{kind: country, any_of: [DE, AT]}]",
        ),
        "rewards": Meaning(
            "Who earns what: at most one reward for each side and kind.",
            "rewards: [{side: advocate, percent: 10}, {side: friend, flat: {EUR: 500}}]",
        ),
    },
    rules.Counts: {
        "months": Meaning(
            "All conversions earn from the first that qualifies on, for so many calendar months; without it only the "
            "first does.",
            "counts: {months: 12}",
        ),
        "payments": Meaning(
            "So many conversions earn; with `months` those of them within these. One that earns nobody anything is not "
            "counted.",
            "counts: {payments: 3}",
        ),
    },
    rules.Reward: {
        "side": Meaning("Who earns it: who recommended, or who was recommended.", "{side: friend, flat: {EUR: 500}}"),
        "kind": Meaning(
            "Cash is paid to payment details, credit is the shop's own, points are the program's. A `welcome` is what your shop takes "
            "off the friend's first order itself: it is offered beforehand, holds a part of the budget, and is a cost once it is "
            "approved ([how](howto/welcome-offers.md)); one in a program, for the friend's side, `flat`. A `gift` is a code or link of "
            "a stock of yours, mailed to whom it is for ([how](howto/gifts.md)).",
            "{side: friend, kind: credit, flat: {EUR: 500}}",
        ),
        "flat": Meaning(
            "A fixed amount, by the currency of the conversion. In a currency that is not named nothing is offered.",
            "{side: advocate, flat: {EUR: 2500, USD: 2750}}",
        ),
        "percent": Meaning(
            "A share of the conversion's `base` less refunds, in its currency: exact, rounded once, half to even.",
            "{side: advocate, percent: 12.5}",
        ),
        "points": Meaning(
            "So many points, whatever the amount; for `kind: points` alone.",
            "{side: advocate, kind: points, points: 100}",
        ),
        "tiers": Meaning(
            "Other figures for who has brought more. For the advocate's side only.",
            "{side: advocate, percent: 10, tiers: [{from_kept: 10, percent: 15}]}",
        ),
        "tiers_count": Meaning(
            "The names of the conversions that tiers count, or `all`. Without it those of this one's name.",
            "{side: advocate, percent: 10, tiers: [{from_kept: 10, percent: 15}], tiers_count: [purchase]}",
        ),
        "later": Meaning(
            "Other figures for customers of some age. Not beside tiers or rates.",
            "{side: advocate, percent: 50, later: [{after_months: 12, percent: 20}]}",
        ),
        "rates": Meaning(
            "Other percentages for some lines; `percent` is for all other lines. Not beside tiers or later.",
            "{side: advocate, percent: 10, rates: [{product: [tv], percent: 2}]}",
        ),
        "cap": Meaning(
            "The most that one reward can be, by currency; a conversion in another currency earns nothing.",
            "{side: advocate, percent: 10, cap: {EUR: 5000}}",
        ),
        "limits": Meaning(
            "The most of an advocate's rewards in a period. For the advocate's side only: the friend's stands.",
            "{side: advocate, percent: 10, limits: [{per: month, count: 5}]}",
        ),
        "valid": Meaning(
            "How long from the lead on a welcome is offered: up to, and without, its end. What is unused goes back to the budget then.",
            "{side: friend, kind: welcome, flat: {EUR: 500}, valid: 30d}",
        ),
        "hold": Meaning(
            "How long such rewards are held from the order on, in place of the program's `hold`.",
            "{side: advocate, kind: gift, flat: {EUR: 2500}, hold: 14d}",
        ),
        "instant_up_to": Meaning(
            "A reward of at most so much is not held: it can be approved as soon as it is earned; what is more waits for the hold. "
            "In a currency that is not named all of it is held.",
            "{side: advocate, kind: gift, percent: 10, instant_up_to: {EUR: 1000}}",
        ),
    },
    rules.Tier: {
        "from_kept": Meaning(
            "From so many conversions on that the advocate brought before this one, were rewarded and not given back. "
            "Tiers rise.",
            "{from_kept: 10, percent: 15}",
        ),
        "flat": Meaning("The amount in place of the reward's `flat`.", "{from_kept: 10, flat: {EUR: 3000}}"),
        "percent": Meaning("The share in place of the reward's `percent`.", "{from_kept: 10, percent: 15}"),
        "points": Meaning("The points in place of the reward's `points`.", "{from_kept: 10, points: 200}"),
    },
    rules.Later: {
        "after_months": Meaning(
            "From so many calendar months after the friend's first qualifying conversion on, in the program's time zone.",
            "{after_months: 12, percent: 20}",
        ),
        "flat": Meaning("The amount in place of the reward's `flat`.", "{after_months: 12, flat: {EUR: 300}}"),
        "percent": Meaning("The share in place of the reward's `percent`.", "{after_months: 12, percent: 20}"),
        "points": Meaning("The points in place of the reward's `points`.", "{after_months: 12, points: 20}"),
    },
    rules.Rate: {
        "percent": Meaning(
            "The share of these lines in place of the reward's `percent`.", "{product: [tv], percent: 2}"
        ),
        "product": Meaning("Product codes as lines name them.", "{product: [tv, radio], percent: 2}"),
        "brand": Meaning("Brands as lines name them.", "{brand: [acme], percent: 2.5}"),
    },
    rules.Limit: {
        "per": Meaning(
            "The calendar period of the conversion in the program's time zone, or `ever`.", "{per: quarter, count: 20}"
        ),
        "count": Meaning(
            "So many rewards; the next one is refused. A place stays used after a reversal.", "{per: month, count: 5}"
        ),
        "amount": Meaning(
            "Rewards up to this sum, by currency; the one that would pass it earns what is left.",
            "{per: ever, amount: {EUR: 250000}}",
        ),
    },
    rules.Review: {
        "over": Meaning(
            "A reward above it is flagged: a person decides its case first.", "review: {over: {EUR: 50000}}"
        ),
        "two_people_over": Meaning(
            "A reward above it needs two members' approval, whatever their own limits.",
            "review: {two_people_over: {EUR: 100000}}",
        ),
        "velocity": Meaning(
            "An advocate with more rewarded conversions than this in a period has the next ones flagged.",
            "review: {velocity: {count: 20, per: day}}",
        ),
        "due_days": Meaning(
            "A reward is to be decided so many days after its hold, or after what put it back into review.",
            "review: {due_days: 3}",
        ),
        "just_before": Meaning(
            "An order fewer seconds than this after the click that brought the friend is marked (`lead_just_before`). 10 unless you say"
            " otherwise: nobody reads an offer, chooses and pays sooner, so the click may have taken the credit of a sale that was"
            " made already. A shop with one-click orders wants less, one of long forms more. 0: none is marked.",
            "review: {just_before: 30}",
        ),
    },
    rules.Velocity: {
        "count": Meaning("So many in a period are expected.", "review: {velocity: {count: 5}}"),
        "per": Meaning("The calendar period.", "review: {velocity: {count: 20, per: week}}"),
    },
}

"""Agreements: what the company agreed on with one partner. An order is judged by the version that held when it happened.

Terms begin at the earliest as they are made, so which of an order and an agreement was told first changes nothing, and no agreement
moves what was decided. An order outside of an agreement earns what the program says and is flagged: nothing is refused by it.

Must not know: what a reward is worth (``stages.pricing``), who clears a flag.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from goodword.core import companies, conduct, kin
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import AgreementEnded, AgreementMade
from goodword.core.facts import Told
from goodword.core.rules import Conversion as ConversionRule
from goodword.core.rules import Reward as RewardRule
from goodword.core.rules import Rules, fraction
from goodword.core.state import Act, Advocate, Agreement, Conversion, Customer, Flag, Held, Referral, Terms

#: So many versions of an agreement are kept, and so many of each that it leaves out.
MOST_VERSIONS: Final = 100
MOST_LEFT_OUT: Final = 200
#: Why something is outside of an agreement: it came after its end, is left out of it, is in money that its rate does not name; and that
#: another rate was asked than it has.
OUTSIDE: Final = ("expired", "excluded", "unpriced", "rate")
_ENDED: Final = Verdict(about="command", outcome="agreement_ended")


class Standing(NamedTuple):
    """By which version an order is judged for one partner. ``outside``: why it is outside of it; None: it is inside.

    ``seen``: what shows that. ``other``: another agreement that is in force as well, so that nobody knows which holds. ``rated``: it
    has an own rate for such an order.
    """

    partner: str
    agreement: Agreement
    terms: Terms
    rated: bool = False
    outside: str | None = None
    seen: Mapping[str, Any] = MappingProxyType({})
    other: str | None = None

    @property
    def inside(self) -> bool:
        """Whether the agreement's own rate holds, if it says one."""
        return self.outside is None and self.other is None


def of(draft: Draft, person: str) -> list[Agreement]:
    """Return the agreements of a partner. Most workspaces have none, and every reward asks."""
    return [] if draft.state.lacks(Agreement) else draft.of(Agreement, "person", person)


def standing(
    draft: Draft, rules: Rules, rule: ConversionRule, referral: Referral, conversion: Conversion, person: str
) -> Standing | None:
    """Return how an order stands to the agreement of one of its referral's partners; None: they have none, or it was to come."""
    found = None if draft.state.lacks(Agreement) else _begun(draft, referral.program, person, conversion.at)
    if found is None:
        return None
    terms = found.terms
    if not terms.in_force(conversion.at):
        return found._replace(outside="expired", seen={"until": terms.until, "at": conversion.at})
    customer = draft.get(Customer, conversion.person or referral.friend)
    if left_out := _left_out(terms, conversion, customer):
        return found._replace(outside="excluded", seen=left_out)
    rated = any(has_rate(terms, rule, it, conversion) for it in rule.rewards)
    if rated and not _names(terms, conversion, rules):
        return found._replace(outside="unpriced", seen={"charged_in": conversion.currency or rules.currency})
    return found._replace(rated=rated)


def in_force(draft: Draft, program: str, person: str) -> Standing | None:
    """Return the agreement with a partner that is in force now."""
    found = _begun(draft, program, kin.root(draft.get, person), draft.as_of)
    return found if found is not None and found.terms.in_force(draft.as_of) else None


def begun(them: Iterable[Agreement], program: str, at: int) -> list[tuple[Agreement, Terms]]:
    """Return the versions, of all agreements with a partner, by which an instant may be judged in a program, the one that judges first.

    One in force comes before one that is over, one for the program before one for all.
    """
    found = [(it, terms) for it in them if it.program in (None, program) and (terms := it.at(at)) is not None]
    return sorted(found, key=lambda both: (not both[1].in_force(at), both[0].program is None, both[0].id))


def _begun(draft: Draft, program: str, person: str, at: int) -> Standing | None:
    found = begun(of(draft, person), program, at)
    if not found:
        return None
    (agreement, terms), *others = found
    two = next((it.id for it, its in others if its.in_force(at) and it.program == agreement.program), None)
    return Standing(person, agreement, terms, other=two if terms.in_force(at) else None)


def _left_out(terms: Terms, conversion: Conversion, customer: Customer | None) -> dict[str, Any]:
    """What of an order the terms leave out. A mere name, or the domain of a mail, is enough for a flag, and is said."""
    found: dict[str, Any] = {}
    for sign in companies.signs(customer) if customer is not None and terms.accounts else ():
        if sign.company in terms.accounts:
            found |= {"account": sign.company, "by": sign.by}
            break
    products = sorted({line.product for line in conversion.lines} & set(terms.products))
    if products:
        found["products"] = products
    country = conversion.country or (customer.country if customer is not None else None)
    if country is not None and country in terms.countries:
        found["country"] = country
    return found


def has_rate(terms: Terms, rule: ConversionRule, reward: RewardRule, conversion: Conversion) -> bool:
    """Whether the terms have an own rate in the place of this reward: the first of the advocate's that is money."""
    if terms.percent is None and terms.flat is None:
        return False
    meant = conversion.amount is not None if terms.on is None else terms.on == conversion.name
    money = (it for it in rule.rewards if it.side == "advocate" and it.points is None)
    return meant and reward is next(money, None)


def _names(terms: Terms, conversion: Conversion, rules: Rules) -> bool:
    """Whether the own rate says something of such an order."""
    if terms.flat is not None:
        return (conversion.currency or rules.currency) in terms.flat
    return conversion.amount is not None


def held(found: Standing, *, own: bool) -> Held:
    """Return what a reward keeps of it for life."""
    terms = found.terms
    which = found.agreement.id, terms.version
    return Held(*which, terms.percent, terms.flat) if own else Held(*which)


def in_place_of(rule: RewardRule, own: Held) -> RewardRule:
    """Return the rule of a reward with a partner's own rate; its cap and its limits stay the program's."""
    return replace(
        rule, percent=own.percent, flat=own.flat, points=None, tiers=(), tiers_count=None, later=(), rates=()
    )


def step(found: Standing, *, own: bool) -> Step:
    """Return the step that shows by which version an order was judged, and whose rate holds."""
    terms = found.terms
    outside = "two" if found.other is not None and found.outside is None else found.outside
    values = {"agreement": found.agreement.id, "version": terms.version, "since": terms.since, "until": terms.until}
    return Step("agreement", {**values, "outside": outside, "own": own})


def flags(found: Standing, asked: str | None) -> list[Flag]:
    """Return what a person is to look at: that an order is outside, that two agreements are in force, or another rate was asked."""
    which = {"partner": found.partner, "agreement": found.agreement.id, "version": found.terms.version}
    said = []
    if found.outside is not None:
        said.append(Flag("partner_exception", {**which, "reason": found.outside, **found.seen}))
    if found.other is not None:
        said.append(Flag("two_agreements", {**which, "other": found.other}))
    if found.inside and found.rated and asked is not None:
        rate = found.terms.percent
        if rate is None or fraction(rate) != fraction(asked):
            said.append(Flag("partner_exception", {**which, "reason": "rate", "asked": asked, "held": rate}))
    return said


def noted(draft: Draft, acts: tuple[Act, ...], found: Held | None) -> tuple[Act, ...]:
    """Return the acts with whose work an own rate is: they approve nothing that is earned by it."""
    if found is None or not found.own:
        return acts
    terms = draft.need(Agreement, found.agreement).versions[found.version - 1]
    return conduct.noted(acts, draft.semantics, "agreement.made", terms.by)


# --- made and ended ---------------------------------------------------------------------------------------------------


def made(draft: Draft, event: AgreementMade, told: Told) -> None:
    """Agree on terms with a partner, from now or a later time on."""
    since = draft.as_of if event.since is None else event.since
    terms = Terms(
        version=0,
        since=since,
        until=event.until,
        on=event.on,
        percent=event.percent,
        flat=event.flat,
        accounts=event.accounts,
        products=event.products,
        countries=event.countries,
        protection_days=event.protection_days,
        evt=draft.evt,
        by=told.need_actor().id,
        at=draft.as_of,
    )
    enrolled = [event.program] if event.program is not None else [program.id for program in draft.programs()]
    if not any(draft.get(Advocate, (program, event.person)) is not None for program in enrolled):
        draft.say(refused("command", "advocate_not_enrolled", program=event.program, subject=event.person))
        return
    new = Agreement(id=draft.id("agr", "agreement"), person=event.person, program=event.program)
    first, *others = _of_place(draft, event) or [new]
    if not _begins(draft, first, terms):
        return
    _add(draft, first, terms, Verdict(about="command", outcome="agreement_made"))
    for other in others:  # of two accounts that turned out to be one partner's: one agreement goes on
        _add(draft, other, _over(draft, since, told), _ENDED)


def ended(draft: Draft, event: AgreementEnded, told: Told) -> None:
    """Let a partner's agreement be over, from now or a later time on."""
    since = draft.as_of if event.since is None else event.since
    there = _of_place(draft, event)
    if not there:
        draft.say(refused("command", "not_found", program=event.program, subject=event.person))
        return
    terms = _over(draft, since, told)
    in_force = [it for it in there if (now := it.at(since)) is not None and now.in_force(since)]
    if not in_force:
        draft.say(refused("command", "nothing_to_do", program=event.program, subject=there[0].id))
    elif _begins(draft, in_force[0], terms):
        for agreement in in_force:
            _add(draft, agreement, terms, _ENDED)


def _over(draft: Draft, since: int, told: Told) -> Terms:
    """The version that holds for no time: from then on the agreement is over."""
    return Terms(version=0, since=since, until=since, evt=draft.evt, by=told.need_actor().id, at=draft.as_of)


def _of_place(draft: Draft, event: AgreementMade | AgreementEnded) -> list[Agreement]:
    """The agreements of a partner in a program, or in all: one, unless a merge brought another."""
    return [it for it in of(draft, event.person) if it.program == event.program]


def _begins(draft: Draft, agreement: Agreement, terms: Terms) -> bool:
    """Whether terms may begin as they say; else the refusal is said."""
    common = {"program": agreement.program, "subject": agreement.id}
    times = Step("agreed_times", {"since": terms.since, "until": terms.until, "now": draft.as_of})
    if terms.since < draft.as_of:
        draft.say(refused("command", "in_past", times, **common))
    elif terms.until is not None and terms.until < terms.since:
        draft.say(refused("command", "wrong_state", times, **common))
    elif len(agreement.versions) >= MOST_VERSIONS:
        draft.say(refused("command", "too_many", Step("versions", {"most": MOST_VERSIONS}), **common))
    else:
        return True
    return False


def _add(draft: Draft, agreement: Agreement, terms: Terms, said: Verdict) -> None:
    terms = replace(terms, version=len(agreement.versions) + 1)
    now = draft.put(replace(agreement, versions=(*agreement.versions, terms)))
    whose = {"program": now.program, "subject": now.id, "beneficiary": now.person}
    draft.say(replace(said, steps=(_told(terms),), **whose))


def _told(terms: Terms) -> Step:
    """Shows what was agreed. Of what is left out it says how much: the event has all of it."""
    left_out = [len(terms.accounts), len(terms.products), len(terms.countries)]
    values = {"version": terms.version, "since": terms.since, "until": terms.until, "on": terms.on}
    rate = {"percent": terms.percent, "flat": terms.flat, "days": terms.protection_days}
    return Step("agreed", {**values, **rate, "left_out": left_out})


def merged(draft: Draft, keep: str, gone: str) -> None:
    """The agreements of an account that goes are those of the one that stays."""
    for agreement in of(draft, gone):
        draft.put(replace(agreement, person=keep))

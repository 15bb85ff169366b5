"""Companies: to which firm a customer belongs, and since when somebody there was a customer before a friend came.

Two signs name a firm: what a signed source says that it is (``company``: an id, a domain, or only a name), and the domain of a mail
at which strangers have no addresses. A firm that its sender names by id or domain is sure, on both sides; a name or a mail is a
hint. What is sure refuses who is not new, what is a hint is flagged for a person, and neither tells whose order it was: of a firm
its row knows two dates and a few friends, however many customers it has.

Must not know: programs, rewards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeGuard

from msgspec.structs import replace

from goodword.core import calendar, semantics
from goodword.core.draft import Draft
from goodword.core.events import ConversionRecorded, CustomerUpdated, LeadCreated
from goodword.core.state import Company, Customer, Flag, Prospect, Referral

#: What says something of a person's firm.
Saying = CustomerUpdated | LeadCreated | ConversionRecorded
_SAYING: Final = frozenset([CustomerUpdated, LeadCreated, ConversionRecorded])
#: So many friends of a firm are remembered, the newest: of them it is asked again when an older date of their firm is told.
MOST_FRIENDS = 20


def says(event: object) -> TypeGuard[Saying]:
    """Return whether an event says something of a person's firm. ``isinstance`` is slow on structs, and every event is asked."""
    return type(event) in _SAYING


class Sign(NamedTuple):
    """That somebody belongs to a firm. ``by``: company, domain (both as its sender names it), name or mail."""

    company: str
    by: str

    @property
    def sure(self) -> bool:
        """Whether a signed source names the firm itself, by what no other firm has."""
        return self.by in ("company", "domain")


class Before(NamedTuple):
    """That somebody of a firm was a customer since then, or a deal of our own was open with it (``deal``).

    ``sign``: by which the friend belongs to it.
    """

    since: int
    sign: Sign
    deal: bool = False


def signs(customer: Customer) -> Sequence[Sign]:
    """Return to which firms somebody belongs, what is sure first."""
    if customer.domain is None and customer.company is None:
        return ()  # most people, and every order asks several times
    found = []
    if customer.company is not None and customer.company_as is not None:
        found.append(Sign(customer.company, "company" if customer.company_as == "id" else "name"))
    if customer.domain is not None:
        found.append(Sign(customer.domain, "mail" if customer.domain_of_mail else "domain"))
    return sorted(found, key=lambda sign: not sign.sure)


def known_before(
    draft: Draft, customer: Customer, at: int, *, touched: int | None, sure: bool = False, deals: bool = True
) -> Before | None:
    """Return since when somebody of a person's firm was a customer before ``at``, or we had a deal with it.

    ``touched``: when they were recommended, if by a touch: a deal that was opened since came of that. ``sure``: only what both
    sides' senders name. ``deals``: whether our own deals count, or a person has decided beside them. None: the firm is new, as far
    as is known.
    """
    if draft.semantics < semantics.COMPANIES_ARE_NEW:
        return None
    for sign in signs(customer):
        if sure and not sign.sure:
            continue
        company = draft.get(Company, sign.company)
        since = None if company is None else company.sure_since if sure else company.since
        if since is not None and is_before(since, at):
            return Before(since, sign)
        prospect = draft.get(Prospect, sign.company) if deals else None
        recommended = at if touched is None else min(at, touched)
        if prospect is not None and prospect.ours_since is not None and is_before(prospect.ours_since, recommended):
            return Before(prospect.ours_since, sign, deal=True)
    return None


def by_registration(referral: Referral) -> bool:
    """Whether an accepted registration of a deal brought the friend: our own deals with the firm were seen by who accepted it."""
    return any(ground.code in ("deal_registered", "company_protected") for ground in referral.grounds)


def is_before(since: int, at: int) -> bool:
    """Return whether what happened at the one instant was before the other, five minutes of clock difference allowed."""
    return since < at - calendar.CLOCK_DIFFERENCE


def flag(found: Before, lead_at: int) -> Flag:
    """Return what a person is asked about a colleague: the firm's first date, and by which sign it is theirs. Nobody is named.

    ``deal``: it is that of a deal of our own.
    """
    of_deal = {"deal": True} if found.deal else {}
    return Flag("colleague", {"since": found.since, "lead_at": lead_at, "by": found.sign.by, **of_deal})


def named(event: Saying) -> str | None:
    """Return the firm that an event names; an order names none."""
    return None if type(event) is ConversionRecorded else event.company  # type: ignore[union-attr]


def after(customer: Customer, event: Saying) -> Customer:
    """Return a customer with what an event says of their firm; what it does not say stays.

    The domain of a mail takes the place of none that a sender named.
    """
    now = customer
    if (company := named(event)) is not None:
        now = replace(now, company=company, company_as=event.company_as)  # type: ignore[union-attr]
    if event.domain is not None and (not event.domain_of_mail or now.domain is None or now.domain_of_mail):
        now = replace(now, domain=event.domain, domain_of_mail=event.domain_of_mail)
    return now if event.staff is None else replace(now, staff=event.staff)


def said(draft: Draft, customer: Customer, event: Saying) -> Customer:
    """The same, where firms are looked at; before them a customer's firm was only shown."""
    return after(customer, event) if draft.semantics >= semantics.COMPANIES_ARE_NEW else customer


def keep(draft: Draft, before: Customer, now: Customer, at: int | None = None, *, paid: bool = False) -> None:
    """Let the firms of somebody know of them. ``at``: when they were a customer, as their sender or an order says; ``paid``: for sure.

    A conversion that cost nothing, such as a sign-up, makes no firm a customer for sure.

    The first firm that is told of somebody has their past, too; who moves to another one brings none along.
    """
    if draft.semantics < semantics.COMPANIES_ARE_NEW:
        return
    mine = signs(now)
    was = {_place(sign): sign for sign in signs(before)} if mine else {}
    for sign in mine:
        old = was.get(_place(sign))
        if old is None or (old != sign and old.company == sign.company):
            _note(draft, sign, first(now), _earliest(now.first_paid_at, now.known_since))
        _note(draft, sign, at, at if paid else None)
    if now.referrals:
        bound(draft, now)


def bound(draft: Draft, customer: Customer) -> None:
    """Remember a friend at their firms, so that an older date that is told later finds them."""
    if draft.semantics < semantics.COMPANIES_ARE_NEW:
        return
    for sign in signs(customer):
        company = draft.get(Company, sign.company) or Company(id=sign.company)
        if customer.person not in company.friends:
            draft.put(replace(company, friends=(*company.friends, customer.person)[-MOST_FRIENDS:]))


def older(draft: Draft) -> Iterator[tuple[Customer, Before]]:
    """Yield the friends of firms of which this decision told an older date, of a customer or of a deal of our own, with that date."""
    for noun, key in [*draft.puts]:
        if noun is Company:
            company, was = draft.need(Company, key), draft.state.get(Company, key) or Company(id="")
            if _fell(was.since, company.since) or _fell(was.sure_since, company.sure_since):
                yield from _friends(draft, company, company.since)
        elif noun is Prospect:
            prospect, before = draft.need(Prospect, key), draft.state.get(Prospect, key) or Prospect(id="")
            friends = draft.get(Company, prospect.id) if _fell(before.ours_since, prospect.ours_since) else None
            if friends is not None:
                yield from _friends(draft, friends, prospect.ours_since, deal=True)


def _friends(
    draft: Draft, company: Company, since: int | None, *, deal: bool = False
) -> Iterator[tuple[Customer, Before]]:
    for person in company.friends if since is not None else ():
        customer = draft.get(Customer, person)
        mine = [sign for sign in signs(customer) if sign.company == company.id] if customer is not None else []
        if customer is not None and mine and since is not None:
            yield customer, Before(since, mine[0], deal)


def first(customer: Customer) -> int | None:
    """Return since when somebody is a customer, as far as is known."""
    return _earliest(customer.first_conversion_at, customer.known_since)


def _earliest(*dates: int | None) -> int | None:
    return min((at for at in dates if at is not None), default=None)


def _fell(was: int | None, now: int | None) -> bool:
    return now is not None and (was is None or now < was)


def _place(sign: Sign) -> bool:
    """In which of the two places of a customer a sign stands."""
    return sign.by in ("company", "name")


def _note(draft: Draft, sign: Sign, since: int | None, sure_since: int | None) -> None:
    company = draft.get(Company, sign.company) or Company(id=sign.company)
    now = replace(company, since=_earliest(company.since, since))
    if sign.sure:
        now = replace(now, sure_since=_earliest(company.sure_since, sure_since))
    if now != company:
        draft.put(now)

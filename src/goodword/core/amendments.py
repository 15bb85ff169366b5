"""An order that is told otherwise: amended after it was paid, replaced by a person's choice, or taken back whole.

A member who gave it other figures neither approves nor releases what it earns, nor restores it.
"""

from __future__ import annotations

from msgspec.structs import replace

from goodword.core import conduct, conversions, ledger, offers, parts, refunds, semantics
from goodword.core.decision import Step, Verdict, refused
from goodword.core.draft import Draft
from goodword.core.events import Amendment, ConversionAmended, ConversionCanceled, DealReported, OrderAmended
from goodword.core.facts import Told
from goodword.core.state import Conversion, Customer, Figures, Referral, Refund, Reward


def amended(draft: Draft, event: Amendment, told: Told) -> None:
    """Set the figures of an invoice anew, as if it had been so from the start; before the invoice they wait for it.

    Of several the one that happened last counts. An invoice that is open is a draft: its first paid delivery sets the figures.
    """
    key = conversions.key_amended(event)
    conversion = _order(draft, key) or Conversion(id=key, status="waiting")
    if isinstance(event, OrderAmended) and conversion.status in ("waiting", "open"):
        nothing = refused("command", "not_found", subject=key)
        step = Step("status", {"status": conversion.status})
        draft.say(nothing if conversion.status == "waiting" else refused("command", "wrong_state", step, subject=key))
        return
    amendment = event.amendment if isinstance(event, ConversionAmended) else event.evt
    figures = conversions.figures_of(event, event.amount, event.currency, amendment)
    before = conversion.amended
    if before is not None and before.id == amendment:
        draft.say(refused("event", "duplicate_conversion", Step("first", {"evt": before.evt}), subject=key))
        return
    if conversion.status == "canceled":
        draft.say(refused("event", "conversion_canceled", subject=key))
        return
    if conversion.currency not in (None, event.currency):
        values = {"refund": amendment, "currency": event.currency, "of": conversion.currency}
        draft.say(refused("event", "refund_currency", Step("currencies", values), subject=key))
        return
    if before is not None and (before.at, before.evt) > (figures.at, figures.evt):
        draft.say(
            Verdict(about="event", outcome="superseded", subject=key, steps=(Step("first", {"evt": before.evt}),))
        )
        return
    if conversion.status == "waiting":
        draft.put(replace(conversion, amended=figures))
        draft.say(Verdict(about="event", outcome="waiting", subject=key))
        return
    if conversion.status == "open":
        parts.refit(draft, replace(conversions.amended(conversion, figures), amended=None))
        draft.say(
            Verdict(about="event", outcome="amended", subject=key, steps=(conversions.amendment(conversion, figures),))
        )
        return
    take(draft, conversion, figures, told)
    if isinstance(event, OrderAmended):
        by_hand(draft, key, told.need_actor().id)


def by_hand(draft: Draft, key: str, by: str) -> None:
    """A member gave an order its figures, so all that it earns rests on what they did, also what it earns later."""
    if draft.semantics < semantics.AMENDED_BY_HAND:
        return
    conversion = draft.need(Conversion, key)
    if conversion.amended is not None:
        draft.put(replace(conversion, amended=replace(conversion.amended, by=by)))
    for id_ in conversion.rewards:
        reward = draft.need(Reward, id_)
        draft.put(replace(reward, acts=conduct.noted(reward.acts, draft.semantics, "conversion.amended", by)))


def take(draft: Draft, conversion: Conversion, figures: Figures, told: Told) -> None:
    """Give a paid order other figures: what it earned rises or falls with them, and what it could not earn before is decided now."""
    step = conversions.amendment(conversion, figures)
    now, over = parts.refit(draft, conversions.amended(conversion, figures))
    verdict = Verdict(about="event", outcome="amended", subject=now.id, amount=now.amount, unit=now.currency)
    draft.say(
        replace(verdict, steps=(step, *(shown for refund in over for shown in refunds.exceeding(draft, now, refund))))
    )
    if now.rewards:
        refunds.reprice(draft, draft.need(Conversion, now.id), step)
        if draft.semantics < semantics.AMENDED_IN_EACH_PROGRAM:
            return
    earned = {draft.need(Reward, id_).program for id_ in now.rewards}
    customer = draft.get(Customer, now.person or "")
    if customer is None:
        return
    if now.amount and (customer.first_conversion_at is None or now.at < customer.first_conversion_at):
        draft.put(replace(customer, first_conversion_at=now.at))
    bound = [draft.need(Referral, id_) for id_ in customer.referrals]
    for referral in (each for each in bound if each.program not in earned):
        conversions.reward(draft, referral, draft.need(Conversion, now.id), told, redecides=now.evt)


def _order(draft: Draft, key: str) -> Conversion | None:
    """Return an order; None: it is not there. An opening balance is none, though it is known as one is: nobody bought anything."""
    found = draft.get(Conversion, key)
    opening = (
        found is not None and ledger.of_no_order(found.name) and draft.semantics >= semantics.BALANCES_ARE_NO_ORDERS
    )
    return None if opening else found


def canceled(draft: Draft, event: ConversionCanceled) -> None:
    """Take an order or a contract back whole: what it earned falls to nothing; a place that it took stays used."""
    key = conversions.invoice_key(event.invoice) if event.invoice is not None else event.conversion or ""
    conversion = _order(draft, key)
    waits = conversion is None or conversion.status == "waiting"
    if waits and event.invoice is not None and draft.semantics >= semantics.ANY_ORDER_OF_TELLING:
        _wait(draft, conversion or Conversion(id=key, status="waiting"), event)
        return
    if conversion is None or waits:
        draft.say(refused("event", "conversion_unknown", subject=key))
        return
    if conversion.status == "canceled":
        draft.say(refused("event", "conversion_canceled", subject=key))
        return
    _end(draft, conversion, event)


def take_back(draft: Draft, key: str, event: DealReported) -> None:
    """The deal that an order was is lost: the order is taken back whole, once, also one that is told later."""
    conversion = draft.get(Conversion, key) or Conversion(id=key, status="waiting")
    if conversion.status != "waiting":
        if conversion.status != "canceled":
            _end(draft, conversion, event)
    elif draft.get(Refund, (key, parts.CANCELED)) is None:
        _wait(draft, conversion, event)


def _end(draft: Draft, conversion: Conversion, event: ConversionCanceled | DealReported) -> None:
    key, rest = conversion.id, conversion.net or 0
    stays = draft.semantics >= semantics.RETURNS_OF_WHAT_WAS_SAID
    if rest or (stays and conversion.amount is not None):
        said = parts.ALL if stays else (rest, 0, 0)
        value = Refund(
            conversion=key, id=parts.CANCELED, amount=rest, status="applied", said=said, at=event.at, evt=event.evt
        )
        value = draft.put(parts.fitted(value, conversion, conversion.back))
        conversion = replace(conversion, back=conversion.back.plus(value))
    draft.put(replace(conversion, status="canceled"))
    offers.freed(draft, conversion)
    draft.say(Verdict(about="event", outcome="canceled", subject=key, amount=rest, unit=conversion.currency))
    for id_ in conversion.rewards:
        refunds.end(draft, draft.need(Reward, id_), Step("canceled", {"conversion": key}))


def _wait(draft: Draft, conversion: Conversion, event: ConversionCanceled | DealReported) -> None:
    """It is told before the order, which then is taken back as soon as it comes."""
    if draft.get(Refund, (conversion.id, parts.CANCELED)) is not None:
        draft.say(refused("event", "conversion_canceled", subject=conversion.id))
        return
    key, at, evt = conversion.id, event.at, event.evt
    draft.put(Refund(conversion=key, id=parts.CANCELED, amount=0, said=parts.ALL, status="applied", at=at, evt=evt))
    draft.put(replace(conversion, waiting=conversion.waiting + 1))
    draft.say(Verdict(about="event", outcome="waiting", subject=conversion.id))

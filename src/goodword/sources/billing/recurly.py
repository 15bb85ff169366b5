"""The source ``recurly``: ``POST /hooks/recurly/{workspace}``: what Recurly's endpoints name as JSON, and a worker fetches.

After docs.recurly.com as of 2026-07-01 (signature verification; account, subscription, charge invoice and credit invoice notifications;
credit invoices; chargebacks), the verifier of Recurly's library for Ruby, and the OpenAPI document of its API v2021-02-25 in recurly
4.81.0 of npm, read on 2026-11-29. A notification names an object and tells nothing of it: an account or a subscription is fetched for
what led there, an invoice for its money. Amounts are decimals. What a customer's credit paid counts where that credit gave back a
charge, which took it off there; a credit that was given, a gift card's and a prepayment's are not paid again, so each credit that paid
is fetched too. A sandbox answers at the same address and no object names it: its secret and key belong into a sandbox.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from goodword.sources import amounts
from goodword.sources.base import Access, Fetch, Unfetched
from goodword.sources.billing import signatures
from goodword.sources.billing.base import Delivery, Made, System, Telling, decode, source
from goodword.sources.fields import CHECKED, IGNORED, PERSONAL, Treatment, used
from goodword.sources.hooks import fetched
from goodword.sources.told import WrongError, currency_of, dicts, figure, missing, token, walk

VERSION: Final = "v2021-02-25"
FIELDS: Final[Mapping[str, Treatment]] = {
    "uuid": IGNORED,
    "site_id": IGNORED,
    "account_code": IGNORED,
    "notification.id": CHECKED,
    "notification.event_time": CHECKED,
    "object_type": CHECKED,
    "event_type": CHECKED,
    "account.id": CHECKED,
    "account.code": used("customer_external_id"),
    "account.email": PERSONAL,
    "account.created_at": used("occurred_at"),
    "account.custom_fields": used("click_id"),
    "subscription.id": CHECKED,
    "subscription.account.code": used("customer_external_id"),
    "subscription.created_at": used("occurred_at"),
    "subscription.custom_fields": used("click_id"),
    "invoice.id": used("invoice_id"),
    "invoice.type": CHECKED,
    "invoice.origin": CHECKED,
    "invoice.state": CHECKED,
    "invoice.account.id": CHECKED,
    "invoice.account.code": used("customer_external_id"),
    "invoice.account.email": PERSONAL,
    "invoice.address.country": used("country"),
    "invoice.currency": used("currency"),
    "invoice.total": used("amount"),
    "invoice.tax": used("tax"),
    "invoice.discount": used("discount"),
    "invoice.line_items": used("lines"),
    "invoice.has_more_line_items": CHECKED,
    "invoice.previous_invoice_id": used("invoice_id"),
    "invoice.credit_payments": used("amount"),
    "invoice.transactions": CHECKED,
    "invoice.custom_fields": used("click_id"),
    "invoice.created_at": used("occurred_at"),
    "invoice.closed_at": used("occurred_at"),
    "credit.event": CHECKED,
    "credit.left": CHECKED,
    "credit.given": used("amount"),
    "credit.invoice": CHECKED,
}
#: What is fetched of what is named, and where it is.
_PATHS: Final = {"account": "accounts", "subscription": "subscriptions", "invoice": "invoices"}
_ID = re.compile("[A-Za-z0-9]{1,40}")
_KEY = re.compile("[A-Za-z0-9_-]{20,100}:")
_CREDITS: Final = 20  # that pay for one invoice


# --- what is named ----------------------------------------------------------------------------------------------------


def _named(noun: str) -> Any:
    """A notification: its object is fetched."""

    def named(told: Telling) -> Iterator[Unfetched]:
        yield _wants(noun, told.value("id"), str(told.value("event_time")))

    return named


def _wants(noun: str, id_: Any, of: str, **kept: str) -> Unfetched:
    """Return an item that waits for an object; ``of``: what asks for it, so that a repeat is one."""
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        raise WrongError("invalid_value", "id")
    return Unfetched(f"{noun}.{id_}.{of}"[:200], {"noun": noun, "object": id_, **kept})


def _whole(said: Mapping[str, str | int], body: bytes) -> Delivery:
    """Return what was fetched. Raises ValueError for what is not that object."""
    found = fetched(body, decode)
    if (found.get("object"), found.get("id")) != (said["noun"], said["object"]):
        raise ValueError("it is another object")
    if "kept" in said:
        return Delivery("credit", {**decode(str(said["kept"]).encode()), "invoice": found, "id": said["object"]})
    return Delivery(str(said["noun"]), found)


# --- who, and what led there ------------------------------------------------------------------------------------------


def _account(told: Telling) -> Iterator[Made]:
    yield from _lead(told, told.name("code"), told.text("email"))


def _subscription(told: Telling) -> Iterator[Made]:
    yield from _lead(told, told.name("account.code"), None)


def _lead(told: Telling, customer: str | None, email: str | None) -> Iterator[Made]:
    """Somebody showed up by a link or a code, as a custom field says it."""
    marks = told.marks(_noted(told))
    if any(marks.values()):
        yield {
            "type": "lead.created",
            "id": f"{told.token('id')}.lead",
            "occurred_at": told.time("created_at"),
            "customer_external_id": customer or missing("customer_external_id"),
            "customer_email": email,
            **marks,
        }


def _noted(told: Telling) -> dict[str, Any]:
    return {str(one.get("name")): one.get("value") for one in dicts(told.value("custom_fields")) if one.get("value")}


# --- invoices ---------------------------------------------------------------------------------------------------------


def _invoice(told: Telling) -> Iterator[Made | Unfetched]:
    kind, state = told.value("type"), told.value("state")
    if kind == "charge" and state == "paid":
        yield from _paid(told)
    if kind == "credit" and told.value("origin") != "write_off":  # that closes an invoice which nobody paid
        yield from _credited(told, voided=state == "voided")


def _paid(told: Telling) -> Iterator[Made | Unfetched]:
    """A charge invoice that was paid, whichever way. Its total has its tax in it. Who it is of is looked at, but for renewals."""
    invoice, currency = told.token("id"), currency_of(told.value("currency"))
    amount, tax = _figure(told, "total", "amount"), _figure(told, "tax", "tax")
    if amount <= 0:
        return
    made = {
        "type": "conversion.recorded",
        "id": f"{invoice}.paid",
        "occurred_at": told.time("closed_at", "created_at"),
        "customer_external_id": told.name("account.code") or missing("customer_external_id"),
        "customer_email": told.text("account.email"),
        **told.marks(_noted(told)),
        "country": told.country("address.country"),
        "invoice_id": invoice,
        "amount": amount,
        "currency": currency,
        "tax": tax,
        "discount": _figure(told, "discount", "discount"),
        "lines": _lines(told, currency, amount - tax) or None,
    }
    credits_ = [
        (walk(one, "original_invoice.id"), abs(figure(one.get("amount"), currency, "amount")))
        for one in dicts(told.value("credit_payments"))
        if one.get("action") == "payment" and not one.get("voided_at")
    ]
    if len(credits_) > _CREDITS:
        raise WrongError("invalid_value", "amount")
    yield from _settled(made, credits_, 0)
    if told.value("origin") != "renewal":
        yield _wants("account", told.value("account.id"), f"of.{invoice}")


def _settled(made: Made, left: list[tuple[Any, int]], given: int) -> Iterator[Made | Unfetched]:
    """An invoice less what was ``given``, once it is known of each credit that paid for it where that came from.

    How much of it was tax is not said: all of the tax counts as in what was paid, and the lines are left out, as of Chargebee's.
    """
    if left:
        kept = {"event": made, "left": left, "given": given}
        yield _wants("invoice", left[0][0], f"for.{made['id']}", kept=msgspec.json.encode(kept).decode())
    elif not given:
        yield made
    elif (rest := made["amount"] - given) > 0:
        yield {**made, "amount": rest, "tax": min(made["tax"], rest), "lines": None}


def _credit(told: Telling) -> Iterator[Made | Unfetched]:
    """A credit that paid for an invoice: one that gave back a charge is money which was paid."""
    invoice, (first, *left) = told.value("invoice"), told.value("left")
    gave_back = any(_origins(Telling(FIELDS, "invoice", invoice)))
    yield from _settled(told.value("event"), left, told.value("given") + (0 if gave_back else first[1]))


def _origins(told: Telling) -> list[str | None]:
    """Return of each line of a credit the invoice that it gives back; None: it is a credit that was given."""
    whole = token(told.value("previous_invoice_id"))
    lines = dicts(told.value("line_items"))
    return [token(one.get("original_line_item_invoice_id")) or whole for one in lines] or [whole]


def _credited(told: Telling, *, voided: bool) -> Iterator[Made]:
    """A credit invoice, as far as it gives charges back: to a card, to the account's credit or by a chargeback. The rest was given."""
    credit, currency, origins = told.token("id"), currency_of(told.value("currency")), _origins(told)
    if not any(origins):
        return
    if told.value("has_more_line_items") is True:
        raise WrongError("invalid_value", "invoice_id")  # of which it is, only the first lines say
    total, tax = abs(_figure(told, "total", "amount")), abs(_figure(told, "tax", "tax"))
    back: dict[str | None, tuple[int, int]] = {origins[0]: (total, tax)}
    if len(set(origins)) > 1:
        back = {}
        for origin, line in zip(origins, dicts(told.value("line_items")), strict=True):
            parts = [abs(figure(line.get(part) or 0, currency, "amount")) for part in ("amount", "tax")]
            before = back.get(origin, (0, 0))
            back[origin] = (before[0] + parts[0], before[1] + parts[1])
        if sum(amount for amount, _ in back.values()) != total:
            raise WrongError("invalid_value", "amount")
    charged_back = any(
        "chargeback" in (one.get("origin"), one.get("status")) for one in dicts(told.value("transactions"))
    )
    for invoice, (amount, part) in back.items():
        if invoice is None or not amount:
            continue
        id_ = credit if len(back) == 1 else f"{credit}.{invoice}"
        of = {"invoice_id": invoice, "occurred_at": told.time("created_at")}
        if charged_back:
            said = {"chargeback_id": id_, "amount": amount, "currency": currency}
            yield {"type": "chargeback.opened", "id": f"{id_}.opened", **of, **said}
            yield {"type": "chargeback.closed", "id": f"{id_}.lost", **of, "chargeback_id": id_, "outcome": "lost"}
            continue
        said = {"refund_id": id_, "amount": amount, "tax": min(part, amount), "currency": currency}
        yield {"type": "conversion.refunded", "id": f"{id_}.refunded", **of, **said}
        if voided:
            yield {"type": "refund.returned", "id": f"{id_}.voided", "invoice_id": invoice, "refund_id": id_}


def _figure(told: Telling, path: str, field: str) -> int:
    said = told.value(path)
    return figure(0 if said is None and field != "amount" else said, currency_of(told.value("currency")), field)


def _lines(told: Telling, currency: str, goods: int) -> list[Made]:
    """The lines, as far as they are all there and sum to the goods: less their discounts, and less their tax where prices hold it."""
    if told.value("has_more_line_items") is True:
        return []
    lines = [_line(one, currency) for one in dicts(told.value("line_items"))]
    known = [line for line in lines if line is not None]
    return known if len(known) == len(lines) and sum(line["amount"] for line in known) == goods else []


def _line(item: Mapping[str, Any], currency: str) -> Made | None:
    id_, quantity = token(item.get("id")), item.get("quantity", 1)
    product = next(filter(None, (token(item.get(f"{of}_code")) for of in ("product", "item", "add_on", "plan"))), None)
    parts = [amounts.minor(item.get(part) or 0, currency) for part in ("subtotal", "discount", "tax")]
    if id_ is None or product is None or type(quantity) is not int or quantity < 0 or None in parts:
        return None
    subtotal, discount, tax = (part or 0 for part in parts)
    inside = tax if item.get("tax_inclusive") is True else 0
    return {"id": id_, "product": product, "amount": subtotal - discount - inside, "quantity": quantity}


def _headers(key: str, _: Mapping[str, str | int]) -> dict[str, str]:
    """Basic, with the key as the user and no password: the colon is the key's own last letter here."""
    shown = base64.b64encode(key.encode()).decode()
    return {"authorization": f"Basic {shown}", "accept": f"application/vnd.recurly.{VERSION}"}


ACCESS: Final = Access(
    lambda text: bool(_KEY.fullmatch(text)),
    "a read-only private key of Recurly's API with a colon behind it, as HTTP Basic has it",
)
FETCH: Final = Fetch(
    path=lambda said: f"/{_PATHS[str(said['noun'])]}/{said['object']}",
    headers=_headers,
    whole=_whole,
)
_CHANGES: Final = {
    "account": ("created", "updated"),
    "subscription": ("created", "updated"),
    "charge_invoice": ("paid",),
    "credit_invoice": ("created", "opened", "processing", "closed", "voided", "reopened"),
}
SOURCE = source(
    System(
        name="recurly",
        check=signatures.recurly,
        secret=signatures.is_text,
        topic=lambda _, body: f"{body.get('object_type')}.{body.get('event_type')}",
        makes={
            **{
                f"{noun}.{change}": ("notification", _named(noun.rpartition("_")[2]))
                for noun, changes in _CHANGES.items()
                for change in changes
            },
            "account": ("account", _account),
            "subscription": ("subscription", _subscription),
            "invoice": ("invoice", _invoice),
            "credit": ("credit", _credit),
        },
        fields=FIELDS,
        test=lambda _: False,
        access=ACCESS,
        fetch=FETCH,
    )
)

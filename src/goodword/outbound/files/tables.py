"""Files that are tables: PayPal's payouts and Wise's batch, as their own pages take them. Both check what is uploaded before they pay.

Neither takes a formula for a name, and neither gets one: a name that a spreadsheet would run is refused, not changed, since both
compare it with the account.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from goodword.core.money import decimal
from goodword.outbound.files.base import Batch, dashed, is_money
from goodword.outbound.rails.bank_file import csv_of
from goodword.outbound.rails.base import Order

#: The columns of Wise's template "send to bank accounts" for IBANs.
WISE: Final = (
    *("name", "recipientEmail", "paymentReference", "receiverType", "amountCurrency", "amount"),
    *("sourceCurrency", "targetCurrency", "IBAN"),
)
#: Currencies that PayPal pays out in; those of the second list whole alone, also where ISO 4217 has a minor unit.
_PAYPAL: Final = frozenset(
    {
        *("AUD", "BRL", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS"),
        *("MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "SEK", "SGD", "THB", "USD"),
    }
)
_PAYPAL_WHOLE: Final = {"HUF": 100, "JPY": 1, "TWD": 100}
_RUN: Final = ("=", "+", "-", "@", "'")
_NOTE: Final = "Your payout"


def no_refusal(order: Order, debtor: Mapping[str, str], day: date) -> None:
    """Return that the plain table carries whatever there is."""
    del order, debtor, day


def plain(orders: Sequence[Order], batch: Batch) -> Iterator[str]:
    """Yield the plain table."""
    del batch
    yield csv_of(orders)


def paypal_refusal(order: Order, debtor: Mapping[str, str], day: date) -> str | None:
    """Return why PayPal cannot carry a payout."""
    del debtor, day
    if "paypal" not in order.details:
        return "paypal_missing"
    if order.unit not in _PAYPAL and order.unit not in _PAYPAL_WHOLE:
        return "currency_not_carried"
    return "amount_not_whole" if order.amount % _PAYPAL_WHOLE.get(order.unit, 1) else None


def paypal(orders: Sequence[Order], batch: Batch) -> Iterator[str]:
    """Yield the table: receiver, amount, currency, the payout's id, a note, the wallet. It has no head."""
    del batch
    for order in orders:
        figure = decimal(order.amount, order.unit)
        amount = figure.partition(".")[0] if order.unit in _PAYPAL_WHOLE else figure
        note = f"{_NOTE}, {', '.join(order.programs)}" if order.programs else _NOTE
        yield _row(order.details["paypal"], amount, order.unit, order.id, note, "PAYPAL")


def wise_refusal(order: Order, debtor: Mapping[str, str], day: date) -> str | None:
    """Return why Wise's template cannot carry a payout."""
    del debtor, day
    said = order.details
    if not is_money(order.unit):
        return "currency_not_carried"
    if "iban" not in said:
        return "iban_missing"
    return "name_not_carried" if not said.get("name") or said["name"].startswith(_RUN) or ";" in said["name"] else None


def wise(orders: Sequence[Order], batch: Batch) -> Iterator[str]:
    """Yield the table: each payee gets exactly the amount, out of the balance of the same currency."""
    del batch
    yield _row(*WISE)
    for order in orders:
        said = order.details
        kind = "INSTITUTION" if said.get("holder") == "company" else "PERSON"
        amount = decimal(order.amount, order.unit)
        yield _row(said["name"], "", dashed(order.id), kind, "target", amount, order.unit, order.unit, said["iban"])


def _row(*cells: str) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()

"""Bank file: a CSV that a person takes to the bank, and whose outcome a person enters. Nothing is called."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from goodword.core.money import CURRENCIES
from goodword.outbound.rails import accounts
from goodword.outbound.rails.base import Answer, Order, Rail
from goodword.outbound.rails.details import NAME, Field, text

COLUMNS = ("reference", "name", "account", "bank", "amount", "currency")
_FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would run, also behind spaces that it drops


class BankFile(Rail):
    """The rail."""

    kinds = ("cash",)
    modes = ("live", "sandbox")
    manual = True
    fields = (
        replace(NAME, required=True),
        Field(
            "iban",
            "The IBAN of the account, with or without spaces.",
            "DE89370400440532013000",
            accounts.iban,
            required=True,
            way="iban",
        ),
        Field("bic", "The BIC of the account's bank, if yours asks for it.", "COBADEFFXXX", accounts.bic, way="iban"),
        Field(
            "account",
            "The number of an account that has no IBAN, as its bank writes it.",
            "000123456789",
            accounts.account,
            required=True,
            way="account",
        ),
        Field(
            "bank",
            "The code or name of that account's bank, as yours asks for it.",
            "021000021",
            text(70),
            required=True,
            way="account",
        ),
    )

    async def send(self, order: Order) -> Answer:
        """People send: this rail is never called."""
        raise NotImplementedError(f"payout {order.id} is sent with the bank file")

    async def ask(self, order: Order) -> Answer | None:
        """People answer: this rail is never asked."""
        raise NotImplementedError(f"payout {order.id} is answered by a person")


def csv_of(orders: Iterable[Order]) -> str:
    """Return the file: a line an order, amounts as decimals of the currency, the payout's id as reference."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for order in orders:
        said = order.details
        texts = (said.get("name"), said.get("iban", said.get("account")), said.get("bic", said.get("bank")))
        writer.writerow([order.id, *map(_cell, texts), _decimal(order.amount, order.unit), order.unit])
    return out.getvalue()


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r")) else text


def _decimal(amount: int, currency: str) -> str:
    places = CURRENCIES.get(currency, 2)
    if places == 0:
        return str(amount)
    whole, part = divmod(amount, 10**places)
    return f"{whole}.{part:0{places}d}"

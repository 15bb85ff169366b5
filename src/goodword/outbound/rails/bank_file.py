"""Bank file: a person takes it to the bank, in the format that the bank takes, and enters what came of it. Nothing is called."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

from msgspec.structs import replace

from goodword.core.money import CURRENCIES
from goodword.outbound.rails import accounts
from goodword.outbound.rails.base import Answer, Order, Rail
from goodword.outbound.rails.details import ADDRESS, NAME, Field, one_of, text

COLUMNS = ("reference", "name", "account", "bank", "amount", "currency", "programs")
_FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would run, also behind spaces that it drops

#: Where a spreadsheet that divides at semicolons would begin a cell with one of them.
_BEHIND = re.compile(r"(;\s*)(?=[=+@-])")


class BankFile(Rail):
    """The rail."""

    kinds = ("cash",)
    modes = ("live", "sandbox")
    manual = True
    fields = (
        replace(
            NAME,
            required=True,
            meaning="Whose account it is, as their bank writes it, whatever pages call them: at most 70 characters.",
        ),
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
        Field(
            "type",
            "What that account is in the United States: checking or savings; checking where it is not said.",
            "savings",
            one_of(("checking", "savings")),
            way="account",
        ),
        Field(
            "paypal",
            "Instead of an account: the mail of a PayPal account, or its ID of 13 characters.",
            "ann@example.com",
            accounts.paypal,
            required=True,
            way="paypal",
        ),
        Field(
            "holder",
            "Who holds the account: a person or a company; a person where it is not said.",
            "company",
            one_of(("person", "company")),
        ),
        *ADDRESS,
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
        account = said.get("iban", said.get("account", said.get("paypal")))
        texts = (said.get("name"), account, said.get("bic", said.get("bank")))
        programs = cell(", ".join(order.programs))
        writer.writerow([order.id, *map(cell, texts), _decimal(order.amount, order.unit), order.unit, programs])
    return out.getvalue()


def cell(value: Any) -> str:
    """Return a value as a cell of a table that no program of tables takes for a formula."""
    text = "" if value is None else str(value)
    text = _BEHIND.sub(r"\1'", text)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r")) else text


def _decimal(amount: int, currency: str) -> str:
    places = CURRENCIES.get(currency, 2)
    if places == 0:
        return str(amount)
    whole, part = divmod(amount, 10**places)
    return f"{whole}.{part:0{places}d}"

"""SEPA credit transfers as pain.001.001.09: one message, one block, since all are paid from one account on one day in euro.

By the rules of the scheme, which are narrower than the schema: names of at most 70 characters, its own set of characters, euro alone,
a reference of its own for each, and no address but a structured one: free lines are refused by banks since 15 November 2026.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from goodword.core.money import decimal
from goodword.outbound.files.base import Batch, dashed, remittance, spelled
from goodword.outbound.files.calendars import in_sepa
from goodword.outbound.rails.base import Order

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
MOST_AMOUNT: Final = 99_999_999_999  # cents: 999,999,999.99
MOST_NAME: Final = 70
MOST_REMITTANCE: Final = 140
#: Field of the details -> element and its length, in the order of the schema.
_ADDRESS: Final = (("street", "StrtNm", 70), ("number", "BldgNb", 16), ("postcode", "PstCd", 16), ("town", "TwnNm", 35))


def refusal(order: Order, debtor: Mapping[str, str], day: date) -> str | None:
    """Return why SEPA cannot carry a payout."""
    del debtor
    said = order.details
    if order.unit != "EUR":
        return "currency_not_carried"
    if "iban" not in said:
        return "iban_missing"
    if not in_sepa(said["iban"], day):
        return "country_not_in_sepa"
    if order.amount > MOST_AMOUNT:
        return "amount_too_large"
    return "name_not_carried" if spelled(said.get("name"), MOST_NAME) is None else address_refusal(said)


def address_refusal(said: Mapping[str, str]) -> str | None:
    """Return why an address cannot be written: it is all or nothing, with town and country in fields of their own."""
    if not any(field in said for field in ("street", "number", "postcode", "town", "country")):
        return None
    if "town" not in said or "country" not in said:
        return "address_incomplete"
    fits = all(spelled(said[field], most) is not None for field, _, most in _ADDRESS if field in said)
    return None if fits else "address_not_carried"


def write(orders: Sequence[Order], batch: Batch) -> Iterator[str]:
    """Yield the message."""
    debtor = batch.debtor
    count, total = len(orders), decimal(sum(order.amount for order in orders), "EUR")
    name = _text("Nm", debtor["name"], MOST_NAME)
    sums = f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{total}</CtrlSum>"
    other = "<Othr><Id>NOTPROVIDED</Id></Othr>"
    bank = f"<BICFI>{debtor['bic']}</BICFI>" if "bic" in debtor else other
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><CstmrCdtTrfInitn>\n'
        f"<GrpHdr><MsgId>{batch.id}</MsgId><CreDtTm>{batch.at:%Y-%m-%dT%H:%M:%SZ}</CreDtTm>{sums}"
        f"<InitgPty>{name}</InitgPty></GrpHdr>\n"
        f"<PmtInf><PmtInfId>{batch.id}</PmtInfId><PmtMtd>TRF</PmtMtd>{sums}"
        "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>"
        f"<ReqdExctnDt><Dt>{batch.day.isoformat()}</Dt></ReqdExctnDt>"
        f"<Dbtr>{name}{_address(debtor)}</Dbtr><DbtrAcct><Id><IBAN>{debtor['iban']}</IBAN></Id></DbtrAcct>"
        f"<DbtrAgt><FinInstnId>{bank}</FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>\n"
    )
    for order in orders:
        yield _payment(order)
    yield "</PmtInf>\n</CstmrCdtTrfInitn></Document>\n"


def _payment(order: Order) -> str:
    said = order.details
    reference = dashed(order.id)
    bank = f"<CdtrAgt><FinInstnId><BICFI>{said['bic']}</BICFI></FinInstnId></CdtrAgt>" if "bic" in said else ""
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{reference}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="EUR">{decimal(order.amount, "EUR")}</InstdAmt></Amt>{bank}'
        f"<Cdtr>{_text('Nm', said['name'], MOST_NAME)}{_address(said)}</Cdtr>"
        f"<CdtrAcct><Id><IBAN>{said['iban']}</IBAN></Id></CdtrAcct>"
        f"<RmtInf><Ustrd>{remittance(order, MOST_REMITTANCE)}</Ustrd></RmtInf></CdtTrfTxInf>\n"
    )


def _text(element: str, text: str, most: int) -> str:
    found = spelled(text, most)
    assert found is not None  # noqa: S101 - asked before
    return f"<{element}>{escape(found)}</{element}>"


def _address(said: Mapping[str, str]) -> str:
    if "town" not in said:
        return ""
    parts = "".join(_text(element, said[field], most) for field, element, most in _ADDRESS if field in said)
    return f"<PstlAdr>{parts}<Ctry>{said['country']}</Ctry></PstlAdr>"

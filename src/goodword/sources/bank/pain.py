"""pain.002: what a bank says of the payments of a file that was handed in (ISO 20022)."""

from __future__ import annotations

from typing import BinaryIO, Final
from xml.etree.ElementTree import Element

from goodword.core.statements import DUPLICATE
from goodword.sources.bank import xml
from goodword.sources.bank.base import Heading, Line, Read, amount, token

_DROPPED = frozenset({"TxInfAndSts", "OrgnlPmtInfAndSts", "SplmtryData"})
_WANTED = frozenset({"MsgId", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts"})
#: Code of ISO 20022 -> what it means of a payment. What is taken over may still come back; only a statement says that it left.
_MEANS: Final = {
    **dict.fromkeys(("RJCT", "CANC"), "rejected"),
    **dict.fromkeys(("ACSC", "ACCC", "ACSP", "ACWC"), "accepted"),
}


def read(file: BinaryIO) -> Read:
    """Yield a line a payment; of a file, or a block of it, that was refused as a whole, one line. Raises BankFileError."""
    payments, below, message, raw = 0, 0, None, None
    refused: Line | None = None
    for end in xml.ends(file, _WANTED, _DROPPED):
        at = f"{end.name} {payments + 1}"
        if end.name == "MsgId" and end.path[-1:] == ("GrpHdr",):
            raw = (end.element.text or "").strip() or None
        elif end.name == "OrgnlGrpInfAndSts":
            message = xml.text(end.element, "OrgnlMsgId")
            if _MEANS.get(xml.text(end.element, "GrpSts") or "") == "rejected":
                refused = _whole("OrgnlGrpInfAndSts", message, _reason(end.element))
        elif end.name == "OrgnlPmtInfAndSts":
            if not below and _MEANS.get(xml.text(end.element, "PmtInfSts") or "") == "rejected":
                refused = None
                payments += 1
                yield _whole(at, xml.text(end.element, "OrgnlPmtInfId"), _reason(end.element))
            below = 0
        elif end.name == "TxInfAndSts":
            payments, below = payments + 1, below + 1
            money = xml.find(end.element, "OrgnlTxRef", "Amt", "InstdAmt")
            currency = money.get("Ccy", "") if money is not None else None
            names = ("OrgnlEndToEndId", "OrgnlInstrId", "OrgnlTxId", "StsId")
            account = ("OrgnlTxRef", "CdtrAcct", "Id")
            yield Line(
                at=at,
                said=_MEANS.get(xml.text(end.element, "TxSts") or "", "pending"),
                amount=-amount(money.text or "", currency or "", at) if money is not None else None,
                currency=currency,
                texts=tuple(said for name in names if (said := xml.text(end.element, name))),
                reference=token(xml.text(end.element, "AcctSvcrRef")),
                reason=_reason(end.element),
                other=xml.text(end.element, *account, "IBAN") or xml.text(end.element, *account, "Othr", "Id"),
            )
    if refused is not None and not payments:
        payments += 1
        yield refused
    yield Heading(at="pain.002", number=token(raw), raw=raw, size=payments)


def _whole(at: str, named: str | None, reason: str | None) -> Line:
    """The word that nothing of a file or block was taken: which payouts are in it, a person looks up by its name."""
    return Line(at=at, said="rejected", amount=None, currency=None, reference=token(named), reason=reason, back=True)


def _reason(element: Element) -> str | None:
    """The first reason of an element; one that says that there is another copy before all others."""
    found = [xml.text(it, "Rsn", "Cd") or xml.text(it, "Rsn", "Prtry") for it in element if it.tag.endswith("}StsRsnInf")]
    return next((it for it in found if it in DUPLICATE), next(filter(None, found), None))

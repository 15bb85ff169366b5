"""pain.002: what a bank says of the payments of a file that was handed in (ISO 20022)."""

from __future__ import annotations

import re
from typing import BinaryIO, Final
from xml.etree.ElementTree import Element

from goodword.core.statements import DUPLICATE
from goodword.sources.bank import xml
from goodword.sources.bank.base import Heading, Line, Read, amount, token

_DROPPED = frozenset({"TxInfAndSts", "OrgnlPmtInfAndSts", "SplmtryData"})
_WANTED = frozenset({"MsgId", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts"})
_COUNT: Final = re.compile(r"[0-9]{1,15}")
#: Code of ISO 20022 -> what it means of a payment. What is taken over may still come back; only a statement says that it left.
_MEANS: Final = {
    **dict.fromkeys(("RJCT", "CANC"), "rejected"),
    **dict.fromkeys(("ACSC", "ACCC", "ACSP", "ACWC"), "accepted"),
}


def read(file: BinaryIO) -> Read:
    """Yield a line a payment, and one of a file, or a block of it, that was refused as a whole. Raises BankFileError.

    The word on a whole may be about more payments than are listed, so it is a line in any case. What a payment does not say of itself
    the block says, or else the file, where it is that all of it was refused.
    """
    lines, raw = 0, None
    group: Line | None = None
    for end in xml.ends(file, _WANTED, _DROPPED):
        at = f"{end.name} {lines + 1}"
        if end.name == "MsgId" and end.path[-1:] == ("GrpHdr",):
            raw = (end.element.text or "").strip() or None
        elif end.name in ("OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts"):
            whole = _whole(end.element, at)
            group = whole if end.name == "OrgnlGrpInfAndSts" else group
            if whole.said == "rejected":
                lines += 1
                yield whole
        elif end.name == "TxInfAndSts":
            lines += 1
            block = _whole(end.around[-1], at) if end.path[-1] == "OrgnlPmtInfAndSts" else None
            yield _payment(
                end.element, next((it for it in (block, group) if it is not None and it.said != "pending"), None), at
            )
    yield Heading(at="pain.002", number=token(raw), raw=raw, size=lines)


def _whole(element: Element, at: str) -> Line:
    """What is said of a file or block: which payouts are in it, a person looks up by its name."""
    group = element.tag.endswith("}OrgnlGrpInfAndSts")
    status, name = (
        xml.text(element, it) for it in (("GrpSts", "OrgnlMsgId") if group else ("PmtInfSts", "OrgnlPmtInfId"))
    )
    count = _COUNT.fullmatch(xml.text(element, "OrgnlNbOfTxs") or "")
    return Line(
        at=at,
        count=int(count[0]) if count is not None else None,
        said=_MEANS.get(status or "", "pending"),
        amount=None,
        currency=None,
        texts=(name,) if name else (),
        reference=token(name),
        reason=_reason(element),
        back=True,
    )


def _payment(element: Element, whole: Line | None, at: str) -> Line:
    money = xml.find(element, "OrgnlTxRef", "Amt", "InstdAmt")
    currency = money.get("Ccy", "") if money is not None else None
    names = ("OrgnlEndToEndId", "OrgnlInstrId", "OrgnlTxId", "StsId")
    account = ("OrgnlTxRef", "CdtrAcct", "Id")
    status = xml.text(element, "TxSts")
    inherits = status is None and whole is not None and whole.said == "rejected"
    return Line(
        at=at,
        said="rejected" if inherits else _MEANS.get(status or "", "pending"),
        amount=-amount(money.text or "", currency or "", at) if money is not None else None,
        currency=currency,
        texts=tuple(said for name in names if (said := xml.text(element, name))),
        reference=token(xml.text(element, "AcctSvcrRef")),
        reason=_of(_reason(element), whole.reason if inherits and whole is not None else None),
        other=xml.text(element, *account, "IBAN") or xml.text(element, *account, "Othr", "Id"),
    )


def _reason(element: Element) -> str | None:
    """The first reason of an element; one that says that there is another copy before all others."""
    found = [
        xml.text(it, "Rsn", "Cd") or xml.text(it, "Rsn", "Prtry") for it in element if it.tag.endswith("}StsRsnInf")
    ]
    return _of(*found)


def _of(*reasons: str | None) -> str | None:
    return next((it for it in reasons if it in DUPLICATE), next(filter(None, reasons), None))

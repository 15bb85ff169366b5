"""camt.053 and camt.054: statements and notices of bookings (ISO 20022), one line a payment, also of those booked together."""

from __future__ import annotations

from collections import Counter
from typing import BinaryIO
from xml.etree.ElementTree import Element

from msgspec.structs import replace

from goodword.sources.bank import xml
from goodword.sources.bank.base import Heading, Line, Read, Total, amount, day, refuse, token

_DROPPED = frozenset(
    {"TxDtls", "Ntry", "Bal", "TxsSummry", "Stmt", "Ntfctn", "GrpHdr", "SplmtryData", "RltdAcct", "Intrst"}
)
_WANTED = frozenset({"Stmt", "Ntfctn", "Bal", "TxDtls", "Ntry"})
_OPENING, _BETWEEN, _CLOSING = ("OPBD", "PRCD"), "ITBD", "CLBD"


class _Entry:
    """An entry that is being read: its payments come before its end, and the first of them waits to hear whether it is the only one."""

    def __init__(self) -> None:
        self.first: Line | None = None
        self.count = 0
        self.sums: Counter[str | None] = Counter()
        self.charges = 0

    def add(self, line: Line, details: Element) -> None:
        """Count what a payment comes to, by currency; None: it says no amount."""
        self.count += 1
        self.sums[None if line.amount is None else line.currency] += line.amount or 0
        self.charges += _charges(details, line.at)

    def apart(self, entry: Element, whole: Total) -> bool:
        """Whether the payments of an entry do not come to it, but for charges that are stated. In another currency they need not."""
        if self.sums.keys() != {whole.currency}:
            return False
        return abs(self.sums[whole.currency] - whole.amount) > self.charges + _charges(entry, whole.at)


def read(file: BinaryIO) -> Read:
    """Yield the lines and headings of a file. Raises BankFileError."""
    heading, entry, entries, statements = Heading(at=""), _Entry(), 0, 0
    for end in xml.ends(file, _WANTED, _DROPPED):
        if end.name in ("Stmt", "Ntfctn") and len(end.path) == 2:  # noqa: PLR2004 - below Document and the message
            statements += 1
            yield _headed(end.element, replace(heading, at=f"{end.name} {statements}", size=entries))
            heading, entries = Heading(at=""), 0
        elif end.name == "Bal" and end.path[-1:] == ("Stmt",):
            heading = _balance(end.element, heading, f"Stmt {statements + 1}/Bal")
        elif end.name == "TxDtls" and "Ntry" in end.path:
            at = f"{end.path[2]} {statements + 1}/Ntry {entries + 1}/TxDtls {entry.count + 1}"
            around = end.around[end.path.index("Ntry")]
            line = _payment(around, end.element, at)
            entry.add(line, end.element)
            if entry.count == 1:
                entry.first = line
            else:
                yield from (line for line in (entry.first,) if line is not None)
                entry.first = None
                yield line
        elif end.name == "Ntry" and len(end.path) > 2:  # noqa: PLR2004 - as above
            entries += 1
            at = f"{end.path[2]} {statements + 1}/Ntry {entries}"
            whole = _total(end.element, at)
            whole = replace(whole, apart=entry.apart(end.element, whole))
            if _said(end.element) == "booked":
                yield whole
            if entry.first is not None:
                only = entry.first
                yield only if only.amount is not None else replace(only, amount=whole.amount, currency=whole.currency)
            elif not entry.count:
                yield _payment(end.element, None, at)
            entry = _Entry()


def _headed(element: Element, heading: Heading) -> Heading:
    other = xml.text(element, "Acct", "Id", "Othr", "Id")
    own = xml.text(element, "Id")
    page = xml.text(element, "StmtPgntn", "PgNb") or xml.text(element, "NtfctnPgntn", "PgNb")
    return replace(
        heading,
        number=token(own),
        raw=None if own is None else f"{own} {page or ''}".strip(),
        account=xml.text(element, "Acct", "Id", "IBAN") or other,
        currency=heading.currency or xml.text(element, "Acct", "Ccy"),
    )


def _balance(element: Element, heading: Heading, at: str) -> Heading:
    code = xml.text(element, "Tp", "CdOrPrtry", "Cd")
    money = xml.find(element, "Amt")
    if code not in (*_OPENING, _BETWEEN, _CLOSING) or money is None:
        return heading
    currency = money.get("Ccy", "")
    value = _signed(amount(money.text or "", currency, at), element, at)
    on = day(xml.text(element, "Dt", "Dt") or xml.text(element, "Dt", "DtTm"), at)
    heading = replace(heading, currency=heading.currency or currency)
    if heading.currency != currency:
        raise refuse(
            "currency_mixed", at, "the balances of a statement are in two currencies: ask the bank for a corrected file"
        )
    if code in _OPENING or (code == _BETWEEN and heading.opening is None):
        return replace(heading, opening=value, first=on)
    return replace(heading, closing=value, last=on)


def _signed(value: int, element: Element, at: str) -> int:
    """An amount by its indicator. That of a reversal says on which side it is booked, as any other does: it is not turned."""
    mark = xml.text(element, "CdtDbtInd")
    if mark not in ("CRDT", "DBIT"):
        raise refuse("indicator_missing", at, "CdtDbtInd is CRDT or DBIT: ask the bank for a corrected file")
    return value if mark == "CRDT" else -value


def _said(entry: Element) -> str:
    status = xml.find(entry, "Sts")
    code = (status.text or "").strip() or xml.text(status, "Cd") if status is not None else None
    return "booked" if code == "BOOK" else "pending"


def _total(entry: Element, at: str) -> Total:
    money = xml.find(entry, "Amt")
    if money is None:
        raise refuse("amount_invalid", at, "an entry has no amount: ask the bank for a corrected file")
    currency = money.get("Ccy", "")
    return Total(at, _signed(amount(money.text or "", currency, at), entry, at), currency)


def _charges(of: Element, at: str) -> int:
    """What is stated of charges, in minor units of whichever currency."""
    found = xml.find(of, "Chrgs")
    if found is None:
        return 0
    stated = xml.find(found, "TtlChrgsAndTaxAmt")
    records = [it for it in found if it.tag.rpartition("}")[2] == "Rcrd"]
    each = [stated] if stated is not None else [xml.find(it, "Amt") for it in records] or [xml.find(found, "Amt")]
    return sum(amount(it.text or "", it.get("Ccy", ""), at) for it in each if it is not None)


def _payment(entry: Element, part: Element | None, at: str) -> Line:
    """A payment of an entry, or the entry itself: what the payment does not say the entry says."""
    of = part if part is not None else entry
    whole = xml.find(entry, "Amt")
    amt = _amount(part, whole.get("Ccy") if whole is not None else None) if part is not None else whole
    value, currency = None, amt.get("Ccy", "") if amt is not None else None
    if amt is not None:
        sides = of if xml.find(of, "CdtDbtInd") is not None else entry
        value = _signed(amount(amt.text or "", currency or "", at), sides, at)
    side = value if value is not None else _signed(1, entry, at)
    texts = (*_references(of), *(_references(entry) if part is not None else ()))
    party = ("CdtrAcct", "DbtrAcct") if side < 0 else ("DbtrAcct", "CdtrAcct")
    given_back, parties = xml.find(of, "RtrInf"), xml.find(of, "RltdPties")
    back = given_back is not None or xml.text(entry, "RvslInd") == "true"
    return Line(
        at=at,
        said=_said(entry),
        amount=value,
        currency=currency,
        day=day(_on(entry, "BookgDt"), at),
        valued=day(_on(entry, "ValDt"), at),
        texts=texts,
        reference=token(xml.text(of, "Refs", "AcctSvcrRef")) or token(xml.text(entry, "AcctSvcrRef")),
        reason=xml.text(given_back, "Rsn", "Cd") or xml.text(given_back, "Rsn", "Prtry")
        if given_back is not None
        else None,
        other=_account(parties, party[1 if back and side > 0 else 0]) if parties is not None else None,
        back=back,
    )


def _on(entry: Element, name: str) -> str | None:
    found = xml.find(entry, name)
    return None if found is None else xml.text(found, "Dt") or xml.text(found, "DtTm")


def _amount(part: Element, booked: str | None) -> Element | None:
    """What was ordered, where that was in another currency than the account's; or else what was booked, wherever a version has it."""
    ordered = xml.find(part, "AmtDtls", "InstdAmt", "Amt")
    if ordered is not None and ordered.get("Ccy") != booked:
        return ordered
    there = xml.find(part, "AmtDtls", "TxAmt", "Amt")
    return there if there is not None else xml.find(part, "Amt")


def _references(of: Element) -> list[str]:
    """End-to-end id first; then all else in which a payout may be named: references, and what was told to the payee."""
    refs = xml.find(of, "Refs")
    named = [xml.text(refs, "EndToEndId")] if refs is not None else []
    if refs is not None:
        named += [(child.text or "").strip() for child in refs if child.tag.rpartition("}")[2] != "EndToEndId"]
    for place in (xml.find(of, "RmtInf"), xml.find(of, "RtrInf")):
        if place is not None:
            named.append("".join((child.text or "").strip() for child in place.iter()))
    named += [xml.text(of, name) for name in ("AddtlTxInf", "AddtlNtryInf", "NtryRef", "AcctSvcrRef")]
    return [text for text in named if text]


def _account(parties: Element, role: str) -> str | None:
    return xml.text(parties, role, "Id", "IBAN") or xml.text(parties, role, "Id", "Othr", "Id")

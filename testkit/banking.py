"""Files of a bank, written after the published schemas with values of our own: what the readers are held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from msgspec import Struct

#: Of test ranges: nobody's.
OURS = "DE89370400440532013000"
THEIRS = "GB33BUKB20201555555555"


class Booked(Struct, frozen=True, kw_only=True):
    """A line of an account: ``amount`` in cents, below zero what left it; ``named``: its end-to-end id."""

    named: str
    amount: int
    day: str = "2026-11-30"
    reason: str | None = None
    text: str = ""
    other: str | None = THEIRS
    status: str = "BOOK"
    currency: str = "EUR"


def figure(cents: int, mark: str = ".") -> str:
    """Return an amount without its sign."""
    return f"{abs(cents) // 100}{mark}{abs(cents) % 100:02d}"


def camt(
    lines: Sequence[Booked], *, form: str = "camt.053", opening: int = 100_000, closing: int | None = None, number: str = "STMT1",
    version: str = "08", batch: bool = False,
) -> bytes:  # fmt: skip
    """Return a statement, or a notice, of these lines. ``batch``: all are one entry. ``closing``: instead of what they come to."""
    end = opening + sum(it.amount for it in lines if it.status == "BOOK") if closing is None else closing
    message, part = ("BkToCstmrStmt", "Stmt") if form == "camt.053" else ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
    first, last = (min(it.day for it in lines), max(it.day for it in lines)) if lines else ("2026-11-30", "2026-11-30")
    balances = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{figure(value)}</Amt>"
        f"<CdtDbtInd>{'DBIT' if value < 0 else 'CRDT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        for code, value, day in (("OPBD", opening, first), ("CLBD", end, last))
    )
    if batch:
        whole = sum(it.amount for it in lines)
        entries = _entry(whole, lines[0].day, "BOOK", version, "".join(_details(it, version) for it in lines))
    else:
        entries = "".join(
            _entry(it.amount, it.day, it.status, version, _details(it, version), it.currency) for it in lines
        )
    return (
        f"<?xml version='1.0' encoding='UTF-8'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:{form}.001.{version}'><{message}>"
        f"<GrpHdr><MsgId>M-{number}</MsgId><CreDtTm>2026-11-30T06:00:00</CreDtTm></GrpHdr><{part}><Id>{number}</Id>"
        f"<Acct><Id><IBAN>{OURS}</IBAN></Id><Ccy>EUR</Ccy></Acct>{balances if part == 'Stmt' else ''}{entries}"
        f"</{part}></{message}></Document>"
    ).encode()


def _entry(amount: int, day: str, status: str, version: str, details: str, currency: str = "EUR") -> str:
    said = f"<Cd>{status}</Cd>" if version >= "08" else status
    return (
        f"<Ntry><Amt Ccy='{currency}'>{figure(amount)}</Amt><CdtDbtInd>{'DBIT' if amount < 0 else 'CRDT'}</CdtDbtInd><Sts>{said}</Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>B{day.replace('-', '')}</AcctSvcrRef>"
        f"<BkTxCd/><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def _details(it: Booked, version: str) -> str:
    money = f"<Amt Ccy='{it.currency}'>{figure(it.amount)}</Amt>"
    amount = (
        f"{money}<CdtDbtInd>{'DBIT' if it.amount < 0 else 'CRDT'}</CdtDbtInd>"
        if version >= "04"
        else f"<AmtDtls><TxAmt>{money}</TxAmt></AmtDtls>"
    )
    role = "CdtrAcct" if it.amount < 0 or it.reason else "DbtrAcct"
    party = f"<RltdPties><{role}><Id><IBAN>{it.other}</IBAN></Id></{role}></RltdPties>" if it.other else ""
    told = f"<RmtInf><Ustrd>{escape(it.text)}</Ustrd></RmtInf>" if it.text else ""
    back = f"<RtrInf><Rsn><Cd>{it.reason}</Cd></Rsn></RtrInf>" if it.reason else ""
    return f"<TxDtls><Refs><EndToEndId>{escape(it.named)}</EndToEndId></Refs>{amount}{party}{told}{back}</TxDtls>"


def pain(
    said: Iterable[tuple[str, str | None, str | None]],
    *,
    whole: str | None = None,
    block: str = "",
    reason: str = "FF01",
) -> bytes:
    """Return what a bank says of (end-to-end id, status, reason); ``whole``: it refuses all of this message, for ``reason``.

    ``block``: the status of all payments that are listed.
    """
    group = f"<OrgnlGrpInfAndSts><OrgnlMsgId>{whole or 'M1'}</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>" + (
        f"<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if whole else ""
    )
    parts = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{escape(named)}</OrgnlEndToEndId>"
        + (f"<TxSts>{status}</TxSts>" if status else "")
        + (f"<StsRsnInf><Rsn><Cd>{why}</Cd></Rsn></StsRsnInf>" if why else "")
        + "</TxInfAndSts>"
        for named, status, why in said
    )
    said_of = f"<PmtInfSts>{block}</PmtInfSts><StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if block else ""
    blocks = (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId>{said_of}{parts}</OrgnlPmtInfAndSts>"
        if parts or block
        else ""
    )
    return (
        "<?xml version='1.0' encoding='UTF-8'?><Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.002.001.10'><CstmrPmtStsRpt>"
        f"<GrpHdr><MsgId>S1</MsgId></GrpHdr>{group}</OrgnlGrpInfAndSts>{blocks}</CstmrPmtStsRpt></Document>"
    ).encode()


def mt940(lines: Sequence[Booked], *, opening: int = 100_000, closing: int | None = None) -> bytes:
    """Return a statement by SWIFT: the end-to-end id stands in parts of 27 characters, without the mark that SWIFT has not."""
    end = opening + sum(it.amount for it in lines) if closing is None else closing
    out = [
        ":20:STARTUMS",
        f":25:{OURS}",
        ":28C:00032/001",
        f":60F:{'D' if opening < 0 else 'C'}261129EUR{figure(opening, ',')}",
    ]
    for it in lines:
        day = it.day.replace("-", "")[2:]
        mark = "D" if it.amount < 0 else "RD" if it.reason else "C"
        out.append(f":61:{day}{day[2:]}{mark}{figure(it.amount, ',')}NTRFNONREF//B{day}")
        told = f"EREF+{it.named.replace('_', '-')} SVWZ+{it.text}" + (f" IBAN+ {it.other}" if it.other else "")
        parts = [told[at : at + 27] for at in range(0, len(told), 27)]
        out.append(":86:116?00UEBERWEISUNG" + "".join(f"?{20 + n}{part}" for n, part in enumerate(parts[:9])))
    return "\r\n".join([*out, f":62F:{'D' if end < 0 else 'C'}261130EUR{figure(end, ',')}", "-", ""]).encode(
        "iso-8859-1"
    )


#: The columns of ``columns``, and how they are read.
MAPPING = (
    "columns: {day: Tag, amount: Betrag, text: Zweck, balance: Saldo}\n"
    f"currency: EUR\naccount: {OURS}\ndecimal: comma\ndates: DD.MM.YYYY\n"
)


def columns(lines: Sequence[Booked], *, opening: int = 100_000) -> bytes:
    """Return a CSV as a bank in Germany exports it."""
    out, balance = ["Tag;Betrag;Zweck;Saldo"], opening
    for it in lines:
        balance += it.amount
        sign, left = "-" if it.amount < 0 else "", "-" if balance < 0 else ""
        day = ".".join(reversed(it.day.split("-")))
        out.append(f'{day};{sign}{figure(it.amount, ",")};"{it.named} {it.text}";{left}{figure(balance, ",")}')
    return ("\r\n".join(out) + "\r\n").encode()

"""Reports of mail servers on a mail, as Postfix and a mail provider write them (RFC 3464, RFC 5965)."""

from __future__ import annotations

from typing import Final

WS: Final = f"wsp_{'0' * 26}"
STOP: Final = "Ab-_" * 5
_ADDRESS: Final = f"https://refer.example/portal/{WS}/letters/{STOP}"
_MAIL: Final = """List-Unsubscribe: <{address}>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
From: Acme <refer@shop.example>
To: ann@mail.example
Subject: Your reward is approved
Message-ID: <ltr_00000000000000000000000000@shop.example>
MIME-Version: 1.0
Content-Type: text/plain
"""
_REPORT: Final = """Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: refer@shop.example
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type={report};
 boundary="A1B2.1/mx.example"
Message-Id: <1@mx.example>

This is a MIME-encapsulated message.

--A1B2.1/mx.example
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

<ann@mail.example>: see below

--A1B2.1/mx.example
Content-Type: {kind}

{fields}
--A1B2.1/mx.example
Content-Type: {returned}

{mail}
--A1B2.1/mx.example--
"""


def delivery(
    *said: tuple[str, str],
    address: str = _ADDRESS,
    kind: str = "message/delivery-status",
    returned: str = "text/rfc822-headers",
) -> bytes:
    """Return a delivery status notification. ``said``: action and status of each recipient; ``address``: for unsubscribing."""
    groups = [f"Final-Recipient: rfc822; ann@mail.example\nAction: {a}\nStatus: {s}\n" for a, s in said]
    fields = "\n".join(["Reporting-MTA: dns; mx.example\nArrival-Date: Tue, 1 Dec 2026 10:00:00 +0000\n", *groups])
    return _report("delivery-status", kind, fields, address, returned)


def complaint(kind: str, *, address: str = _ADDRESS, returned: str = "message/rfc822") -> bytes:
    """Return a feedback report of a kind. ``address``: for unsubscribing."""
    fields = f"Feedback-Type: {kind}\nUser-Agent: Provider/1.0\nVersion: 1\nOriginal-Rcpt-To: <ann@mail.example>\n"
    return _report("feedback-report", "message/feedback-report", fields, address, returned)


def _report(report: str, kind: str, fields: str, address: str, returned: str) -> bytes:
    mail = _MAIL.format(address=address) + (
        "\nWe have news.\n" if returned in ("message/rfc822", "message/global") else ""
    )
    return _REPORT.format(report=report, kind=kind, fields=fields, returned=returned, mail=mail).encode()

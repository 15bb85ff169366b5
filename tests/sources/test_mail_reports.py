"""Reports of mail servers: what each says of a mail of ours, found by the address for unsubscribing; and what is no report."""

import time

import pytest
from testkit.reports import STOP, WS, complaint, delivery

from goodword.sources import mail_reports
from goodword.sources.mail_reports import MOST_BYTES, MOST_LINES, MOST_PARTS, Report, ReportError


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (("failed", "5.1.1"), "hard_bounce"),
        (("Failed", "5.7.26 (policy)"), "hard_bounce"),
        (("failed", "4.4.7"), "soft_bounce"),
        (("delayed", "4.4.1"), "nothing"),
        (("delivered", "2.0.0"), "nothing"),
        (("relayed", "2.0.0"), "nothing"),
        (("expanded", "2.0.0"), "nothing"),
    ],
)
@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822", "message/global-headers"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_a_server_says_of_a_mail(status: tuple[str, str], outcome: str, returned: str, ends: str) -> None:
    """Only what failed came back, by the class of its status for good or for now; headers alone are enough."""
    data = delivery(status, returned=returned).replace(b"\n", ends.encode())
    assert mail_reports.read(data) == Report(outcome, WS, STOP)  # type: ignore[arg-type]


def test_the_worst_of_several_recipients_holds() -> None:
    """A list behind the one address that we wrote to makes several."""
    assert mail_reports.read(delivery(("delivered", "2.0.0"), ("failed", "4.2.2"))).outcome == "soft_bounce"
    assert mail_reports.read(delivery(("failed", "4.2.2"), ("failed", "5.1.1"))).outcome == "hard_bounce"


def test_an_international_report_is_read_too() -> None:
    """RFC 6533: the groups of its fields are found as well."""
    data = delivery(("failed", "5.1.1"), kind="message/global-delivery-status", returned="message/global")
    assert mail_reports.read(data) == Report("hard_bounce", WS, STOP)


def test_a_header_that_a_server_folded_is_found() -> None:
    """Relays fold what is long."""
    data = delivery(("failed", "5.1.1")).replace(b"/letters/", b"/let\n ters/")
    assert mail_reports.read(data).stop == STOP


@pytest.mark.parametrize(
    ("kind", "outcome"), [("abuse", "complaint"), ("ABUSE", "complaint"), ("not-spam", "nothing"), ("other", "nothing")]
)
@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_who_calls_a_mail_unwanted_complains(kind: str, outcome: str, returned: str) -> None:
    """Nothing else of a feedback report is a complaint."""
    assert mail_reports.read(complaint(kind, returned=returned)) == Report(outcome, WS, STOP)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\x00" * 100,
        b"Subject: Out of office\n\nI am away.\n",
        b"Content-Type: multipart/report; report-type=delivery-status\n\nno parts\n",
        delivery(("failed", "5.1.1")).replace(b"delivery-status;", b"disposition-notification;"),
        delivery(("failed", "5.1.1")).replace(b"List-Unsubscribe", b"List-Id"),
        delivery(("failed", "5.1.1")).replace(STOP.encode(), STOP.encode() + b"x"),
        delivery(("failed", "five")),
        delivery(),
        complaint("abuse").replace(b"Feedback-Type", b"Feeling"),
    ],
)
def test_what_is_no_report_of_ours_says_what_to_do(data: bytes) -> None:
    """One code, and a sentence in which nothing of the mail stands."""
    with pytest.raises(ReportError) as failed:
        mail_reports.read(data)
    assert failed.value.code == "report_invalid"
    assert "ann@" not in str(failed.value)
    assert str(failed.value).startswith("This is no report that can be read. ")


def test_a_hostile_mail_is_turned_away_before_it_is_parsed() -> None:
    """Too many bytes, lines or parts within parts; the most that is parsed takes no second."""
    line, part = b"a\r", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
    head = delivery(("failed", "5.1.1"))
    for large in (head + b"x" * MOST_BYTES, head + line * MOST_LINES, b"\n" + part * (MOST_PARTS + 1)):
        with pytest.raises(ReportError, match="It has more than"):
            mail_reports.read(large)
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(MOST_PARTS))
    begun = time.process_time()
    for worst in (deep + b"--\n" * (MOST_LINES - 100), deep + b"x" * (MOST_BYTES - len(deep))):
        with pytest.raises(ReportError, match="multipart/report"):
            mail_reports.read(worst)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("charset", ["idna", "punycode", "undefined", "\0"])
@pytest.mark.parametrize("parameter", ["boundary", "report-type"])
def test_a_parameter_in_a_charset_that_fails_is_no_fault_of_ours(parameter: str, charset: str) -> None:
    """Anybody can write such a mail to where reports come: it is turned away for good, and no mail server tries again."""
    mail = (
        f"Content-Type: multipart/report; report-type=delivery-status; {parameter}*={charset}''b%ff\n\n--b\n\n--b--\n"
    )
    with pytest.raises(ReportError) as failed:
        mail_reports.read(mail.encode())
    assert failed.value.code == "report_invalid"

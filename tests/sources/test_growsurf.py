"""GrowSurf's refunds: what did not go through takes nothing back, two are two, and a test is one in any form."""

from typing import Any

import pytest
from tests.sources.taken import NOW, taken

from goodword.sources.base import Problem, Request
from goodword.sources.growsurf import SOURCE
from goodword.sources.said import Said
from goodword.sources.told import WrongError

REFUND = {"externalId": "o1", "refundId": "r1", "refundAmount": 500, "currency": "EUR"}


def refund(**said: Any) -> Any:
    """Return what a refund becomes."""
    [found] = taken(SOURCE, "/v2/campaign/main/participant/bob/transaction/refund", REFUND | said)
    return found


@pytest.mark.parametrize("state", ["FAILED", "failed", "PENDING", "CANCELED"])
def test_a_refund_that_did_not_go_through_takes_nothing_back(state: str) -> None:
    assert refund(refundStatus=state) is None
    assert refund(refundStatus="SUCCEEDED")["amount"] == 500


def test_two_refunds_of_as_much_are_told_apart_or_asked_for() -> None:
    """By their own ids; without one the second could be the first again."""
    assert refund(refundId="r1")["refund_id"] != refund(refundId="r2")["refund_id"]
    assert refund(refundId=None) == Problem("missing_field", "refund_id", None)
    assert refund(refundId=None, refundAmount=None)["type"] == "conversion.canceled"


@pytest.mark.parametrize("mode", [True, "true", "True", 1, "1"])
def test_a_test_is_one_however_it_is_written(mode: Any) -> None:
    """In a live workspace it is refused; what is false is none."""
    for body, code in ((b'{"testMode": %s}', "test_mode"),):
        written = str(mode).lower() if not isinstance(mode, str) else f'"{mode}"'
        sent = Request(
            "/v2/campaign/main/participant/bob/transaction", lambda _: "", body % written.encode(), NOW, True
        )
        assert [getattr(it, "code", None) for it in SOURCE.read(sent)] == [code]
    sent = Request("/v2/campaign/main/participant/bob/transaction", lambda _: "", b'{"testMode": "false"}', NOW, True)
    assert all(isinstance(it, Said) for it in SOURCE.read(sent))


@pytest.mark.parametrize("amount", ["1_000", "\u0661\u0662", "--5", "+5", " 5", 5.0, True])
def test_an_amount_is_a_whole_number_in_plain_digits(amount: Any) -> None:
    with pytest.raises(WrongError):
        Said("sale", (), {"amount": amount}, NOW).whole("amount")
    assert Said("sale", (), {"amount": "-12"}, NOW).whole("amount") == -12

"""What an event is about decides what must wait behind it."""

from goodword.core import events
from goodword.core.subjects import subjects

STAMP = {"evt": "evt_1", "source": "native", "occurred_at": 1, "accepted_at": 1}


def test_subjects_are_what_an_event_names() -> None:
    """Customer, invoice, payout and listed rewards are subjects; codes, visitors and amounts are not."""
    sale = events.ConversionRecorded(**STAMP, person="per_1", invoice="inv_1", amount=1, currency="EUR", code="cod_1")
    assert subjects(sale) == {"per_1", "inv_1"}
    assert subjects(events.ConversionRefunded(**STAMP, invoice="inv_1", refund="r", amount=1)) == {"inv_1"}
    assert subjects(events.ClickRecorded(**STAMP, code="cod_1", visitor="vis_1")) == set()
    assert subjects(events.PayoutAnswered(**STAMP, payout="pay_1", outcome="sent")) == {"pay_1"}
    items = (events.Item(id="rwd_1", amount=1, unit="EUR"), events.Item(id="rwd_2", amount=1, unit="EUR"))
    assert subjects(events.ApprovalGiven(**STAMP, items=items, list_sha256="")) == {"rwd_1", "rwd_2"}

"""What waits for the invoice of its payment: it is forgotten once it is stored, and never unseen."""

from dataclasses import replace

import msgspec
from testkit import sent
from tests.app.conftest import House

from goodword.app.intake.ingest import Ingest
from goodword.sources import native
from goodword.sources.base import ByPayment, Paid, Sender
from goodword.sources.registry import REGISTRY
from goodword.store import payments

SOURCE = replace(REGISTRY["stripe"], map=lambda item: (item,))
STRIPE = Sender("stripe", verified=True)
#: One who may not send what waits: stands for whatever has it refused once it is known which invoice it is of.
LESS = Sender("stripe", verified=True, types=frozenset({native.ConversionRecorded}))


def refund(n: int, payment: str) -> ByPayment:
    said = sent.refund(f"re{n}", payment, f"re_{n}", 3_000, currency="EUR")
    return ByPayment(payment, msgspec.convert(said, native.ConversionRefunded))


async def told(house: House, sender: Sender, *said: Paid | ByPayment) -> list[list[str | None]]:
    """Tell what a source made of its items, one of each; returns what became of each."""
    answers = await Ingest(house.engine, house.vault).take(house.workspace, sender, SOURCE, said)
    return [[None if one is None else one.status for one in item] for item in answers]


async def waiting(house: House) -> int:
    async with house.pool.acquire() as conn:
        return sum(one.events for one in await payments.waiting(conn, house.ws))


async def test_what_waited_and_is_refused_waits_on_and_is_told(house: House) -> None:
    """Beside what was said of its payment, each time; once it can be stored it is, and is held no longer."""
    assert await told(house, STRIPE, refund(1, "pi_1"), refund(2, "pi_2")) == [["held"], ["held"]]
    both = Paid("pi_2", "in_2"), Paid("pi_1", "in_1")
    assert await told(house, LESS, *both) == [[None, "invalid"], [None, "invalid"]]
    assert await waiting(house) == 2
    assert await told(house, LESS, both[1]) == [[None, "invalid"]]
    assert await told(house, STRIPE, both[1]) == [[None]]
    assert await waiting(house) == 1
    assert await told(house, STRIPE, refund(2, "pi_2")) == [["accepted"]]
    assert await waiting(house) == 0

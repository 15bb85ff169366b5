"""What makes no sense is refused at the door of a use case: nothing of it is decided, and the sentence says what to do."""

from fractions import Fraction

import pytest
from testkit.house import OWNER
from tests.app.conftest import House

from goodword.app.errors import InvalidError
from goodword.app.say import claims


@pytest.mark.parametrize("person", ["", "  "])
async def test_a_claim_about_nobody_is_refused(house: House, person: str) -> None:
    """Whoever enters one names a friend; the log does not grow."""
    before = await house.position()
    shares = [("per_ann", Fraction(1))]
    with pytest.raises(InvalidError, match="Name the friend"):
        await claims.enter(house.as_(OWNER), house.directory, "main", person, shares, 0, "mail", None, (), "key")
    assert await house.position() == before

"""What is known of a customer beside their referrals: which country counts where a condition asks for one."""

import pytest
from testkit.stories import tell, world
from testkit.world import advocate

from goodword.core.state import Customer

GERMAN = {"conditions": [{"kind": "country", "any_of": ["DE"]}], "counts": {"months": 12}}


@pytest.mark.parametrize(
    "story",
    [
        # the lead's country stands, whatever a conversion names for itself
        """02-01 lead bob code=ANN country=DE
           02-02 buy bob 10.00 EUR invoice=1 country=AT -> refused condition_not_met
           02-03 buy bob 10.00 EUR invoice=2            -> ann 1.00 EUR
           02-04 buy bob 10.00 EUR invoice=3 country=DE -> ann 1.00 EUR""",
        # without it the first conversion that names one says it
        """02-01 lead bob code=ANN
           02-02 buy bob 10.00 EUR invoice=1            -> refused condition_not_met
           02-03 buy bob 10.00 EUR invoice=2 country=DE -> ann 1.00 EUR
           02-04 buy bob 10.00 EUR invoice=3 country=AT -> refused condition_not_met
           02-05 buy bob 10.00 EUR invoice=4            -> ann 1.00 EUR""",
    ],
)
def test_a_later_conversion_names_no_other_country_than_its_own(story: str) -> None:
    """A conversion's country counts for itself; it is the customer's only where none was known. So what names none has the first."""
    made = world(rewards=[advocate(percent="10")], conversion=GERMAN)
    tell(made, story)
    customer = made.state.get(Customer, "bob")
    assert customer is not None
    assert customer.country == "DE"


def test_a_later_lead_names_the_country_anew() -> None:
    """Who becomes known once more has the country that is said then."""
    made = world(rewards=[advocate(percent="10")], conversion=GERMAN)
    tell(
        made,
        """02-01 lead bob code=ANN country=AT
           02-02 buy bob 10.00 EUR invoice=1 -> refused condition_not_met
           02-03 lead bob country=DE
           02-04 buy bob 10.00 EUR invoice=2 -> ann 1.00 EUR""",
    )

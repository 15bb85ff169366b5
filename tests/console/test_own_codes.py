"""What is left of a code of our own, on the pages of its payout, reward and person: the code itself is on none."""

from tests.api.test_own_codes import _delivered, _redeem
from tests.console.conftest import Console


def test_pages_show_what_is_left_of_a_code_and_never_the_code(desk: Console) -> None:
    """As it is used, it gets less on each of the three."""
    made = _delivered(desk.api)
    _redeem(desk.api, made.code, "r1", 500)
    ann = desk.api.person("ann")
    for page in (f"payouts/{made.payout}", f"rewards/{made.reward}", f"people/{ann}"):
        shown = desk.html(f"/console/{page}")
        assert "15.00" in shown, page
        assert made.code not in shown
        assert "code" in shown
    assert desk.json(f"/console/payouts/{made.payout}")["behind"]["amount"] == 2_000

"""The page of a company's own system: connected by a form, its secret shown once, ended; another one only where nothing is lost."""

from testkit import own_system as shops
from tests.console.conftest import Console

PAGE = "/console/settings/own-system"


def test_a_system_is_connected_on_its_page_and_its_secret_shown_once(desk: Console) -> None:
    """Before, no payout can go there; then the secret is on one page alone, is exchanged, and the system is forgotten."""
    assert "No system of yours books rewards yet" in desk.html(PAGE)
    assert "own_system" not in desk.json("/console/payouts/draft")["rails"]
    wrong = desk.form(PAGE, kind="signed", address="http://10.0.0.1/book", key="")
    assert wrong.status_code == 400
    with shops.serving() as shop:
        made = desk.form(PAGE, kind="signed", address=shop.url, key="")
        assert "whsec_" in made.text, made.text
        page = desk.html(PAGE)
        assert shop.url in page
        assert "whsec_" not in page
        assert "own_system" in desk.json("/console/payouts/draft")["rails"]
        again = desk.form(f"{PAGE}/secret")
        assert "whsec_" in again.text
        assert "Old secret signs until" in desk.html(PAGE)
        ended = desk.form(f"{PAGE}/end")
        assert ended.headers["location"].endswith("done=own_system_ended")
    assert "No system of yours books rewards yet" in desk.html(PAGE)

"""What a form says is said once, by whoever may, from a page of ours; what failed keeps what was typed."""

import base64
import zlib
from hashlib import sha256

import pytest
from msgspec.structs import replace
from tests.console.conftest import Console

from goodword import console
from goodword.app.errors import InvalidError
from goodword.app.principal import action_of
from goodword.console.forms import Form, items_of, list_of, of_items, of_list
from goodword.console.members import given
from goodword.core import access
from goodword.core.events import Item
from goodword.store.uuid7 import new_id


def test_the_clock_of_a_sandbox_is_moved_by_a_form(desk: Console) -> None:
    """Once, however often the form is sent; it stands in the header of every page."""
    before = desk.json("/console/clock")
    assert before["moves"]
    step = before["steps"][0][1]
    first = desk.form("/console/clock", step=step, once="one")
    assert (first.status_code, first.headers["location"]) == (303, "/console/clock?done=clock_moved")
    assert desk.form("/console/clock", step=step, once="one").status_code == 303
    assert desk.json("/console/clock")["now_at"] == step
    assert "The clock was moved" in desk.html("/console/clock?done=clock_moved")
    assert desk.form("/console/clock", "application/json", to="2027-01-01T00:00").json() == {
        "see": "/console/clock?done=clock_moved"
    }
    assert "1 Jan 2027, 00:00" in desk.html("/console/rewards")


def test_a_form_that_fails_says_why_and_keeps_what_was_typed(desk: Console) -> None:
    """Also where the product refuses it."""
    wrong = desk.form("/console/clock", to="next week")
    assert wrong.status_code == 400
    assert "Write the instant as" in wrong.text
    assert 'value="next week"' in wrong.text
    desk.form("/console/clock", to="2027-01-01T00:00")
    back = desk.form("/console/clock", to="2026-01-01T00:00")
    assert back.status_code == 409
    assert 'value="2026-01-01T00:00"' in back.text


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        (None, {}),
        ("another", {}),
        ("token", {"origin": "https://evil.example"}),
        ("token", {"sec-fetch-site": "cross-site"}),
        ("token", {"sec-fetch-site": "same-site"}),
    ],
)
def test_nothing_is_done_for_a_form_of_elsewhere(desk: Console, form: str | None, headers: dict[str, str]) -> None:
    """Of another site, or of another session."""
    before = desk.json("/console/clock")
    answer = desk.form("/console/clock", form=form, headers=headers, step=before["steps"][2][1])
    assert answer.status_code == 403
    assert desk.json("/console/clock") == before


def test_a_form_says_what_its_use_case_permits(desk: Console) -> None:
    """For every form and every role: who may not gets 403 before anything is read, whatever the form holds."""
    assert console.acts()
    for act in console.acts():
        path = "/console" + act.path.replace("{", "").replace("}", "")
        for role, may in access.ROLES.items():
            desk.be(role)
            answer = desk.form(path)
            assert (answer.status_code == 403) == (action_of(act.use_case) not in may), (path, role)


def test_a_notice_is_one_of_ours(desk: Console) -> None:
    """What an address says is no sentence of a page."""
    assert "You won" not in desk.html("/console/clock?done=You+won")
    assert 'role="status"' not in desk.html("/console/clock?done=nothing_of_ours")


@pytest.mark.parametrize("destination", [None, "ab" * 32])
def test_a_list_comes_back_as_it_went(destination: str | None) -> None:
    """Whatever it is of, with the digest of payment details or without; one that is cut is refused."""
    items = tuple(
        Item(id=f"rwd_{n}", amount=-n, unit=unit, destination=destination)
        for n, unit in enumerate(("EUR", "points:shop"))
    )
    sent = of_items(items)
    assert items_of(Form({"items": [sent]})) == items
    for cut in (sent[:-70], sent + ";", "", "[]", sent.replace("EUR", "EUR,")):
        with pytest.raises(InvalidError):
            items_of(Form({"items": [cut]}))


def test_a_long_list_comes_back_as_it_went_but_for_the_ends_of_its_digests() -> None:
    """A thousand rewards of as many payees are 40 kB; what is cut, swollen or no list at all is refused."""
    digests = [sha256(str(n).encode()).hexdigest() for n in range(1_000)]
    items = tuple(Item(id=new_id("rwd"), amount=n, unit="EUR", destination=it) for n, it in enumerate(digests))
    sent = of_list(items)
    assert len(sent) < 40_000
    assert list_of(Form({"items": [sent]})) == tuple(
        replace(it, destination=(it.destination or "")[:12]) for it in items
    )
    swollen = base64.urlsafe_b64encode(zlib.compress(b"a" * (1 << 20))).decode()
    for cut in (sent[:-4], sent[4:], "", "x", of_items(items), swollen):
        with pytest.raises(InvalidError):
            list_of(Form({"items": [cut]}))


@pytest.mark.parametrize("typed", ["EUR 500,00", "EUR 5,00", "EUR 50,000,00", "EUR 1000,000", "EUR ,500"])
def test_a_comma_that_may_be_a_point_makes_no_limit_a_hundredfold(typed: str) -> None:
    """It is refused, and whoever typed it says which of the two they mean; commas that set thousands apart are read."""
    with pytest.raises(InvalidError):
        given(Form({"limits": [typed]}))
    assert given(Form({"limits": ["EUR 1,500.00\nUSD 2,000,000"]}))[1] == {"EUR": 150_000, "USD": 200_000_000}

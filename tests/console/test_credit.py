"""Store credit on its person's page: what there is, the lots with their ends, and what moved it, each with its entry."""

from tests.api.test_credit import _delivered, _redeem
from tests.console.conftest import Console


def test_the_page_of_a_person_has_their_credit_with_each_entry_that_moved_it(desk: Console) -> None:
    """Delivered and used, it stands there, and each movement leads to its entry of the log; without any there is no section."""
    ann = _delivered(desk.api)
    _redeem(desk.api, ann, "order-7", 2_000, order_reference="order-7")
    page, view = desk.html(f"/console/people/{ann}"), desk.json(f"/console/people/{ann}")["credit"]
    assert [(it["what"], it["amount"]) for it in view["movements"]] == [("redeemed", -2_000), ("delivered", 5_000)]
    assert [it["balance"] for it in view["balances"]] == [3_000]
    for shown in ("Store credit", "30.00", "Redeemed", "Delivered", "2026-04-01"):
        assert shown in page, shown
    entry = desk.html(f"/console/log/{view['movements'][0]['position']}")
    assert "It paid for order-7." in entry
    assert "Store credit" not in desk.html(f"/console/people/{desk.api.person('bob')}")


def test_who_is_limited_to_another_program_sees_none_of_it(desk: Console) -> None:
    """Of a person who is shown to them only the credit of their own programs is."""
    ann = _delivered(desk.api)
    programs = {it["slug"]: it["id"] for it in desk.api.get("/v1/programs")["items"]}
    desk.be("owner", programs=(programs["shop"],))
    assert desk.json(f"/console/people/{ann}")["credit"] is not None
    desk.be("owner", programs=(programs["main"],))
    assert desk.get(f"/console/people/{ann}").status_code == 404

"""A file is brought in by a person at a browser, also without scripts, and on a phone; axe finds nothing on any of the steps."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from testkit import browser as real
from tests.browser.conftest import World

_ORDERS = "Order;Customer;Total;Currency\nR-1;Bob;1.050,00;EUR\nR-2;Bob;many;EUR\n"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_file_is_brought_in_step_by_step(browser: Browser, world: World, tmp_path: Path, *, scripts: bool) -> None:
    """Chosen, mapped, looked at, imported; each page is good by axe and no wider than a phone."""
    (tmp_path / "orders.csv").write_text(_ORDERS, encoding="utf-8")
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme="dark", java_script_enabled=scripts
    )
    real.enter(context, world.link())
    it = real.Watched(context, world.url)

    def good(step: str) -> None:
        assert not scripts or it.axe() == [], step
        assert it.page.evaluate("document.documentElement.scrollWidth") <= 390, step

    it.open("/console/leads/new")
    good("typing a code")
    it.open("/console/imports")
    good("choosing")
    it.page.get_by_label("File: CSV or Excel").set_input_files(tmp_path / "orders.csv")
    it.page.get_by_role("button", name="Look at its columns").click()
    expect(it.page.get_by_label("Column of amount")).to_have_value("Total")
    good("mapping")
    it.page.get_by_label("Amounts").select_option("comma")
    it.page.get_by_label("What a row is known by").select_option("Order")
    it.page.get_by_role("button", name="Show what would become of it").click()
    expect(it.page.get_by_text("Nothing is kept yet")).to_be_visible()
    good("looking")
    it.page.get_by_role("button", name="Import 2 rows").click()
    expect(it.page.get_by_text("Each row was taken as an event is")).to_be_visible()
    expect(it.page.get_by_role("cell", name="Imported" if scripts else "There already").first).to_be_visible()
    good("imported")
    with it.page.expect_download() as taken:
        it.page.get_by_role("button", name="Every row as CSV").click()
    assert "R-2,invalid,wrong_type,amount" in taken.value.path().read_text(encoding="utf-8")
    context.close()

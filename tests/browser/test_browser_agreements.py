"""A partner's page in a real browser: terms are agreed on by its form, and stand there with their versions, wide and narrow."""

import re

import pytest
from playwright.sync_api import BrowserContext, expect
from testkit import browser as real
from tests.browser.conftest import World

_SIZES = [{"width": 390, "height": 844}, {"width": 1440, "height": 900}]


@pytest.mark.parametrize(("who", "dark"), [("Ann", False), ("<script>alert(1)</script> 0", True)])
def test_terms_are_agreed_on_where_the_partner_is(profile: BrowserContext, world: World, who: str, dark: bool) -> None:
    """The form is opened by a press; what was agreed on is shown at once, the first version behind the second, and its end."""
    real.enter(profile, world.link())
    watched = real.Watched(profile, world.url)
    page = watched.page
    page.emulate_media(color_scheme="dark" if dark else "light")
    page.goto(f"{world.url}/console/people/{world.api.person(who)}")
    section = page.locator("#agreements")
    expect(section).to_contain_text("No terms of their own")
    for percent, version in (("12.5", 1), ("15", 2)):
        section.get_by_text("Agree on terms").click()
        section.get_by_label("Their own rate, percent of the order").fill(percent)
        section.get_by_label(re.compile("Without these accounts")).fill(
            "acme.example\nOne whose name is a long one, Ltd"
        )
        section.get_by_label("Without these countries").fill("ch, us")
        assert watched.axe() == []
        section.get_by_role("button", name="Agree on these terms").click()
        expect(page.get_by_text("The terms are agreed on.")).to_be_visible()
        expect(section).to_contain_text(f"{percent} %")
        expect(section).to_contain_text(f"version {version}")
    section.get_by_text("All 2 versions of all programs").click()
    expect(section).to_contain_text("Version 1")
    for size in _SIZES:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert watched.axe() == [], size
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], size
    section.get_by_text("End the agreement of all programs").click()
    section.get_by_role("button", name="End it").click()
    expect(section).to_contain_text("over")

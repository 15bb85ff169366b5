"""What waits is decided in a real browser: by keyboard, one after the other; with a reason."""

import os
import re
import time
from statistics import median

import pytest
from playwright.sync_api import Page, Route, expect
from testkit import sent
from tests.browser.conftest import World

_WAITS = "/console/rewards?status=in_review"
#: Rewards that are cleared in one go: a hundred with FULL=1.
_MANY = 100 if os.environ.get("FULL") else 5
#: When a was pressed, and when the next record was shown after it: whether in the same page or in a new one, by the browser's clock.
_TIMED = """
addEventListener("keydown", ({ key, timeStamp }) => {
  if (key === "a") sessionStorage.pressedAt = performance.timeOrigin + timeStamp;
}, true);
const shown = () => requestAnimationFrame(() => setTimeout(() => {
  window.shownAt = performance.timeOrigin + performance.now();
}));
addEventListener("DOMContentLoaded", () => {
  shown();
  new MutationObserver((changes) => {
    if (changes.some(({ addedNodes }) => [...addedNodes].some((node) => node.localName === "main"))) shown();
  }).observe(document.body, { childList: true, subtree: true });
});
"""


@pytest.fixture(scope="module")
def waiting(world: World) -> World:
    """Return the world when the hold of its rewards has ended, and more have come."""
    events = [
        event
        for n in range(_MANY)
        for event in (
            sent.enrolled(f"many-{n}", f"Gwen {n}", f"GWEN{n}"),
            sent.lead(f"many-lead-{n}", f"Hugh {n}", code=f"GWEN{n}"),
            sent.purchase(f"many-order-{n}", f"Hugh {n}", f"MANY-{n}", 20_000 + n),
        )
    ]
    for first in range(0, len(events), 90):
        world.api.send(*events[first : first + 90])
    world.api.move("2026-04-20T09:00:00Z")
    world.api.until(lambda: len(_in_review(world)) >= 2 * _MANY)
    for person in {str(one["beneficiary"]) for one in _in_review(world)}:
        entered = world.api.call("sk", "PUT", f"/v1/people/{person}/payee", json={"rail": "sandbox", "details": {}})
        assert entered.is_success, entered.text
    return world


def _in_review(world: World) -> list[dict[str, object]]:
    return list(world.api.get("/v1/rewards", status="in_review", limit=200)["items"])


def _open_first(page: Page, world: World) -> str:
    """Open the record of the first reward that waits by its keys, in a window without room for a drawer; returns its id."""
    page.set_viewport_size({"width": 1000, "height": 900})
    page.goto(f"{world.url}{_WAITS}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/rewards/rwd_*")
    expect(page.get_by_role("button", name=re.compile("^Approve")).first).to_be_visible()
    return page.url.rpartition("/")[2].partition("?")[0]


def _status(world: World, reward: str) -> str:
    return str(world.api.get(f"/v1/rewards/{reward}")["status"])


def test_a_reward_is_rejected_with_a_reason(page: Page, waiting: World) -> None:
    """The key opens what has to be filled in; in its field a letter is a letter; who is told why is told by the log."""
    id_ = _open_first(page, waiting)
    page.keyboard.press("r")
    reason = page.locator("details[open] input[name=reason]").nth(1)
    expect(page.locator("details[open] input[name=reason]").first).to_be_focused()
    reason.check()
    said = str(reason.get_attribute("value"))
    page.get_by_label("Note, for colleagues").press("a")
    page.get_by_label("Note, for colleagues").fill("approve? no")
    assert _status(waiting, id_) == "in_review"
    page.get_by_role("button", name=re.compile("^Reject .*[0-9]")).click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert _status(waiting, id_) in {"rejected", "in_review"}
    page.goto(f"{waiting.url}/console/rewards/{id_}")
    expect(page.locator("main")).to_contain_text(re.compile(said.replace("_", " "), re.IGNORECASE))


def test_what_waits_is_cleared_by_keyboard_alone(page: Page, waiting: World) -> None:
    """j, Enter, then a and a again: the next one comes by itself. How many, in which time, and how soon is printed."""
    page.add_init_script(_TIMED)
    first, took = _open_first(page, waiting), []
    decided, begun = [first], time.perf_counter()
    while True:
        page.keyboard.press("a")
        page.wait_for_function(
            "(id) => !location.pathname.endsWith(id) && window.shownAt > Number(sessionStorage.pressedAt)",
            arg=decided[-1],
        )
        took.append(float(page.evaluate("() => window.shownAt - Number(sessionStorage.pressedAt)")))
        if len(decided) == _MANY:
            break
        decided.append(page.url.rpartition("/")[2].partition("?")[0])
    elapsed = time.perf_counter() - begun
    assert len(set(decided)) == _MANY
    assert {_status(waiting, id_) for id_ in decided} == {"approved"}
    print(
        f"{len(decided)} rewards approved by keyboard in {elapsed:.1f} s; from a to the next one shown {median(took):.0f} ms at the "
        f"median, {max(took):.0f} ms at most"
    )


def test_a_key_decides_about_the_record_that_is_shown_and_no_other(page: Page, waiting: World) -> None:
    """While the record of the next row is on its way, a approves neither it nor the one before; then one goes on beside the list."""
    page.goto(f"{waiting.url}{_WAITS}")
    rows = page.locator("a.row-link")
    ids = [str(rows.nth(n).get_attribute("href")).rpartition("/")[2].partition("?")[0] for n in range(3)]
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    place = page.locator(".drawer .place")
    expect(place).to_contain_text("1 of ")
    held: list[Route] = []
    page.route(f"**/{ids[1]}*", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page).to_have_url(re.compile(ids[1]))
    assert [_status(waiting, id_) for id_ in ids] == ["in_review"] * 3
    for one in held:
        one.continue_()
    page.unroute_all()
    expect(place).to_contain_text("2 of ")
    page.keyboard.press("a")
    expect(place).to_contain_text("3 of ")
    assert [_status(waiting, id_) for id_ in ids] == ["in_review", "approved", "in_review"]
    expect(page.locator("tr.gone")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_be_hidden()
    expect(rows.nth(2)).to_be_focused()


def test_back_leads_to_the_record_that_was_decided(page: Page, waiting: World) -> None:
    """The address is that of what is shown, one after the other; without the script the same forms lead to the same pages."""
    first = _open_first(page, waiting)
    page.keyboard.press("a")
    page.wait_for_url("**done=approved*")
    second = page.url.rpartition("/")[2].partition("?")[0]
    assert second != first
    expect(page.get_by_role("status")).to_contain_text("Approved")
    assert second[-6:] in page.title()
    page.go_back()
    expect(page.get_by_role("button", name=re.compile("^Take the approval"))).to_be_visible()
    assert first in page.url


def test_what_the_log_tells_of_the_record_before_leaves_the_next_one_alone(page: Page, waiting: World) -> None:
    """One's own approval comes back by the stream while the next record stands in its place: that one can be decided."""
    first = _open_first(page, waiting)
    told: list[Route] = []
    page.route("**/rewards/now*", lambda route: told.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    with page.expect_request("**/rewards/now*"):
        page.keyboard.press("a")
    page.wait_for_url("**done=approved*")
    second = page.url.rpartition("/")[2].partition("?")[0]
    assert second != first
    for one in told:
        with page.expect_response(one.request.url):
            one.continue_()
    page.unroute_all()
    page.evaluate("() => new Promise((done) => setTimeout(done, 200))")  # what was told is taken up
    expect(page.locator(".decide[inert]")).to_have_count(0)
    page.keyboard.press("a")
    page.wait_for_function("(id) => !location.pathname.endsWith(id)", arg=second)
    assert _status(waiting, second) == "approved"


def test_a_key_is_exchanged_and_shown_once(page: Page, world: World) -> None:
    """It says in its text where it works; no other page shows it."""
    page.goto(f"{world.url}/console/settings/keys")
    page.get_by_role("button", name=re.compile("^Exchange")).last.click()
    key = page.locator(".secret").inner_text().strip()
    assert re.match(r"gw_\wk_sandbox_\w{20,}", key)
    page.goto(f"{world.url}/console/settings/keys")
    assert key not in page.content()

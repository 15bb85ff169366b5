"""Each key means the same in the list and in the record beside it, stands on what it presses, and is dead while somebody types."""

import re

import pytest
from playwright.sync_api import Page, expect
from testkit import sent
from tests.browser.conftest import World

_LIST = "/console/rewards"


@pytest.fixture(scope="module")
def waiting(world: World) -> World:
    """Return the world with rewards in review, one of them flagged."""
    for n in range(9):
        world.api.send(
            sent.enrolled(f"key-{n}", f"Kim {n}", f"KIM{n}"),
            sent.lead(f"key-lead-{n}", f"Lou {n}", code=f"KIM{n}"),
            sent.purchase(f"key-order-{n}", f"Lou {n}", f"KEY-{n}", 20_000 + n),
        )
        world.api.payee(f"Kim {n}")
    world.api.payee("Kim 0", name="Kim Other")  # another account while its reward is open: a flag
    world.api.move("2026-03-18T09:00:00Z")
    world.api.until(lambda: len(world.api.get("/v1/rewards", status="in_review", limit=200)["items"]) >= 9)
    return world


def _mine(world: World, n: int) -> str:
    kim = world.api.person(f"Kim {n}")
    return str(world.api.get("/v1/rewards", status="in_review", beneficiary=kim)["items"][0]["id"])


def _status(world: World, reward: str) -> str:
    return str(world.api.get(f"/v1/rewards/{reward}")["status"])


def _focus(page: Page, world: World, reward: str) -> None:
    """Stand on a row of the list, with nothing open."""
    page.goto(f"{world.url}{_LIST}")
    page.locator(f"a.row-link[href*='{reward}']").focus()


def _open(page: Page, world: World, reward: str) -> None:
    """Stand in the record beside the list."""
    _focus(page, world, reward)
    page.keyboard.press("Enter")
    expect(page.locator(".drawer .title")).to_be_focused()


@pytest.mark.parametrize("key", ["h", "r", "d"])
def test_what_asks_for_more_is_opened_from_the_list_and_in_the_record(page: Page, waiting: World, key: str) -> None:
    """In the list h and r lead to what is selected, d to the record; there all open their form. Letters stay letters."""
    reward = _mine(waiting, 1)
    _open(page, waiting, reward)
    expect(page.locator(f".drawer details[data-deed={key}] > summary kbd")).to_have_text(key)
    page.keyboard.press(key)
    form = page.locator(f".drawer details[data-deed={key}][open]")
    field = form.locator("textarea, input:not([type=hidden]):not([type=radio])").first
    expect(form).to_be_visible()
    field.focus()
    for letter in "ahrdexsu/?":
        page.keyboard.press(letter)
    expect(field).to_have_value("ahrdexsu/?")
    assert _status(waiting, reward) == "in_review"
    assert page.locator("td.box input:checked").count() == 0
    expect(page.locator("dialog.help")).to_be_hidden()
    _focus(page, waiting, reward)
    page.keyboard.press(key)
    if key == "d":
        expect(page.locator(".drawer details[data-deed=d][open] input[name=other]")).to_be_focused()
    else:
        bar = page.locator(".picked .money-bar")
        expect(bar).to_be_visible()
        expect(bar.locator(f"[data-deed={key}] kbd")).to_have_text(key)
        page.keyboard.press(key)
        page.wait_for_url(f"**deed={'hold' if key == 'h' else 'reject'}*")
    assert _status(waiting, reward) == "in_review"


def test_a_reward_is_a_duplicate_by_keys(page: Page, waiting: World) -> None:
    """From the list: d, the other invoice, Enter; the next one comes."""
    reward = _mine(waiting, 2)
    _focus(page, waiting, reward)
    page.keyboard.press("d")
    field = page.locator(".drawer details[data-deed=d][open] input[name=other]")
    expect(field).to_be_focused()
    page.keyboard.type("KEY-3")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=duplicate*")
    assert _status(waiting, reward) == "rejected"


def test_evidence_is_opened_from_the_list_and_in_the_record(page: Page, waiting: World) -> None:
    """E opens the record of the row with its first check open; in the record the next one."""
    reward = _mine(waiting, 0)
    _open(page, waiting, reward)
    expect(page.locator(".drawer button[data-deed=e] kbd").first).to_have_text("e")
    page.keyboard.press("e")
    expect(page.locator(".drawer [data-count]")).to_have_text("1 of 1 open checks opened")
    _focus(page, waiting, _mine(waiting, 1))
    page.keyboard.press("e")  # nothing to open: its record comes
    expect(page.locator(".drawer [data-count]")).to_have_text("no open checks")


def test_rewards_are_selected_in_the_list_and_in_the_record(page: Page, waiting: World) -> None:
    """X takes the row or the open one, shift and x all from the last on; the button in the record does what x does."""
    page.goto(f"{waiting.url}{_LIST}")
    chosen = page.locator("td.box input:checked")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(chosen).to_have_count(1)
    for _ in range(2):
        page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(chosen).to_have_count(3)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".drawer .title")).to_be_focused()
    expect(page.locator(".drawer [data-select] kbd")).to_have_text("x")
    page.keyboard.press("x")
    expect(chosen).to_have_count(4)
    page.locator(".drawer [data-select]").click()
    expect(chosen).to_have_count(3)
    page.keyboard.press("Shift+X")
    expect(chosen).to_have_count(4)
    page.locator("td.box input").first.click()  # with the mouse: the keys go on from there
    expect(chosen).to_have_count(3)
    page.keyboard.press("x")
    expect(chosen).to_have_count(4)
    page.locator("input[type=search]").focus()
    page.keyboard.press("x")
    expect(chosen).to_have_count(4)


def test_an_approval_is_given_and_taken_back_by_keys(page: Page, waiting: World) -> None:
    """A in the list asks once more over what is selected; a in the record approves, u takes it back, and its record is there again."""
    reward = _mine(waiting, 4)
    _open(page, waiting, reward)
    expect(page.locator(".drawer button[data-deed=a] kbd")).to_have_text("a")
    page.keyboard.press("a")
    page.wait_for_url("**done=approved*")
    assert _status(waiting, reward) == "approved"
    undo = page.locator(".notice.undo")
    expect(undo).to_contain_text(re.compile("until a payout with it is released"))
    expect(undo.locator("kbd")).to_have_text("u")
    page.locator("body").press("u")
    page.wait_for_url(f"**{reward}*done=withdrawn")
    assert _status(waiting, reward) == "in_review"
    _focus(page, waiting, reward)
    page.keyboard.press("a")
    expect(page.locator(".picked .money-bar button[data-deed=a]")).to_be_enabled()
    page.keyboard.press("a")
    page.wait_for_url("**/list/approve*")
    assert _status(waiting, reward) == "approved"
    expect(page.locator("button[data-deed=u]")).to_be_visible()
    page.keyboard.press("u")
    page.wait_for_url("**/list/withdraw*")
    assert _status(waiting, reward) == "in_review"


def test_search_and_help_are_there_in_list_and_record(page: Page, waiting: World) -> None:
    """/ goes to the search, ? tells all keys, Escape lets go; with a record open as without."""
    reward = _mine(waiting, 5)
    for standing in (_focus, _open):
        standing(page, waiting, reward)
        page.keyboard.press("?")
        expect(page.locator("dialog.help")).to_be_visible()
        page.keyboard.press("a")  # dead while help is open
        for key in "jkxahrdesu/?":
            assert page.locator("dialog.help kbd").get_by_text(key, exact=True).count() >= 1, key
        page.keyboard.press("Escape")
        expect(page.locator("dialog.help")).to_be_hidden()
        page.keyboard.press("/")
        expect(page.locator("input[type=search]")).to_be_focused()
        page.keyboard.type("a/?x")
        expect(page.locator("input[type=search]")).to_have_value("a/?x")
    assert _status(waiting, reward) == "in_review"


def test_a_narrow_window_goes_to_the_record_with_its_form_open(page: Page, waiting: World) -> None:
    """Without room beside the list, d in it opens the page of the record; an address alone says nothing."""
    reward = _mine(waiting, 6)
    page.set_viewport_size({"width": 1000, "height": 900})
    _focus(page, waiting, reward)
    page.keyboard.press("d")
    page.wait_for_url(f"**{reward}*#d")
    expect(page.locator("details[data-deed=d][open] input[name=other]")).to_be_focused()
    page.goto(f"{waiting.url}{_LIST}/{reward}#a")
    page.wait_for_timeout(300)
    assert _status(waiting, reward) == "in_review"


def test_a_reward_is_snoozed_by_keys(page: Page, waiting: World) -> None:
    """S in the list opens the form in its record; a day and a reason later it has left the queue, which says that it is snoozed."""
    reward = _mine(waiting, 6)
    _focus(page, waiting, reward)
    page.keyboard.press("s")
    form = page.locator(".drawer details[data-deed=s][open]")
    expect(form.locator("input[name=until]")).to_be_focused()
    form.locator("input[name=until]").fill("2026-03-20")
    form.locator("input[name=reason]").fill("asks the shop")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=snoozed*")
    page.goto(f"{waiting.url}{_LIST}")
    expect(page.locator(f"a.row-link[href*='{reward}']")).to_have_count(0)
    page.get_by_role("link", name="Show them").click()
    row = page.locator(f"a.row-link[href*='{reward}']")
    expect(row).to_be_visible()
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".drawer button[data-deed=s] kbd")).to_have_text("s")
    page.locator(".drawer .title").press("s")
    page.wait_for_url(f"**{reward}*done=woken")
    assert waiting.api.get(f"/v1/rewards/{reward}")["snoozed_until"] is None


def test_at_the_end_of_a_queue_stand_count_sum_and_time(page: Page, waiting: World) -> None:
    """Of a filter of which one reward is left: it is approved, and what was decided in this sitting stands there, with the way back."""
    reward, payee = _mine(waiting, 7), waiting.api.person("Kim 7")
    amount = waiting.api.get(f"/v1/rewards/{reward}")["amount"]
    page.goto(f"{waiting.url}{_LIST}?payee={payee}")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".drawer .title")).to_be_focused()
    page.keyboard.press("a")
    page.wait_for_url("**/rewards/cleared*")
    said = page.locator(".blank p").first
    expect(said).to_have_text(re.compile(rf"^1 reward decided, {amount / 100:,.2f} EUR, in (\d+ min )?\d+ s\.$"))
    expect(page.locator(".notice.undo")).to_contain_text("Kim 7")
    page.keyboard.press("u")
    page.wait_for_url(f"**{reward}*done=withdrawn")
    assert _status(waiting, reward) == "in_review"

"""The queue of rewards: in which order, decided one after the other or as one list, and never anything but what was shown."""

import re
from html import unescape
from typing import Any

import pytest
from msgspec.structs import replace
from testkit import sent
from tests.api.conftest import RULES
from tests.console.conftest import Console

from goodword.core import calendar

ALL = "/console/rewards"


@pytest.fixture
def queue(desk: Console) -> Console:
    """A desk with eight rewards in review: of ann, whose account is known, and of bob, whose is not, and of their friends."""
    api = desk.api
    for person in ("ann", "bob"):
        api.send(sent.enrolled(f"enrol-{person}", person, person.upper()))
        for n in range(2):
            friend = f"{person}-{n}"
            api.send(
                sent.lead(f"lead-{friend}", friend, code=person.upper()),
                sent.purchase(f"order-{friend}", friend, f"INV-{friend}", 10_000 + 5_000 * n),
            )
    api.payee("ann")
    api.move("2026-05-01T00:00:00Z")
    return desk


def _rows(desk: Console, query: str = "") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = desk.json(f"{ALL}{query}")["rewards"]
    return rows


def _ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["about"]["reward"]["id"] for row in rows]


def _sends(page: str) -> dict[str, str]:
    page = re.sub('(?s)<div class="notice good undo".*?</div>', "", page)  # it has a form of its own
    found = {name: re.search(rf'name="{name}" value="([^"]*)"', page) for name in ("items", "list_sha256", "then")}
    return {name: unescape(match[1]) for name, match in found.items() if match}


def _address(ids: list[str], deed: str = "approve") -> str:
    return f"{ALL}/list?{'&'.join(f'id={id_}' for id_ in ids)}&deed={deed}"


def test_a_row_says_how_it_asks_for_somebody_and_the_tab_what_it_comes_to(queue: Console) -> None:
    """The parts in words add up to the sum; the tab's count and sum are those of its rows; filter and order stand in the address."""
    rows, page = _rows(queue), queue.html(ALL)
    assert len(rows) >= 4
    waits = [row["waits"] for row in rows]
    assert [one["points"] for one in waits] == sorted((one["points"] for one in waits), reverse=True)
    assert all(sum(part["points"] for part in one["parts"]) == one["points"] for one in waits)
    assert f"<b>= {waits[0]['points']}</b>" in page
    view = queue.json(ALL)
    assert view["counts"]["in_review"] == len(rows)
    assert view["sums"] == {"EUR": sum(row["about"]["reward"]["amount"] for row in rows)}
    amounts = [row["about"]["reward"]["amount"] for row in _rows(queue, "?sort=amount")]
    assert amounts == sorted(amounts, reverse=True)
    mine = _rows(queue, "?mine=1")
    assert mine
    assert {row["waits"]["refusal"] for row in mine} == {None}
    assert len(mine) < len(rows)
    assert _rows(queue, "?unit=USD") == []
    assert _ids(_rows(queue, "?q=INV-ann-0"))
    assert queue.get(f"{ALL}?risk=9").status_code == 400
    assert queue.get(f"{ALL}?sort=luck").status_code == 400


def test_a_list_is_decided_as_it_was_shown_and_names_what_is_left_out(queue: Console) -> None:
    """Bob has no account: his are left out, struck, with the reason; the rest is approved by one form, once, and each row says so."""
    ids = _ids(_rows(queue))
    address = _address(ids)
    page, view = queue.html(address), queue.json(address)["picked"]
    out = [line for line in view["lines"] if line["refusal"]]
    assert {line["refusal"] for line in out} == {"payee_missing"}
    assert "<s>" in page
    [money] = view["sums"]
    assert money["amount"] == sum(item["amount"] for item in view["items"])
    assert f"Approve {len(view['items'])} rewards, {money['amount'] / 100:,.2f} EUR" in page
    assert view["new_payees"] == view["payees"]
    said = _sends(page)
    for _ in range(2):
        done = queue.form(f"{ALL}/list/approve{address.partition('list')[2]}", **said, once="one")
        assert done.status_code == 200
        assert done.text.count("Approved</span>") == len(view["items"])
    for item in view["items"]:
        assert queue.api.get(f"/v1/rewards/{item['id']}")["status"] == "approved"
    assert {queue.api.get(f"/v1/rewards/{line['id']}")["status"] for line in out} == {"in_review"}
    assert queue.json(_address([out[0]["id"]]))["picked"]["items"] == []


def test_of_what_is_in_a_list_and_what_is_left_out_the_fewer_stand_first(queue: Console) -> None:
    """One exception of many is not to be looked for, nor the few that are left of many: both stand on the first page of lines."""
    reasons = {row["about"]["reward"]["id"]: row["waits"]["refusal"] for row in reversed(_rows(queue))}
    inside = [id_ for id_, why in reasons.items() if why is None]
    outside = [id_ for id_, why in reasons.items() if why is not None]
    assert min(len(inside), len(outside)) > 1

    def first(ids: list[str]) -> str:
        return str(queue.json(_address(ids))["picked"]["lines"][0]["id"])

    assert first([*inside, outside[0]]) == outside[0]
    assert first([*outside, inside[0]]) == inside[0]


def test_one_changed_item_stops_the_list_and_is_named(queue: Console) -> None:
    """A refund takes half of one between look and click: nothing is approved, and who it is and what it is now stands there."""
    address = _address(_ids(_rows(queue, "?mine=1")))
    view, said = queue.json(address)["picked"], _sends(queue.html(address))
    queue.api.send(sent.refund("refund", "INV-ann-1", "RF-1", 7_500))
    stopped = queue.form(f"{ALL}/list/approve{address.partition('list')[2]}", **said)
    assert stopped.status_code == 409
    changed = [item for item in view["items"] if queue.api.get(f"/v1/rewards/{item['id']}")["amount"] != item["amount"]]
    assert changed
    assert f"rwd …{changed[0]['id'][-6:]}" in stopped.text
    states = {queue.api.get(f"/v1/rewards/{item['id']}")["status"] for item in view["items"]}
    assert "approved" not in states


def test_another_account_since_the_list_was_shown_stops_it_and_is_named(queue: Console) -> None:
    """The form has the beginnings of details alone: other ones, and none where there were some, stop all of it."""
    address = _address(_ids(_rows(queue, "?mine=1")))
    view, said = queue.json(address)["picked"], _sends(queue.html(address))
    queue.api.payee("ann", "bank_file", name="Ann", iban="AT611904300234573201")
    stopped = queue.form(f"{ALL}/list/approve{address.partition('list')[2]}", **said)
    assert stopped.status_code == 409
    said = re.sub(r"<[^>]+>", " ", stopped.text)
    assert all(f"rwd …{item['id'][-6:]}" in said for item in view["items"][:3]), said
    assert {queue.api.get(f"/v1/rewards/{item['id']}")["status"] for item in view["items"]} == {"in_review"}


def test_all_of_a_long_queue_is_one_list_whose_page_stays_small(queue: Console) -> None:
    """All of a long queue is approved at once and taken back at once; page and answer weigh what a short list's do."""
    api, friends = queue.api, range(420)
    for start in (0, 210):
        some = friends[start : start + 210]
        api.send(*(sent.lead(f"lead-{n}", f"friend-{n}", code="ANN") for n in some))
        api.send(*(sent.purchase(f"order-{n}", f"friend-{n}", f"INV-{n}", 20_000 + n) for n in some))
    api.move("2026-08-01T00:00:00Z")
    waiting = queue.json(f"{ALL}?mine=1")["counts"]["in_review"]
    assert waiting > 400
    assert "all of it as one list" in queue.html(ALL)
    address = f"{ALL}/list?every=1&mine=1"
    page, view = queue.html(address), queue.json(address)["picked"]
    assert len(view["items"]) > 400
    assert len(page) < 60_000
    done = queue.form(f"{ALL}/list/approve?every=1&mine=1", **_sends(page))
    assert done.status_code == 200, done.text
    assert f"{len(view['items']) - 25} more" in done.text
    assert len(done.text) < 60_000
    assert api.get(f"/v1/rewards/{view['items'][-1]['id']}")["status"] == "approved"
    back = queue.form(f"{ALL}/list/withdraw?every=1&mine=1", items=_sends(done.text)["items"])
    assert back.status_code == 200
    assert api.get(f"/v1/rewards/{view['items'][-1]['id']}")["status"] == "in_review"


def test_a_list_is_held_and_rejected_with_a_reason(queue: Console) -> None:
    """Also what lacks payment details, of which none can be approved."""
    ids = _ids(_rows(queue))
    for deed, more, some in (("hold", {"note": "look"}, ids[:2]), ("reject", {"reason": "terms"}, ids[2:4])):
        address = _address(some, deed)
        said, query = _sends(queue.html(address)), address.partition("list")[2]
        if deed == "reject":
            assert queue.form(f"{ALL}/list/reject{query}", **said, reason="because").status_code == 400
        assert queue.form(f"{ALL}/list/{deed}{query}", **said, **more).status_code == 200
    assert all(queue.api.get(f"/v1/rewards/{id_}")["cases"] for id_ in ids[:2])
    assert {queue.api.get(f"/v1/rewards/{id_}")["status"] for id_ in ids[2:4]} == {"rejected"}


def test_above_a_limit_the_second_person_is_named_and_finds_the_same_list(queue: Console) -> None:
    """What is left of a limit stands before the click; the second sees the list of the first as it was, and decides it."""
    low = queue.api.member("low", "approver", limits={"EUR": 100})
    queue.api.member("mia", "approver")
    queue.be("owner")
    ids = _ids(_rows(queue, "?mine=1"))
    lists = queue.api.call("low", "GET", "/v1/approvals", params={"id": ids}).json()
    assert lists["items"]
    said = {"items": sorted(lists["items"], key=lambda item: item["id"])}
    assert low
    view = queue.json(_address(ids))["picked"]
    body = {"items": said["items"], "list_sha256": view["list_sha256"]}
    queue.api.say("low", "/v1/approvals", body)
    again = queue.json(f"{ALL}/list?with={ids[0]}")["picked"]
    assert again["list_sha256"] == view["list_sha256"]
    assert [one["id"] for one in again["first"]] == [low]
    done = queue.form(f"{ALL}/list/approve?with={ids[0]}", **_sends(queue.html(f"{ALL}/list?with={ids[0]}")))
    assert done.status_code == 200
    assert {queue.api.get(f"/v1/rewards/{id_}")["status"] for id_ in ids} == {"approved"}


def test_who_is_the_second_person_is_not_told_that_another_is_needed(desk: Console) -> None:
    """Where a colleague said the same of the very list, the reader completes it: nobody else is asked for."""
    desk.api.say(
        "owner",
        "/v1/programs",
        {"document": RULES.replace("two_people_over: {EUR: 5000}", "two_people_over: {EUR: 1}")},
    )
    desk.api.send(sent.enrolled("enrol", "ann", "ANN"), sent.lead("lead", "bob", code="ANN"))
    desk.api.send(sent.purchase("order", "bob", "INV-1", 10_000))
    desk.api.payee("ann")
    desk.api.move("2026-05-01T00:00:00Z")
    mia = desk.api.member("mia", "approver")
    ids = _ids(_rows(desk, "?mine=1"))
    view = desk.json(_address(ids))["picked"]
    assert view["second"] == "two_people_over"
    assert mia in {one["id"] for one in view["could"]}
    listed = desk.api.call("mia", "GET", "/v1/approvals", params={"id": ids}).json()
    desk.api.say("mia", "/v1/approvals", {"items": listed["items"], "list_sha256": listed["list_sha256"]})
    again = desk.json(f"{ALL}/list?with={ids[0]}")["picked"]
    assert [one["id"] for one in again["first"]] == [mia]
    assert (again["second"], again["could"]) == (None, [])
    done = desk.form(f"{ALL}/list/approve?with={ids[0]}", **_sends(desk.html(f"{ALL}/list?with={ids[0]}")))
    assert done.status_code == 200
    assert {desk.api.get(f"/v1/rewards/{id_}")["status"] for id_ in ids} == {"approved"}


def test_one_decision_leads_to_the_next_and_the_last_to_what_was_done(queue: Console) -> None:
    """By the forms alone, in the order of the filter; at its end stand count and sum."""
    rows = _rows(queue, "?mine=1")
    total, address = sum(row["about"]["reward"]["amount"] for row in rows), f"{ALL}/{_ids(rows)[0]}?mine=1"
    for _ in rows:
        page = queue.html(address)
        done = queue.form(f"{address.partition('?')[0]}/approve", **_sends(page))
        assert done.status_code == 303, done.text
        address = done.headers["location"]
    assert address.startswith(f"{ALL}/cleared?")
    view = queue.json(address)
    assert (view["count"], view["sums"]) == (len(rows), {"EUR": total})
    assert f"{total / 100:,.2f}" in queue.html(address)
    assert queue.json(f"{ALL}/cleared?run=x")["count"] == 0


def _undo(page: str) -> tuple[str, dict[str, str]]:
    """The form in the notice: where it goes, and what it sends."""
    [notice] = re.findall('(?s)<div class="notice good undo".*?</div>', page)
    return re.findall(r'action="([^"]*)"', notice)[0], {
        name: unescape(re.findall(rf'name="{name}" value="([^"]*)"', notice)[0]) for name in ("items", "then")
    }


def test_what_was_approved_is_taken_back_by_the_notice_until_it_is_released(queue: Console) -> None:
    """It says until when, leads back to the record and out of the count; once taken back or on its way it is offered no more."""
    first, second = _ids(_rows(queue, "?mine=1"))[:2]
    done = queue.form(f"{ALL}/{first}/approve", **_sends(queue.html(f"{ALL}/{first}?mine=1")))
    after = done.headers["location"]
    page = queue.html(after)
    assert "until a payout with it is released, on 1" in page
    address, said = _undo(page)
    back = queue.form(address, **said)
    assert back.headers["location"].startswith(f"{ALL}/{first}?mine=1&run=")
    assert re.search(r"run=\d+\.0&done=withdrawn$", back.headers["location"])
    assert queue.api.get(f"/v1/rewards/{first}")["status"] == "in_review"
    assert 'class="notice good undo"' not in queue.html(after)
    queue.form(f"{ALL}/{second}/approve", **_sends(queue.html(f"{ALL}/{second}")))
    queue.api.move("2026-07-01T00:00:00Z")
    assert 'class="notice good undo"' in queue.html(f"{ALL}?done=approved&undo={second}")
    assert "It is due already" in queue.html(f"{ALL}?done=approved&undo={second}")
    assert 'class="notice good undo"' not in queue.html(f"{ALL}?undo={second}")
    assert 'class="notice good undo"' not in queue.html(f"{ALL}?done=approved&undo=rwd_none")
    queue.be("operations")
    assert 'class="notice good undo"' not in queue.html(f"{ALL}?done=approved&undo={second}")


def test_a_whole_list_is_taken_back_where_it_was_approved(queue: Console) -> None:
    """All of it by one form, or nothing."""
    address = _address(_ids(_rows(queue, "?mine=1")))
    query = address.partition("list")[2]
    said = _sends(queue.html(address))
    page = queue.form(f"{ALL}/list/approve{query}", **said).text
    count = len(queue.json(address)["picked"]["lines"])
    assert f"Undo all {count}" in page
    assert queue.form(f"{ALL}/list/withdraw{query}", items=said["items"]).text.count("Taken back") >= 1
    assert {queue.api.get(f"/v1/rewards/{id_}")["status"] for id_ in _ids(_rows(queue, "?mine=1"))} == {"in_review"}
    assert len(_ids(_rows(queue, "?mine=1"))) == count
    assert queue.form(f"{ALL}/list/withdraw{query}", items=said["items"]).status_code == 409


def test_a_snoozed_reward_leaves_the_queue_and_is_back_when_something_comes(queue: Console) -> None:
    """Not beyond what was promised, nor without a reason; counts and sums leave it out and say how many, and a filter shows them."""
    queue.api.send(sent.enrolled("enrol-cy", "cy", "CY"), sent.lead("lead-cy", "cy-0", code="CY"))
    queue.api.send(sent.purchase("order-cy", "cy-0", "INV-cy", 10_000, occurred_at="2026-05-01T00:00:00Z"))
    queue.api.move("2026-05-17T00:00:00Z")
    found = [row["about"]["reward"] for row in _rows(queue) if row["about"]["invoice"] == "INV-cy"]
    [cys] = [it for it in found if it["side"] == "advocate"]
    address = f"{ALL}/{cys['id']}"
    due = calendar.text(queue.json(address)["record"]["decide_by"])[:10]
    before = queue.json(ALL)
    late = queue.form(f"{address}/snooze", until="2026-06-01", reason="asks the shop")
    assert late.status_code == 409
    assert queue.form(f"{address}/snooze", until=due, reason=None).status_code == 400
    then = _sends(queue.html(address))["then"]
    done = queue.form(f"{address}/snooze", until=due, reason="asks the shop", note="until <b>Monday</b>", then=then)
    assert done.status_code == 303, done.text
    assert done.headers["location"].endswith("&done=snoozed")
    after = queue.json(ALL)
    assert cys["id"] not in _ids(after["rewards"])
    assert after["aside"] == 1
    assert after["counts"]["in_review"] == before["counts"]["in_review"] - 1
    assert after["sums"]["EUR"] == before["sums"]["EUR"] - cys["amount"]
    assert f">{after['counts']['in_review']}</span>" in queue.html(ALL)
    page = queue.html(ALL)
    assert "1 snoozed." in page
    assert _ids(_rows(queue, "?aside=1")) == [cys["id"]]
    assert cys["id"] not in _ids(_rows(queue, "?sort=amount"))
    assert cys["id"] in _ids(queue.json(f"{ALL}?q={cys['id']}")["rewards"])
    assert "snoozed until" in queue.html(f"{ALL}?aside=1")
    assert [one["about"]["reward"]["id"] for one in queue.api.get("/v1/rewards/queue", aside="true")["items"]] == [
        cys["id"]
    ]
    record = queue.html(address)
    assert "Snoozed until" in record
    assert "until &lt;b&gt;Monday&lt;/b&gt;" in record
    assert queue.form(f"{address}/snooze").headers["location"] == f"{address}?done=woken"
    assert queue.json(ALL)["aside"] == 0
    queue.form(f"{address}/snooze", until=due, reason="asks the shop")
    queue.api.send(sent.purchase("second-cy", "cy-0", "INV-cy-2", 5_000))
    assert cys["id"] in _ids(_rows(queue))
    assert queue.json(ALL)["aside"] == 0


def test_a_snoozed_reward_is_back_when_its_time_is_over(queue: Console) -> None:
    """By the clock of the workspace, and without anything that wakes it."""
    queue.api.send(sent.enrolled("enrol-cy", "cy", "CY"), sent.lead("lead-cy", "cy-0", code="CY"))
    queue.api.send(sent.purchase("order-cy", "cy-0", "INV-cy", 10_000))
    queue.api.move("2026-05-17T00:00:00Z")
    id_ = next(row["about"]["reward"]["id"] for row in _rows(queue) if row["about"]["invoice"] == "INV-cy")
    queue.api.say("owner", f"/v1/rewards/{id_}/snooze", {"until": "2026-05-19T00:00:00Z", "reason": "later"})
    assert id_ not in _ids(_rows(queue))
    assert queue.json("/console/rewards?beneficiary=cy")["rewards"]
    queue.api.move("2026-05-19T00:00:00Z")
    assert id_ in _ids(_rows(queue))


def test_the_interface_tells_the_queue_and_a_record_as_the_pages_do(queue: Console) -> None:
    """The same rows in the same order, cut into pages by a cursor; and the record of one."""
    rows, found, after = _rows(queue), list[dict[str, Any]](), ""
    while True:
        page = queue.api.get("/v1/rewards/queue", limit=3, after=after)
        found += page["items"]
        if not (after := page["after"]):
            break
    assert _ids(found) == _ids(rows)
    assert [one["points"] for one in found] == [row["waits"]["points"] for row in rows]
    assert found[0]["decide_by"].endswith("Z")
    mine = queue.api.get("/v1/rewards/queue", mine="true")["items"]
    assert _ids(mine) == _ids(_rows(queue, "?mine=1"))
    assert queue.api.call("owner", "GET", "/v1/rewards/queue", params={"sort": "luck"}).status_code == 422
    record = queue.api.get(f"/v1/rewards/{_ids(found)[0]}/record")
    assert len(record["inputs"]) == 8
    assert len(record["evidence"]) == 6
    assert record["about"]["reward"] == queue.api.get(f"/v1/rewards/{_ids(found)[0]}")


def test_what_one_may_approve_and_who_the_second_could_be_stand_in_the_list(queue: Console) -> None:
    """The reader's limit above the rows, the names of who could be the second in the row, before anything is selected."""
    queue.api.member("mia", "approver")
    queue.be("approver")
    assert "You approve up to" not in queue.html(ALL)
    caller = queue.visitors.caller
    assert caller is not None
    actor = replace(caller.principal.actor, limits={"EUR": 100})
    queue.visitors.caller = caller._replace(principal=replace(caller.principal, actor=actor))
    page, rows = queue.html(ALL), _rows(queue)
    assert "You approve up to 1.00 EUR alone, for a list and for one payee a day (UTC)." in page
    assert all(row["waits"]["second"] for row in rows)
    assert {one["mail"] for row in rows for one in row["waits"]["could"]} == {"mia@shop.example"}
    assert ">+ mia<" in page
    actor = replace(actor, limits={})
    queue.visitors.caller = caller._replace(principal=replace(caller.principal, actor=actor))
    assert "You approve nothing alone." in queue.html(ALL)
    queue.be("support")
    assert "You approve" not in queue.html(ALL)


def test_a_long_list_is_shown_in_pieces_and_sent_whole(queue: Console) -> None:
    """A page that begins at a later line sends the same list; one that is nowhere begins at the top."""
    ids = _ids(_rows(queue))
    address = _address(ids)
    whole, later = queue.html(address), queue.html(f"{address}&line=1")
    assert _sends(later) == _sends(whole)
    rows = [
        page.count("row-link")
        for page in (whole, later, queue.html(f"{address}&line=99"), queue.html(f"{address}&line=x"))
    ]
    assert rows == [len(ids), len(ids) - 1, len(ids), len(ids)]
    assert "line=" not in later.partition('<form class="money-bar"')[2].partition("</form>")[0]

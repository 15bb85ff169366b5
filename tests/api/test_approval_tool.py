"""A company's own approval tool, as the example shows it: it is told by a signed webhook and decides by a member's own key."""

import contextlib
import runpy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from goodword_client import ApiError, WebhookError
from testkit import sent
from testkit.product import ROOT
from testkit.receiver import Got, Receiver, receiving
from tests.api.conftest import Api
from tests.api.test_story import PAST_THE_HOLD

from goodword.app.proof.audit import verify

Tools = Callable[[str], Any]


@pytest.fixture
def receiver(api: Api) -> Iterator[Receiver]:
    """Yield a receiver in the loop of the installation."""
    found = receiving()
    yield api.run(found.__aenter__())
    api.run(found.__aexit__(None, None, None))


@pytest.fixture
def tools(api: Api, receiver: Receiver) -> Iterator[Tools]:
    """Yield what makes the tool of a member; all of them hear of the same endpoint."""
    made = api.call("owner", "POST", "/v1/webhooks", json={"url": receiver.url, "types": ["reward.in_review"]}).json()
    tool = runpy.run_path(str(ROOT / "clients" / "python" / "examples" / "approval_tool.py"))["ApprovalTool"]
    with contextlib.ExitStack() as open_:
        yield lambda member: open_.enter_context(contextlib.closing(tool(api.url, api.keys[member], made["secret"])))


def _waits(api: Api, receiver: Receiver) -> tuple[str, Got]:
    """A reward that waits for a person, and the delivery that says so."""
    api.purchase()
    api.payee("ann-bob")
    api.move(PAST_THE_HOLD)
    [reward] = [it["id"] for it in api.get("/v1/rewards", status="in_review")["items"] if it["side"] == "advocate"]
    api.until(lambda: any(got.said["data"]["id"] == reward for got in receiver.taken))
    return reward, next(got for got in receiver.taken if got.said["data"]["id"] == reward)


def _member(api: Api, name: str) -> str:
    return next(str(it["id"]) for it in api.get("/v1/members")["items"] if it["email"].startswith(name))


def _status(api: Api, reward: str) -> str:
    return str(api.get(f"/v1/rewards/{reward}")["status"])


def _refused(decide: Callable[..., Any], *args: Any) -> str:
    with pytest.raises(ApiError) as error:
        decide(*args)
    return error.value.code


def test_it_decides_in_the_name_of_the_member_whose_key_it_has(api: Api, receiver: Receiver, tools: Tools) -> None:
    """What the member was shown is approved, once, with how long they looked; the log is verified after it."""
    api.member("ana", "approver")
    tool = tools("ana")
    reward, got = _waits(api, receiver)
    tool.receive(got.body, got.headers)
    assert tool.approve(reward, 12)["verdicts"][0]["outcome"] == "approved"
    assert api.get(f"/v1/rewards/{reward}")["approvals"] == [_member(api, "ana")]
    assert _refused(tool.approve, reward, 12) == "wrong_state"
    directory = api.goodword.directory
    assert not api.run(verify(directory.engine.pool, api.ws, safe=directory.vault)).differences


def test_what_is_forged_or_old_tells_it_nothing(api: Api, receiver: Receiver, tools: Tools) -> None:
    api.member("ana", "approver")
    tool = tools("ana")
    _, got = _waits(api, receiver)
    for body, headers in (
        (got.body.replace(b"EUR", b"USD"), got.headers),
        (got.body, got.headers | {"webhook-id": "msg_other"}),
        (got.body, got.headers | {"webhook-timestamp": str(int(got.headers["webhook-timestamp"]) - 3_600)}),
        (got.body, {name: value for name, value in got.headers.items() if name != "webhook-signature"}),
    ):
        with pytest.raises(WebhookError):
            tool.receive(body, headers)
    assert tool.waiting == {}


def test_an_answer_that_is_stale_or_changed_decides_nothing(api: Api, receiver: Receiver, tools: Tools) -> None:
    """What was refunded since the member saw it is another amount; a list with another sum is not what its digest says."""
    api.member("ana", "approver")
    tool = tools("ana")
    reward, got = _waits(api, receiver)
    tool.receive(got.body, got.headers)
    seen = tool.waiting[reward]
    tool.waiting[reward] = seen | {"items": [seen["items"][0] | {"amount": 1}]}
    assert _refused(tool.approve, reward, 1) == "item_changed"
    tool.waiting[reward] = seen
    api.send(sent.refund("back", "inv-bob", "re-1", 1_000))
    assert _refused(tool.approve, reward, 1) == "item_changed"
    assert _status(api, reward) == "in_review"
    tool.receive(got.body, got.headers)  # the delivery comes again: the member is shown what holds now
    assert tool.approve(reward, 1)["verdicts"][0]["outcome"] == "approved"


def test_a_members_limit_role_and_key_hold_for_their_tool(api: Api, receiver: Receiver, tools: Tools) -> None:
    """Above the limit of one another one says the same; who may not approve, or whose key ended, decides nothing."""
    api.member("ana", "approver", limits={"EUR": 1})
    api.member("ben", "approver")
    api.member("lea", "analyst")
    reward, got = _waits(api, receiver)
    ana, ben, lea = (tools(who) for who in ("ana", "ben", "lea"))
    for tool in (ana, ben, lea):
        tool.receive(got.body, got.headers)
    assert _refused(lea.approve, reward, 1) == "not_permitted"
    assert ana.approve(reward, 1)["verdicts"][0]["outcome"] == "second_person_needed"
    assert _refused(ana.approve, reward, 1) == "same_member"
    assert _status(api, reward) == "in_review"
    [key] = [it["id"] for it in api.get("/v1/keys")["items"] if it["member"] == _member(api, "ana")]
    assert api.call("owner", "DELETE", f"/v1/keys/{key}").is_success
    api.until(lambda: api.call("ana", "GET", "/v1/rewards").status_code == 401)
    assert _refused(ana.approve, reward, 1) == "key_unknown"
    assert ben.approve(reward, 1)["verdicts"][0]["outcome"] == "approved"

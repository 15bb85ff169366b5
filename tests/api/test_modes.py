"""What a live workspace refuses, the functions of ``say`` refuse themselves, whoever calls them."""

from typing import Any

import pytest
from tests.api.conftest import Api

from goodword.app import say, see
from goodword.app.errors import ConflictError, InvalidError
from goodword.app.principal import OPERATOR
from goodword.outbound.rails import RailModeError
from goodword.store.api_keys import api_key_hash, parse_api_key


def _owner(api: Api) -> Any:
    return api.run(api.goodword.directory.principal(api_key_hash(api.keys["owner"])))


def _becomes_live(api: Api) -> None:
    """As a database may be that an earlier version left, or that somebody wrote into."""
    api.run(api.goodword.pool.execute("update workspace set mode = 'live' where workspace_id = $1", api.ws))
    api.goodword.directory._workspaces.clear()


@pytest.mark.parametrize("clock", [{"clock": "manual"}, {"clock": "events"}, {"starts_at": 1}])
def test_a_live_workspace_is_made_with_the_real_clock_only(api: Api, clock: dict[str, Any]) -> None:
    """Another clock is for sandboxes: nothing is made, and the sentence says so."""
    directory = api.goodword.directory
    before = api.run(see.workspaces.every(OPERATOR, directory))
    with pytest.raises(InvalidError, match="real clock"):
        api.run(say.workspaces.create(OPERATOR, directory, "shop", "olga@shop.example", mode="live", **clock))
    assert api.run(see.workspaces.every(OPERATOR, directory)) == before
    made = api.run(say.workspaces.create(OPERATOR, directory, "shop", "olga@shop.example", mode="live"))
    assert api.run(see.workspaces.every(OPERATOR, directory)) == [*before, made.id]


def test_the_clock_of_a_live_workspace_is_not_moved(api: Api) -> None:
    """Also where its row says that it has a manual one; in a sandbox the same move is made."""
    directory = api.goodword.directory
    to = api.run(see.clock.now(_owner(api), directory)) + 1_000_000
    assert not api.run(say.clock.move(_owner(api), directory, to)).refused
    _becomes_live(api)
    with pytest.raises(ConflictError) as refused:
        api.run(say.clock.move(_owner(api), directory, to + 1))
    assert refused.value.code == "clock_not_manual"
    assert api.run(see.clock.now(_owner(api), directory)) == to


def test_nobody_says_that_a_payout_arrived_over_a_rail_of_sandboxes(api: Api) -> None:
    """In a live workspace that would pay a reward without money; that it failed is answered by what its state allows."""
    api.purchase()
    api.payee("ann-bob", script="succeed")
    api.move("2026-03-17T10:00:00Z")
    [reward] = api.get("/v1/rewards", beneficiary=api.person("ann-bob"))["items"]
    api.say("owner", "/v1/approvals", api.get("/v1/approvals", id=reward["id"]))
    api.move("2026-04-16T00:00:00Z")
    api.say("owner", "/v1/payouts", {"rail": "sandbox", "unit": "EUR"})
    [payout] = api.get("/v1/payouts")["items"]
    _becomes_live(api)
    directory = api.goodword.directory
    for outcome in ("sent", "completed"):
        with pytest.raises(RailModeError):
            api.run(say.payouts.answer(_owner(api), directory, payout["id"], outcome))
    entry = api.run(say.payouts.answer(_owner(api), directory, payout["id"], "failed"))
    assert [verdict.refusal for verdict in entry.verdicts] == ["wrong_state"]
    assert api.get(f"/v1/payouts/{payout['id']}")["status"] == "awaiting_release"


def test_keys_are_of_their_workspaces_mode(api: Api) -> None:
    """A key of a live workspace says so in its text, whoever makes it."""
    directory = api.goodword.directory
    for mode in ("sandbox", "live"):
        found = parse_api_key(api.run(say.keys.make(_owner(api), directory, "wk"))[1])
        assert found is not None
        assert found.mode == mode
        _becomes_live(api)

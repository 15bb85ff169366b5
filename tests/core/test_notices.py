"""What entries tell other systems: each type, of every kind of event that there is, always the same, with ids that never meet."""

from functools import cache
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from tests.core.test_golden_logs import LOGS

from goodword.api import asyncapi
from goodword.app.proof.replay import Replay
from goodword.core import access, entry, lifecycles, notices, state
from goodword.core.notices import Notice


@cache
def entries() -> list[list[tuple[list[Notice], dict[str, Any]]]]:
    """What each entry of each golden log tells, and what is known after it of the things that it tells of."""
    logs = []
    for log in LOGS:
        replay, said = Replay(), []
        for leaf in log:
            replay.again(entry.asked(leaf))
            it = entry.read(leaf)
            known = {id_: thing for noun, id_ in notices.named(it) if (thing := replay.state.tables[noun].get(id_))}
            said.append((notices.notices(it, known), known))
        logs.append(said)
    return logs


def told() -> list[list[Notice]]:
    """What each golden log tells."""
    return [[notice for said, _ in log for notice in said] for log in entries()]


def test_every_type_is_told_and_nothing_else() -> None:
    """The golden logs, which show every kind of event, show every type of notice; each holds what its type says."""
    found = [notice for log in told() for notice in log]
    assert {notice.type for notice in found} == {*notices.KINDS}
    assert {type(notice.data) for notice in found if type(notice.data) is not notices.KINDS[notice.type].data} == set()


def test_what_is_told_of_a_thing_is_so() -> None:
    """After each entry of the golden logs, the last that is told of a reward, payout or referral has its state and amount.

    What a standing approval covers is approved and released by one entry: of the release its payout tells.
    """
    looked = 0
    for log in entries():
        for said, known in log:
            last = {getattr(notice.data, "id", ""): notice for notice in said}
            for id_, notice in last.items():
                thing: Any = known.get(id_)
                if not isinstance(thing, (state.Reward, state.Payout, state.Referral, state.Standing)):
                    continue
                data: Any = notice.data
                released = last.get(getattr(thing, "payout", None) or "no payout")
                if notice.type == "reward.approved" and released is not None:
                    assert (released.type, thing.status) == ("payout.released", "processing"), (notice, thing)
                elif data.status is not None and notice.type != "referral.created":
                    assert data.status == thing.status, (notice, thing)
                    looked += 1
                partly = notice.type in ("reward.approved", "reward.in_review", "reward.paid")
                if (
                    isinstance(thing, state.Reward)
                    and not partly
                    and (data.amount or 0) >= 0
                    and data.amount is not None
                ):
                    assert data.amount == thing.amount, (notice, thing)
    assert looked > 500


def test_no_two_notices_of_a_log_have_one_id_and_the_same_log_gives_the_same() -> None:
    """Ids are apart in a log; what is known of things besides changes no id."""
    for log, said in zip(LOGS, told(), strict=True):
        ids = [notice.id for notice in said]
        assert len({*ids}) == len(ids)
        assert [notice.id for leaf in log for notice in notices.notices(entry.read(leaf), {})] == ids


def test_what_is_told_of_some_types_is_what_is_told_of_all() -> None:
    """Who asks for one type is told of it the same, and whether anything is told of it can be said of the entry alone."""
    looked = 0
    for log, said in zip(LOGS, entries(), strict=True):
        for it, (whole, known) in zip(map(entry.read, log), said, strict=True):
            for type_ in {notice.type for notice in whole} | {"payout.released"}:
                mine = [notice for notice in whole if notice.type == type_]
                assert notices.notices(it, known, {type_}) == mine
                assert notices.tells(it, {type_}) == bool(mine)
                looked += len(mine)
    assert looked > 500


def test_what_is_told_of_a_deal_is_the_same_whenever_it_is_told() -> None:
    """A retry, a replay or a receiver that lags is told of an entry what was told at first, whatever became of the deal since.

    But for who somebody is: whoever was merged with somebody goes by the name of today.
    """
    looked = 0
    for log, said in zip(LOGS, entries(), strict=True):
        replay = Replay()
        for leaf in log:
            replay.again(entry.asked(leaf))
        for leaf, (first, known) in zip(log, said, strict=True):
            of_deals = [msgspec.structs.asdict(it.data) for it in first if isinstance(it.data, notices.Deal)]
            if of_deals:
                now = {id_: replay.state.tables[type(thing)][thing.key] for id_, thing in known.items()}
                later = [msgspec.structs.asdict(it.data) for it in notices.notices(entry.read(leaf), now)]
                for before, after in zip(
                    of_deals, [it for it in later if it.keys() == of_deals[0].keys()], strict=True
                ):
                    assert after | dict.fromkeys(("advocate", "person")) == before | dict.fromkeys(
                        ("advocate", "person")
                    )
                    looked += 1
    assert looked > 50


_OFFERED = {("expected", "expected"), ("expected", "ended")}


def test_what_was_before_is_otherwise_now() -> None:
    """Each field of ``previous`` is one of ``data`` and has another value there; a move of a state is one that its lifecycle has."""
    moves = 0
    for notice in (notice for log in told() for notice in log):
        data = msgspec.structs.asdict(notice.data)
        for name, was in notice.previous.items():
            assert was != data[name], notice
        noun = notice.type.partition(".")[0].replace("deal", "registration")  # a partner's; of a CRM's nothing is told
        if noun == "offer":  # told as it stands for its friend, and not by its states
            assert (notice.previous.get("status", "expected"), data["status"]) in _OFFERED, notice
        elif "status" in notice.previous and noun in lifecycles.LIFECYCLES:
            assert lifecycles.may_move(noun, notice.previous["status"], data["status"]), notice
            moves += 1
    assert moves > 100


@pytest.mark.parametrize("name", notices.KINDS)
def test_what_is_sent_is_as_its_schema_says(name: str) -> None:
    """Each message of the golden logs, as its receiver reads it, is valid by the JSON Schema of its type."""
    schema = asyncapi.alone(name)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    found = [notice for log in told() for notice in log if notice.type == name][:200]
    assert found
    for notice in found:
        sent = msgspec.json.decode(msgspec.json.encode(notices.payload(notice)))
        assert [error.message for error in validator.iter_errors(sent)] == [], sent


def test_each_type_takes_an_action_that_reads() -> None:
    """Who may have it sent is who may read it."""
    assert {kind.action for kind in notices.KINDS.values()} <= {*access.READS}


def test_every_reference_of_the_document_leads_somewhere() -> None:
    """Every type is a message of AsyncAPI, and what it refers to is there."""
    document: Any = asyncapi.document()
    assert {*document["components"]["messages"]} == {*notices.KINDS, notices.TEST}

    def references(it: Any) -> list[str]:
        if isinstance(it, dict):
            own = [it["$ref"]] if "$ref" in it else []
            return own + [found for value in it.values() for found in references(value)]
        return [found for value in it for found in references(value)] if isinstance(it, (list, tuple)) else []

    looked = references(document)
    assert len(looked) > 100
    for reference in looked:
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]

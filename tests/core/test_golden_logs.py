"""Logs that were decided once, and are decided alike for good: whoever kept one must be able to check it with a later version."""

import gzip
from itertools import groupby
from pathlib import Path
from typing import get_args

import pytest

from goodword.app.proof.replay import Replay
from goodword.core import entry, events
from goodword.core.refusals import Refusal

#: Made by ``make golden``, which chooses among the logs of all tests of the core: what those show, these show.
GOLDEN = Path(__file__).parent.parent / "golden" / "logs.jsonl.gz"
LINES = gzip.decompress(GOLDEN.read_bytes()).split(b"\n")
LOGS = [list(lines) for there, lines in groupby(LINES, key=bool) if there]


@pytest.mark.parametrize("log", LOGS, ids=map(str, range(len(LOGS))))
def test_what_was_decided_is_decided_again_byte_for_byte(log: list[bytes]) -> None:
    """Each entry of a golden log, decided again from its event and facts, has the bytes that it had."""
    replay = Replay()
    for leaf in log:
        assert replay.again(entry.asked(leaf))[1].decode() == leaf.decode()


def test_golden_logs_show_every_kind_of_event_and_every_refusal() -> None:
    """No kind of event and no refusal is missing among the golden logs, so none can change unseen.

    But one: no event brings a reward to lack evidence; ``test_refusals`` takes it away by hand.
    """
    entries = [entry.read(leaf) for log in LOGS for leaf in log]
    assert {type(one.event) for one in entries} == set(get_args(events.AnyEvent))
    assert {said.refusal for one in entries for said in one.verdicts} - {None} == set(Refusal.__members__) - {
        "evidence_missing"
    }

"""A log is decided again: ``replaying.py FILE N`` holds so many entries of it against what comes of them now.

It is a process of its own, for its memory, and knows no database. Prints figures as JSON. ``--profile STATS`` runs under cProfile.
"""

import time
from pathlib import Path

from logfile import entries, told

from goodword.app.proof.replay import Replay
from goodword.collector import settle
from goodword.core import entry as log_entry


def read(path: Path, count: int) -> float:
    """Decide so many entries again and hold each leaf against the one in the file; returns the seconds."""
    settle()
    replay = Replay()
    begun = time.perf_counter()
    for leaf in entries(path, count):
        if replay.again(log_entry.asked(leaf))[1] != leaf:
            raise RuntimeError(f"entry {replay.position} comes out otherwise")
    return time.perf_counter() - begun


if __name__ == "__main__":
    told(__doc__, read)

"""``goodword`` under cProfile between two signals: SIGUSR1 begins, SIGUSR2 ends and writes the file named first."""

import cProfile
import signal
import sys

from goodword.cli import main

profiler = cProfile.Profile()
target = sys.argv.pop(1)


def _end(*_: object) -> None:
    profiler.disable()
    profiler.dump_stats(target)


signal.signal(signal.SIGUSR1, lambda *_: profiler.enable())
signal.signal(signal.SIGUSR2, _end)
main()

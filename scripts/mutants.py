# ruff: noqa: INP001 - a script, not a package
"""Which mistakes in core no test of core notices: the tests that come by a mistake are run with it until one fails.

To be run by ``scripts/mutants.sh``, in the folder that it fills. pytest starts and collects once; each mistake is tried in a
process forked from there, in which the code of one function is the mistaken one. Tests that noticed others are run first.
"""

from __future__ import annotations

import difflib
import fnmatch
import functools
import gc
import inspect
import json
import mmap
import os
import pickle
import resource
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Callable, Iterator
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from hypothesis import Phase, settings
from mutmut.mutation.file_mutation import mutate_file_contents

CORE = Path("src/goodword/core")
RESULTS = Path("results.json")
#: How a failure looks is nobody's business here, and takes longer than most tests.
OPTIONS = ["-q", "-n0", "--assert=plain", "--tb=native", "-Wignore:Module already imported"]
TESTS = [
    "tests/core",
    "--deselect=tests/core/test_no_language.py",  # reads the source, which here is full of mistakes, instead of calling it
    # Take most of the time of all; the latter two show what data and generated histories reach, not what is decided.
    "--deselect=tests/core/test_independent_checker.py::test_every_decision_of_the_real_year",
    "--deselect=tests/core/test_properties.py::test_histories_reach_everything",
    "--deselect=tests/core/test_golden_states.py::test_golden_logs_leave_every_noun",
]
EXAMPLES = 5  # of a property: more find more, in more time than this has
SECONDS = 2  # of the processor that a test may take besides ten times what it takes without a mistake
EVERY = 60  # seconds the results so far are written down
MEMORY = 4 << 30
#: Seconds of the processor for a mistake, after which it counts as not noticed.
ENOUGH = float(os.environ.get("ENOUGH", "inf"))
#: Where Hypothesis keeps what a test asks for.
SETTINGS = "_hypothesis_internal_use_settings"
NO_TEST, LATE, UNTIL_NOW = "no test comes by", "a test did not end", "not all tests were run"
NOT_NOTICED = (None, NO_TEST, UNTIL_NOW)

#: Each function that has mistakes, and its mistaken copies by name.
FUNCTIONS: list[tuple[types.FunctionType, dict[str, Any]]] = []


def make(path: Path) -> None:
    """Write all mistakes into a file of the copy."""
    path.write_text(mutate_file_contents(str(path), path.read_text()).code)


def keep(mutants: dict[str, Any], **_: bool) -> Callable[[types.FunctionType], types.FunctionType]:
    """Take the place of mutmut's decorator, which asks at each call which mistake to make: here the function stays what it is."""

    def kept(function: types.FunctionType) -> types.FunctionType:
        FUNCTIONS.append((function, mutants))
        return function

    return kept


def plain(function: Any) -> types.FunctionType:
    """Return the function below a method of a class."""
    return getattr(function, "__func__", function)


def lines(function: types.FunctionType) -> list[str]:
    """Return the lines of a function below its name."""
    return inspect.getsource(function).splitlines()[1:]


class Mistake:
    """One mistake: its name, the function that it is in, the function as it is then."""

    def __init__(self, function: types.FunctionType, name: str, mistaken: types.FunctionType) -> None:
        self.module = function.__module__
        self.name = f"{self.module}.{name}"
        self.function = function
        self.mistaken = mistaken

    def make(self) -> None:
        """Make it, for good."""
        # One that calls no super() any more must have the place for it all the same.
        self.function.__code__ = self.mistaken.__code__.replace(co_freevars=self.function.__code__.co_freevars)
        self.function.__defaults__ = self.mistaken.__defaults__
        self.function.__kwdefaults__ = self.mistaken.__kwdefaults__

    def shown(self) -> str:
        """Return the lines that are different."""
        changes = difflib.unified_diff(lines(self.function), lines(self.mistaken), n=0, lineterm="")
        return "\n".join(line for line in changes if not line.startswith(("---", "+++", "@@")))


def mistakes() -> Iterator[Mistake]:
    """Yield all that were made."""
    for function, mutants in FUNCTIONS:
        for name, mistaken in mutants.items():
            if name != "_mutmut_orig":
                yield Mistake(function, name, plain(mistaken))


def passes(item: Any) -> bool:
    """Return whether a test passes. One that takes parameters only is called as it is: pytest's own steps take longer than most."""
    given = item.callspec.params if hasattr(item, "callspec") else {}
    if set(inspect.signature(item.obj).parameters) <= set(given) and not inspect.iscoroutinefunction(item.obj):
        try:
            item.obj(**given)
        except BaseException:  # noqa: BLE001 - whatever it is, it fails
            return False
        return True
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def comes_by(items: list[pytest.Item]) -> list[tuple[float, set[str]]]:
    """Return of each test its seconds and the functions that it calls; in a process of its own, which fills no cache."""
    known = {function.__code__: f"{function.__module__}.{function.__qualname__}" for function, _ in FUNCTIONS}
    reader, writer = os.pipe()
    if os.fork() == 0:
        found = []
        for item in items:
            called: set[Any] = set()
            sys.setprofile(lambda frame, event, _, called=called: called.add(frame.f_code) if event == "call" else None)
            began = time.process_time()
            passed = passes(item)
            took = time.process_time() - began
            sys.setprofile(None)
            if not passed:
                print("left out, because it fails without any mistake:", item.nodeid, file=sys.stderr, flush=True)
            found.append((took, {known[code] for code in called if code in known} if passed else set()))
        with os.fdopen(writer, "wb") as out:
            pickle.dump(found, out)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as back:
        found = pickle.load(back)  # noqa: S301 - from ourselves
    os.wait()
    return found


class Tries:
    """A plugin of pytest that tries mistakes instead of running the tests once."""

    def __init__(self, patterns: list[str]) -> None:
        self.patterns = patterns
        self.results: dict[str, str | None] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Let properties be shown by few examples, the same each time."""
        phases = (Phase.explicit, Phase.generate)
        settings.register_profile(
            "mutants", settings(), max_examples=EXAMPLES, derandomize=True, database=None, phases=phases
        )
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try each mistake."""
        items = session.items
        for item in items:
            test = getattr(item, "function", None)
            if hasattr(test, SETTINGS):  # also where a test asks for more
                setattr(test, SETTINGS, settings(getattr(test, SETTINGS), max_examples=EXAMPLES))
        chosen = [one for one in mistakes() if self.wanted(one.name)]
        known = comes_by(items)
        print(f"{len(chosen)} mistakes; {len(items)} tests take {sum(took for took, _ in known):.0f} s", flush=True)
        caches = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]  # noqa: SLF001
        gc.collect()
        gc.freeze()
        shared = memoryview(mmap.mmap(-1, 8 * max(1, len(chosen)))).cast("q")
        useful: dict[types.FunctionType, Counter[int]] = {}
        anywhere: Counter[int] = Counter()
        running: dict[int, int] = {}
        began = said = time.monotonic()

        def ended() -> None:
            pid, code = os.wait()
            number = running.pop(pid)
            one = chosen[number]
            if os.WIFEXITED(code) and os.WEXITSTATUS(code) != 1:
                self.results[one.name] = UNTIL_NOW if code else None
            elif os.WIFSIGNALED(code):
                self.results[one.name] = LATE
            else:
                self.results[one.name] = items[shared[number]].nodeid
                useful.setdefault(one.function, Counter())[shared[number]] += 1
                anywhere[shared[number]] += 1

        for number, one in enumerate(chosen):
            name = f"{one.module}.{one.function.__qualname__}"
            best = useful.get(one.function, Counter())
            order = sorted(
                (at for at, (_, called) in enumerate(known) if name in called),
                key=lambda at: -(20 * best[at] + anywhere[at] + 0.1) / (known[at][0] + 0.002),
            )
            if not order:
                self.results[one.name] = NO_TEST
                continue
            while len(running) >= int(os.environ.get("J", "2")):
                ended()
            pid = os.fork()
            if pid == 0:
                self.tried(one, [(at, items[at], known[at][0]) for at in order], caches, shared, number)
            running[pid] = number
            if time.monotonic() > said + EVERY:
                said = time.monotonic()
                self.keep(chosen)
                print(f"{number + 1} of {len(chosen)}, {time.monotonic() - began:.0f} s", flush=True)
        while running:
            ended()
        self.keep(chosen)
        self.report(chosen)
        return True

    def wanted(self, name: str) -> bool:
        """Return whether a mistake is to be tried."""
        if os.environ.get("LEFT") and self.results.get(name) not in NOT_NOTICED:
            return False
        return any(fnmatch.fnmatch(name, pattern) for pattern in self.patterns)

    @staticmethod
    def tried(
        one: Mistake, tests: list[tuple[int, pytest.Item, float]], caches: list[Any], shared: Any, number: int
    ) -> None:
        """Run tests with a mistake until one fails, then end the process: with 1, or with 0 if none does."""
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        for cache in caches:
            cache.cache_clear()
        shared[number] = tests[0][0]
        one.make()
        for at, item, took in tests:
            if time.process_time() > ENOUGH:
                os._exit(2)
            signal.setitimer(signal.ITIMER_PROF, SECONDS + 10 * took)
            shared[number] = at
            try:
                if not passes(item):
                    os._exit(1)
            except BaseException:  # noqa: BLE001 - whatever it is, it is noticed
                os._exit(1)
        os._exit(0)

    def keep(self, chosen: list[Mistake]) -> None:
        """Write down what became of each so far, and show those that survive."""
        RESULTS.write_text(json.dumps(self.results, indent=0))
        left = [one for one in chosen if self.results.get(one.name, "") in NOT_NOTICED]
        shown = (f"{one.name}  {self.results[one.name] or ''}\n{one.shown()}\n" for one in left)
        Path("survivors.txt").write_text("\n".join(shown))

    def report(self, chosen: list[Mistake]) -> None:
        """Print how many there were and how many are noticed, by module."""
        modules = {one.module: [other for other in chosen if other.module == one.module] for one in chosen}
        for module, ones in [*sorted(modules.items()), ("all", chosen)]:
            left = sum(self.results[one.name] in NOT_NOTICED for one in ones)
            share = 100 - 100 * left / max(1, len(ones))
            print(f"| {module.removeprefix('goodword.core.')} | {len(ones)} | {len(ones) - left} | {share:.1f} |")


def main() -> None:
    """Make the mistakes, then try them."""
    files = sorted(CORE.rglob("*.py"))
    with Pool(int(os.environ.get("J", "2"))) as pool:
        pool.map(make, files, chunksize=1)
    instead = types.ModuleType("mutmut.mutation.trampoline")
    instead.wrap_in_trampoline, instead.MutantDict = keep, dict  # type: ignore[attr-defined]
    sys.modules["mutmut.mutation.trampoline"] = instead
    sys.exit(pytest.main([*OPTIONS, *TESTS], plugins=[Tries(sys.argv[1:] or ["*"])]))


if __name__ == "__main__":
    main()

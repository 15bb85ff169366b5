"""Kinds of jobs: who does them, in which queue, how many at once, how long one may take, how often it is tried.

Must not know: how jobs are stored, when they are looked for.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from goodword.store.jobs import Leased, Retry

#: Does jobs of one kind: (workspace, jobs) -> what failed. An error is kept with its job, which is due again later.
Handler = Callable[[str, Sequence[Leased]], Awaitable[Mapping[Leased, Exception]]]

#: Does one job of a workspace, or raises.
Work = Callable[[str, Leased], Awaitable[None]]

_MARGIN = 10.0  # seconds that a lease outlasts the work: to write down what came of it


@dataclass(frozen=True, slots=True)
class Queue:
    """Kinds that share their slots. ``slots``: groups of jobs that a process has in hand at once; ``each``: of a kind and workspace.

    So who hangs holds ``each`` slots at most, however much waits for it.
    """

    name: str
    slots: int = 64
    each: int = 1


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job. ``most``: jobs of a workspace in a group; ``within``: seconds that a group may take.

    What is not done by then failed with TimeoutError; what was done already may be done once more, so it must bear that.
    """

    do: Handler
    queue: Queue
    within: float = 50.0
    most: int = 200
    retry: Retry = field(default_factory=Retry)

    @property
    def lease(self) -> int:
        """How long a group belongs to its worker, in microseconds."""
        return int((self.within + _MARGIN) * 1_000_000)


def one_by_one(work: Work) -> Handler:
    """Return what does the jobs of a group in turn: the error of one is kept with it, and concerns none of the others."""

    async def do(ws: str, leased: Sequence[Leased]) -> Mapping[Leased, Exception]:
        failed: dict[Leased, Exception] = {}
        for job in leased:
            try:
                await work(ws, job)
            except Exception as error:  # noqa: BLE001 - kept with the job, which is tried again
                failed[job] = error
        return failed

    return do

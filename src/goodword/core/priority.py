"""In which order what is in review asks for somebody: a sum of named parts, each with a cap, and age wins in the end (record 0060).

For rewards that have waited as long under the same promise, the parts that time does not change make classes; within a class who waits
longer comes first at any instant. So the store finds the next page by reading the beginning of each class, and never the whole queue.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from goodword.core import calendar
from goodword.core.state import Reward

#: Points of each whole day of waiting, up to so many days; behind ``LONG`` days they go on, without an end.
A_DAY: Final = 2
DAYS_COUNTED: Final = 10
LONG: Final = 30
#: Days left until it is to be decided, and below: points. Late is 0 and below.
PROMISED: Final = ((0, 30), (1, 25), (2, 15))
#: From so many minor units or points on: points.
AMOUNTS: Final = (10_000, 100_000, 1_000_000)
OF_AMOUNT: Final = (0, 3, 5, 10)
#: By the severity of its flags: points.
OF_FLAG: Final = (0, 4, 8, 15)
#: A promise of more days is as one of so many.
PROMISE_MOST: Final = 366
#: Of a reward that came into review before that was kept.
DAYS_BEFORE: Final = 7


class Part(Struct, frozen=True):
    """One part of the sum. ``value``: days waited, days left (below nought: late), minor units, severity."""

    code: str
    value: int
    points: int


class Class(Struct, frozen=True, order=True):
    """What of the sum time does not change: severity, the bucket of the amount, and the days from its stay in review to its promise."""

    risk: int
    bucket: int
    promise: int

    @property
    def static(self) -> int:
        """The points of severity and amount."""
        return OF_FLAG[self.risk] + OF_AMOUNT[self.bucket]


def since(reward: Reward) -> int:
    """Since when it is in review; of one of before that was kept, since its hold was over."""
    return reward.reviewed_at if reward.reviewed_at is not None else reward.hold_until


def decide_by(reward: Reward) -> int:
    """By when it is to be decided."""
    return reward.decide_by if reward.decide_by is not None else reward.hold_until + DAYS_BEFORE * calendar.DAY


def class_of(reward: Reward) -> Class:
    """The class of a reward in review."""
    promise = (decide_by(reward) - since(reward)) // calendar.DAY
    return Class(reward.risk, bucket(reward.amount), max(0, min(promise, PROMISE_MOST)))


def bucket(amount: int) -> int:
    """Into which of the amounts one falls."""
    return sum(amount >= least for least in AMOUNTS)


def waiting(days: int) -> int:
    """The points of having waited so many whole days."""
    return A_DAY * (min(max(days, 0), DAYS_COUNTED) + max(0, days - LONG))


def promised(left: int) -> int:
    """The points of having so many days left until it is to be decided."""
    return next((points for most, points in PROMISED if left <= most), 0)


def points(its: Class, days: int) -> int:
    """The sum for a class whose rewards have waited so many whole days. It never falls as days pass."""
    return its.static + waiting(days) + promised(its.promise - days)


def days_of(at: int, now: int) -> int:
    """How many whole days lie between a stay's beginning and now; below nought for what begins later."""
    return (now - at) // calendar.DAY


def parts(reward: Reward, now: int) -> tuple[Part, ...]:
    """The parts of a reward's sum that give points, the heaviest first."""
    its, days = class_of(reward), days_of(since(reward), now)
    found = (
        Part("waiting", days, waiting(days)),
        Part("promised", its.promise - days, promised(its.promise - days)),
        Part("amount", reward.amount, OF_AMOUNT[its.bucket]),
        Part("flag", its.risk, OF_FLAG[its.risk]),
    )
    return tuple(sorted((part for part in found if part.points), key=lambda part: -part.points))


def total(reward: Reward, now: int) -> int:
    """The sum."""
    return points(class_of(reward), days_of(since(reward), now))


def begins(its: Class, most: int, now: int) -> int | None:
    """The earliest beginning of a stay at which a class has at most so many points now; None: all of it has more."""
    low, high = (
        -1,
        PROMISE_MOST + LONG + DAYS_COUNTED + most,
    )  # days waited; beyond ``high`` the points are above ``most``
    if points(its, low) > most:
        return None
    while low < high:
        middle = (low + high + 1) // 2
        if points(its, middle) <= most:
            low = middle
        else:
            high = middle - 1
    return now - (low + 1) * calendar.DAY + 1

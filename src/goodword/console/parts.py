"""Pieces of pages that are the same everywhere: figures, instants, ids, states, addresses; and a view as plain JSON.

Must not know: where a piece is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET, Struct

from goodword import words
from goodword.core import calendar, money, offers
from goodword.core.events import Item
from goodword.core.ledger import WELCOME
from goodword.core.state import Reward

_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_AMOUNTS = frozenset(["amount", "limit", "sum", "total"])  # names under which a flag says money
_ID, _DIGEST = re.compile(r"\bmem_\w+"), re.compile(r"\b[0-9a-f]{64}\b")
_TAIL = 6  # digits that are shown of an id
_REASON = 4  # characters of a code of ISO 20022


def figure(amount: int, unit: str) -> str:
    """Return an amount in minor units or points without its unit: ``1,240.00``, with a true minus."""
    whole, point, rest = money.decimal(abs(amount), unit).partition(".")
    return f"{'−' if amount < 0 else ''}{int(whole):,}{point}{rest}"


def unit(value: str) -> str:
    """Return a unit as it stands behind a figure: ``EUR``, ``points``."""
    return "points" if value.startswith(money.POINTS) else value


def exact(at: int) -> str:
    """Return an instant to the second, with its zone: ``2 Mar 2026, 09:00:00 UTC``."""
    return f"{day(at)}, {clock(at)} UTC"


def day(at: int) -> str:
    """Return the day of an instant in UTC: ``2 Mar 2026``."""
    it = calendar.moment(at)
    return f"{it.day} {_MONTHS[it.month - 1]} {it.year}"


def clock(at: int) -> str:
    """Return the time of day of an instant in UTC: ``09:00:00``."""
    return f"{calendar.moment(at):%H:%M:%S}"


def file_day(at: int) -> str:
    """Return the day of an instant as it stands in the name of a file: ``2026-03-02``."""
    return f"{calendar.moment(at):%Y-%m-%d}"


def short(id_: str) -> str:
    """Return an id by its prefix and last digits: ``rwd …7F3K2Q``; what is no id stays as it is."""
    prefix, underscore, rest = id_.partition("_")
    return f"{prefix} …{rest[-_TAIL:]}" if underscore and len(rest) > _TAIL else id_


def plainly(text: str, names: Mapping[str, str]) -> str:
    """Return a sentence with people by name, where that is known, and of each digest what tells it from others."""
    named = _ID.sub(lambda found: names.get(found[0], found[0]), text)
    return _DIGEST.sub(lambda found: f"{found[0][:12]}…", named)


def spoken(code: str) -> str:
    """Return a code as words, such as ``late touch``: where there is no better name. What no order earned begins with a mark.

    A bank's reason is its code and what that means.
    """
    if len(code) == _REASON and code.isupper():
        return words.bank_reason(code)
    return code.removeprefix(":").replace("_", " ")


def query(values: Mapping[str, str | None]) -> str:
    """Return what follows a path, of the values that there are; nothing if there are none."""
    given = {name: value for name, value in values.items() if value}
    return f"?{urlencode(given)}" if given else ""


def pairs(values: Sequence[tuple[str, str]]) -> str:
    """Return the same of names that may have several values."""
    return f"?{urlencode(values)}" if values else ""


def worth(item: Item) -> str:
    """Return what an item of a list is worth, as it is read: ``40.00 EUR``."""
    return f"{figure(item.amount, item.unit)} {unit(item.unit)}"


def eligibility(reward: Reward) -> str:
    """Return the code of whether a reward is still earned: eligible, look, taken, nothing_left."""
    if reward.cases:
        return "look"
    if reward.taken_by is not None:
        return "taken"
    return "nothing_left" if reward.status == "reversed" and not reward.amount else "eligible"


def approval(reward: Reward) -> str:
    """Return the code of where the approval of a reward stands."""
    if reward.status in ("processing", "paid"):
        return "approved"
    if reward.status == "in_review" and reward.cases:
        return "case_open"
    return "one_of_two" if reward.status == "in_review" and reward.approvals else reward.status


def payment(reward: Reward, payout_status: str | None, waits_for: Sequence[str]) -> str:
    """Return the code of where the payment of a reward stands; ``none``: there is nothing to say."""
    if reward.receivable:
        return "owes"
    if offers.expected(reward):
        return "expected"
    if reward.status == "paid":
        return "taken_off" if reward.kind == WELCOME else "paid"
    if reward.status == "processing":
        return "rail_asked" if payout_status == "unknown" else "on_its_way"
    if "payee_missing" in waits_for:
        return "no_details"
    if reward.status == "approved":
        return "to_release" if reward.payout is not None else "due"
    return "not_sent" if reward.status in ("pending", "in_review") else "none"


#: What a browser calls itself, and what people call it; of several the first counts.
_BROWSERS: Final = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS: Final = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "Mac",
    "Linux": "Linux",
}


def browser(agent: str) -> str:
    """Return what people call a browser that calls itself so: ``Firefox, Linux``."""
    found = [next((name for mark, name in names.items() if mark in agent), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or agent or "Unknown browser"


def evidence(values: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return what a flag has seen, by name, as ``seen`` says it; of several things, each."""
    return [
        (spoken(name), list(map(str, value)) if isinstance(value, list) else [seen(values, name)])
        for name, value in values.items()
        if name not in ("unit", "currency")
    ]


def seen(values: Mapping[str, Any], name: str) -> str:
    """Return one value of what a flag has seen; an amount in its unit, where it says one, an instant with its zone."""
    value, of = values[name], values.get("unit") or values.get("currency")
    if isinstance(value, int) and not isinstance(value, bool):
        if _is_instant(name):
            return exact(value)
        if of is not None and name in _AMOUNTS:
            return f"{figure(value, of)} {unit(of)}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def moment(at: int) -> str:
    """Return an instant in a record, whose zone its head says: ``2 Mar 2026 09:00:00``."""
    return f"{day(at)} {clock(at)}"


def called(mail: str | None, id_: str) -> str:
    """Return a member in few letters: what stands before the @ of their mail; the end of their id where that is not shown."""
    return mail.partition("@")[0] if mail else short(id_)


def days_to(at: int, now: int) -> int:
    """Return how many days of UTC lie between now and an instant: 1 is tomorrow, below nought is past."""
    return at // calendar.DAY - now // calendar.DAY


def pretty(value: Any) -> str:
    """Return plain values as JSON for people."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


FILTERS: Final[dict[str, Callable[..., Any]]] = {
    "figure": figure,
    "unit": unit,
    "exact": exact,
    "day": day,
    "clock": clock,
    "iso": calendar.text,
    "short": short,
    "plainly": plainly,
    "spoken": spoken,
    "query": query,
    "pretty": pretty,
    "evidence": evidence,
    "seen": seen,
    "moment": moment,
    "browser": browser,
}


def plain(value: Any, name: str = "") -> Any:
    """Return a view as JSON shows it: structs by the names of what their fields say, instants as text, bytes as hexadecimal."""
    if isinstance(value, Struct):
        said = ((field, getattr(value, field)) for field in value.__struct_fields__)
        return {field: plain(each, field) for field, each in said if each is not UNSET}
    if hasattr(value, "_asdict"):
        return {field: plain(each, field) for field, each in value._asdict().items()}
    if isinstance(value, Mapping):
        return {str(key): plain(each, str(key)) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    return (
        calendar.text(value) if isinstance(value, int) and not isinstance(value, bool) and _is_instant(name) else value
    )


def _is_instant(name: str) -> bool:
    return name.endswith(("_at", "_until", "_since")) or name in ("as_of", "at", "since")

"""The rails, by name: one file a rail, listed here and nowhere else. A new one needs its module, its line here and its test."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from goodword.outbound.rails.bank_file import BankFile, csv_of
from goodword.outbound.rails.base import Answer, Order, Rail, RailModeError, SilenceError, Ways, Where
from goodword.outbound.rails.code_stock import CODE_STOCK, CodeStock
from goodword.outbound.rails.details import DetailsError, Field, checked, last
from goodword.outbound.rails.discount_code import DISCOUNT_CODE, DiscountCode
from goodword.outbound.rails.own_system import OWN_SYSTEM, OwnSystem
from goodword.outbound.rails.sandbox import Sandbox
from goodword.outbound.rails.store_credit import STORE_CREDIT, StoreCredit
from goodword.outbound.rails.welcome import WELCOME, Welcome

__all__ = [
    "OWN_SYSTEM",
    "REGISTRY",
    "Answer",
    "DetailsError",
    "Field",
    "Order",
    "Rail",
    "RailModeError",
    "SilenceError",
    "Ways",
    "Where",
    "checked",
    "csv_of",
    "for_mode",
    "last",
    "make_rails",
]

R = TypeVar("R", Rail, type[Rail])

REGISTRY: dict[str, type[Rail]] = {
    "bank_file": BankFile,
    "sandbox": Sandbox,
    STORE_CREDIT: StoreCredit,
    CODE_STOCK: CodeStock,
    DISCOUNT_CODE: DiscountCode,
    WELCOME: Welcome,
    OWN_SYSTEM: OwnSystem,
}


def make_rails(home: Path, ways: Ways | None = None) -> Mapping[str, Rail]:
    """Return every rail by its name. ``home``: where each may keep a folder of its own; ``ways``: by what it calls others."""
    return {name: kind(home / f"{name}_rail", ways) for name, kind in REGISTRY.items()}


def for_mode(rails: Mapping[str, R], rail: str, mode: str) -> R:
    """Return one of these rails. Raises KeyError for one that there is not, RailModeError if it does not work in this mode."""
    chosen = rails[rail]
    if mode not in chosen.modes:
        raise RailModeError(rail, mode, (name for name, other in rails.items() if mode in other.modes))
    return chosen

"""The rails, by name: one file a rail, listed here and nowhere else. A new one needs its module, its line here and its test."""

from collections.abc import Mapping
from pathlib import Path

from goodword.outbound.rails.bank_file import BankFile, csv_of
from goodword.outbound.rails.base import Answer, Order, Rail, SilenceError
from goodword.outbound.rails.sandbox import Sandbox

__all__ = ["REGISTRY", "Answer", "Order", "Rail", "SilenceError", "csv_of", "make_rails"]

REGISTRY: dict[str, type[Rail]] = {"bank_file": BankFile, "sandbox": Sandbox}


def make_rails(home: Path) -> Mapping[str, Rail]:
    """Give every rail by its name. ``home``: where each may keep a folder of its own."""
    return {name: kind(home / f"{name}_rail") for name, kind in REGISTRY.items()}

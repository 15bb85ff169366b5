"""The rails, by name. A new one: a module, a line here, a line in ``core.payouts.RAILS``, a test."""

from collections.abc import Mapping
from pathlib import Path

from goodword.outbound.rails.bank_file import BankFile, csv_of
from goodword.outbound.rails.base import Answer, Order, Rail, SilenceError
from goodword.outbound.rails.sandbox import Sandbox

__all__ = ["Answer", "Order", "Rail", "SilenceError", "csv_of", "make_rails"]


def make_rails(home: Path) -> Mapping[str, Rail]:
    """Give every rail by its name. ``home``: where the sandbox keeps its books."""
    return {"bank_file": BankFile(), "sandbox": Sandbox(home / "sandbox_rail")}

"""The kinds of systems that a company may name as its own: one file a kind, listed here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from goodword.outbound.rails.own import shopify, signed, stripe_balance
from goodword.outbound.rails.own.base import System

__all__ = ["SYSTEMS", "System"]

SYSTEMS: Final[Mapping[str, System]] = {
    "signed": signed.SYSTEM,
    "stripe_balance": stripe_balance.SYSTEM,
    "shopify_discount": shopify.DISCOUNT,
    "shopify_gift_card": shopify.GIFT_CARD,
}

"""Conditions a rule may put on a conversion: one file a kind, listed here and nowhere else.

A condition is a frozen struct, tagged by ``kind``, with ``holds(view) -> (bool, values seen)`` and ``EXAMPLES`` for the page about
rules; one that chooses lines has ``choose(lines)`` too. A new one needs its module, its place in ``Condition`` and its test.
"""

from __future__ import annotations

from typing import get_args

from goodword.core.kinds.conditions.amount import Amount
from goodword.core.kinds.conditions.brand import Brand
from goodword.core.kinds.conditions.country import Country
from goodword.core.kinds.conditions.customer import Customer
from goodword.core.kinds.conditions.product import Product
from goodword.core.kinds.conditions.trait import Trait

Condition = Amount | Brand | Country | Customer | Product | Trait

#: Those that choose lines: what meets them earns, the other lines do not.
CHOOSING = Brand | Product

REGISTRY = {kind.__struct_config__.tag: kind for kind in get_args(Condition)}

"""Right things to make wrong ones from, and what is wrong almost everywhere, as ``fuzz_samples.json`` has them."""

import json
from pathlib import Path
from typing import Any

from testkit.rule_documents import WHOLE

#: Hypothesis knows Unicode and numbers by itself; ``texts``, ``values`` and ``pieces`` of bytes are right in some odd place.
SAMPLES: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text())
#: An event of each type.
EVENTS: list[dict[str, Any]] = SAMPLES["events"]
#: (method, path) -> a right body
BODIES: dict[tuple[str, ...], dict[str, Any]] = {tuple(name.split()): body for name, body in SAMPLES["bodies"].items()}

_PURCHASE, *_OTHERS = WHOLE["conversions"]
#: With everything in it; and an order earns at once, whatever the conditions.
RULES: dict[str, Any] = {
    **WHOLE,
    "program": "main",
    "landing_url": "https://shop.example/welcome?from=friend#top",
    "hold": "0d",
    "requires_terms": False,
    "conversions": [{**_PURCHASE, "conditions": []}, *_OTHERS, {**_PURCHASE, "on": "subscription"}],
}

"""What the product is: rules, decisions, money. Standard library and msgspec only; no clock, no randomness, no I/O."""

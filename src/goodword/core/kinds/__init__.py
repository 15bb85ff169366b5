"""What rules may name, and what time brings: conditions, reward kinds, signals, timers, each sort with its explicit registry."""

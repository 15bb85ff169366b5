"""Use cases: load, decide, persist, accept. No rules, no SQL, no HTTP."""

"""The write path: lock, load, decide, persist, in one transaction a workspace. Read ``process`` from top to bottom."""

"""What proves the log: verification, replay, comparison with other rules, exports."""

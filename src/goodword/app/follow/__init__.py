"""What follows the log: work that a decision asked for, done after its commit."""

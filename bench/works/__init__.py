"""What is measured, in the order of a run."""

"""What comes from outside: payloads of each source, checked and turned into events."""

"""What comes in: events, clicks and links, durable before the answer. Must not know: what is decided."""

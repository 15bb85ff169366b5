"""What we call: rails that deliver payouts. Must not know: the database, HTTP of our own, rules."""

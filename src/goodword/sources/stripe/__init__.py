"""What Stripe sends: snapshots of objects as they were when something happened, signed."""

"""`typedbus outbox`: one file for each of its commands."""

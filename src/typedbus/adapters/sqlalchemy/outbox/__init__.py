"""The outbox on SQLAlchemy: events are stored in the transaction that publishes them."""

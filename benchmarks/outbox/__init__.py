"""The outbox beside raw SQL, queues on PostgreSQL, Celery, and an outbox written by hand."""

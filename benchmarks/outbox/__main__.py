"""The questions about the outbox, in one run."""

from benchmarks.command import main
from benchmarks.outbox.questions import ask

if __name__ == "__main__":
    main("the outbox beside raw SQL, queues on PostgreSQL, Celery, and an outbox by hand", ask)

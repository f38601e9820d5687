"""A Celery worker of the program under test."""

from __future__ import annotations

from tests.chaos.app import TOLD
from tests.chaos.workers import celery_app

if __name__ == "__main__":
    celery_app.worker_main(
        ["worker", "--pool", "solo", "--loglevel", "WARNING", "--hostname", f"{TOLD.name}@chaos"]
    )

"""The settings of tests in one process: tasks run where they are sent, and need no broker."""

from updo360.settings import *  # noqa: F403 - Django's way to derive settings

CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = True

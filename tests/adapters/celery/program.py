"""The program of a worker that has imported its handlers."""

from tests.adapters.celery.shop import Setting, Shop

app = Shop(Setting.told()).app

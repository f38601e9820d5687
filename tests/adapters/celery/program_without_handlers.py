"""The program of a worker that nobody told of any handler."""

from tests.adapters.celery.shop import Setting

setting = Setting.told()
app = setting.app()
tasks = setting.delivery(app)

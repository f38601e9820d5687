"""The settings of the project that the Django adapter is tested in."""

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any

SECRET_KEY = "only for tests"
USE_TZ = True
ROOT_URLCONF = "tests.adapters.django.inside.urls"
ASGI_APPLICATION = "tests.adapters.django.inside.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "typedbus.adapters.django",
    "tests.adapters.django.inside.billing",
]
STATIC_URL = "static/"
MIDDLEWARE = ["tests.adapters.django.inside.billing.views.note_response"]

_FOLDER = Path(os.environ.get("TYPEDBUS_DJANGO_FOLDER", "."))
_SQLITE = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {"timeout": 20}}
# A file, not memory: the threads of a server have connections of their own.
DATABASES = {
    alias: _SQLITE | {"NAME": _FOLDER / alias, "TEST": {"NAME": _FOLDER / alias}}
    for alias in ("default", "archive")
}
if _other := os.environ.get("TYPEDBUS_DJANGO_DATABASE"):
    DATABASES["default"] = json.loads(_other)
DATABASES["default"]["ATOMIC_REQUESTS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.mysql":
    # Django asks for mysqlclient, which has to be compiled; this is the same interface.
    pymysql: Any = import_module("pymysql")  # it has no types
    pymysql.version_info = (2, 2, 8, "final", 0)
    pymysql.install_as_MySQLdb()

TASKS = {
    "default": {
        "BACKEND": "django.tasks.backends.immediate.ImmediateBackend",
        "QUEUES": ["mail", "reports"],
    },
    "kept": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"},
}

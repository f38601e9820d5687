"""Django's settings; two variables of the environment say where the data and the broker are."""

from os import environ

SECRET_KEY = "only for the example"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
USE_TZ = True
TIME_ZONE = "UTC"
ROOT_URLCONF = "updo360.urls"
MIDDLEWARE = ["updo360.tenants.middleware.tenant_of_request"]
INSTALLED_APPS = [
    "typedbus.adapters.django",  # finds the handlers.py of the apps below
    "updo360.audit",
    "updo360.tenants",
    "updo360.invoices",
    "updo360.accounting",
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": environ.get("UPDO360_DATABASE", "updo360.sqlite3"),
        # The worker writes to the same file: wait for it rather than fail.
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}

CELERY_BROKER_URL = environ.get("UPDO360_BROKER", "redis://127.0.0.1:6379/0")

"""Small Django projects, written for one test and run in processes of their own."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

SETTINGS = """\
SECRET_KEY = "only for tests"
USE_TZ = True
ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "urls"
INSTALLED_APPS = {apps}
{more}
"""
MANAGE = """\
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""
EVENTS = """\
from typedbus import Bus, Event

class OrderPlaced(Event):
    order_id: int

bus = Bus()
"""
HANDLERS = """\
from shop_events import OrderPlaced, bus

@bus.on(OrderPlaced)
def handle(event: OrderPlaced) -> None: ...
"""
TYPEDBUS = "typedbus.adapters.django"


class Project:
    """A project in *folder*, with the module `shop_events` and the apps that it is given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.write("manage.py", MANAGE)
        self.write("shop_events.py", EVENTS)
        self.write("urls.py", "urlpatterns = []")

    def install(self, *apps: str, more: str = "") -> None:
        """Write the settings, with *apps* installed."""
        self.write("settings.py", SETTINGS.format(apps=list(apps), more=more))

    def app(self, name: str, /, **modules: str) -> None:
        """Write an app; *modules* are its own, `handlers__mail` being `handlers/mail.py`."""
        self.write(f"{name}/__init__.py", "")
        for module, text in modules.items():
            self.write(f"{name}/{module.replace('__', '/')}.py", text)

    def write(self, path: str, text: str) -> None:
        """Write one file."""
        file = self._folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Python in the project."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self._folder,
            env={
                **{key: value for key, value in os.environ.items() if key != "TYPEDBUS_SKIPPED"},
                "DJANGO_SETTINGS_MODULE": "settings",
                "PYTHONPATH": os.pathsep.join(
                    [str(self._folder), os.environ.get("PYTHONPATH", "")]
                ),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `manage.py`."""
        return self.python("manage.py", *arguments)

    def subscribed(self) -> str:
        """Start Django as a script does; return the handlers that are subscribed then."""
        told = self.python(
            "-c",
            "import django; django.setup(); from shop_events import bus; "
            "print(*sorted(each.name for each in bus.subscriptions()))",
        )
        return told.stdout.strip() + told.stderr

"""Approve an invoice on SQLite while the broker is away: `python -m updo360`."""

import os
from tempfile import TemporaryDirectory

import django
from django.core.management import call_command


def main() -> None:
    """Set Django up on a database of its own and tell the story."""
    with TemporaryDirectory() as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "updo360.settings"
        os.environ["UPDO360_DATABASE"] = f"{folder}/updo360.sqlite3"
        os.environ["UPDO360_BROKER"] = "redis://127.0.0.1:1/0"  # nobody listens there
        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)

        from updo360.demo import tell  # it imports models, which need Django set up

        tell()


if __name__ == "__main__":
    main()

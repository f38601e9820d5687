"""A script without HTTP: nobody is welcomed before everybody is in.

Reads lines such as `Alice,alice@example.com`: `python -m nene2.import_users < users.csv`
"""

import logging
import sys
from collections.abc import Iterable

from nene2.services import create_services
from nene2.users import CreateUser
from typedbus import collect, collected


def import_users(lines: Iterable[str], create_user: CreateUser) -> int:
    """Create a user for each line and return how many; a line that fails keeps all mail back."""
    count = 0
    with collect():
        for line in lines:
            name, email = line.strip().split(",")
            create_user.execute(name, email)
            count += 1
    return count


def main() -> None:
    """Import the users on standard input."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    services = create_services(later=collected)
    count = import_users(sys.stdin, CreateUser(services.users, services.bus))
    print(f"imported: {count}")


if __name__ == "__main__":
    main()

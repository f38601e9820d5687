"""`python -m celery` where `tests` is our folder: eventkit installs a package of that name."""

import sys
from pathlib import Path
from types import ModuleType

from celery.__main__ import main

ours = ModuleType("tests")
ours.__path__ = [str(Path(__file__).parents[2])]
sys.modules["tests"] = ours

if __name__ == "__main__":
    main()

"""`python -m typedbus.cli` is `typedbus`."""

import sys

from typedbus.cli.program import main

sys.exit(main())

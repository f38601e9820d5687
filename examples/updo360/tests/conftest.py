"""Keeps the tests of the folder `inside` for the process of their own that runs them.

Django can be configured once per process, and here are the tests of other projects too.
"""

import os

INSIDE = "UPDO360_INSIDE"

collect_ignore = [] if INSIDE in os.environ else ["inside"]

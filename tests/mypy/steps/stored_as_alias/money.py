from logging import Logger
from typing import TypeAlias

Sums: TypeAlias = list[int]
NOTHING: Logger | None = None

from dataclasses import dataclass
from logging import Logger


@dataclass
class Money:
    log: int


NOTHING: Logger | None = None

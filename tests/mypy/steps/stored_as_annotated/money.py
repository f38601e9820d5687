from dataclasses import dataclass
from logging import Logger
from typing import Annotated


@dataclass
class Money:
    log: Logger


NOTHING: Annotated[Logger | None, "nothing"] = None

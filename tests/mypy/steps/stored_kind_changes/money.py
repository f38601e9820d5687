from dataclasses import dataclass
from enum import Enum


@dataclass
class Price:
    cents: int

from dataclasses import dataclass

from stored_as_annotated.money import Money


@dataclass
class Price:
    money: Money

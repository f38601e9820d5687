from dataclasses import dataclass

from stored_field_of_a_field.money import Money


@dataclass
class Price:
    money: Money

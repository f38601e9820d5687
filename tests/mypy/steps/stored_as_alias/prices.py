from typing import NamedTuple

from stored_as_alias.money import Sums


class Price(NamedTuple):
    sums: Sums

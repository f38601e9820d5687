"""Values of all sorts, most of which do not fit the field that they are put into."""

from datetime import UTC, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st

from tests.core.codec_kinds import Amount, Colour, Held, HeldAttrs, Size


class Discount(Amount):
    """Would lose its percent where an `Amount` is asked for."""

    percent: int = 0


_SHORT: Final = timezone(timedelta(seconds=1))
_SINGLE: Final[st.SearchStrategy[Any]] = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text()
    | st.characters(categories=["Cs"])
    | st.binary()
    | st.uuids()
    | st.datetimes(timezones=st.sampled_from([None, UTC, _SHORT]))
    | st.dates()
    | st.times(timezones=st.sampled_from([None, UTC, _SHORT]))
    | st.timedeltas()
    | st.complex_numbers()
    | st.sampled_from([*Colour, *Size, ..., int, len, 10**4400])
    | st.sampled_from(
        [
            Discount(value=Decimal(1), percent=5),
            Held(number=1),
            HeldAttrs(1, Held(number=1)),
        ]
    )
)
_HASHABLE: Final = st.text(max_size=2) | st.integers() | st.uuids() | st.sampled_from([*Size, 1.5])
ODD: Final = (
    _SINGLE
    | st.lists(_SINGLE, max_size=2)
    | st.tuples(_SINGLE)
    | st.tuples(_SINGLE, _SINGLE)
    | st.frozensets(_HASHABLE, max_size=2)
    | st.sets(_HASHABLE, max_size=2)
    | st.dictionaries(_HASHABLE | st.characters(categories=["Cs"]), _SINGLE, max_size=2)
)

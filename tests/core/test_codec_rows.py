"""The codec against pydantic: what comes back from plain JSON comes back from it, row by row.

The rows are those that the mypy plugin is held against, so what the plugin accepts can be stored.
"""

import warnings
from typing import Any, Final, NamedTuple

import pydantic
import pytest
from packaging.version import Version

from tests.mypy.storing.rows import ROWS, Row
from tests.mypy.test_storing_rows import BASES, comes_back, name_of, names, source_of
from typedbus.core.codec import decode, encode
from typedbus.core.errors import EncodeError


class Met(NamedTuple):
    """A row, and the kind of class that has it for a field."""

    row: Row
    kind: str


MET: Final = [
    Met(row, kind)
    for row in ROWS
    if row.since <= Version(pydantic.VERSION).release
    for kind in BASES
]
each_row = pytest.mark.parametrize(
    "met", MET, ids=lambda met: f"{met.row.annotation}-{met.row.values}-{met.kind}"
)


@each_row
def test_what_comes_back_from_pydantic_comes_back(met: Met) -> None:
    """The codec refuses nothing that pydantic can do, and changes nothing where it does more."""
    allowed = {"equal"} if comes_back(met.row, met.kind) else {"equal", "refused", "no class"}

    outcome = {outcome_of(event) for event in events_of(met)} or {"no class"}

    assert outcome <= allowed


def events_of(met: Met) -> list[Any]:
    """Return an event for each value of the row; none if pydantic cannot even make the class."""
    made = dict(names())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            values = [eval(value, made) for value in met.row.values]
            exec(source_of(met.row, met.kind), made)
        except Exception:  # noqa: BLE001 - with whatever error
            return []
    cls = made[name_of(met.row, met.kind)]
    # A model would copy what it is given, or refuse to be made.
    return [getattr(cls, "model_construct", cls)(field=value) for value in values]


def outcome_of(event: Any) -> str:
    """Say what the codec does with *event*."""
    try:
        written = encode(event)
    except EncodeError:
        return "refused"
    return "equal" if decode(type(event), written) == event else "changed"

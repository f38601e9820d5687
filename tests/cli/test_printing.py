"""What commands write."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedbus.cli.printing import print_json, print_table, progress
from typedbus.outbox.records import State


class Told(NamedTuple):
    """Something of each kind that commands answer with."""

    lag: timedelta | None
    at: datetime
    state: State
    id: UUID
    parts: tuple[int, ...]


def test_an_answer_is_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Named tuples are objects, and a duration says in its name that it is in seconds."""
    event_id, at = UUID(int=7), datetime(2026, 1, 1, tzinfo=UTC)

    print_json([Told(timedelta(milliseconds=1500), at, State.DEAD, event_id, (1,))])

    assert json.loads(capsys.readouterr().out) == [
        {
            "lag_seconds": 1.5,
            "at": "2026-01-01T00:00:00+00:00",
            "state": "dead",
            "id": str(event_id),
            "parts": [1],
        }
    ]


@given(st.lists(st.lists(st.text() | st.integers() | st.none(), min_size=4, max_size=4)))
def test_a_table_fits_a_hundred_columns(rows: list[list[object]]) -> None:
    """Whatever stands in it: each row is one line."""
    written = io.StringIO()

    print_table(["a", "b", "c", "d"], rows, written)

    lines = written.getvalue().split("\n")
    assert len(lines) == len(rows) + 2
    assert max(map(len, lines)) <= 100


def test_numbers_stand_to_the_right_and_the_widest_is_cut() -> None:
    """Counts can be compared, and a long error leaves room for the rest."""
    written = io.StringIO()

    print_table(["n", "error"], [[7, "x" * 200], [1234, "short"]], written)

    _, first, second, _ = written.getvalue().split("\n")
    assert first.startswith("    7  xxx")
    assert first.endswith("x…")
    assert len(first) == 100
    assert second == "1,234  short"


class Terminal(io.StringIO):
    """Somebody looks."""

    def isatty(self) -> bool:
        return True


def test_progress_is_told_to_a_terminal_alone() -> None:
    """A log has no use for it."""
    terminal = Terminal()

    with progress("owed again", terminal) as tell:
        assert tell is not None
        tell(1000)
    with progress("owed again", io.StringIO()) as nobody:
        pass

    assert "owed again: 1,000" in terminal.getvalue()
    assert nobody is None

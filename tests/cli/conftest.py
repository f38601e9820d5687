"""A program with an outbox, as its user would write it, in a folder of its own."""

import itertools
import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from typedbus.cli import main

PROGRAM = """
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import MetaData, NullPool, create_engine
from sqlalchemy.orm import sessionmaker

from typedbus import Backoff, Bus, Event, event
from typedbus.adapters.sqlalchemy import Outbox

Sessions = sessionmaker(create_engine({url!r}, poolclass=NullPool))
outbox = Outbox(Sessions, MetaData(), name="shop")
bus = Bus()
FOLDER = Path({folder!r})
WIRE_NAME = "{name}.placed"


@event(name=WIRE_NAME)
class Placed(Event):
    order: str


ONCE = Backoff(tries=1)


if not {blocks}:

    @bus.on(Placed, via=outbox.durable("bill", key=lambda placed: placed.order[:3], retry=ONCE))
    def bill(placed: Placed) -> None:
        if placed.order.startswith("bad"):
            raise ValueError(f"no such order: {{placed.order}}")
        with (FOLDER / "billed").open("a") as file:
            file.write(placed.order + "\\n")
        while placed.order == "slow" and not (FOLDER / "go").exists():
            time.sleep(0.01)


if {blocks}:

    @bus.on(Placed, via=outbox.durable("block", timeout=timedelta(seconds=0.2)))
    async def block(placed: Placed) -> None:
        time.sleep(60)


def publish(*orders: str) -> None:
    with Sessions.begin():
        for order in orders:
            bus.publish(Placed(order=order))
"""

_numbers = itertools.count()


class Answer(NamedTuple):
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # Any: whatever the command answers
        """The one document on stdout."""
        return json.loads(self.out)


class Program:
    """A program in a folder, and the commands that are run on it in this process."""

    def __init__(
        self,
        folder: Path,
        capsys: pytest.CaptureFixture[str],
        *,
        blocks: bool = False,
        url: str | None = None,
    ) -> None:
        self.folder = folder
        self.name = f"dcli_program_{next(_numbers)}"
        self.outbox = f"{self.name}:outbox"
        self._capsys = capsys
        text = PROGRAM.format(
            url=url or f"sqlite:///{folder / 'shop.sqlite'}",
            folder=str(folder),
            name=self.name,
            blocks=blocks,
        )
        (folder / f"{self.name}.py").write_text(text)

    @property
    def module(self) -> Any:  # Any: what is written above
        """The program, imported."""
        import importlib

        return importlib.import_module(self.name)

    def make_tables(self) -> None:
        """Make its tables."""
        self.module.outbox.create_tables()

    def publish(self, *orders: str) -> None:
        """Publish an event for each of *orders*."""
        self.module.publish(*orders)

    def billed(self) -> list[str]:
        """Return the orders that were billed, in the order in which they were."""
        file = self.folder / "billed"
        return file.read_text().split() if file.exists() else []

    def run(self, *words: str) -> Answer:
        """Run `typedbus` with *words*."""
        self._capsys.readouterr()
        code = main([*words])
        told = self._capsys.readouterr()
        return Answer(code, told.out, told.err)

    def ask(self, command: str, *words: str) -> Answer:
        """Run `typedbus outbox` *command* on its outbox."""
        return self.run("outbox", command, self.outbox, *words)

    def relay(self, *words: str) -> Answer:
        """Run a relay until nothing is due."""
        return self.run("relay", self.outbox, "--once", *words)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which commands are run, and programs imported."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("TYPEDBUS_OUTBOX", raising=False)
    return tmp_path


@pytest.fixture
def program(folder: Path, capsys: pytest.CaptureFixture[str]) -> Program:
    """A program whose tables are there."""
    made = Program(folder, capsys)
    made.make_tables()
    return made

"""The shop before a type checker: as it is, and with a wrong handler put in."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import shop

_HANDLERS = Path("mail", "handlers.py")
_WRONG = """

@bus.on(OrderPlaced, via=after_response)
def thank(event: CustomerRegistered) -> None: ...


@bus.on(OrderPlaced)
async def thank_later(event: OrderPlaced) -> None: ...
"""


@dataclass(frozen=True)
class Verdict:
    """What the checker said about a copy of the shop."""

    findings: int
    lines: tuple[str, ...]


def check_as_it_is(folder: Path) -> Verdict:
    """Type-check a copy of the shop."""
    return _check(_copy(folder / "right"), folder)


def check_with_wrong_handlers(folder: Path) -> tuple[str, Verdict]:
    """Type-check a copy with two more handlers, both wrong; return their source as well."""
    copied = _copy(folder / "wrong")
    with (copied / _HANDLERS).open("a") as handlers:
        handlers.write(_WRONG)
    return _WRONG.strip(), _check(copied, folder)


def _copy(into: Path) -> Path:
    source = Path(shop.__file__).parent
    return Path(shutil.copytree(source, into / "shop", ignore=shutil.ignore_patterns("tests")))


def _check(copied: Path, folder: Path) -> Verdict:
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--pretty", "--cache-dir", folder / "mypy", "."],
        cwd=copied.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = tuple(checked.stdout.splitlines())
    if checked.returncode not in (0, 1):
        raise SystemExit(f"mypy did not get through:\n{checked.stdout}{checked.stderr}")
    return Verdict(sum(": error:" in line for line in lines), lines)

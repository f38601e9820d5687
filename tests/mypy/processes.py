"""mypy and Python, run as their users run them: as programs of their own."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class MypyFailedError(Exception):
    """mypy gave up before it had checked the files."""

    def __init__(self, command: Sequence[str], exit_code: int, output: str, /) -> None:
        super().__init__(command, exit_code, output)
        self.command = command
        self.exit_code = exit_code
        self.output = output

    def __str__(self) -> str:
        last = self.output[-2000:]
        return f"`{' '.join(self.command)}` ended with {self.exit_code}; its last words:\n{last}"


def lines_of_mypy(
    folder: Path,
    *arguments: str,
    program: str = "mypy",
    imports_from: Sequence[Path] = (),
    checks_with: Sequence[Path] = (),
    isolated: bool = False,
) -> list[str]:
    """Run a *program* of mypy in *folder* and return the lines that it printed, sorted.

    What the checked files import is sought in *checks_with* too; the rest as for `run_python`.
    """
    done = run_python(
        folder,
        *("-m", program, *arguments),
        imports_from=imports_from,
        checks_with=checks_with,
        isolated=isolated,
    )
    # 1 is "there are errors"; above it mypy tells that it could not do its work.
    if done.returncode not in (0, 1) or done.stderr:
        raise MypyFailedError(done.args, done.returncode, done.stdout + done.stderr)
    return sorted(done.stdout.splitlines())


def run_python(
    folder: Path,
    *arguments: str,
    imports_from: Sequence[Path] = (),
    checks_with: Sequence[Path] = (),
    isolated: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run Python in *folder*; what it imports is sought in *imports_from* first.

    *isolated* means: there and in the standard library, and not among what is installed.
    """
    inherited = () if isolated else filter(None, [os.environ.get("PYTHONPATH")])
    others = {name: value for name, value in os.environ.items() if not name.startswith("MYPY")}
    return subprocess.run(
        [sys.executable, *(["-S"] if isolated else []), *arguments],
        cwd=folder,
        env={
            **others,
            "PYTHONPATH": os.pathsep.join([*map(str, imports_from), *inherited]),
            "MYPYPATH": os.pathsep.join(map(str, checks_with)),
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )

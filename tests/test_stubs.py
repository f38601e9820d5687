"""The stubs under stubs/: each says what its package really has."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

STUBS = Path(__file__).parents[1] / "stubs"
STUBBED = sorted(
    ".".join(path.parent.relative_to(STUBS).parts) for path in STUBS.rglob("__init__.pyi")
)


@pytest.mark.parametrize("package", STUBBED)
def test_a_stub_agrees_with_its_package(package: str, tmp_path: Path) -> None:
    """What a stub names is there at run time, with that signature; it may leave things out."""
    if find_spec(package.partition(".")[0]) is None:
        pytest.skip(f"{package}: not installed (make bench does it)")

    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "--concise", "--ignore-missing-stub", package],
        env=os.environ | {"MYPYPATH": str(STUBS)},
        cwd=tmp_path,  # out of sight of our own mypy.ini
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("package", STUBBED)
def test_each_stub_has_its_reason(package: str) -> None:
    """The README of the stubs says why each is there."""
    assert f"`{package}`" in (STUBS / "README.md").read_text(encoding="utf-8")

"""What the type checker says about the programs on the pages: nothing, or what the page says."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, Page, pages

pytest.importorskip("mypy", reason="mypy: not installed")

_REPORT = re.compile(r"(?P<file>\w+)\.py:(?P<line>\d+): (?P<said>(?:error|note): .*)")


def test_the_pages_are_typed_and_what_they_call_refused_is_refused(tmp_path: Path) -> None:
    """`mypy --strict` accepts each page as one module, but for the blocks that say otherwise."""
    written = dict(_write(pages(), tmp_path))
    expected = {
        _place(page, block): text.rstrip().splitlines()
        for page, _ in written.values()
        for block, text in page.answers
        if block.refused
    }

    said = _ask_mypy(written, tmp_path)

    assert said == expected


def _write(found: Iterator[Page], folder: Path) -> Iterator[tuple[str, tuple[Page, list[Block]]]]:
    """Write each page as a module; yield its name, its page, and the block on each line."""
    for page in found:
        name = re.sub(r"\W", "_", page.name.removesuffix(".md"))
        lines: list[str] = []
        whose: list[Block] = []
        for block in page.blocks:
            if block.language == "python":
                lines += (source := block.source.splitlines())
                whose += [block] * len(source)
        (folder / f"{name}.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
        yield name, (page, whose)


def _ask_mypy(written: dict[str, tuple[Page, list[Block]]], folder: Path) -> dict[str, list[str]]:
    """Return what mypy says, by the block that it says it of."""
    # The cache stays, beside that of `make lint`: without it this takes many times as long.
    options = ["--config-file", "mypy.ini", "--cache-dir", ".mypy_cache/docs"]
    files = [str(folder / f"{name}.py") for name in written]
    command = [sys.executable, "-m", "mypy", *options, "--no-error-summary", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    said: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        report = _REPORT.search(line)
        assert report is not None, line
        page, whose = written[report["file"]]
        said.setdefault(_place(page, whose[int(report["line"]) - 1]), []).append(report["said"])
    return said


def _place(page: Page, block: Block) -> str:
    return f"{page.name}:{block.line}"

"""What the type checker says about the programs on the pages: nothing, or what the page says."""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from configparser import RawConfigParser
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Block, Page, pages

pytest.importorskip("mypy", reason="mypy: not installed")

_REPORT = re.compile(r"(?P<file>\w+)\.py:(?P<line>\d+): (?P<said>(?:error|note): .*)")


@pytest.mark.parametrize("plugin", [False, True], ids=["types alone", "with the plugin"])
def test_the_pages_are_typed_and_what_they_call_refused_is_refused(
    plugin: bool,  # noqa: FBT001 - pytest gives it by name
    tmp_path: Path,
) -> None:
    """`mypy --strict` accepts each page as one module, but for the blocks that say otherwise."""
    written = dict(_write((page for page in pages() if page.has_plugin is plugin), tmp_path))
    _write_settings(tmp_path / "mypy.ini", plugin=plugin)
    expected = {
        _place(page, block): text.rstrip().splitlines()
        for page, _ in written.values()
        for block, text in page.answers
        if block.refused
    }

    said = _ask_mypy(written, tmp_path)

    assert said == expected


def _write_settings(file: Path, *, plugin: bool) -> None:
    """Write our own settings for mypy, with the plugin or without."""
    ours = RawConfigParser()
    ours.read(ROOT / "mypy.ini", encoding="utf-8")
    ours.remove_option("mypy", "files")
    if not plugin:
        ours.remove_option("mypy", "plugins")
    for section in ours.sections():
        if section != "mypy":  # made for files of ours, and some name codes of the plugin
            ours.remove_section(section)
    path = ours.get("mypy", "mypy_path").replace("$MYPY_CONFIG_FILE_DIR", str(ROOT))
    ours.set("mypy", "mypy_path", path)
    # The cache stays, beside that of `make lint`: without it this takes many times as long.
    ours.set("mypy", "cache_dir", f".mypy_cache/docs{'-plugin' * plugin}")
    with file.open("w", encoding="utf-8") as written:
        ours.write(written)


def _write(found: Iterable[Page], folder: Path) -> Iterator[tuple[str, tuple[Page, list[Block]]]]:
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
    options = ["--config-file", str(folder / "mypy.ini"), "--no-error-summary"]
    files = [str(folder / f"{name}.py") for name in written]
    command = [sys.executable, "-m", "mypy", *options, *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert not done.stderr  # about its settings: it would go on without them
    said: dict[str, list[str]] = {}
    for line in done.stdout.splitlines():
        report = _REPORT.search(line)
        assert report is not None, line
        page, whose = written[report["file"]]
        said.setdefault(_place(page, whose[int(report["line"]) - 1]), []).append(report["said"])
    return said


def _place(page: Page, block: Block) -> str:
    return f"{page.name}:{block.line}"

"""Documentation that runs: each page is one program, told in blocks."""

import ast
import configparser
import io
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from contextlib import redirect_stdout
from urllib.parse import urldefrag

import pytest

from tests.docs.pages import ROOT, Block, Page, pages, read

PAGES = list(pages())
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
each_page_with_tests = pytest.mark.parametrize(
    "page", [page for page in PAGES if "\ndef test_" in page.text], ids=lambda page: page.name
)

NEEDS_A_PROCESS = re.compile(r"settings\.configure\(|create_engine\(|@event\(")
"""Django is set up once in a process, a wire name has one class, and a page closes no engine."""
END = "\0"

PROGRAMS = "|".join(["benchmarks", *(each.name for each in (ROOT / "examples").iterdir())])

READABLE: Mapping[str, Callable[[str], object]] = {
    "python": ast.parse,
    "py": ast.parse,  # not run here: it needs what not every machine has
    "text": str,
    "sh": str,
    "console": str,
    "lua": str,
    "yaml": str,
    "json": json.loads,
    "toml": tomllib.loads,
    "ini": configparser.ConfigParser().read_string,
}
"""The languages that a block may be in, and what reads them."""


@each_page
def test_a_page_runs_from_its_first_block_to_its_last(page: Page) -> None:
    """Its Python blocks are one program; a text block right below one holds what that prints."""
    fresh = read(page.path)
    shown = {block.line: text for block, text in fresh.answers if block.runs}

    blocks = [block for block in fresh.blocks if block.runs]
    printed = run_elsewhere(blocks) if NEEDS_A_PROCESS.search(page.text) else run_here(blocks)

    assert {line: printed[line] for line in shown} == shown


@each_page_with_tests
def test_the_tests_on_a_page_pass(page: Page, pytester: pytest.Pytester) -> None:
    """Test functions that a page shows are run by pytest, with every warning an error."""
    source = "\n".join(block.source for block in page.blocks if block.runs)
    pytester.makepyfile(test_page=source)
    count = len(re.findall(r"^(?:async )?def test_", source, re.MULTILINE))

    # In a process of its own: a wire name belongs to one class of a process.
    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:cacheprovider")

    result.assert_outcomes(passed=count)


@each_page
def test_each_block_says_what_it_is(page: Page) -> None:
    """A block names its language and can be read in it; one that is refused says how."""
    for block in page.blocks:
        READABLE[block.language](block.source)

    python = [block for block in page.blocks if block.language == "python"]
    refused = {block for block in python if block.refused}
    assert len(python) == page.text.count("```python")
    assert refused <= {block for block, _ in page.answers}


@each_page
def test_each_link_leads_to_a_file(page: Page) -> None:
    """A relative link names a file or a folder of the project."""
    targets = {urldefrag(target).url for target in re.findall(r"\]\(([^)\s]+)\)", page.prose)}
    relative = {target for target in targets if target and "://" not in target}

    missing = {target for target in relative if not (page.path.parent / target).exists()}

    assert missing == set()


@each_page
def test_each_command_exists(page: Page) -> None:
    """A target that a page tells to `make` is in the Makefile; a module that it runs is there."""
    commands = "\n".join(
        [
            *(block.source for block in page.blocks if block.language in ("sh", "console")),
            *re.findall(r"`([^`\n]+)`", page.prose),
        ]
    )
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w.%-]+):", makefile, re.MULTILINE))

    asked = set(re.findall(r"\bmake ([a-z][\w.-]*)", commands))
    modules = set(re.findall(rf"\bpython -m ((?:{PROGRAMS})[\w.]*)", commands))

    assert asked <= targets
    assert {module for module in modules if not is_there(module)} == set()


def run_here(blocks: Iterable[Block]) -> dict[int, str]:
    """Run *blocks* in the program of their page and return what each printed, by its line."""
    printed = {}
    for block in blocks:
        with redirect_stdout(io.StringIO()) as output:
            block.example.evaluate()
        printed[block.line] = output.getvalue()
    return printed


def run_elsewhere(blocks: Iterable[Block]) -> dict[int, str]:
    """Do as `run_here`, in a process of its own, with every warning an error."""
    program = "".join(f"{block.source}\nprint(end={END!r})\n" for block in blocks)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    outputs = done.stdout.split(END)
    return {block.line: output for block, output in zip(blocks, outputs, strict=False)}


def is_there(module: str) -> bool:
    """Say whether `python -m` finds *module*, from the root or from the examples."""
    parts = module.split(".")
    places = (ROOT.joinpath(*parts), ROOT.joinpath("examples", *parts))
    return any(p.with_suffix(".py").is_file() or (p / "__main__.py").is_file() for p in places)

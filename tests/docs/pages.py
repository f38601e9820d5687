"""The pages of the documentation, and the blocks in them."""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from sybil import Document, Example, Region, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.markdown.lexers import RawFencedCodeBlockLexer

ROOT: Final = Path(__file__).parents[2]
DOCS: Final = ROOT / "docs"

REFUSED: Final = "refused by the type checker"
"""The title of a Python block that is not run: the type checker must say what stands below it."""

REFUSED_WITH_PLUGIN: Final = "refused with the plugin"
"""The same, on a page that is checked by mypy with our plugin."""

_FENCE: Final = RawFencedCodeBlockLexer(re.compile(r"(?P<info>[^\n]*)\n"))
_INFO: Final = re.compile(r'(?P<language>\w*)(?: title="(?P<title>[^"]*)")?')


class Block(NamedTuple):
    """What stands between two fences."""

    language: str
    title: str
    source: str
    line: int
    """The line of the page on which the source begins."""
    example: Example
    """The same, as sybil runs it."""

    @property
    def refused(self) -> bool:
        """Whether it shows what a type checker refuses."""
        return self.title in (REFUSED, REFUSED_WITH_PLUGIN)

    @property
    def runs(self) -> bool:
        """Whether it is a part of the program that the page tells."""
        return self.language == "python" and not self.refused

    def stands_on(self, below: "Block") -> bool:
        """Say whether *below* is the next thing on the page, with no word in between."""
        between = self.example.document.text[self.example.end : below.example.start]
        return not between.strip()


class Page(NamedTuple):
    """One Markdown file."""

    path: Path
    text: str
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """The path as a reader knows it: from the root of the project."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def has_plugin(self) -> bool:
        """Whether mypy checks it with our plugin."""
        return any(block.title == REFUSED_WITH_PLUGIN for block in self.blocks)

    @property
    def answers(self) -> Iterator[tuple[Block, str]]:
        """Each Python block that has a text block right below it, and that text."""
        for block, below in pairwise(self.blocks):
            if block.language == "python" and below.language == "text" and block.stands_on(below):
                yield block, below.source

    @property
    def prose(self) -> str:
        """The text without its blocks."""
        text = self.text
        for block in self.blocks:
            start, end = block.example.start, block.example.end
            text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
        return text


def pages() -> Iterator[Page]:
    """Yield every page that promises to hold code that runs."""
    yield read(ROOT / "README.md")
    yield read(ROOT / "CONTRIBUTING.md")
    for folder, pattern in ((DOCS, "**/*.md"), (ROOT / "examples", "*/README.md")):
        yield from map(read, sorted(folder.glob(pattern)))


def read(path: Path) -> Page:
    """Return the page at *path*; a program of its own lives in each."""
    document = _SYBIL.parse(path)
    # Classes and functions of a page belong to a module, as they would if it were saved as one.
    document.namespace["__name__"] = "shop"
    return Page(path, document.text, tuple(map(_block, document.examples())))


def _block(example: Example) -> Block:
    info = _INFO.fullmatch(example.region.lexemes["info"].strip())
    if info is None:
        raise ValueError(f"{example.path}:{example.line}: {example.region.lexemes['info']!r}")
    source = str(example.parsed)
    return Block(info["language"], info["title"] or "", source, example.line + 1, example)


def _fenced(document: Document) -> Iterable[Region]:
    for region in _FENCE(document):
        region.parsed = region.lexemes["source"]
        region.evaluator = _run
        yield region


_run: Final = PythonEvaluator()
_SYBIL: Final = Sybil(parsers=[_fenced])

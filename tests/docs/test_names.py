"""Names in the prose: what stands in `code` is there."""

import ast
import builtins
import fnmatch
import functools
import importlib
import re
import tomllib
import typing
from collections.abc import Iterator
from pathlib import Path

import django.test
import fastapi.testclient
import pytest

from tests.docs.pages import ROOT, Page, pages

PAGES = list(pages())
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)

FOLDERS = ("benchmarks", "changes", "docs", "examples", "requirements", "src", "tests")
FILES = [
    *FOLDERS,
    *(
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
    ),
]
IN_A_FOLDER = re.compile(rf"(?:{'|'.join(FOLDERS)})/")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@each_page
def test_each_path_in_the_prose_is_there(page: Page) -> None:
    """A file or a folder of the project; a Python file may be told by the end of its path."""
    paths = {
        span.split("::")[0] for span in spans(page) if IN_A_FOLDER.match(span) or is_file(span)
    }

    missing = {path for path in paths if not any(leads_to(path, file) for file in FILES)}

    assert missing == set()


@each_page
def test_each_dotted_name_in_the_prose_can_be_imported(page: Page) -> None:
    """`typedbus.adapters.fastapi` and the like, if it is not the name of a task or a queue."""
    dotted = {span for span in spans(page) if re.fullmatch(r"typedbus(?:\.\w+)+", span)}

    for name in dotted - set(PROJECT["entry-points"]) - STRINGS:
        resolve(name)


@each_page
def test_each_class_and_option_in_the_prose_exists(page: Page) -> None:
    """In typedbus, in the program that the page is about, in Python, or in a framework."""
    words = {
        word
        for span in spans(page)
        if " " not in span or "(" in span
        for word in re.findall(r"\b(?:[A-Z]\w*[a-z]\w*|[a-z_]+(?==))", span)
    }

    own = identifiers(block.source for block in page.blocks if block.language in ("python", "py"))
    if page.path.name == "README.md" and "examples" in page.path.parts:  # it is beside the program
        own |= identifiers(_read(page.path.parent.rglob("*.py")))

    assert words - KNOWN - own == set()


def spans(page: Page) -> set[str]:
    """Return what stands in `code` in the prose of *page*."""
    return set(re.findall(r"`([^`\n]+)`", page.prose))


def is_file(span: str) -> bool:
    """Say whether *span* looks like a Python file of ours."""
    return re.fullmatch(r"[\w/*]+\.py", span) is not None


def leads_to(path: str, file: str) -> bool:
    """Say whether *path* means *file*, or a folder that it is in."""
    whole = path.rstrip("/")
    return fnmatch.fnmatch(file, whole) or fnmatch.fnmatch(file, f"*/{whole}")


def resolve(name: str) -> object:
    """Return what the dotted *name* is; raise if it is nothing."""
    module, _, attribute = name.rpartition(".")
    try:
        return importlib.import_module(name)
    except ImportError:
        return getattr(importlib.import_module(module), attribute)


def identifiers(sources: typing.Iterable[str]) -> set[str]:
    """Return every name that *sources* define or use: classes, functions, parameters, options."""
    return {word for source in sources for word in _identifiers(ast.parse(source))}


def _identifiers(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        for field in ("id", "name", "attr", "arg"):
            word = getattr(node, field, None)
            if isinstance(word, str):
                yield word


def strings(sources: typing.Iterable[str]) -> set[str]:
    """Return every text that stands in *sources*."""
    nodes = (node for source in sources for node in ast.walk(ast.parse(source)))
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _read(paths: typing.Iterable[Path]) -> Iterator[str]:
    return (path.read_text(encoding="utf-8") for path in paths)


STRINGS = strings(_read((ROOT / "src").rglob("*.py")))
KNOWN = {
    *identifiers(_read((ROOT / "src").rglob("*.py"))),
    *dir(django.test),
    *dir(builtins),
    *dir(fastapi),
    *dir(fastapi.testclient),
    *dir(functools),
    *dir(typing),
    # Options of SQLAlchemy's.
    *("join_transaction_mode", "pool_size"),
    # Of nobody's: what an example is called by.
    *(
        "Base",
        "CreateUser",
        "EventBus",
        "EventSpec",
        "Mailer",
        "OrderPlaced",
        "Sessions",
        "ShopEvent",
        "UserCreated",
    ),
}

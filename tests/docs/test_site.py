"""The site that `make docs` builds."""

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import typedbus
from tests.docs.pages import DOCS, ROOT
from typedbus import errors

pytestmark = pytest.mark.skipif(find_spec("zensical") is None, reason="zensical: not installed")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from a copy: strict, so that no link, anchor or name leads nowhere."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(DOCS, folder / "docs")
    shutil.copy(ROOT / "mkdocs.yml", folder)
    (folder / "src").symlink_to(ROOT / "src")
    # Its command is a script beside the interpreter; the module has no `__main__`.
    command = [str(Path(sys.executable).with_name("zensical")), "build", "--clean", "--strict"]

    built = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    assert built.returncode == 0, built.stdout + built.stderr
    return folder / "site"


def test_the_site_loads_nothing_from_another_host(site: Path) -> None:
    """No script, style, font or picture comes from elsewhere: it reads the same offline."""
    pages = [page.read_text(encoding="utf-8") for page in site.rglob("*.html")]
    styles = [style.read_text(encoding="utf-8") for style in site.rglob("*.css")]

    loaded = {
        *re.findall(
            r"<(?:script|img|iframe)[^>]*\ssrc=[\"']?((?:https?:)?//[^\"'\s>]+)", str(pages)
        ),
        *re.findall(r"<link[^>]*\shref=[\"']?((?:https?:)?//[^\"'\s>]+)", str(pages)),
        *re.findall(r"url\([\"']?((?:https?:)?//[^\"')]+)", str(styles)),
    }

    assert loaded == set()


def test_the_reference_has_every_public_name(site: Path) -> None:
    """What can be imported from the front door, and every error, is told by its docstring."""
    pages = (site / "reference").rglob("*.html")
    reference = "".join(page.read_text(encoding="utf-8") for page in pages)

    public = {*typedbus.__all__, *re.findall(r"\b[A-Z]\w+Error\b", " ".join(dir(errors)))}

    described = set(re.findall(r'id="typedbus\.(?:errors\.)?(\w+)"', reference))

    assert public - described == {"errors"}  # the module of the errors, each of which is there


def test_every_page_can_be_reached(site: Path) -> None:
    """Each file under docs/ stands in the navigation."""
    home = (site / "index.html").read_text(encoding="utf-8")
    pages = [page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")]
    addresses = {page: re.sub(r"(index|README)?\.md$", "", page) for page in pages}

    hidden = [page for page, address in addresses.items() if f'href="./{address}' not in home]

    assert hidden == []

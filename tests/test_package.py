"""What is built for others: the wheel and the source distribution."""

import subprocess
import sys
import tarfile
from importlib.metadata import entry_points
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.metadata import Metadata

import typedbus

ROOT = Path(__file__).parents[1]


def build(target: str, source: Path, into: Path) -> Path:
    """Build *target* from the tree at *source*, with the installed hatchling and no network."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory"]
    subprocess.run([*command, str(into)], cwd=source, check=True, capture_output=True)
    (built,) = into.iterdir()
    return built


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The source distribution of this tree, unpacked."""
    packed = build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))
    unpacked = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(packed) as archive:
        archive.extractall(unpacked, filter="data")
    return unpacked / packed.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel, built from the source distribution as an installer would."""
    return ZipFile(build("wheel", sdist, tmp_path_factory.mktemp("wheel")))


def metadata_of(wheel: ZipFile) -> Metadata:
    """Return what *wheel* says of itself; raise if that breaks the standard."""
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return Metadata.from_email(wheel.read(name), validate=True)


def test_the_wheel_holds_the_package_and_nothing_else(wheel: ZipFile) -> None:
    """Every file of src/typedbus is in it, py.typed too; tests and examples are not."""
    in_src = {
        path.relative_to(ROOT / "src").as_posix()
        for path in (ROOT / "src" / "typedbus").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    in_wheel = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert "typedbus/py.typed" in in_wheel
    assert in_wheel == in_src


def test_the_wheel_says_what_it_is(wheel: ZipFile) -> None:
    """Its metadata is valid, and the version stands in one place: the front door."""
    metadata = metadata_of(wheel)

    assert metadata.name == "typedbus"
    assert str(metadata.version) == typedbus.__version__
    assert metadata.license_expression == "MIT"
    assert metadata.license_files == ["LICENSE"]
    assert str(metadata.requires_python) == ">=3.11"
    assert metadata.description_content_type == "text/markdown"
    frameworks = {"celery", "django", "fastapi", "sqlalchemy", "trio"}
    assert set(metadata.provides_extra or ()) == {"bench", "mypy", *frameworks}


def test_a_user_gets_two_dependencies(wheel: ZipFile) -> None:
    """Whatever else typedbus can work with is an extra."""
    needed = [dep for dep in metadata_of(wheel).requires_dist or () if dep.marker is None]

    assert sorted(dep.name for dep in needed) == ["pydantic", "typing-extensions"]


def test_the_source_distribution_can_be_tested(sdist: Path) -> None:
    """Whoever packages typedbus can run its tests."""
    assert (sdist / "tests" / "conftest.py").is_file()
    assert (sdist / "pyproject.toml").is_file()
    assert (sdist / "LICENSE").is_file()


def test_each_event_loop_of_the_package_can_be_loaded() -> None:
    """The core finds an event loop other than asyncio by its entry point."""
    loops = entry_points(group="typedbus.loops")

    assert {loop.name for loop in loops if loop.dist and loop.dist.name == "typedbus"} == {"trio"}
    assert all(callable(loop.load()) for loop in loops)

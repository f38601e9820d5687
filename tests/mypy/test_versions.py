"""The plugin with each release of mypy that it supports, over all case files."""

import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from tests.mypy.case_files import FILES, HERE, source_of
from tests.mypy.findings import Finding, expected_in, reported_in
from tests.mypy.processes import lines_of_mypy, run_python
from tests.mypy.releases import ALL_RELEASES, RELEASES, ROOT, folder_of

# Files of a syntax of their own are for one Python, and for a mypy that knows it.
SOURCES: Final = {file: source_of(file) for file in FILES if "_py3" not in file}


class Difference(NamedTuple):
    """What an older mypy takes for something else, and the plugin with it."""

    since: Version
    """The first release in which it is as the comments of the case files expect."""
    file: str
    words: str
    """They stand on the line that is reported, or in what is said of it."""

    def explains(self, finding: Finding) -> bool:
        """Say whether *finding* may be there in the one release and not in the other."""
        line = SOURCES[finding.file].splitlines()[finding.line - 1]
        return self.file == finding.file and self.words in line + finding.message


DIFFERENCES: Final = [
    # What is one of two things: what these have in common, not either of them.
    Difference(Version("1.12"), "event_classes.py", " if created else "),
    Difference(Version("1.12"), "functions.py", " if urgent else "),
    Difference(Version("1.12"), "outside.py", " else Other"),
    Difference(Version("1.12"), "published_classes.py", " if created else "),
    Difference(Version("1.12"), "publishers.py", " if created else "),
    # type[...] as a value: a special form, as Annotated[...] is.
    Difference(Version("1.12"), "event_classes.py", "type[UserCreated], on_anything"),
    # A function below several decorators: its first line, not the next one.
    Difference(Version("1.15"), "on_decorator.py", 'Handler "e2"'),
    Difference(Version("1.15"), "on_decorator.py", 'Handler "e3"'),
    # A variable that a loop sets anew: not all that it may be.
    Difference(Version("1.15"), "unchecked.py", "bus.subscribe(UserCreated, handler)"),
    # A function that a class holds as `__call__`: a method, whose first parameter is the object.
    Difference(Version("1.17"), "handler_classes.py", "Held()"),
]


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_each_release_has_the_same_findings(release: Version, tmp_path: Path) -> None:
    """But for the differences above, each of which there is; and it has them from a cache too."""
    mypy = folder_of(release)
    known = [each for each in DIFFERENCES if release < each.since]
    arguments = (f"--cache-dir={tmp_path}", *SOURCES)

    cold = lines_of_mypy(HERE, *arguments, imports_from=[mypy])
    from_the_cache = lines_of_mypy(HERE, *arguments, imports_from=[mypy])

    found = _ours(reported_in(cold))
    expected = _ours(
        finding for file, source in SOURCES.items() for finding in expected_in(file, source)
    )
    differing = [*(found - expected), *(expected - found)]
    unknown = [each for each in differing if not any(one.explains(each) for one in known)]
    assert not unknown, "\n".join(map(str, unknown))
    assert not [one for one in known if not any(one.explains(each) for each in differing)]
    assert reported_in(from_the_cache) == reported_in(cold)


@pytest.mark.parametrize("release", RELEASES, ids=str)
def test_the_release_that_is_named_is_the_one_that_runs(release: Version, tmp_path: Path) -> None:
    """Else all of them would be the one that is installed beside the tests."""
    done = run_python(tmp_path, "-m", "mypy", "--version", imports_from=[folder_of(release)])

    assert done.stdout.split()[:2] == ["mypy", str(release)]


def test_the_declared_range_is_the_tested_range() -> None:
    """The lower bound is tested, and the upper one leaves out the first minor that is not."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (declared,) = map(Requirement, project["optional-dependencies"]["mypy"])
    bounds = {each.operator: Version(each.version) for each in declared.specifier}

    oldest, *_, newest = ALL_RELEASES
    assert bounds == {">=": oldest, "<": Version(f"{newest.major}.{newest.minor + 1}")}


def _ours(findings: Iterable[Finding]) -> Counter[Finding]:
    return Counter(finding for finding in findings if finding.code.startswith("event-"))

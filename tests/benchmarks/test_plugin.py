"""The plugin's benchmark: the project is what it claims to be, and the plugin is at work in it."""

import ast
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.generated import LINES, PUBLISHING, SUBSCRIBING, write_project

pytest.importorskip("mypy", reason="mypy: not installed")

ROOT = Path(__file__).parents[2]
# For each code: what is right in every module, and the mistake that it is made into.
MISTAKES = {
    "event-mismatch": ("def count(event: Opened)", "def count(event: Closed)"),
    "event-outside": ("bus.subscribe(ShopEvent, print", "bus.subscribe(int, print"),
    "event-untyped": ("subscribe(Closed, remind)", 'subscribe(Closed, getattr(remind, "call"))'),
    "event-class": ("bus.publish(ShopEvent(number=event.number))", "bus.publish(ShopEvent)"),
    "event-name": ("_events.publish(Opened(number", '_events.publish("opened") or (Opened(number'),
    "event-async": ("def follow(", "async def follow("),
}


def test_every_module_has_the_sites_and_the_lines_that_it_claims(tmp_path: Path) -> None:
    """The ratio is over so many sites in so many lines."""
    write_project(tmp_path, 3)

    sources = [file.read_text(encoding="utf-8") for file in tmp_path.glob("shop/area_*.py")]

    for source in sources:
        called = Counter(
            node.func.attr
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        )
        assert called["subscribe"] == called["on"] == SUBSCRIBING / 2
        assert called["publish"] == PUBLISHING
        assert len(source.splitlines()) == LINES
    assert len(sources) == 3


def test_a_mistake_of_each_kind_is_reported_in_the_project(tmp_path: Path) -> None:
    """What is timed is the plugin at work: it finds what is wrong there, and nothing else."""
    write_project(tmp_path, len(MISTAKES))
    for number, (right, wrong) in enumerate(MISTAKES.values()):
        file = tmp_path / "shop" / f"area_{number:03}.py"
        source = file.read_text(encoding="utf-8")
        assert source.count(right) == 1
        file.write_text(source.replace(right, wrong), encoding="utf-8")
    (tmp_path / "mypy.ini").write_text(
        "[mypy]\nstrict = True\nplugins = typedbus.mypy\n", encoding="utf-8"
    )

    done = run("-m", "mypy", "--output=json", "--cache-dir=/dev/null", "shop", folder=tmp_path)

    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {Path(each["file"]).stem: each["code"] for each in found} == {
        f"area_{number:03}": code for number, code in enumerate(MISTAKES)
    }
    assert len({(each["file"], each["line"], each["code"]) for each in found}) == len(found)


def test_the_ratios_are_printed_and_the_plugin_is_asked_at_every_site(tmp_path: Path) -> None:
    """Cold, warm and with two workers; and the places that were checked are the sites."""
    file = tmp_path / "figures.json"
    options = ("--quick", "--modules", "2", "--json", str(file))

    done = run("-m", "benchmarks.plugin", *options, folder=ROOT)

    assert done.returncode == 0, done.stderr
    figures = json.loads(file.read_text(encoding="utf-8"))["figures"]
    ratios = {figure["mode"]: figure["ratio"] for figure in figures["mypy_plugin"]}
    assert ratios.keys() == {"cold", "warm", "2 workers"}
    for mode, ratio in ratios.items():
        assert any(
            line.startswith(mode) and f"{ratio:.3f}" in line for line in done.stdout.splitlines()
        )
    places = {
        figure["what"].rpartition(", ")[2]: figure["places"]
        for figure in figures["mypy_plugin_clocks"]
    }
    assert places["subscribe"] + places["on"] == 2 * SUBSCRIBING
    assert places["publish"] == 2 * PUBLISHING


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python in *folder*."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)

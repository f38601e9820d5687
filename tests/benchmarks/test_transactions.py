"""The benchmark of transactions: each request does what its row says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import redis

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["celery_by_hand", "celery"])
def test_a_request_with_celery_sends_one_message(name: str, valkey_url: str) -> None:
    """By hand or not, the same arrives at the broker."""
    # In a process of its own: nobody closes the engine of a benchmark.
    program = f"from benchmarks.sqlalchemy_requests import requests as r; r({valkey_url!r}, None)"

    subprocess.run([sys.executable, "-c", f"{program}.{name}()"], cwd=ROOT, check=True)

    with redis.Redis.from_url(valkey_url) as client:
        assert client.llen("celery") == 1


def test_both_frameworks_are_compared_in_a_file_and_in_memory(tmp_path: Path) -> None:
    """`--json FILE` keeps a figure for each row; a target is what waits for the disk."""
    file = tmp_path / "figures.json"
    command = [
        sys.executable,
        "-m",
        "benchmarks.transactions",
        "--rounds",
        "2",
        "--json",
        str(file),
    ]

    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    kept = json.loads(file.read_text(encoding="utf-8"))
    figures = kept["figures"]["transactions"]
    assert {(figure["framework"], figure["rows"]) for figure in figures} == {
        (framework, rows)
        for framework in ("SQLAlchemy", "Django")
        for rows in ("in a file", "in memory")
    }
    assert all("ratio_to_by_hand" in figure for figure in figures)
    assert [target["must"] for target in kept["targets"]] == [1.05, 1.05]

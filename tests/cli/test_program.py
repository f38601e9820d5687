"""The program `typedbus`: what it refuses, in one line each, and with which exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Program
from typedbus.cli import main


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("no_such_module", None, "there is no module 'no_such_module'"),
        ("no_such.module", None, "there is no module 'no_such'"),
        (
            "dcli_broken",
            "x = 1\nraise RuntimeError('two\\nlines')\n",
            "dcli_broken.py:2: RuntimeError",
        ),
        ("dcli_wants", "import nowhere_to_be_found\n", "No module named 'nowhere_to_be_found'"),
        ("dcli_syntax", "x = = 1\n", "SyntaxError"),
        ("dcli_empty", "", "there is no 'outbox' in 'dcli_empty'"),
        ("dcli_other", "outbox = 7\n", "'dcli_other:outbox' is a int, and no outbox"),
        (
            "dcli_class",
            "from typedbus.adapters.sqlalchemy import Outbox as outbox\n",
            "is a class: name an Outbox that was made of it",
        ),
    ],
    ids=["absent", "absent-package", "raises", "imports", "syntax", "attribute", "type", "class"],
)
def test_an_outbox_that_cannot_be_had_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, text: str | None, said: str
) -> None:
    """In one line that names the module, and where it went wrong."""
    if text is not None:
        (folder / f"{name}.py").write_text(text)

    code = main(["outbox", "status", f"{name}:outbox"])

    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert told.err.startswith("typedbus: ")
    assert told.err.count("\n") == 1
    assert said in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no outbox is named"),
        (["shop"], "'shop' names no"),
        ([":outbox"], "':outbox' names no outbox"),
        (["a:b", "c:d"], "are both names of an outbox"),
    ],
    ids=["none", "no-attribute", "no-module", "two"],
)
def test_an_outbox_has_to_be_named(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    """By module and attribute, once."""
    assert folder.exists()

    code = main(["outbox", "status", *words])

    assert code == 2
    assert said in capsys.readouterr().err


def test_the_environment_may_name_the_outbox(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It need not be typed each time."""
    monkeypatch.setenv("TYPEDBUS_OUTBOX", program.outbox)

    assert program.run("outbox", "lag").out == "nothing is owed\n"
    assert program.run("outbox", "pause", "--all").out == "all handlers are paused\n"


def test_words_and_options_may_stand_in_any_order(program: Program) -> None:
    """As they come to mind."""
    program.publish("bad")
    program.relay()
    number = str(program.ask("list", "--json").json["deliveries"][0]["id"])

    for words in (
        [number, program.outbox, "--dry-run"],
        ["--dry-run", program.outbox, number],
        [program.outbox, "--dry-run", number, "--json"],
        [number, "--dry-run", program.outbox],
    ):
        assert program.run("outbox", "retry", *words).code == 0


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["outbox"],
        ["outbox", "statuss"],
        ["outbox", "status", "--what"],
        ["outbox", "lag", "--max-age", "60"],
        ["outbox", "list", "--state", "done"],
        ["outbox", "list", "--limit", "0"],
        ["outbox", "list", "--after", "17"],
        ["outbox", "discard", "1"],
        ["outbox", "discard", "1", "--reason", " "],
        ["outbox", "skip", "--handler", "bill"],
        ["outbox", "replay", "--handler", "bill", "--since", "yesterday"],
        ["outbox", "replay", "--handler", "bill", "--rate", "-1"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """And tells the right one."""
    with pytest.raises(SystemExit) as ended:
        main(words)

    assert ended.value.code == 2
    assert "usage: typedbus" in capsys.readouterr().err


def test_a_database_that_is_away_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what the driver says, in one line."""
    program = Program(folder, capsys, url="sqlite:////no/such/folder/shop.sqlite")

    answer = program.ask("status")

    assert answer.code == 2
    assert "its database does not answer (unable to open database file)" in answer.err
    assert answer.err.count("\n") == 1


def test_a_reader_may_have_seen_enough(program: Program) -> None:
    """`| head` is no error."""
    command = f"{sys.executable} -m typedbus.cli outbox ddl {program.outbox} | true"

    ended = subprocess.run(
        ["/bin/sh", "-c", command], cwd=program.folder, capture_output=True, check=True, text=True
    )

    assert ended.stderr == ""


def test_the_folder_that_one_is_in_is_looked_through(program: Program) -> None:
    """Programs that are not installed are found, by the command as by `python -m`."""
    beside = Path(sys.executable).with_name("typedbus")
    commands = [[str(beside)]] if beside.exists() else []

    for command in [*commands, [sys.executable, "-m", "typedbus.cli"]]:
        ended = subprocess.run(
            [*command, "outbox", "lag", program.outbox, "--json"],
            cwd=program.folder,
            env={**os.environ, "PYTHONSAFEPATH": "1"},
            capture_output=True,
            check=True,
            text=True,
        )
        assert '"lag_seconds": null' in ended.stdout

"""docs/reference/cli.md: every command of the program, with every option that it has."""

import re

import pytest

from tests.docs.pages import DOCS
from typedbus.cli import main

PAGE = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
SECTIONS = dict(
    re.findall(r"^## typedbus ([\w ]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
)
# What the top of the page says once for all commands.
OF_MANY = {"--dry-run", "--help", "--json", "--who"}
# Said by words: "selected as for retry".
SELECTING = {"--all", "--handler", "--key", "--type"}


def help_of(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what `typedbus COMMAND --help` prints."""
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    return capsys.readouterr().out


@pytest.mark.parametrize("command", SECTIONS)
def test_a_section_names_each_option_of_its_command(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """And none that the command does not have."""
    has = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", help_of(command, capsys), re.MULTILINE))

    told = set(re.findall(r"`(?:-\w`, `)?(--[a-z-]+)", SECTIONS[command]))

    left_out = SELECTING if "[retry](#typedbus-outbox-retry)" in SECTIONS[command] else set()
    assert has - OF_MANY - left_out <= told
    assert told <= has


def test_each_command_has_a_section(capsys: pytest.CaptureFixture[str]) -> None:
    """A command that is not on the page is one that nobody finds."""
    commands = re.findall(r"^    (\w+)  ", help_of("outbox", capsys), re.MULTILINE)

    assert set(SECTIONS) == {"relay", *(f"outbox {command}" for command in commands)}

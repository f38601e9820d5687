"""What an editor shows: a server of its own looks at a file while it is written."""

import json
import os
import signal
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.editors.language_servers import Error, SilentError, opened

ROOT = Path(__file__).parents[2]

MYPY_INI = f"""
[mypy]
plugins = typedbus.mypy
cache_dir = {ROOT / ".mypy_cache" / "editors"}
"""

EVENTS = """
from collections.abc import Callable
from typing import TypeVar

from typedbus import Bus, Event

F = TypeVar("F", bound=Callable[..., None])


def kept(function: F) -> F:
    return function


class ShopEvent(Event):
    pass


class UserCreated(ShopEvent):
    pass


class OrderPlaced(ShopEvent):
    pass


bus = Bus(ShopEvent)
"""

WRONG = """
from events import OrderPlaced, ShopEvent, UserCreated, bus, kept


def welcome(event: UserCreated) -> None:
    print(event)


bus.subscribe(OrderPlaced, welcome)


@kept
@bus.on(OrderPlaced)
def confirm(event: UserCreated) -> None:
    print(event)
    print("confirmed")
"""

# Of another length: to mypy, a file of the same length and the same second is the same file.
RIGHT = WRONG.replace("(event: UserCreated)", "(event: ShopEvent)")

MISMATCHES = [
    Error(9, "welcome", "event-mismatch"),
    Error(13, "bus.on(OrderPlaced)", "event-mismatch"),
]

pylsp = pytest.mark.skipif(
    find_spec("pylsp_mypy") is None, reason="python-lsp-server with pylsp-mypy: not installed"
)


@pytest.fixture
def handlers(tmp_path: Path) -> Path:
    """A file with two mistakes, beside the file of its events."""
    (tmp_path / "events.py").write_text(EVENTS, encoding="utf-8")
    file = tmp_path / "handlers.py"
    file.write_text(WRONG, encoding="utf-8")
    return file


@pytest.fixture
def with_plugin(handlers: Path) -> None:
    """The folder's mypy has our plugin."""
    handlers.with_name("mypy.ini").write_text(MYPY_INI, encoding="utf-8")


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Path]:
    """The file in which a dmypy says who it is; one that is left behind is ended."""
    file = tmp_path / "dmypy.json"
    yield file
    if file.exists():
        os.kill(json.loads(file.read_text(encoding="utf-8"))["pid"], signal.SIGTERM)


@pylsp
@pytest.mark.usefixtures("with_plugin")
def test_a_mismatch_comes_and_goes_as_one_types(handlers: Path) -> None:
    """The handler itself is marked, or the decorator of the bus, with our code."""
    with opened(handlers, "pylsp") as editor:
        assert editor.errors() == MISMATCHES

        editor.edit(RIGHT)
        assert editor.errors() == []

        editor.edit(WRONG)
        assert editor.errors() == MISMATCHES


@pylsp
@pytest.mark.usefixtures("with_plugin")
def test_the_comment_that_the_editor_offers_silences_the_error(handlers: Path) -> None:
    """It is put at the end of what is marked: that must be where mypy looks for it."""
    with opened(handlers, "pylsp") as editor:
        assert len(editor.errors()) == len(MISMATCHES)

        editor.take_quick_fixes()
        assert editor.errors() == []


@pylsp
@pytest.mark.usefixtures("with_plugin")
def test_a_mismatch_comes_and_goes_with_each_save(handlers: Path, daemon: Path) -> None:
    """With dmypy, also when the file of the event class is what was changed."""
    dmypy = {"live_mode": False, "dmypy": True, "dmypy_status_file": str(daemon)}
    events = handlers.with_name("events.py")
    with opened(
        handlers, "pylsp", settings={"pylsp": {"plugins": {"pylsp_mypy": dmypy}}}
    ) as editor:
        assert editor.errors() == MISMATCHES
        assert daemon.exists()

        events.write_text(EVENTS.replace("OrderPlaced(ShopEvent)", "OrderPlaced(UserCreated)"))
        editor.save()
        assert editor.errors() == []

        events.write_text(EVENTS)
        editor.save()
        assert editor.errors() == MISMATCHES

        editor.edit(RIGHT)
        editor.errors()
        editor.save()
        assert editor.errors() == []

    assert not daemon.exists()


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (("pyright.langserver", "--stdio"), "reportArgumentType"),
        (("ty", "server"), "invalid-argument-type"),
        (("pyrefly", "lsp"), "bad-argument-type"),
    ],
    ids=["pyright", "ty", "pyrefly"],
)
def test_servers_without_a_plugin_mark_the_same_lines(
    handlers: Path, command: tuple[str, ...], code: str
) -> None:
    """They know nothing of us: the types say it."""
    skip_without(command[0])
    handlers.with_name("pyrefly.toml").write_text('preset = "default"\n', encoding="utf-8")

    with opened(handlers, *command) as editor:
        assert [(each.line, each.code) for each in editor.errors()] == [(9, code), (13, code)]

        editor.edit(RIGHT)
        assert editor.errors() == []


def test_pyrefly_marks_nothing_until_it_is_configured(handlers: Path) -> None:
    """The docs say so, and have the line that changes it."""
    skip_without("pyrefly")

    with opened(handlers, "pyrefly", "lsp") as editor:
        assert editor.errors() == []


def test_a_server_that_gives_up_is_not_taken_for_one_that_finds_nothing(handlers: Path) -> None:
    """Nobody waits for it any longer, and its last words are shown."""
    with (
        pytest.raises(SilentError, match="no-such-option"),
        opened(handlers, "json.tool", "--no-such-option") as editor,
    ):
        editor.errors()


def skip_without(module: str) -> None:
    """Skip the test, by the name of the tool, where *module* is not installed."""
    tool = module.partition(".")[0]
    if find_spec(tool) is None:
        pytest.skip(f"{tool}: not installed")

"""Each command of `typedbus outbox`, on a program with an outbox of its own."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.cli.conftest import Program
from typedbus.cli import main

COMMANDS = "status lag list show retry skip discard replay pause resume prune verify ddl log"


def test_a_relay_handles_what_is_due_and_ends(program: Program) -> None:
    """With --once: 0 if all went well, 1 if something failed; what failed is dead here."""
    program.publish("a-1", "b-1")

    first = program.relay("--json")
    program.publish("bad", "c-1")
    second = program.relay("--json")

    assert (first.code, first.json) == (0, {"handled": 2, "failed": 0, "left": []})
    assert (second.code, second.json["failed"]) == (1, 1)
    assert sorted(program.billed()) == ["a-1", "b-1", "c-1"]


def test_status_tells_what_is_owed(program: Program) -> None:
    """To people in a table, to programs as JSON."""
    program.publish("bad-1", "bad-2")
    program.relay()
    program.publish("a-1")

    told, answer = program.ask("status"), program.ask("status", "--json").json

    assert told.code == 0
    assert "pending    1 event of which nothing was done yet" in told.out
    assert "no relay works: start one with `typedbus relay`" in told.out
    assert "bill           0     1        0     0        0     1" in told.out
    assert max(map(len, told.out.splitlines())) <= 100
    assert answer["pending"] == 1
    assert answer["lag_seconds"] >= 0
    (bill,) = answer["handlers"]
    assert (bill["name"], bill["dead"], bill["held"], bill["known"]) == ("bill", 1, 1, True)


def test_an_outbox_at_rest_says_so(program: Program) -> None:
    """Nothing is owed, nothing listed, nothing noted."""
    assert program.ask("lag").out == "nothing is owed\n"
    assert program.ask("lag", "--json").json == {
        "lag_seconds": None,
        "max_age_seconds": None,
        "too_old": False,
    }
    assert program.ask("list").out == "none\n"
    assert program.ask("log").out == "none\n"
    assert program.ask("log", "--json").json == {"operations": []}


def test_lag_ends_with_1_if_it_is_too_much(program: Program) -> None:
    """So that a probe can go by it."""
    program.publish("a-1")

    assert program.ask("lag").code == 0
    assert program.ask("lag", "--max-age", "1h").code == 0
    too_old = program.ask("lag", "--max-age", "0s")
    assert too_old.code == 1
    assert "more than 0.0s" in too_old.out
    assert program.ask("lag", "--max-age", "0s", "--json").json["too_old"] is True


def test_deliveries_are_listed_page_by_page(program: Program) -> None:
    """Each page says where the next begins."""
    program.publish("bad-1", "bad-2", "bad-3")
    program.relay()

    first = program.ask("list", "--limit", "2", "--json").json
    rest = program.ask("list", "--limit", "2", "--after", first["next"], "--json").json

    assert [each["state"] for each in first["deliveries"]] == ["dead", "held"]
    assert first["deliveries"][0]["error"] == "ValueError: no such order: bad-1"
    assert [each["state"] for each in rest["deliveries"]] == ["held"]
    assert rest["next"] is None
    told = program.ask("list", "--limit", "2").out
    assert f"there are more: --after {first['next']}" in told
    assert "ValueError: no such order: bad-1" in told
    dead = program.ask("list", "--state", "dead", "--handler", "bill", "--json").json
    assert len(dead["deliveries"]) == 1


def test_fresh_ones_are_listed_if_asked_for(program: Program) -> None:
    """They are in no state yet, so none can be asked for."""
    program.publish("a-1")

    (entry,) = program.ask("list", "--fresh", "--json").json["deliveries"]
    assert (entry["state"], entry["handler"], entry["key"]) == ("fresh", "bill", "a-1")
    assert "fresh" in program.ask("list", "--fresh").out
    assert program.ask("list", "--fresh", "--state", "dead").code == 2


def test_what_is_in_an_event_is_shown_only_if_asked_for(program: Program) -> None:
    """It may be about people; what the event is, and what went wrong, is shown."""
    program.publish("bad-secret")
    program.relay()
    (entry,) = program.ask("list", "--json").json["deliveries"]
    number = str(entry["id"])

    told, asked = program.ask("show", number), program.ask("show", number, "--payload")
    answer = program.ask("show", entry["event_id"], "--json").json
    asked_answer = program.ask("show", number, "--json", "--payload").json

    assert '{"order"' not in told.out
    assert "body       (22 characters; --payload shows them)" in told.out
    assert "Traceback" in told.out
    assert f"ce-type: {program.module.WIRE_NAME}" in told.out
    assert '{"order":"bad-secret"}' in asked.out
    assert "characters" in answer["body"]
    assert answer["deliveries"][0]["traceback"].startswith("Traceback")
    assert json.loads(asked_answer["body"]) == {"order": "bad-secret"}
    assert asked_answer["headers"]["ce-id"] == entry["event_id"]


def test_an_event_is_named_by_its_number_or_its_id(program: Program) -> None:
    """One of them, and nothing else."""
    for words in (["show"], ["show", "1", "2"], ["show", "x-1"]):
        answer = program.run("outbox", *words, program.outbox)
        assert answer.code == 2
        assert answer.err.count("\n") == 1
    absent = program.run("outbox", "show", "99", program.outbox)
    assert absent.code == 2
    assert "Cannot show event 99" in absent.err


def test_a_line_goes_on_after_a_skip(program: Program) -> None:
    """The next of the key is dead in its turn here; the skip is noted."""
    program.publish("bad-1", "bad-2")
    program.relay()
    words = "--handler", "bill", "--key", "bad"

    foreseen = program.ask("skip", *words, "--dry-run")
    skipped = program.ask("skip", *words, "--reason", "by phone", "--who", "ada", "--json").json
    program.relay()

    assert "would be skipped" in foreseen.out
    assert skipped["skipped"]["state"] == "dead"
    (left,) = program.ask("list", "--json").json["deliveries"]
    assert (left["state"], left["error"]) == ("dead", "ValueError: no such order: bad-2")
    told = program.ask("log").out
    assert "ada" in told
    assert "by phone" in told
    assert program.ask("skip", "--handler", "bill", "--key", "none").code == 2


def test_dead_ones_are_retried(program: Program) -> None:
    """They are handled again, and fail again here."""
    program.publish("bad-1")
    program.relay()
    (entry,) = program.ask("list", "--json").json["deliveries"]

    foreseen = program.ask("retry", "--handler", "bill", "--dry-run")
    done = program.run("outbox", "retry", str(entry["id"]), program.outbox, "--json")
    again = program.relay("--json").json

    assert foreseen.out == "1 delivery would be due now\n"
    assert done.json == {"retried": 1, "dry_run": False}
    assert again["failed"] == 1


def test_dead_ones_are_discarded(program: Program) -> None:
    """With a reason, which is noted."""
    program.publish("bad-1", "bad-2", "a-1")
    program.relay()

    assert program.ask("discard", "--all", "--reason", "tests", "--dry-run").out.startswith("1 ")
    assert program.ask("discard", "--all", "--reason", "tests", "--json").json["discarded"] == 1

    (operation,) = program.ask("log", "--json").json["operations"]
    assert (operation["act"], operation["reason"], operation["number"]) == ("discard", "tests", 1)
    (left,) = program.ask("list", "--json").json["deliveries"]
    assert left["state"] == "waiting"


@pytest.mark.parametrize("command", ["retry", "discard", "replay"])
def test_all_is_meant_only_if_it_is_said(program: Program, command: str) -> None:
    """A forgotten option would mean every delivery."""
    words = {"retry": [], "discard": ["--reason", "x"], "replay": ["--handler", "bill"]}[command]

    answer = program.ask(command, *words)

    assert answer.code == 2
    assert "nothing says which" in answer.err
    assert program.ask(command, *words, "--all").code == 0


def test_logged_events_are_replayed(program: Program) -> None:
    """Counted first, then handled again."""
    program.publish("a-1", "b-1")
    program.relay()
    words = "--handler", "bill", "--since", "1h"

    foreseen = program.ask("replay", *words, "--dry-run")
    done = program.ask("replay", *words, "--rate", "1000", "--json").json
    program.relay()

    assert foreseen.out == "2 events would be owed to bill again\n"
    assert done == {"owed": 2, "still_owed": 0, "not_for_it": 0, "dry_run": False}
    assert sorted(program.billed()) == ["a-1", "a-1", "b-1", "b-1"]
    assert "left out" not in program.ask("replay", *words).out
    unknown = program.ask("replay", "--handler", "bil", "--all")
    assert unknown.code == 2
    assert "no handler is called that here" in unknown.err


def test_a_paused_handler_is_left_alone(program: Program) -> None:
    """Until it is resumed; all of them are paused apart from that."""
    program.publish("a-1")
    paused = program.run("outbox", "pause", "bill", program.outbox)
    program.relay()
    left_alone = program.billed()
    all_paused = program.run("outbox", "pause", program.outbox, "--all", "--json")
    status = program.ask("status").out
    program.run("outbox", "resume", "--all", program.outbox)
    program.run("outbox", "resume", "bill", program.outbox)
    program.relay()

    assert paused.out == "bill is paused\n"
    assert all_paused.json == {"handler": "*", "paused": True}
    assert left_alone == []
    assert "all handlers are paused" in status
    assert program.billed() == ["a-1"]
    assert program.run("outbox", "pause", "bil", program.outbox).code == 2
    assert program.run("outbox", "pause", program.outbox).code == 2


def test_old_events_are_pruned(program: Program) -> None:
    """Those that are owed, or dead, stay."""
    program.publish("a-1", "bad-1")
    program.relay()

    foreseen = program.ask("prune", "--events", "0s", "--dry-run")
    done = program.ask("prune", "--events", "0s", "--inbox", "0s", "--json").json

    assert foreseen.out == "1 event and 0 rows of the inbox would be deleted\n"
    assert done == {"events": 1, "inbox": 0, "dry_run": False}
    assert program.ask("prune").code == 2
    (dead,) = program.ask("list", "--json").json["deliveries"]
    assert program.ask("show", str(dead["id"])).code == 0


def test_verify_ends_with_1_if_a_promise_is_broken(program: Program) -> None:
    """And says what to do about it."""
    broken = program.ask("verify", "--json")
    engine = create_engine(f"sqlite:///{program.folder / 'shop.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO typedbus_pending (id) VALUES (7)"))
    engine.dispose()

    orphan = program.ask("verify")

    assert broken.code == (0 if broken.json["fine"] else 1)
    assert orphan.code == 1
    assert "broken: 1 rows of typedbus_pending have no event (ids 7)" in orphan.out
    assert "bring the events back from a backup" in orphan.out


def test_ddl_makes_the_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without them every other command names it; it needs no database itself."""
    program = Program(folder, capsys)
    missing = program.ask("status")
    script = program.ask("ddl")
    engine = create_engine(f"sqlite:///{folder / 'shop.sqlite'}")
    with engine.begin() as connection:
        connection.connection.driver_connection.executescript(script.out)  # type: ignore[union-attr]  # sqlite3's
    engine.dispose()

    assert missing.code == 2
    assert "typedbus outbox ddl" in missing.err
    assert script.code == 0
    assert program.ask("status").code == 0
    assert len(program.ask("ddl", "--json").json["statements"]) > 8


@pytest.mark.parametrize("command", ["relay", *(f"outbox {name}" for name in COMMANDS.split())])
def test_each_command_tells_how_it_is_used(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With examples that can be copied, in lines that a terminal shows."""
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])

    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"usage: typedbus {command} " in told
    assert f"examples:\n  typedbus {command} " in told
    assert "--json" in told
    assert max(map(len, told.splitlines())) <= 100

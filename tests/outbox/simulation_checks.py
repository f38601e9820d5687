"""What must be true in the simulated world: at each step, and when all has come to rest."""

from collections import Counter

from tests.outbox.simulation_events import HANDLERS, NOBODYS, TRIES
from tests.outbox.simulation_relay import MAX_CRASHES
from tests.outbox.simulation_world import Key, World
from typedbus.outbox.records import State, handlers_owed


def check_step(world: World) -> None:
    """Check what holds at any time."""
    rows = world.store.deliveries()
    world.history.died.update((row.handler, row.id) for row in rows if row.state is State.DEAD)
    _check_lines(world)
    _check_effects(world)
    _check_crashes(world)
    for row in rows:
        assert row.state is not State.DEAD or row.error, f"{row} is dead, and nobody knows why"


def check_rest(world: World) -> None:
    """Check what holds when nothing is left to be done."""
    history, rows, effects = world.history, world.rows(), _effects(world)
    for stored in world.store.events():
        for handler, _ in handlers_owed(stored):
            key = handler, stored.id
            row = rows.get(key)
            if stored.type == NOBODYS:
                is_right = row is not None and row.state is State.UNKNOWN
                assert is_right or key in history.discarded, (
                    f"{key} should be unknown, and is {row}"
                )
            elif key not in history.over:
                assert row is not None, f"{key} is lost"
                waits = row.state is State.HELD  # behind a dead one, as `is_at_rest` has seen
                assert row.state is State.DEAD or waits, f"{key} is left as {row}"
            elif HANDLERS[handler].in_unit and key not in history.discarded:
                assert effects[key] == 1, f"{key} counts as done, and has no effect"
            _check_calls(world, key)


def _check_calls(world: World, key: Key) -> None:
    """Check that a handler was not called without a reason."""
    history = world.history
    most = 1 + history.excuses[key] + history.retried[key] + history.takeovers
    assert history.started[key] <= most, f"{key} was handled {history.started[key]} times"
    if history.takeovers == 1 and not history.retried[key]:  # no failure was lost with its relay
        assert history.failures[key] <= TRIES, f"{key} has failed {history.failures[key]} times"
        died = history.failures[key] < TRIES or key in history.died or key in history.discarded
        assert died, f"{key} is not dead, though it failed {TRIES} times"


def _check_lines(world: World) -> None:
    seen = set[tuple[str, str | None]]()
    for row in world.store.deliveries():
        line = row.handler, row.line
        if row.line is None or line not in seen:
            assert row.state is not State.HELD, f"{row} is held, and the first of its line"
        else:
            assert row.state is not State.WAITING, (
                f"{row} is waiting, and not the first of its line"
            )
        seen.add(line)


def _effects(world: World) -> Counter[Key]:
    return Counter(
        (effect.attempt.handler, effect.attempt.stored.id) for effect in world.store.effects
    )


def _check_effects(world: World) -> None:
    """Check that effects in transactions happened once, in order, and under the lease."""
    epoch, last, discarded = 0, dict[tuple[str, str], int](), world.history.discarded
    for key, count in _effects(world).items():
        assert count == 1, f"the effect of {key} happened {count} times"
    for effect in world.store.effects:
        attempt = effect.attempt
        if attempt.lease is not None:
            assert attempt.lease.epoch >= epoch, f"{attempt.lease} wrote after epoch {epoch}"
            epoch = attempt.lease.epoch
        # A verdict to discard it may be lost with the process, and the next call handle it.
        if attempt.line is not None and (attempt.handler, attempt.stored.id) not in discarded:
            line = attempt.handler, attempt.line
            assert attempt.stored.id > last.get(line, 0), (
                f"{line} has an older effect after a newer"
            )
            last[line] = attempt.stored.id


def _check_crashes(world: World) -> None:
    """Check that what kills is stopped, and that nothing else is taken for it."""
    history = world.history
    for key, row in world.rows().items():
        lives = 1 + history.retried[key]
        assert row.crashes <= history.marked[key], f"{row} has more crashes than there were"
        most = lives + history.suspected[key]
        assert row.crashes <= most, f"{row} is suspected of what others have done"
    for key, kills in history.kills.items():
        lives = 1 + history.retried[key]
        # Each time that it did not kill, or that nobody could look at it, it was trusted again: it
        # was paused, say, or stood behind one that failed.
        failed = sum(times for (name, _), times in history.excuses.items() if name == key[0])
        trusted = failed + history.pauses + history.stalls
        most = lives * (MAX_CRASHES + 1) + trusted
        assert kills <= most, f"{key} has brought the process down {kills} times"

"""Scenarios: the database is away, or does not answer."""

from __future__ import annotations

from tests.chaos.checker import Promises
from tests.chaos.places import PostgresPlace
from tests.chaos.postgres import ChaosPostgres
from tests.chaos.run import Run
from tests.chaos.usual import ORDERS, USUAL, keep_relays, relays, wait_for_lease


def server_killed_under_load(run: Run, kills: int = 2) -> Promises:
    """The database server and all its processes are killed, and started again."""
    server = _server(run)
    actors = relays(run, 2)
    producers = [
        run.producer(run.told(f"producer-{number}"), count=3 * ORDERS, seed=number, pause=0.005)
        for number in range(2)
    ]

    for _ in range(kills):
        run.pause(0.3)
        run.did("kill", "server")
        server.kill()
        server.start()
    run.wait_for_end(*producers)
    run.drain()

    assert all(actor.is_alive for actor in actors), run.last_words()
    return USUAL


def server_away_at_the_start(run: Run) -> Promises:
    """A relay that starts while the database is away waits for it."""
    server = _server(run)
    run.produce(ORDERS)

    server.stop()
    run.did("stop", "server")
    relay = run.relay(run.told("relay-1"))
    run.pause(1.5)
    assert relay.is_alive, relay.last_words()
    server.start()
    run.drain()

    assert relay.is_alive, relay.last_words()
    return USUAL


def connections_cut(run: Run, cuts: int = 5) -> Promises:
    """All connections of relays and producers break, again and again."""
    door = run.door()
    url = run.place.url_by(door)
    actors = relays(run, 2, url=url)
    producers = [
        run.producer(
            run.told(f"producer-{number}", url=url), count=2 * ORDERS, seed=number, pause=0.005
        )
        for number in range(2)
    ]

    for _ in range(cuts):
        run.pause(0.15)
        run.did("cut", "all")
        door.cut()
    run.wait_for_end(*producers)
    run.drain()

    assert all(actor.is_alive for actor in actors), run.last_words()
    return USUAL


def sessions_ended_by_the_server(run: Run, times: int = 4) -> Promises:
    """An administrator ends every session: those that hold the lease, and that listen, too."""
    server, database = _server(run), _place(run).database
    actors = relays(run, 2)
    producers = [
        run.producer(run.told(f"producer-{number}"), count=2 * ORDERS, seed=number, pause=0.005)
        for number in range(2)
    ]

    for _ in range(times):
        run.pause(0.15)
        run.did("terminate", "sessions")
        server.terminate_connections(database)
    run.wait_for_end(*producers)
    run.drain()

    assert all(actor.is_alive for actor in actors), run.last_words()
    return USUAL


def half_open(run: Run) -> Promises:
    """The connections of the relay seem to stand, and nothing comes through for a while."""
    door = run.door()
    first = run.relay(run.told("relay-1", url=run.place.url_by(door)))
    wait_for_lease(run, "relay-1", first)
    second = run.relay(run.told("relay-2"))

    run.produce(ORDERS)
    door.hush()
    run.did("hush", "relay-1")
    wait_for_lease(run, "relay-2", second)
    run.produce(ORDERS)
    run.drain()
    door.speak()
    run.produce(10, producers=1)
    run.drain()

    return USUAL


def slow_connection(run: Run) -> Promises:
    """Each answer takes a while; nothing is lost by it, and nothing turned round."""
    door = run.door()
    door.delay = 0.02
    run.did("slow connection", "relay-1")
    run.keep_relay(run.told("relay-1", url=run.place.url_by(door)))

    run.produce(ORDERS // 2)
    run.drain()

    return USUAL


def commit_held_back(run: Run) -> Promises:
    """A transaction takes its numbers first and commits last: nobody may have passed it by."""
    door = run.door()
    trap = door.trap("INSERT INTO chaos_order")
    keep_relays(run, 1)

    slow = run.producer(run.told("slow", url=run.place.url_by(door)), count=5, keys=1, seed=3)
    trap.wait()
    for number in range(2):
        run.producer(run.told(f"fast-{number}"), count=ORDERS, seed=number, first=1)
    run.wait_until(lambda: run.traces.handled_in("table") > ORDERS, "later numbers are handled")
    run.did("hold a COMMIT back", slow.name)
    trap.spring("pass")
    slow.wait()
    run.drain()

    return USUAL


def _place(run: Run) -> PostgresPlace:
    assert isinstance(run.place, PostgresPlace)
    return run.place


def _server(run: Run) -> ChaosPostgres:
    return _place(run).server

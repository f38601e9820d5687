"""What came of a request, as rows that a person can read."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, NamedTuple

_OWN = "shop.events.note_in_journal"
_NOT_RUN = {
    "after response": "the request failed",
    "after commit": "rolled back",
    "durable billing.invoice": "rolled back",
}
_FOR_THE_RELAY = "durable "


@dataclass(frozen=True)
class Row:
    """One handler of one published event: when it ran, and with what result."""

    event: str
    handler: str
    when: str
    result: str


def rows_of(entry: dict[str, Any]) -> list[Row]:
    """Return a row for each handler that was to run, in the order of publishing.

    *When* is measured, not claimed: the handler began before or after the transaction was over,
    and before or after the response was out.
    """
    runs = list(entry["runs"])
    end, over_ms = entry["transaction"] or ("commit", inf)
    moments = _Moments(end, over_ms, entry["response_sent_ms"])
    rows = []
    for published in entry["published"]:
        for handler, delivery in published["listeners"]:
            if handler == _OWN or (delivery, end) == ("after rollback", "commit"):
                continue
            run = _take(runs, handler, published["event"])
            when, result = _told(run, delivery, moments)
            rows.append(Row(published["event"], handler.removeprefix("shop."), when, result))
    return rows


def _take(runs: list[Any], handler: str, event: str) -> Any | None:
    for run in runs:
        if (run["handler"], run["event"]) == (handler, event):
            runs.remove(run)
            return run
    return None


class _Moments(NamedTuple):
    """What a run is measured against, in milliseconds since the request came in."""

    end: str
    """How the transaction ended: "commit" or "rollback"."""
    over_ms: float
    sent_ms: float


def _told(run: Any | None, delivery: str, moments: _Moments) -> tuple[str, str]:
    if run is None and delivery.startswith(_FOR_THE_RELAY) and moments.end == "commit":
        return "stored", f"owed to {delivery.removeprefix(_FOR_THE_RELAY)}, which a relay calls"
    if run is None:
        return "never", f"not run ({delivery}: {_NOT_RUN[delivery]})"
    began = run["began_ms"]
    when = "inline"
    if began > moments.over_ms:
        when = f"after {moments.end}, +{began - moments.over_ms:.1f} ms"
    if began > moments.sent_ms:
        when = f"after response, +{began - moments.sent_ms:.1f} ms"
    return when, f"FAILED {run['error']}" if run["error"] else f"ok in {run['took_ms']:.1f} ms"


def table(rows: list[Row]) -> Iterator[str]:
    """Yield *rows* as lines; an event is named once for all of its handlers."""
    yield f"    {'published':<20}{'handler':<33}{'when':<26}result"
    last = ""
    for row in rows:
        event = "" if row.event == last else row.event
        yield f"    {event:<20}{row.handler:<33}{row.when:<26}{row.result}"
        last = row.event
    if not rows:
        yield f"    {'-':<20}{'-':<33}{'-':<26}nothing was published"


def counts(rows: list[Row]) -> Counter[str]:
    """Return how many handlers ran when, how many failed, and how many never ran."""
    found = Counter[str]()
    for row in rows:
        found[row.when.partition(",")[0]] += 1
        found["failed"] += row.result.startswith("FAILED")
    return found

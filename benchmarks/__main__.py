"""Everything, in one run."""

from benchmarks import dispatch, features, imports, many_classes, memory, plugin, transactions
from benchmarks.command import main
from benchmarks.outbox import questions as outbox

main(
    "typedbus beside its peers and the loop that one would write by hand",
    dispatch.ask,
    features.ask,
    many_classes.ask,
    imports.ask,
    memory.ask,
    plugin.ask,
    transactions.ask,
    outbox.ask,
)

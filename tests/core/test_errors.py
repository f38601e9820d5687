"""Every exception: one tree, data that survives pickling, a sentence that ends in the remedy."""

import copy
import inspect
import pickle
import re
from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.core.shop import DeclinedError
from typedbus import TypedBusError, errors


class Sample(NamedTuple):
    error: TypedBusError
    remedy: str
    """A word of what to do."""


# One for each class that is raised; two where the sentence has two forms.
SAMPLES = {
    "EventTypeError": Sample(
        errors.EventTypeError("'user_created'", "no string names an event", "write UserCreated"),
        "write UserCreated",
    ),
    "EventTypeError, root and handler known": Sample(
        errors.EventTypeError(
            "5", "it is no class", "write the class", "shop.ShopEvent", "shop.mail.send"
        ),
        "write the class",
    ),
    "EventOutsideError": Sample(
        errors.EventOutsideError("shop.Elsewhere", "shop.ShopEvent", "publish"), "Derive"
    ),
    "EventOutsideError, handler known": Sample(
        errors.EventOutsideError("shop.Elsewhere", "shop.ShopEvent", "subscribe", "shop.mail.send"),
        "Derive",
    ),
    "NotAnEventError": Sample(
        errors.NotAnEventError("the class A", "an event is an instance", "call it: A(...)"),
        "call it: A(...)",
    ),
    "WireNameError": Sample(
        errors.WireNameError("store events of shop.Placed", "it has none", "write @event"),
        "write @event",
    ),
    "UnknownWireNameError": Sample(
        errors.UnknownWireNameError("read 'order.placed'", "no class has it", "import its module"),
        "import its module",
    ),
    "CodecError": Sample(
        errors.CodecError(
            "write shop.Placed as JSON", "total: no such thing", "annotate the class"
        ),
        "annotate the class",
    ),
    "EncodeError": Sample(
        errors.EncodeError("write shop.Placed as JSON", "total: it is inf", "annotate the class"),
        "annotate the class",
    ),
    "DecodeError": Sample(
        errors.DecodeError("read shop.Placed from JSON", "total: missing", "give it a default"),
        "give it a default",
    ),
    "HandlerNameError": Sample(
        errors.HandlerNameError("call shop.b 'mail'", "shop.a is called that", "give it another"),
        "give it another",
    ),
    "UnknownHandlerError": Sample(
        errors.UnknownHandlerError("handle shop.Placed by 'mail'", "none is", "import the module"),
        "import the module",
    ),
    "MessageError": Sample(
        errors.MessageError("read a message", "ce-id is missing", "see who sent it"),
        "see who sent it",
    ),
    "TooLargeError": Sample(
        errors.TooLargeError("send shop.Placed", "it takes 20 MB", "send what identifies it"),
        "send what identifies it",
    ),
    "BrokerAwayError": Sample(
        errors.BrokerAwayError("send shop.Placed", "the broker is away", "start it"), "start it"
    ),
    "TransactionOverError": Sample(
        errors.TransactionOverError("use the session", "it is committed", "open a new one"),
        "open a new one",
    ),
    "ManualCommitError": Sample(
        errors.ManualCommitError("wait for the commit", "autocommit is off", "turn it on"),
        "turn it on",
    ),
    "OutboxError": Sample(
        errors.OutboxError("tell the delivery", "no durable handler is called", "ask in one"),
        "ask in one",
    ),
    "NoTransactionError": Sample(
        errors.NoTransactionError("publish shop.Placed", "no transaction is open", "open one"),
        "open one",
    ),
    "OutboxTablesError": Sample(
        errors.OutboxTablesError("read the outbox", "its tables are missing", "make them"),
        "make them",
    ),
    "StoreAwayError": Sample(
        errors.StoreAwayError("read the outbox", "its database is away", "start it"), "start it"
    ),
    "LeaseLostError": Sample(
        errors.LeaseLostError("settle", "another relay works meanwhile", "stop this one"),
        "stop this one",
    ),
    "NoSuchDeliveryError": Sample(
        errors.NoSuchDeliveryError("skip the first of 'o-17'", "nothing stands there", "list them"),
        "list them",
    ),
    "NotAHandlerError": Sample(
        errors.NotAHandlerError("5", "it is not callable", "pass the function"), "pass the function"
    ),
    "NotAHandlerError, event known": Sample(
        errors.NotAHandlerError("5", "it is not callable", "pass the function", "shop.UserCreated"),
        "pass the function",
    ),
    "AsyncHandlerError": Sample(
        errors.AsyncHandlerError("shop.mail.send", "it is async", "use an AsyncBus"),
        "use an AsyncBus",
    ),
    "AsyncHandlerError, event known": Sample(
        errors.AsyncHandlerError("shop.mail.send", "it is async", "use an AsyncBus", "shop.Placed"),
        "use an AsyncBus",
    ),
    "HandlerTimeoutError": Sample(
        errors.HandlerTimeoutError("shop.mail.send", "shop.UserCreated", 1.5), "timeout()"
    ),
    "PolicyError": Sample(errors.PolicyError("shop.policy", "None"), "'collect', 'raise' or 'log'"),
    "NotStartedError": Sample(
        errors.NotStartedError("mail", "shop.mail.send", "shop.UserCreated"), "with background:"
    ),
    "QueueFullError": Sample(
        errors.QueueFullError("mail", 10, "shop.mail.send", "shop.UserCreated"), "when_full='wait'"
    ),
    "UnfinishedError": Sample(errors.UnfinishedError("mail", ("a on B", "c on D")), "Raise drain="),
    "NoEnvelopeError": Sample(errors.NoEnvelopeError(), "envelopes=True"),
    "WaitTimeoutError": Sample(errors.WaitTimeoutError("shop.UserCreated", 0.25), "timeout="),
    "NoLoopError": Sample(errors.NoLoopError(), "asyncio.run()"),
    "DiscoveryError": Sample(
        errors.DiscoveryError("shop.handlers", "it is not there", "write it"), "write it"
    ),
}
CLASSES = {
    name: cls
    for name, cls in inspect.getmembers(errors, inspect.isclass)
    if issubclass(cls, TypedBusError) and not name.startswith("_")
}
FAMILIES = {"TypedBusError", "EventError", "HandlerError", "DeliveryError"}
"""Raised by nobody: they are there to be caught."""

each_sample = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES.keys())


def test_every_class_has_a_sample() -> None:
    """What is checked below is checked for all of them."""
    sampled = {type(sample.error).__name__ for sample in SAMPLES.values()}

    assert sampled | FAMILIES | {"HandlersFailedError"} == set(CLASSES)


DUPLICATES: dict[str, Callable[[TypedBusError], TypedBusError]] = {
    "pickle": lambda error: pickle.loads(pickle.dumps(error)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@each_sample
@pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=DUPLICATES.keys())
def test_an_error_survives_pickling(
    sample: Sample, duplicate: Callable[[TypedBusError], TypedBusError]
) -> None:
    """Class, attributes, arguments, notes and text are the same on the other side."""
    sample.error.add_note("a note")

    other = duplicate(sample.error)

    assert type(other) is type(sample.error)
    assert vars(other) == vars(sample.error)
    assert other.args == sample.error.args
    assert str(other) == str(sample.error)


@pytest.mark.parametrize("duplicate", DUPLICATES.values(), ids=DUPLICATES.keys())
def test_a_group_of_failures_survives_pickling(
    duplicate: Callable[[TypedBusError], TypedBusError],
) -> None:
    """With the errors in it, and their notes."""
    declined = DeclinedError("no")
    declined.add_note("whose it is")
    group = errors.HandlersFailedError("shop.mail.send failed", [declined, ValueError(1)])

    other = duplicate(group)

    assert isinstance(other, errors.HandlersFailedError)
    assert str(other) == str(group)
    assert [repr(error) for error in other.exceptions] == [repr(e) for e in group.exceptions]
    assert other.exceptions[0].__notes__ == ["whose it is"]


@each_sample
def test_the_data_is_in_the_arguments_and_in_the_text(sample: Sample) -> None:
    """Every argument that was given is an attribute, an element of `args`, and said."""
    data = {name: value for name, value in vars(sample.error).items() if name != "__notes__"}

    assert list(sample.error.args) == list(data.values())
    for value in data.values():
        for part in value if isinstance(value, tuple) else [value]:
            if part is not None:
                assert str(part) in str(sample.error)


@each_sample
def test_the_text_says_what_was_asked_and_ends_in_the_remedy(sample: Sample) -> None:
    """It begins with what cannot be done, ends with a full stop, and tells what to do."""
    text = str(sample.error)

    assert text.startswith("Cannot ")
    assert re.search(r"\.\)?$", text)
    assert sample.remedy in text
    assert not re.search(r"please|invalid|!|\.\.$", text, re.IGNORECASE)


def test_the_tree_on_top_of_the_file_is_the_tree() -> None:
    """Every class stands in it once, under its parent, with the built-in class that it also is."""
    drawn = list[tuple[str, str | None, str | None]]()
    parents: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^([│├└─ ]*)(\w+Error)(?: \((\w+)\))?(?: .*)?$", line)
        if match is None:
            continue
        depth = len(match[1]) // 4
        del parents[depth:]
        drawn.append((match[2], parents[-1] if parents else None, match[3]))
        parents.append(match[2])

    assert sorted(drawn, key=str) == sorted(
        ((name, *placed(cls)) for name, cls in CLASSES.items()),
        key=str,
    )


def placed(cls: type[TypedBusError]) -> tuple[str | None, str | None]:
    """Return the parent of *cls* in the tree, and the built-in class it inherits from beside."""
    ours = [base.__name__ for base in cls.__bases__ if base.__name__ in CLASSES]
    theirs = [base.__name__ for base in cls.__bases__ if not issubclass(base, TypedBusError)]
    beside = theirs[0] if theirs and theirs != ["Exception"] else None
    return (ours[0] if ours else None, beside)


@pytest.mark.parametrize("cls", CLASSES.values(), ids=CLASSES.keys())
def test_every_class_says_what_it_is(cls: type[TypedBusError]) -> None:
    """In a sentence of its own, and it is caught by the root."""
    doc = inspect.cleandoc(vars(cls)["__doc__"])

    assert doc.splitlines()[0].endswith(".")
    assert issubclass(cls, TypedBusError)
    assert cls.__module__ == "typedbus.core.errors"

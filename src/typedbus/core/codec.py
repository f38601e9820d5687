"""Event ↔ bytes: JSON, written and read by pydantic, which is imported on first use.

What goes in comes out equal, or `encode` raises: never does an event change on its way unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from threading import RLock
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

from typedbus.core.codec_checks import Check, certain
from typedbus.core.codec_places import difference, path_of, place_of_failure
from typedbus.core.codec_schemas import CONFIG, Node, Schemas, is_called
from typedbus.core.errors import CodecError, DecodeError, EncodeError
from typedbus.core.events import name_of_class

if TYPE_CHECKING:
    from pydantic_core import CoreConfig, CoreSchema, SchemaSerializer, SchemaValidator

E = TypeVar("E")

_LONGEST_NUMBER: Final = 4300
"""How many digits a number may have to be read; Python's own limit."""
_SHOWN: Final = 3
"""How many of its problems an error tells."""


class Codec(NamedTuple):
    """How events of one class are written and read."""

    cls: type
    schemas: Schemas
    serializer: SchemaSerializer
    validator: SchemaValidator
    is_certain: Check
    """Whether an event is sure to come back, if it could be written."""


def encode(event: object) -> bytes:
    """Return *event* as JSON in UTF-8, from which `decode` makes an equal one.

    Raises `EncodeError`, which names the field, if that cannot be. Fields stand under their own
    names, aliases of pydantic are not heeded; bytes are base64. A time keeps its instant and its
    offset from UTC, not the name of its zone.
    """
    codec = _codec_of(type(event), EncodeError, "write")
    is_certain = _is_certain(codec, event)
    try:
        # What pydantic would warn of is not certain, and so looked at here.
        data = codec.serializer.to_json(event, warnings=False)
    # Besides what pydantic says: what a serializer of the user's raises, nobody knows.
    except Exception as error:
        raise _unwritable(codec, event, error) from error
    if not is_certain or len(data) > _LONGEST_NUMBER:
        _check_back(codec, event, data)
    return data


def decode(cls: type[E], data: bytes | str) -> E:
    """Return the event of *cls* that `encode` wrote as *data*.

    Raises `DecodeError`, which says where, for fields that are unknown, missing or of another
    type; a number in quotes is no number. A field that *data* lack has its default.
    """
    codec = _codec_of(cls, DecodeError, "read")
    try:
        event: E = codec.validator.validate_json(data)
    # Besides what pydantic says: what the class raises when it is made, nobody knows.
    except Exception as error:
        raise _unreadable(cls, error) from error
    return event


def prepare(cls: type) -> None:
    """Do now what the first `decode` of an event of *cls* would do; raises `DecodeError`."""
    _codec_of(cls, DecodeError, "read")


def parse(data: bytes | str) -> object:
    """Return what *data* say as JSON; raises `ValueError`."""
    return _parser()(data)


@cache
def _parser() -> Callable[[bytes | str], object]:
    from pydantic_core import from_json  # kept: to import it anew for each event takes long

    return from_json


def write(data: object) -> str:
    """Return *data*, which JSON can hold as they are, as JSON."""
    return _writer()(data).decode()


@cache
def _writer() -> Callable[[object], bytes]:
    from pydantic_core import to_json

    return to_json


# A codec holds its class, so a table of codecs by class would keep all classes for good, weak keys
# or not. An attribute of the class goes when the class goes.
_ATTRIBUTE: Final = "__typedbus_codec__"
_lock: Final = RLock()


def _codec_of(cls: type, error_type: type[CodecError], act: str) -> Codec:
    """Return the codec of *cls*, made once; raise an *error_type* if there can be none."""
    found: Codec | None = cls.__dict__.get(_ATTRIBUTE)
    if found is not None and found.cls is cls:  # or `slots=True` made another class of it
        return found
    act = f"{act} {name_of_class(cls)} as JSON"
    if not _has_fields(cls):
        problem = "nothing says which fields it has"
        raise error_type(act, problem, "make it an Event, a dataclass or a model of pydantic")
    with _lock:
        try:
            made = _codec_for(cls)
        # What stands in the annotations is evaluated here, and may raise anything.
        except Exception as error:
            problem, remedy = _why_no_schema(error)
            raise error_type(act, problem, remedy) from error
    type.__setattr__(cls, _ATTRIBUTE, made)  # a metaclass may know better
    return made


def _has_fields(cls: type) -> bool:
    given = hasattr(cls, "__dataclass_fields__") or hasattr(cls, "__get_pydantic_core_schema__")
    return given or is_called(cls)


def _codec_for(cls: type) -> Codec:
    from pydantic_core import SchemaValidator

    schemas = Schemas(cls, _schema_of)
    return Codec(
        cls,
        schemas,
        _serializer_of(schemas.whole()),
        # See `_serializer_of`.
        SchemaValidator(schemas.whole(), cast("CoreConfig", CONFIG), _use_prebuilt=False),
        certain(schemas.root, schemas.definitions),
    )


def _serializer_of(whole: CoreSchema) -> SchemaSerializer:
    from pydantic_core import SchemaSerializer

    # For a model, or a dataclass of pydantic, it would use the one that the class has, lenient as
    # it is, and not look at the schema.
    config = cast("CoreConfig", CONFIG)  # which is made of parts, as no typed dictionary can be
    return SchemaSerializer(whole, config, _use_prebuilt=False)


def _schema_of(annotation: object) -> Node:
    """Return what pydantic makes of *annotation*, with unknown classes left in it as they are."""
    from pydantic import ConfigDict, TypeAdapter

    # A list of it, because a class with fields takes no configuration but its own.
    listed: Any = GenericAlias(list, (annotation,))  # Any: a type that is not known before
    adapter = TypeAdapter[object](listed, config=ConfigDict(arbitrary_types_allowed=True))
    adapter.rebuild(raise_errors=True)  # only this says which name it does not know
    match adapter.core_schema:
        case {"type": "definitions", "schema": {"items_schema": dict() as items}} as node:
            return {**node, "schema": items}
        case {"items_schema": dict() as items}:
            return items
        case other:
            raise TypeError(f"{other['type']} is no schema of a list")


def _why_no_schema(error: Exception) -> tuple[str, str]:
    """Return why there can be no schema, and the remedy."""
    if isinstance(error, NameError):  # pydantic's own is one
        problem = f"its annotations name {error.name!r}, which is not in its module"
        return problem, "define what they name at the top of the module, before the first use"
    first = str(error).partition("\n")[0].rstrip(".")
    return f"pydantic knows no schema for it: {first}", "give its fields types that JSON can hold"


def _is_certain(codec: Codec, event: object) -> bool:
    try:
        return codec.is_certain(event)
    except AttributeError:  # a field was never set
        return False


def _check_back(codec: Codec, event: object, data: bytes) -> None:
    """Raise `EncodeError` unless *event* comes back from *data*."""
    try:
        back: object = decode(codec.cls, data)
    except DecodeError as error:
        if not _is_json(data):
            raise _unwritable(codec, event, error.__cause__ or error) from error
        act = f"write {name_of_class(codec.cls)} as JSON"
        problem, remedy = f"{error.problem}, so it could not be read", _ALLOWED
        raise EncodeError(act, problem, remedy) from error
    try:
        steps = difference(event, back)
    except Exception as error:  # of an `__eq__` of the user's, such as numpy's
        problem = f"what comes back cannot be compared with it ({error!r})"
        raise _unfit(codec.cls, [], problem, "give what it holds an equality") from error
    if steps is not None:
        problem = "it would come back as something else"
        remedy = "annotate the very class of what it holds, and exclude nothing that is compared"
        raise _unfit(codec.cls, steps, problem, remedy)


def _unfit(cls: type, steps: Iterable[object], problem: str, remedy: str) -> EncodeError:
    where = path_of(steps)
    act = f"write {name_of_class(cls)} as JSON"
    return EncodeError(act, f"{where}: {problem}" if where else problem, remedy)


def _unwritable(codec: Codec, event: object, error: BaseException) -> EncodeError:
    """Return an error that says where in *event* what cannot be written is."""

    def fails(node: Node, value: object) -> bool:
        serializer = _serializer_of(codec.schemas.whole(node))
        try:
            data = serializer.to_json(value, warnings=False)
        except Exception:  # noqa: BLE001 - whatever it is, it is why the event cannot be written
            return True
        return not _is_json(data)

    schemas = codec.schemas
    steps, found = place_of_failure(schemas.root, event, schemas.definitions, fails)
    kind = name_of_class(type(found)).removeprefix("builtins.")
    problem = f"{kind} cannot be written ({_in_a_line(error)})"
    return _unfit(codec.cls, steps, problem, "give the field a type that JSON has a form for")


def _is_json(data: bytes) -> bool:
    """Say whether *data* can be parsed: a number may be too long, an array too deep."""
    try:
        parse(data)
    except ValueError:
        return False
    return True


def _in_a_line(error: BaseException) -> str:
    """Return what *error* says: of several lines only the message of pydantic's first problem."""
    from pydantic import ValidationError

    return error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)


def _unreadable(cls: type, error: Exception) -> DecodeError:
    """Return an error that says where the problems are, and what they are."""
    from pydantic import ValidationError

    act = f"read {name_of_class(cls)} from JSON"
    if not isinstance(error, ValidationError):
        remedy = "let the class take what it took when the event was made"
        return DecodeError(act, f"making it raised {error!r}", remedy)
    problems = error.errors(include_url=False, include_context=False, include_input=False)
    told = [f"{path_of(each['loc']) or 'all of it'}: {each['msg']}" for each in problems[:_SHOWN]]
    if len(problems) > _SHOWN:
        told.append(f"and {len(problems) - _SHOWN} more")
    return DecodeError(act, "; ".join(told), _REMEDIES.get(problems[0]["type"], _COMPARE))


_ALLOWED: Final = "give the field what JSON and its own type allow"
_COMPARE: Final = "compare the class with the one that wrote it"
_FORGET: Final = "keep a field as long as events with it are stored, and let readers know it first"
_REMEDIES: Final = {
    "missing": "give a field that older events lack a default",
    "extra_forbidden": _FORGET,
    "unexpected_keyword_argument": _FORGET,
}

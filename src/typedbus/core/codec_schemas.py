"""How an event class is written and read: the schema that pydantic makes of it, made strict.

pydantic makes schemas to be lenient with what comes from outside; these are for what a program
stores of its own, where what goes in has to come out. Only the nodes change, never a class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias, get_type_hints

# Any: pydantic's own type of a node is a union of fifty typed dictionaries.
Node: TypeAlias = dict[str, Any]

FORCED: Final[Mapping[str, object]] = {
    "ser_json_bytes": "base64",  # by itself pydantic takes bytes for UTF-8
    "val_json_bytes": "base64",
    "ser_json_timedelta": "iso8601",
    "ser_json_temporal": "iso8601",
    "ser_json_inf_nan": "strings",  # by itself it writes null, which an optional field would read
    "allow_inf_nan": False,
}
CHOSEN: Final[Mapping[str, object]] = {"strict": True, "extra_fields_behavior": "forbid"}
"""What a class may have its own will about."""
CONFIG: Final[Node] = {**FORCED, **CHOSEN}

MADE: Final = "typedbus"
"""Where a node tells the class that is called, the nodes of its fields, and if it runs code."""

# What may look like a node and is none.
_VALUES: Final = frozenset({"cls", "config", "default", "expected", "members", "metadata"})
# Nodes by name: a field may be called as what a node says of itself.
_TABLES: Final = frozenset({"fields", "choices"})
_NAMES_OUTSIDE: Final = ("alias", "serialization_alias", "validation_alias")


class Field(NamedTuple):
    """One field of a class that is made by calling it."""

    name: str
    parameter: str | None
    """What it is called with; None if the class sets the field itself."""
    node: Node
    is_required: bool = False


class Schemas:
    """The schema of one event class, and of all that it holds."""

    def __init__(self, cls: type, schema_of: Callable[[object], Node]) -> None:
        self._schema_of = schema_of
        self.definitions: dict[str, Node] = {}
        """What nodes refer to by name, among it what holds itself."""
        self.root: Node = self._of(cls)

    def whole(self, node: Node | None = None) -> Any:  # Any: see Node
        """Return *node*, or the root, with all that it refers to."""
        definitions = list(self.definitions.values())
        return {"type": "definitions", "schema": node or self.root, "definitions": definitions}

    def _of(self, annotation: object) -> Node:
        if isinstance(annotation, type) and is_called(annotation):
            return self._of_called(annotation)
        return self._strict(self._schema_of(annotation))

    def _strict(self, node: Node) -> Node:
        """Return *node* and all below it, strict and complete."""
        match node:
            case {"type": "definitions", "schema": schema, "definitions": definitions}:
                for each in definitions:
                    ref = each["ref"]
                    if ref not in self.definitions:
                        self.definitions[ref] = {}  # it may refer to itself
                        self.definitions[ref] = {**self._strict(each), "ref": ref}
                return self._strict(schema)
            case {"type": "is-instance", "cls": type() as cls} if is_called(cls):
                return self._of_called(cls)
            case _:
                pass
        changed = {key: self._below(key, value) for key, value in node.items()}
        match changed:
            case {"type": "model" | "dataclass" | "typed-dict"}:
                return self._made_strict(changed)
            case {"type": "model-field" | "dataclass-field" | "typed-dict-field"}:
                return {key: changed[key] for key in changed if key not in _NAMES_OUTSIDE}
            case {"type": "model-fields" | "dataclass-args"}:
                return {**changed, "computed_fields": []}  # they are no fields of what is read
            case _:
                return changed

    def _below(self, key: str, value: object) -> object:
        if key in _VALUES:
            return value
        match value:
            case dict() if key in _TABLES:
                return {name: self._strict(node) for name, node in value.items()}
            case dict():
                return self._strict(value)
            case list() | tuple():
                return type(value)(self._below("", each) for each in value)
            case _:
                return value

    def _made_strict(self, node: Node) -> Node:
        """Return the schema of a class, so that its fields are all there is and come back."""
        node = {**node, "config": {**CHOSEN, **node.get("config", {}), **FORCED}}
        match node:
            case {"type": "typed-dict"}:
                chosen = getattr(node.get("cls"), "__pydantic_config__", {}).get("extra")
                return {**node, "extra_behavior": chosen or "forbid"}
            case {"type": "dataclass", "schema": {"type": "dataclass-args", "fields": fields}}:
                return self._with_computed(node, fields)
            case {"type": "model"}:
                # An `__init__` of its own would read by the rules of the class, not by these.
                return {**node, "custom_init": False}
            case _:
                return node

    def _with_computed(self, node: Node, fields: list[Node]) -> Node:
        """Return the schema of a dataclass, so that a field with init=False comes back as it was.

        pydantic leaves it to the class to compute such fields anew: what has an id of its own,
        `field(init=False, default_factory=uuid4)`, would come back with another one.
        """
        cls = node["cls"]
        # Which also holds what is no field: InitVar and ClassVar, both with init=True.
        computed = {name for name, each in cls.__dataclass_fields__.items() if not each.init}
        if not computed:
            return node
        known = {field["name"]: field["schema"] for field in fields}
        if computed <= known.keys() and not node.get("post_init"):
            arguments = {**node["schema"], "fields": [{**field, "init": True} for field in fields]}
            return {**node, "schema": arguments}
        # It would compute over what was read, or pydantic knows nothing of the field.
        hints = get_type_hints(cls, include_extras=True)
        made = [
            Field(name, name, schema, is_required=schema["type"] != "default")
            for name, schema in known.items()
            if name not in computed
        ]
        made += [
            Field(name, None, node=known.get(name) or self._of(hints[name]))
            for name in sorted(computed)
        ]
        return called(cls, made)

    def _of_called(self, cls: type) -> Node:
        """Return a reference to the schema of a class of attrs or msgspec."""
        ref = f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"
        if ref not in self.definitions:
            self.definitions[ref] = {}  # it may hold itself
            self.definitions[ref] = {**called(cls, list(self._fields_of(cls))), "ref": ref}
        return {"type": "definition-ref", "schema_ref": ref}

    def _fields_of(self, cls: type) -> Iterator[Field]:
        from inspect import signature

        parameters = signature(cls).parameters
        hints = get_type_hints(cls, include_extras=True)
        for name, parameter_name, type_ in _declared(cls):
            parameter = parameters.get(parameter_name)
            required = parameter is not None and parameter.default is parameter.empty
            node = self._of(hints.get(name, type_))
            yield Field(name, parameter.name if parameter else None, node, is_required=required)


def is_called(cls: type) -> bool:
    """Say whether pydantic knows nothing of *cls*, but attrs or msgspec made it."""
    made = hasattr(cls, "__attrs_attrs__") or hasattr(cls, "__struct_fields__")
    return made and not hasattr(cls, "__get_pydantic_core_schema__")


def _declared(cls: Any) -> Iterator[tuple[str, str, object]]:  # Any: of attrs or msgspec
    """Give the name, the name of the parameter and the type of each field of *cls*."""
    if hasattr(cls, "__struct_fields__"):
        yield from ((name, name, Any) for name in cls.__struct_fields__)
    else:
        yield from ((each.name, each.alias, each.type or Any) for each in cls.__attrs_attrs__)


def called(cls: type, fields: list[Field]) -> Node:
    """Return the schema of a class whose instances are made by calling it with its fields."""
    given = [(field.name, field.parameter) for field in fields if field.parameter]
    computed = [field.name for field in fields if not field.parameter]
    names = [field.name for field in fields]
    # A union of classes of msgspec is told apart by their tags.
    config = getattr(cls, "__struct_config__", None)
    tag = {config.tag_field: config.tag} if config and config.tag is not None else {}

    def make(values: dict[str, object]) -> object:
        arguments = {
            parameter: values[name] for name, parameter in given if parameter and name in values
        }
        made = cls(**arguments)
        for name in computed:
            if name in values:
                object.__setattr__(made, name, values[name])
        return made

    def take_apart(value: object, write: Callable[[object], object]) -> object:
        if type(value) is not cls:
            raise TypeError(f"{type(value).__qualname__} is not {cls.__qualname__}")
        return write(tag | {name: getattr(value, name) for name in names})

    nodes = {
        field.name: {
            "type": "typed-dict-field",
            "required": field.is_required,
            "schema": field.node,
        }
        for field in fields
    }
    own = dict(nodes)
    for name, value in tag.items():
        literal = {"type": "literal", "expected": [value]}
        nodes[name] = {"type": "typed-dict-field", "required": True, "schema": literal}
    record: Node = {
        "type": "typed-dict",
        "fields": nodes,
        "extra_behavior": "forbid",
        "config": CONFIG,
    }
    return {
        "type": "function-after",
        "function": {"type": "no-info", "function": make},
        "schema": record,
        "serialization": {"type": "function-wrap", "function": take_apart, "schema": record},
        "metadata": {MADE: (cls, own, _runs_code(cls))},
    }


def _runs_code(cls: type) -> bool:
    """Say whether more than the fields is at work when *cls* is called."""
    converts = any(each.converter for each in getattr(cls, "__attrs_attrs__", ()))
    return converts or hasattr(cls, "__attrs_post_init__") or hasattr(cls, "__post_init__")

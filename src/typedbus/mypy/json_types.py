"""The classes that pydantic writes as JSON and reads back, by name.

Measured with pydantic 2.9 and 2.14 (`tests/mypy/storing/rows.py` holds each row against the
pydantic that is installed). What 2.14 can do and 2.9 cannot is here: fractions, hashables.
"""

from __future__ import annotations

from typing import Final

_ADDRESSES: Final = frozenset(
    f"ipaddress.IPv{version}{what}"
    for version in (4, 6)
    for what in ("Address", "Interface", "Network")
)
_TIMES: Final = frozenset(
    {"datetime.date", "datetime.datetime", "datetime.time", "datetime.timedelta"}
)
_DECIMALS: Final = frozenset({"decimal.Decimal", "_decimal.Decimal"})  # by release of typeshed
PATHS: Final = frozenset(
    {
        "os.PathLike",
        "pathlib.Path",
        "pathlib.PosixPath",
        "pathlib.PurePath",
        "pathlib.PurePosixPath",
        "pathlib.PureWindowsPath",
        "pathlib.WindowsPath",
    }
)

VALUES: Final = (
    frozenset(
        {
            "builtins.bool",
            "builtins.bytes",
            "builtins.complex",
            "builtins.float",
            "builtins.int",
            "builtins.object",
            "builtins.str",
            "fractions.Fraction",
            "re.Pattern",
            "types.NoneType",
            "typing.Hashable",
            "uuid.UUID",
            "zoneinfo.ZoneInfo",
        }
    )
    | _ADDRESSES
    | _DECIMALS
    | _TIMES
    | PATHS
)

LISTS: Final = frozenset({"builtins.list", "typing.MutableSequence", "typing.Sequence"})
SETS: Final = frozenset(
    {"builtins.frozenset", "builtins.set", "typing.AbstractSet", "typing.MutableSet"}
)
OTHER_ARRAYS: Final = frozenset({"builtins.tuple", "collections.deque"})
ARRAYS: Final = LISTS | SETS | OTHER_ARRAYS
MAPPINGS: Final = frozenset(
    {
        "builtins.dict",
        "collections.Counter",
        "collections.OrderedDict",
        "collections.defaultdict",
        "typing.Mapping",
        "typing.MutableMapping",
    }
)
# A `defaultdict` of these: pydantic can tell what is missing.
DEFAULTS: Final = (
    frozenset({"builtins.bool", "builtins.float", "builtins.int", "builtins.str"})
    | LISTS
    | SETS
    | (MAPPINGS - {"collections.defaultdict"})
    | {"builtins.tuple"}
)

# Written as JSON strings, and taken for one of the first kind where that stands before it.
TAKES_ANY_TEXT: Final = frozenset({"builtins.str", "builtins.bytes"}) | PATHS
TAKEN_FOR_TEXT: Final = TAKES_ANY_TEXT | {"builtins.complex"} | _ADDRESSES | _DECIMALS | _TIMES

# As keys of an object they are written as strings too.
NUMBERS: Final = frozenset({"builtins.bool", "builtins.float", "builtins.int"})

# Written as "**********".
MASKED: Final = frozenset(
    {"pydantic.types.Secret", "pydantic.types.SecretBytes", "pydantic.types.SecretStr"}
)
# Of the standard library, and something to loop over; pydantic knows their likes.
LOOPED_OVER: Final = frozenset(
    {
        "typing.AsyncGenerator",
        "typing.AsyncIterable",
        "typing.AsyncIterator",
        "typing.Collection",
        "typing.Container",
        "typing.Generator",
        "typing.Iterable",
        "typing.Iterator",
        "typing.Reversible",
    }
)
# Their stubs do not say what the classes can do; these are known to be nothing to pydantic.
ENTITIES: Final = frozenset({"django.db.models.base.Model"})

ANNOTATED: Final = frozenset({"typing.Annotated", "typing_extensions.Annotated"})
BASE_MODEL: Final = "pydantic.main.BaseModel"
INIT_VAR: Final = "dataclasses.InitVar"
KEYWORDS_ONLY: Final = "dataclasses.KW_ONLY"
MSGSPEC_STRUCT: Final = "msgspec.Struct"
URLS: Final = "pydantic.networks"
OWN_SCHEMA: Final = frozenset({"__get_pydantic_core_schema__", "__get_validators__"})

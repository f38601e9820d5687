"""What a class does by hand to be written and read, told from its text.

mypy drops `Annotated`, and what its cache keeps of other modules has no decorators. So the text is
read where something looks lost: it is there in every mode, and says the same.
"""

from __future__ import annotations

import ast
import sys

from mypy.nodes import MypyFile, SymbolNode, TypeAlias, TypeInfo
from mypy.plugin import SemanticAnalyzerPluginInterface

from typedbus.mypy.json_types import ANNOTATED
from typedbus.mypy.names import NAMING
from typedbus.mypy.texts import (
    Text,
    annotations_of,
    called,
    names_in,
    names_used_by,
    text_of,
)

# Where the decorators and annotations are defined that take a field into their own hands.
_HANDS = ("pydantic.functional_", "pydantic.deprecated.class_validators.", "pydantic.v1.")
# None of these makes a class that pydantic knows of one that it does not, or the reverse.
_CLASS_DECORATORS = ("abc.", "dataclasses.", "functools.", "typing.", "typing_extensions.", NAMING)


class ByHand:
    """Says what is done by hand. Whatever cannot be found or read counts as done by hand."""

    def __init__(self, api: SemanticAnalyzerPluginInterface) -> None:
        self._api = api
        self._texts: dict[str, Text | None] = {}

    @property
    def rests_on_other_files(self) -> bool:
        """Say whether the text of a module was read that is not the one being analysed."""
        return any(module != self._api.cur_mod_id for module in self._texts)

    def writes(self, owner: TypeInfo, field: str) -> bool:
        """Say whether *field*, which *owner* defines, is `Annotated`, or *owner* has its ways."""
        defined = self._class(owner)
        if defined is None or self.handles(owner):
            return True
        annotations = annotations_of(field, defined)
        found = [self._is_annotated(each, owner.module_name, owner, ()) for each in annotations]
        return not found or any(found)

    def handles(self, info: TypeInfo) -> bool:
        """Say whether *info* or a base has serializers or validators; any may be of any field."""
        return any(self._has_hands(base) for base in info.mro if not _is_known(base))

    def makes(self, info: TypeInfo) -> bool:
        """Say whether a decorator or a base may make of *info* what cannot be seen here."""
        if any(self._class(base) is None for base in info.mro if not _is_known(base)):
            return True
        defined = self._class(info)
        decorators = [] if defined is None else [called(each) for each in defined.decorator_list]
        found = [self._meant(each, info.module_name, None) for each in decorators]
        return any(node is None or not _full(node).startswith(_CLASS_DECORATORS) for node in found)

    def _has_hands(self, info: TypeInfo) -> bool:
        """Say whether the body of *info* uses pydantic's serializers or validators."""
        defined = self._class(info)
        used = [] if defined is None else names_used_by(defined.body)
        found = (self._meant(name, info.module_name, info) for name in used)
        return defined is None or any(
            node is not None and _full(node).startswith(_HANDS) for node in found
        )

    def _is_annotated(
        self, written: ast.expr, module: str, within: TypeInfo | None, through: tuple[str, ...]
    ) -> bool:
        """Say whether *written*, an annotation, is `Annotated`, itself or *through* aliases."""
        for name in names_in(written):
            node = self._meant(name, module, within)
            if node is None or _full(node) in ANNOTATED:
                return True
            home, _, alias = node.fullname.rpartition(".")
            # Those of the standard library are told by stubs, and none is `Annotated`.
            if not isinstance(node, TypeAlias) or _is_standard(home) or node.fullname in through:
                continue
            text = self._text(home)
            values = [] if text is None else text.values.get(alias, ())
            further = (*through, node.fullname)
            if not values or any(self._is_annotated(v, home, None, further) for v in values):
                return True
        return False

    def _meant(self, written: ast.expr, module: str, within: TypeInfo | None) -> SymbolNode | None:
        """Return what the dotted name *written* means in *module*, or in a class *within* it."""
        match written:
            case ast.Attribute(value=value, attr=attribute):
                outer = self._meant(value, module, within)
                if isinstance(outer, MypyFile):
                    submodule = self._api.modules.get(f"{outer.fullname}.{attribute}")
                    return _named(attribute, outer) or submodule
                return _named(attribute, outer) if isinstance(outer, TypeInfo) else None
            case ast.Name(id=name):
                homes = (within, *map(self._api.modules.get, (module, "builtins")))
                found = (_named(name, home) for home in homes if home is not None)
                return next((node for node in found if node is not None), None)
            case _:
                return None

    def _class(self, info: TypeInfo) -> ast.ClassDef | None:
        """Return the text of *info*, if there is just one class of that name."""
        text = self._text(info.module_name)
        name = info.fullname.removeprefix(f"{info.module_name}.")
        found = [] if text is None else text.classes.get(name, ())
        return found[0] if len(found) == 1 else None

    def _text(self, module: str) -> Text | None:
        if module not in self._texts:
            found = self._api.modules.get(module)
            self._texts[module] = None if found is None else text_of(found, self._api.options)
        return self._texts[module]


def is_of_standard_library(info: TypeInfo) -> bool:
    """Say whether typeshed tells of *info*, or makes it up."""
    return _is_standard(info.module_name)


def _is_standard(module: str) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or top in ("_typeshed", "typing_extensions")


def _is_known(info: TypeInfo) -> bool:
    return is_of_standard_library(info) or _full(info).startswith(("pydantic.", "typedbus."))


def _named(name: str, home: MypyFile | TypeInfo) -> SymbolNode | None:
    symbol = home.names.get(name)
    return None if symbol is None else symbol.node


def _full(node: SymbolNode) -> str:
    return node.fullname or ""

"""A plugin that claims much: the bases of event classes, and methods called as ours are."""

from collections.abc import Callable

from mypy.plugin import ClassDefContext, MethodContext, MethodSigContext, Plugin
from mypy.plugins.common import add_attribute_to_class
from mypy.types import FunctionLike, Type


class ClaimingPlugin(Plugin):
    def get_base_class_hook(self, fullname: str) -> Callable[[ClassDefContext], None] | None:
        return _stamp if fullname == "typedbus.core.events.Event" else None

    def get_method_signature_hook(
        self, fullname: str
    ) -> Callable[[MethodSigContext], FunctionLike] | None:
        return _let_nothing_in if fullname.startswith("with_claims.Topic.") else None

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        return _give_an_int if fullname.startswith("with_claims.Topic.") else None


def _stamp(context: ClassDefContext) -> None:
    add_attribute_to_class(
        context.api, context.cls, "stamp", context.api.named_type("builtins.int")
    )


def _let_nothing_in(context: MethodSigContext) -> FunctionLike:
    signature = context.default_signature
    return signature.copy_modified(arg_types=[context.type for _ in signature.arg_types])


def _give_an_int(context: MethodContext) -> Type:
    return context.api.named_generic_type("builtins.int", [])


def plugin(version: str) -> type[Plugin]:
    return ClaimingPlugin

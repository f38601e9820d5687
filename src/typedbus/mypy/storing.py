"""`@event(name=...)`: each field of the class can be written as JSON and read back."""

from __future__ import annotations

from mypy.nodes import (
    AssignmentStmt,
    ClassDef,
    Context,
    NameExpr,
    TypeInfo,
)
from mypy.plugin import ClassDefContext, SemanticAnalyzerPluginInterface
from mypy.plugins.common import add_attribute_to_class
from mypy.server.trigger import make_trigger, make_wildcard_trigger
from mypy.types import UnionType, get_proper_type, has_type_vars
from mypy.typevars import fill_typevars, fill_typevars_with_any

from typedbus.mypy.by_hand import ByHand, is_of_standard_library
from typedbus.mypy.json_losses import Loss, Losses
from typedbus.mypy.messages import Report
from typedbus.mypy.records import (
    NAMED,
    Field,
    fields_of,
    has_own_schema,
    has_wire_name,
    is_foreign,
    is_named_tuple,
    is_record,
)
from typedbus.mypy.shown import shown


def check_stored(context: ClassDefContext, resting_on_text: set[str]) -> bool:
    """Check a class with a wire name.

    Its module is added to *resting_on_text* if what is said hangs on the text of other files.
    """
    info, api = context.cls.info, context.api
    info.metadata[NAMED] = {}
    by_hand = ByHand(api)
    losses = Losses(by_hand)
    _check_class(context.cls, losses, api)
    _depend_on(losses, context.cls, api)
    if by_hand.rests_on_other_files:
        resting_on_text.add(api.cur_mod_id)
    return True


def _check_class(defined: ClassDef, losses: Losses, api: SemanticAnalyzerPluginInterface) -> None:
    info = defined.info
    losses.classes.update(info.mro)
    if info.typeddict_type is not None:
        Report(api, defined).typed_dict(info.name)
    elif has_own_schema(info) or is_foreign(info) or info.is_enum:
        pass  # Of classes of attrs and msgspec pydantic is not asked.
    elif is_record(info) or is_named_tuple(info):
        for field in fields_of(get_proper_type(fill_typevars(info))):
            loss = None if _is_told_of(field, info) else losses.in_field(field)
            if loss is not None:
                _report(loss, info, Report(api, _place_of(field.name, defined)))
        for loss in losses.of_init_vars(info):
            _report(loss, info, Report(api, _place_of(loss.path, defined)))
    elif (why := losses.of_class(info)) is not None:
        Report(api, defined).unknown_event(f'"{info.name}"', why)


def _is_told_of(field: Field, info: TypeInfo) -> bool:
    """Say whether *field* of *info* is inherited from a class that has a wire name itself."""
    owner = field.owner
    defined = owner.names[field.name].type
    return (
        owner is not info
        and has_wire_name(owner)
        and defined is not None
        and not has_type_vars(defined)
    )


def _place_of(field: str, defined: ClassDef) -> Context:
    """Return the statement that defines *field*; the class, if it inherits it."""
    for statement in defined.defs.body:
        match statement:
            case AssignmentStmt(lvalues=[NameExpr(name=name)]) if name == field:
                return statement
            case _:
                pass
    return defined


def _report(loss: Loss, info: TypeInfo, report: Report) -> None:
    event = f'"{info.name}"'
    if loss.part is None or loss.becomes is None:
        (given,) = shown(loss.given)
        report.not_stored(event, loss.path, given, loss.why)
    else:
        union, part, becomes = shown(loss.given, loss.part, loss.becomes)
        report.confused(event, loss.path, union, part, becomes, loss.why)


def _depend_on(losses: Losses, defined: ClassDef, api: SemanticAnalyzerPluginInterface) -> None:
    """Have the class analysed again when one of the classes that it holds is another one."""
    found = [each for each in losses.classes if not is_of_standard_library(each)]
    for each in found:
        api.add_plugin_dependency(make_trigger(each.fullname))
        api.add_plugin_dependency(make_wildcard_trigger(each.fullname))
    for alias in losses.aliases:
        api.add_plugin_dependency(make_trigger(alias.fullname))
    # So much for the daemon. A run with a cache goes by the modules that this one refers to.
    references = getattr(api.modules[api.cur_mod_id], "module_refs", None)
    if references is not None:
        references.update(each.module_name for each in found)
        references.update(alias.fullname.rpartition(".")[0] for alias in losses.aliases)
    else:  # before mypy 1.19, by those in the types of variables
        held = UnionType.make_union([fill_typevars_with_any(each) for each in found])
        add_attribute_to_class(api, defined, "__typedbus_stored__", held, no_serialize=True)

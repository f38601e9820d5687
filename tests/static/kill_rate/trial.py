"""Running a mutant: what the run time has against it."""

import asyncio
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from tests.static.kill_rate.drafts import Mutant
from typedbus import AsyncBus, Bus, TypedBusError

_NAME = "parcels_on_trial"


def mistake_in(mutant: Mutant) -> str | None:
    """Return the proof that *mutant*, of the program `parcels`, is wrong; None if nothing shows."""
    module = ModuleType(_NAME)
    sys.modules[_NAME] = module  # dataclasses look there for the names in annotations
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            exec(compile(mutant.source, str(mutant.module.path), "exec"), vars(module))
            wrong = [*_wrong_subscriptions(module)]
            asyncio.run(module.send_one())
            wrong += [
                f"{each} is lost" for each in module.lost if type(each) is not module.ParcelLost
            ]
        except TypedBusError as error:
            return f"{type(error).__name__}: {error}"
        except TypeError as error:
            if "await" not in str(error):
                raise
            return str(error)
        finally:
            del sys.modules[_NAME]
    return next(iter([*wrong, *(str(each.message) for each in warned)]), None)


def _wrong_subscriptions(module: ModuleType) -> Iterator[str]:
    """Yield the handlers in *module* that would receive what they do not accept."""
    for bus in vars(module).values():
        for each in bus.subscriptions() if isinstance(bus, Bus | AsyncBus) else ():
            accepted = _accepted_by(each.handler)
            if accepted is not None and not issubclass(each.event_type, accepted):
                yield f"{each.name} accepts {accepted}, not {each.event_type}"


def _wrongly_lost(module: ModuleType) -> Iterator[str]:
    """Yield what was appended to the list of lost parcels and is none; a list takes anything."""
    for each in module.lost:
        if not isinstance(each, module.ParcelLost):
            yield f"a list of ParcelLost got {each}"


def _accepted_by(handler: Callable[..., Any]) -> type | None:
    if inspect.isbuiltin(handler):
        return None
    parameters = inspect.signature(handler, eval_str=True).parameters
    accepted = next(iter(parameters.values())).annotation
    known = isinstance(accepted, type) and accepted not in (Any, inspect.Parameter.empty)
    return accepted if known else None

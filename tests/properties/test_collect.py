"""collect() keeps its promises in any program of scopes, publishes and errors."""

import pytest
from hypothesis import Phase, find, given, settings

from tests.properties.collect_model import CollectModel
from tests.properties.collect_programs import Program, programs
from tests.properties.collect_real import log_of, log_of_async
from tests.properties.seeded_collect import SEEDED, LosesThePublisher, ReleasesAfterErrors

fewer = settings(max_examples=settings().max_examples // 2, deadline=None)
SEARCH = settings(
    max_examples=1000, phases=[Phase.generate], derandomize=True, database=None, deadline=None
)
"""Until the first program is found; no shorter one is looked for."""


def modelled(program: Program, model_type: type[CollectModel] = CollectModel) -> list[object]:
    """Return what the model says that happens."""
    model = model_type(program)
    model.attempt(program.body)
    return model.log


@given(program=programs(awaits=False))
@fewer
def test_a_scope_does_what_the_model_does(program: Program) -> None:
    """What waits runs at the end of the outermost scope, in order; an error drops what it passes.

    What is collected while it runs comes behind it, and the failure of one is no other's.
    """
    assert log_of(program) == modelled(program)


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
@given(program=programs(awaits=True))
@fewer
def test_an_async_scope_does_what_the_model_does(loop: str, program: Program) -> None:
    """The same with `async with` and async handlers; a `with` in it leaves them to it."""
    assert log_of_async(program, loop) == modelled(program)


@pytest.mark.parametrize("broken", SEEDED)
def test_the_programs_show_each_bug(broken: type[CollectModel]) -> None:
    """For each wrong model there is a program on which `collect()` differs from it."""
    find(
        programs(awaits=False),
        lambda program: log_of(program) != modelled(program, broken),
        settings=SEARCH,
    )


@pytest.mark.parametrize("broken", [ReleasesAfterErrors, LosesThePublisher])
def test_the_async_programs_show_bugs(broken: type[CollectModel]) -> None:
    """So do the programs with `async with`, which are drawn in the same way."""
    find(
        programs(awaits=True),
        lambda program: log_of_async(program, "asyncio") != modelled(program, broken),
        settings=SEARCH,
    )

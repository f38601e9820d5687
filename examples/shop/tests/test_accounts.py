"""What the demonstration calls right: each order invoiced exactly once, in order."""

import pytest

from shop.demo.invoices import Account, account_table


@pytest.mark.parametrize(
    ("invoiced", "missing", "twice", "right"),
    [
        pytest.param([1, 2, 3], 0, 0, True, id="as it should be"),
        pytest.param([1, 3], 1, 0, False, id="one is lost"),
        pytest.param([1, 2, 2, 3], 0, 1, False, id="one is there twice"),
        pytest.param([2, 1, 3], 0, 0, False, id="two are swapped"),
    ],
)
def test_an_account_tells_what_is_wrong(
    invoiced: list[int],
    missing: int,
    twice: int,
    right: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    """A demonstration that finds everything right whatever happens would show nothing."""
    account = Account("Ada", [1, 2, 3], invoiced)

    *_, shown = account_table([account])

    assert (account.missing, account.twice, account.is_right) == (missing, twice, right)
    assert shown.endswith("yes") is right

"""The option that writes the kill rates into the docs."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add it: pytest knows it where this folder is named on the command line."""
    parser.addoption("--write", action="store_true", help="write the kill rates into the docs")

"""What `import typedbus` costs and shows."""

import subprocess
import sys
from pathlib import Path

import typedbus

SRC = Path(__file__).parents[1] / "src"


def test_importing_typedbus_is_cheap() -> None:
    """It imports nothing from outside the standard library, and nothing large from inside it."""
    script = f"import sys; sys.path.insert(0, {str(SRC)!r}); import typedbus; print(*sys.modules)"

    # -I and -S: without what the site imports, and without anything that is installed.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], capture_output=True, text=True, check=True
    )

    large = {"anyio", "asyncio", "dataclasses", "inspect", "logging", "pydantic", "trio"}
    assert large & set(done.stdout.split()) == set()


def test_every_public_name_says_what_it_promises() -> None:
    """Each has a docstring of its own, not the signature that a dataclass is given."""
    documented = {name: getattr(typedbus, name).__doc__ or "" for name in typedbus.__all__}

    bare = [name for name, doc in documented.items() if not doc or doc.startswith(f"{name}(")]

    assert bare == []

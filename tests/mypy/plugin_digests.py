"""A program: print what the plugin reports of itself, as it is and with each of its files changed.

It is told the folder of a copy of the plugin, and is to import the plugin from there.
"""

import json
import sys
from pathlib import Path

from mypy.options import Options
from mypy.plugin import Plugin, ReportConfigContext


def reported() -> str:
    """Return what mypy keeps of the plugin beside the results of each module."""
    for name in [name for name in sys.modules if name.split(".")[0] == "typedbus"]:
        del sys.modules[name]
    from typedbus.mypy import plugin

    made: Plugin = plugin("")(Options())
    return json.dumps(made.report_config_data(ReportConfigContext("app", "app.py", is_check=False)))


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    found = {"as it is": reported()}
    for file in sorted(folder.rglob("*.py")):
        before = file.read_text(encoding="utf-8")
        file.write_text(f"{before}# changed\n", encoding="utf-8")
        found[file.relative_to(folder).as_posix()] = reported()
        file.write_text(before, encoding="utf-8")
    found["as it is again"] = reported()
    print(json.dumps(found))

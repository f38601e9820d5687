"""A process for the tests of processes: it sleeps, waits, ends or fails, as told."""

import sys
import time
from pathlib import Path


def main(word: str, *arguments: str) -> int:
    """Do what *word* says."""
    match word:
        case "sleep":
            time.sleep(60)
            return 0
        case "wait":
            while not Path(arguments[0]).exists():
                time.sleep(0.01)
            return 0
        case "exit":
            return int(arguments[0])
        case _:
            raise ValueError(word)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

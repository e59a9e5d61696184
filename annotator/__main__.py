"""The `annotator` command and `python -m annotator`: the window for no arguments or a project, else the commands."""

import os
import sys


def main() -> int:
    """Run what the command line asks for; returns the exit code."""
    _share_processors()
    from annotator.cli.main import command_names
    from annotator.cli.main import main as run_command
    from annotator.cli.window_request import window_request

    request = window_request(sys.argv[1:], command_names(), os.environ)
    if request is None:
        return run_command()
    from annotator.app import run as run_window

    return run_window(request.project)


def _share_processors() -> None:
    """Lets threads of a network that wait for each other sleep soon: on processors that other programs use, too, a proposal
    otherwise takes tens of seconds, all of them spent waiting. GNU's OpenMP reads it once, when torch is imported; child
    processes inherit it."""
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")


if __name__ == "__main__":
    sys.exit(main())

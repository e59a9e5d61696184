"""Runs Annotator from a checkout: `python main.py` opens the window, `python main.py --help` shows the commands."""

import sys

from annotator.__main__ import main

if __name__ == "__main__":
    sys.exit(main())

"""Where the files of this package lie."""

from pathlib import Path

_HERE = Path(__file__).parent


def scheme() -> Path:
    """The landmark scheme; its file is called by the scheme's id."""
    return _HERE / "eyes-4@1.toml"


def recipes() -> Path:
    """The folder of recipes."""
    return _HERE / "recipes"


def models() -> Path:
    """The folder that holds a folder for each model; there are none yet."""
    return _HERE / "models"

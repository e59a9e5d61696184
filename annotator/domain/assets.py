"""Where the shipped files lie: schemes, samples and models, in a checkout as in an installed wheel; the name of that wheel."""

from pathlib import Path

DEFAULT_SCHEME = "studio-89@2"
"""What new projects, renders and trainings take where nobody says otherwise; a model of it ships."""
DISTRIBUTION = "annotator-landmarks"
"""What the package is called where packages are installed from; `annotator` is another project's there."""
_PACKAGE = Path(__file__).resolve().parent.parent


def asset(relative: str) -> Path:
    """Path of a shipped file or folder.

    Args:
        relative: posix path that starts with `resources/` or `models/`.

    Returns:
        The absolute path: beside the package in a checkout, inside the package in a wheel. It need not exist.
    """
    checkout = _PACKAGE.parent
    base = checkout if (checkout / "pyproject.toml").is_file() else _PACKAGE / "_shipped"
    return base / relative

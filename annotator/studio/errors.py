"""Errors of the studio; every message says what to do next."""

from annotator.domain.errors import AnnotatorError

GL_PACKAGES = "libegl1 libgl1-mesa-dri"


class StudioError(AnnotatorError):
    """Rendering cannot start or go on; the message names the remedy."""


def missing_extra(what: str) -> StudioError:
    """The error for a Python package of the optional extra that is not installed."""
    return StudioError(
        f"Rendering needs {what}, which is not installed. Install the studio: pip install 'annotator[studio]'"
    )


def missing_gl(cause: Exception) -> StudioError:
    """The error for a machine on which no OpenGL context can be made."""
    return StudioError(
        f"No OpenGL context could be created ({cause}). On Debian or Ubuntu install the packages: "
        f"sudo apt-get install {GL_PACKAGES}"
    )

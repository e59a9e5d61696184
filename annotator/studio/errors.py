"""Errors of the studio; every message says what to do next."""

from annotator.domain.errors import AnnotatorError


class StudioError(AnnotatorError):
    """Rendering cannot start or go on; the message names the remedy."""


def missing_extra(what: str) -> StudioError:
    """The error for a Python package of the optional extra that is not installed."""
    return StudioError(
        f"Rendering needs {what}, which is not installed. Install the studio: pip install 'annotator-landmarks[studio]'"
    )

"""Words that come from files (names of frames, models, regions, messages about them), shown as they are and never as HTML."""

from html import escape

from PySide6.QtGui import Qt

_NOTHING = "\u200b"  # a space without width


def plain(text: str) -> str:
    """The same for a place that guesses between text and HTML, such as a tool tip: it looks alike and is never taken for HTML."""
    return text.replace("<", "<" + _NOTHING) if Qt.mightBeRichText(text) else text


def legend(text: str) -> str:
    """The same for the legend of a plot, which takes HTML and nothing else."""
    return escape(text, quote=False)

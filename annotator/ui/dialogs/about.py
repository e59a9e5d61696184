"""About: version, licence, and what the window is built on."""

from __future__ import annotations

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QMessageBox, QWidget

from annotator.domain.version import __version__


def show_about(parent: QWidget) -> None:
    """Opens the dialog."""
    QMessageBox.about(
        parent,
        "About Annotator",
        f"<b>Annotator</b> {__version__}<br><br>Facial landmarks on very high resolution captures: a model proposes, "
        f"you decide, and what you decide teaches the model.<br><br>Apache License 2.0 · Qt {qVersion()} (LGPL v3) · "
        "icons by Phosphor (MIT)",
    )

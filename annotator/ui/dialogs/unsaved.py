"""Asks before edits are discarded that could not be saved."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def may_discard(state: str, parent: QWidget) -> bool:
    """Whether the artist gives up the edits that `state` tells of; keeping the window open is the default."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(f"{state}.")
    stay = box.addButton("Keep the window open", QMessageBox.ButtonRole.RejectRole)
    discard = box.addButton("Discard them and quit", QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(stay)
    box.exec()
    return box.clickedButton() is discard

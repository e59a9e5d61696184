"""Rigs: the calibrated cameras of the project in all their versions, whether they still hold, and what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.errors import AnnotatorError
from annotator.rigs.files.registry import rig_formats
from annotator.services.rigs.check_rigs import RigCheck, check_rigs
from annotator.services.rigs.transfer import export_rig, use_again
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig
from annotator.ui.common.theme import COLOURS, colour, label, scaled
from annotator.ui.dialogs.rig.refine_rig import RefineRigDialog
from annotator.ui.dialogs.rig.solve_rig import SolveRigDialog

_NAME, _VERSION = int(Qt.ItemDataRole.UserRole), int(Qt.ItemDataRole.UserRole) + 1
_EMPTY = (
    "The project has no rig. Import a calibration (File ▸ Import rig…), or solve a rig from landmarks that people set in several "
    "cameras."
)
_MOMENTS = 24
_HOLDS = 5


class RigsDialog(QDialog):
    """A row a rig, its earlier versions below it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Rigs")
        self.resize(scaled(900), scaled(520))
        self._session, self._closed = session, False
        self._checks: dict[int, RigCheck] = {}
        self.table = QTreeWidget()
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Rigs")
        self.table.setHeaderLabels(["Rig", "Cameras", "Takes", "From", "Added", "Holds"])
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.details = label("", "dim")
        self.details.setWordWrap(True)
        self.details.setMinimumHeight(scaled(54))
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.refine, self.solve = QPushButton("Refine…"), QPushButton("Solve…")
        self.export, self.remove = QPushButton("Export…"), QPushButton("Remove…")
        self.back = QPushButton("Use this version again")
        row = QHBoxLayout()
        for button, work in (
            (self.refine, self._refine),
            (self.back, self._back),
            (self.export, self._export),
            (self.remove, self._remove),
            (self.solve, self._solve),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(partial(self._guarded, work))
            row.addWidget(button)
        row.addStretch(1)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.table, 1)
        column.addWidget(self.details)
        column.addLayout(row)
        self.table.currentItemChanged.connect(lambda _new, _old: self._show_details())
        session.rigs_changed.connect(self._fill)
        self.finished.connect(self._close)
        self._fill()

    @property
    def chosen(self) -> tuple[str, int] | None:
        """Name and version of the selected row."""
        item = self.table.currentItem()
        return None if item is None else (item.data(0, _NAME), item.data(0, _VERSION))

    def _close(self) -> None:
        """What is asked or told from now on is let go."""
        self._closed = True

    def _fill(self) -> None:
        if self._closed:
            return
        before = self.chosen
        self._checks.clear()
        self.table.clear()
        for newest in self._session.store.rigs.list():
            versions = self._session.store.rigs.versions(newest.name)
            top = self._row(QTreeWidgetItem(self.table), versions[-1])
            for earlier in reversed(versions[:-1]):
                self._row(QTreeWidgetItem(top), earlier, "dim")
            top.setText(_HOLDS, "looking…")
            top.setForeground(_HOLDS, colour("dim"))
            top.setExpanded(True)
            if before is not None and before[0] == newest.name:
                self.table.setCurrentItem(top)
        first = self.table.topLevelItem(0)
        if self.table.currentItem() is None and first is not None:
            self.table.setCurrentItem(first)
        self._show_details()
        if first is not None:
            self._session.read_beside("rig check", _checked, self._take_checks)

    def _row(self, item: QTreeWidgetItem, known: ProjectRig, tint: str = "") -> QTreeWidgetItem:
        added = f"{known.added.astimezone().strftime('%d %b %Y %H:%M')}, {known.user}"
        name = f"version {known.version}" if tint else known.label
        texts = [
            name,
            str(len(known.rig.cameras)),
            ", ".join(known.rig.takes) or "all",
            known.rig.source,
            added,
        ]
        for column, text in enumerate(texts):
            item.setText(column, text)
            if tint:
                item.setForeground(column, colour(tint))
        item.setData(0, _NAME, known.name)
        item.setData(0, _VERSION, known.version)
        return item

    def _take_checks(self, checks: tuple[RigCheck, ...]) -> None:
        if self._closed:
            return
        self._checks = {check.rig.id: check for check in checks}
        by_name = {check.rig.name: check for check in checks}
        for number in range(self.table.topLevelItemCount()):
            item = self.table.topLevelItem(number)
            check = None if item is None else by_name.get(item.data(0, _NAME))
            if item is not None and check is not None:
                off = [f"{shift.name} {shift.pixels:.0f} px off" for shift in check.off[:2]]
                more = f" and {len(check.off) - 2} more" if len(check.off) > 2 else ""
                item.setText(
                    _HOLDS, ", ".join(off) + more if off else "yes" if check.known else "not known yet"
                )
                item.setForeground(_HOLDS, colour("warning" if off else "good" if check.known else "dim"))
        self._show_details()

    def _show_details(self) -> None:
        item, chosen = self.table.currentItem(), self.chosen
        is_newest = item is not None and item.parent() is None
        writable = not self._session.store.read_only
        self.refine.setEnabled(is_newest)
        self.back.setEnabled(chosen is not None and not is_newest and writable)
        self.export.setEnabled(chosen is not None)
        self.remove.setEnabled(chosen is not None and writable)
        self.details.setStyleSheet("")
        if chosen is None:
            self.details.setText(_EMPTY)
            return
        known = self._session.store.rigs.get(*chosen)
        check = self._checks.get(known.id)
        unit = {0.0: "unit not known", 1.0: "in millimetres"}.get(
            known.rig.unit, f"unit {known.rig.unit:g} mm"
        )
        texts = [f"{known.label}, {unit}: {', '.join(known.rig.cameras)}", *known.rig.notes]
        if check is not None:
            texts.append(check.text)
            if check.off:
                self.details.setStyleSheet(f"color: {COLOURS.warning};")
        self.details.setText("\n".join(texts))

    def _refine(self) -> None:
        if self.chosen is not None:
            RefineRigDialog(self._session, self.chosen[0], self).exec()

    def _solve(self) -> None:
        SolveRigDialog(self._session, self).exec()

    def _back(self) -> None:
        if self.chosen is not None:
            self._changed(f"{use_again(self._session.store, *self.chosen).label} is in use")

    def _export(self) -> None:
        if self.chosen is None:
            return
        name, version = self.chosen
        formats = {known.title: known for known in rig_formats().values() if known.writes}
        filters = {f"{title} (*{(known.extensions or ('',))[0]})": known for title, known in formats.items()}
        start = str(self._session.path.with_name(f"{name}.json"))
        path, chosen = QFileDialog.getSaveFileName(self, "Export rig", start, ";;".join(filters))
        if path:
            known = filters.get(chosen)
            file, ending = Path(path), (known.extensions[:1] or ("",))[0] if known else ""
            if known is not None and file.suffix.lower() not in known.extensions:
                file = file.with_suffix(ending)
            format_name = known.name if known else None
            found, title = export_rig(
                self._session.store, file, name, version, format_name, file == Path(path)
            )
            self._session.message.emit("info", f"{found.label} written to {file} ({title})")

    def _remove(self) -> None:
        if self.chosen is None:
            return
        name, version = self.chosen
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Remove rig")
        box.setText(f"Take {name} (version {version}) out of use?")
        box.setInformativeText("The version before holds then, if there is one. Landmarks stay as they are.")
        take = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        if box.clickedButton() is take:
            self._session.store.rigs.remove(name, version)
            self._changed(f"{name} (version {version}) is out of use")

    def _changed(self, text: str) -> None:
        self._session.rigs_changed.emit()
        self._session.message.emit("info", text)

    def _guarded(self, work: Callable[[], None], _on: bool = False) -> None:
        try:
            work()
        except AnnotatorError as error:
            self.details.setStyleSheet(f"color: {COLOURS.bad};")
            self.details.setText(str(error))


def _checked(store: ProjectStore) -> tuple[RigCheck, ...]:
    return check_rigs(store, most=_MOMENTS)

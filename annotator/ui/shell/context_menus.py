"""Menus of the right mouse button (or the menu key) in the frame list, the list of landmarks and the heatmap panes."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QListView, QMenu, QWidget

from annotator.session.session import Session
from annotator.ui.commands.actions import Actions
from annotator.ui.heatmaps.panel import HeatmapsPanel
from annotator.ui.panels.landmark_tree import LandmarkTree
from annotator.ui.shell.view_menu import ViewMenu

_ON_FRAME = (
    ("accept_frame", "propose_again"),
    ("review_approved", "review_needs_work", "review_rejected", "review_unreviewed"),
    ("next_unreviewed", "next_needs_work", "find"),
)


class ContextMenus(QObject):
    """Puts a menu on each of these widgets; what lies under the pointer is selected first, as artists expect."""

    def __init__(
        self,
        session: Session,
        actions: Actions,
        frames: QListView,
        landmarks: LandmarkTree,
        heatmaps: HeatmapsPanel,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._actions, self._view_menu = session, actions, ViewMenu(actions, session)
        self._frames, self._landmarks, self._heatmaps = frames, landmarks, heatmaps
        for widget, show in (
            (frames, self._on_frames),
            (landmarks, self._on_landmarks),
            (heatmaps, self._on_heatmaps),
        ):
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            widget.customContextMenuRequested.connect(show)

    def _on_frames(self, at: QPoint) -> None:
        index = self._frames.indexAt(at)
        if not self._session.is_open or not index.isValid():
            return
        self._session.frames.go_to_row(index.row())
        menu = self._actions.add_to(QMenu(), _ON_FRAME)
        menu.addSeparator()
        copy = menu.addAction("Copy the path")
        copy.triggered.connect(self._copy_path)
        open_menu(menu, self._frames.viewport(), at)

    def _copy_path(self) -> None:
        QApplication.clipboard().setText(
            str(self._session.store.frames.path(self._session.frames.current_id))
        )

    def _on_landmarks(self, at: QPoint) -> None:
        landmark = self._landmarks.landmark_at(at)
        if self._session.is_open and self._session.frames.current_id and landmark >= 0:
            open_menu(self._view_menu.menu(landmark), self._landmarks.viewport(), at)

    def _on_heatmaps(self, at: QPoint) -> None:
        if not self._session.is_open or not self._session.frames.current_id:
            return
        if self._session.pointer.hover >= 0:
            menu = self._view_menu.menu(self._session.pointer.hover)
        else:
            menu = QMenu()
            self._actions.add_to(menu, (("pane_large", "pane_window", "panes_follow"),))
            menu.addAction("Fit all").triggered.connect(lambda _on: self._heatmaps.fit_all())
            contours = QAction("Contours", menu)
            contours.setCheckable(True)
            contours.setChecked(self._heatmaps.contours.isChecked())
            contours.toggled.connect(self._heatmaps.contours.setChecked)
            menu.addAction(contours)
            menu.addSeparator()
            for name in ("pane_colours", "pane_same", "frame_heat", "crosshair", "propose_again"):
                menu.addAction(self._actions[name])
        open_menu(menu, self._heatmaps, at)


def open_menu(menu: QMenu, widget: QWidget, at: QPoint) -> None:
    """Opens a menu at a place of a widget and waits for the choice."""
    menu.exec(widget.mapToGlobal(at))

"""File and model commands: dialogs on one side, the session on the other; every failure becomes a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMainWindow, QMessageBox

from annotator.domain.errors import AnnotatorError
from annotator.formats.registry import format_of, formats
from annotator.services.project.sample_project import ensure_sample_project
from annotator.session.project_lock import ProjectLockedError
from annotator.session.session import Session
from annotator.ui.commands.actions import Actions
from annotator.ui.dialogs.about import show_about
from annotator.ui.dialogs.export import ExportDialog
from annotator.ui.dialogs.import_captures import ImportCapturesDialog
from annotator.ui.dialogs.models import ModelsDialog, roll_back
from annotator.ui.dialogs.new_project import SUFFIX, NewProjectDialog
from annotator.ui.dialogs.train import TrainDialog

_LAYERS = {"Annotations": False, "Proposals": True}  # what a file's landmarks are: do they become proposals


class ProjectCommands(QObject):
    """Opens dialogs over a window and hands their result to the session."""

    def __init__(self, session: Session, settings: QSettings, window: QMainWindow) -> None:
        super().__init__(window)
        self._session, self._settings, self._window = session, settings, window

    def connect_actions(self, actions: Actions) -> None:
        """Joins the commands to their menu entries."""
        handlers: dict[str, Callable[[], object]] = {
            "new_project": self.new_project,
            "open_project": self.open_project,
            "open_samples": self.open_samples,
            "save_copy": self.save_copy,
            "save_as": self.save_as,
            "close_project": self._close_present,
            "relink": self.relink,
            "import_captures": self.import_captures,
            "import_annotations": self.import_annotations,
            "export": self.export,
            "propose_again": lambda: self._session.proposals.request(
                self._session.frames.current_id, force=True
            ),
            "propose_all": self._session.jobs.start_propose_all,
            "retrain": self.retrain,
            "models": lambda: ModelsDialog(self._session, self._window).exec(),
            "roll_back": self.roll_back,
            "about": lambda: show_about(self._window),
        }
        for name, handler in handlers.items():
            actions[name].triggered.connect(lambda _on=False, handler=handler: self.guarded(handler))

    def guarded(self, work: Callable[[], object]) -> None:
        """Runs a command; a user-facing error becomes a message that stays until it is dismissed."""
        try:
            work()
        except AnnotatorError as error:
            self._session.message.emit("error", str(error))

    # ---- projects
    def new_project(self) -> None:
        """Asks for file, scheme and captures, makes the project and goes on to the import."""
        dialog = NewProjectDialog(self._window)
        if dialog.exec():
            wanted = dialog.result_value()
            if self._close_present():
                self._session.create_project(wanted.path, wanted.scheme, wanted.capture_root)
                self.import_captures()

    def open_project(self) -> None:
        """Asks for a project file and opens it."""
        start = str(self._settings.value("project/last") or Path.home())
        chosen = QFileDialog.getOpenFileName(self._window, "Open project", start, f"Projects (*{SUFFIX})")[0]
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> None:
        """Opens a project file in place of the present one."""
        if self._close_present():
            try:
                self._session.open_project(path)
            except ProjectLockedError as error:
                self.ask_locked(path, error)

    def ask_locked(self, path: Path, error: ProjectLockedError) -> None:
        """Says who has a project open, without stopping the window, and opens it in the way that is chosen."""
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Open project")
        box.setText(str(error))
        read = box.addButton("Open for reading only", QMessageBox.ButtonRole.AcceptRole)
        anyway = None
        if error.can_take_over:
            box.setInformativeText(
                "Nobody can tell whether that window is still there. If you know that it is gone, open the project anyway."
            )
            anyway = box.addButton("Open anyway", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(read)

        def answered(button: QAbstractButton) -> None:
            if button is read or button is anyway:
                self.guarded(
                    lambda: self._session.open_project(
                        path, read_only=button is read, take_over=button is anyway
                    )
                )

        box.buttonClicked.connect(answered)
        box.open()

    def open_samples(self) -> None:
        """Opens the sample project, which is made at its first use."""
        self.open_path(ensure_sample_project())

    def _close_present(self) -> bool:
        if self._session.is_open and not self._session.close_project():
            state = self._session.annotations.save_state
            self._session.message.emit(
                "error", f"Solve this first, or save as another file (File ▸ Save as): {state}"
            )
            return False
        return True

    def save_copy(self) -> None:
        """Asks for a file and begins to write a whole copy there; the window stays in the project."""
        chosen = self._ask_file("Save a copy", "-copy")
        if chosen is not None:
            self._session.jobs.start_copy(chosen)

    def save_as(self) -> None:
        """Asks for a file, writes all that the window has of the project there and goes on in it."""
        chosen = self._ask_file("Save as", "")
        if chosen is not None:
            self.guarded(lambda: self._session.keeper.save_as(chosen))

    def _ask_file(self, title: str, tail: str) -> Path | None:
        path = self._session.path
        start = str(path.with_name(f"{path.stem}{tail}{SUFFIX}"))
        chosen = QFileDialog.getSaveFileName(self._window, title, start, f"Projects (*{SUFFIX})")[0]
        if not chosen:
            return None
        return Path(chosen) if chosen.endswith(SUFFIX) else Path(chosen + SUFFIX)

    def relink(self) -> None:
        """Asks where the captures are now."""
        start = str(self._session.store.frames.capture_root)
        chosen = QFileDialog.getExistingDirectory(self._window, "Where are the captures now?", start)
        if chosen:
            self._session.message.emit("info", self._session.relink(Path(chosen)))

    # ---- in and out
    def import_captures(self) -> None:
        """Asks for folder and pattern and starts the import."""
        dialog = ImportCapturesDialog(self._session.store.frames.capture_root, self._window)
        if dialog.exec():
            self._session.jobs.start_import_captures(dialog.chosen_folder, dialog.chosen_pattern)

    def import_annotations(self) -> None:
        """Asks for a file of a known format and starts the import."""
        endings = " ".join(f"*{ending}" for known in formats().values() for ending in known.extensions)
        start = str(self._session.store.frames.capture_root)
        chosen = QFileDialog.getOpenFileName(
            self._window, "Import annotations", start, f"Annotations ({endings})"
        )[0]
        if chosen:
            self.ask_layer(Path(chosen))

    def ask_layer(self, path: Path) -> None:
        """Asks, without stopping the window, what a file's landmarks are, and starts the import once that is answered."""
        format_name = format_of(path).name
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("Import annotations")
        box.setText("What are the landmarks in this file?")
        box.setInformativeText(
            "Annotations count as a person's, and what you set stays. Proposals are shown when you choose them as the model."
        )
        choices = {box.addButton(text, QMessageBox.ButtonRole.AcceptRole): text for text in _LAYERS}
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(next(iter(choices)))

        def answered(button: QAbstractButton) -> None:
            text = next((known for choice, known in choices.items() if choice is button), None)
            if text is not None:
                as_proposals = _LAYERS[text]
                self.guarded(
                    lambda: self._session.jobs.start_import_annotations(path, format_name, as_proposals)
                )

        box.buttonClicked.connect(answered)
        box.open()

    def export(self) -> None:
        """Asks for format, file and filters and starts the export."""
        dialog = ExportDialog(self._session.store.frames.facets(), self._window)
        if dialog.exec():
            self._session.jobs.start_export(
                dialog.path, dialog.format_name, dialog.filters(), dialog.options()
            )

    # ---- models
    def retrain(self) -> None:
        """Asks for budget and start model and starts the training."""
        active = self._session.models.active
        models = [model for model in self._session.models.all() if not model.card.is_imported]
        dialog = TrainDialog(models, active.id if active else None, self._window)
        if not dialog.exec():
            return
        if dialog.learns_convention:
            self._session.jobs.start_learning_convention(dialog.options())
        else:
            self._session.jobs.start_training(dialog.options())

    def roll_back(self) -> None:
        """Makes the previously active model active again."""
        if not roll_back(self._session):
            self._session.message.emit("info", "There is no earlier model to go back to")

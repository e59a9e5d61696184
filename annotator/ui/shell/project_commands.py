"""File and model commands: dialogs on one side, the session on the other; every failure becomes a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QMainWindow, QMessageBox

from annotator.domain.errors import AnnotatorError
from annotator.formats.registry import format_of, formats
from annotator.services.project.sample_project import ensure_sample_project
from annotator.session.session import Session
from annotator.ui.commands.actions import Actions
from annotator.ui.common.saved import saved_text
from annotator.ui.dialogs.about import show_about
from annotator.ui.dialogs.export import ExportDialog
from annotator.ui.dialogs.import_captures import ImportCapturesDialog
from annotator.ui.dialogs.models import ModelsDialog, roll_back
from annotator.ui.dialogs.new_project import SUFFIX, NewProjectDialog
from annotator.ui.dialogs.report import ask_for_report
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
            "close_project": self._session.close_project,
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
            "report_problem": self.report_problem,
        }
        for name, handler in handlers.items():
            actions[name].triggered.connect(lambda _on=False, handler=handler: self.guarded(handler))

    def guarded(self, work: Callable[[], object]) -> None:
        """Runs a command; a user-facing error becomes a message that stays until it is dismissed."""
        try:
            work()
        except AnnotatorError as error:
            self._session.message.emit("error", str(error))

    def report_problem(self) -> None:
        """Asks what may go into the report, and writes it beside the window."""
        wanted = ask_for_report(self._window)
        if wanted is not None:
            self._session.jobs.start_report(wanted.target, wanted.with_names)

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
        start = saved_text(self._settings, "project/last") or str(Path.home())
        chosen = QFileDialog.getOpenFileName(self._window, "Open project", start, f"Projects (*{SUFFIX})")[0]
        if chosen:
            self.open_path(Path(chosen))

    def open_path(self, path: Path) -> None:
        """Opens a project file in place of the present one."""
        if self._close_present():
            self._session.open_project(path)

    def open_samples(self) -> None:
        """Opens the sample project, which is made at its first use."""
        self.open_path(ensure_sample_project())

    def _close_present(self) -> bool:
        if self._session.is_open and not self._session.close_project():
            self._session.message.emit("error", "Some edits are not saved yet: solve that first.")
            return False
        return True

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

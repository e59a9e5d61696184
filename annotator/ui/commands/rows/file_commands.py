"""The File menu: dialogs on one side, the session on the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QFileDialog, QMessageBox

from annotator.domain.errors import AnnotatorError
from annotator.formats.base import WriteOptions
from annotator.formats.registry import formats
from annotator.services.project.export_dataset import exportable
from annotator.services.project.export_filter import ExportFilter
from annotator.services.project.map_preview import MapPreview, preview_map
from annotator.services.project.sample_project import ensure_sample_project
from annotator.services.rigs.transfer import import_rigs
from annotator.store.project_store import ProjectStore
from annotator.ui.commands.command import Command
from annotator.ui.commands.desk import Desk
from annotator.ui.commands.opening import RECENT, close_present, open_path
from annotator.ui.common.saved import saved_text
from annotator.ui.dialogs.export import ExportDialog
from annotator.ui.dialogs.import_captures import ImportCapturesDialog
from annotator.ui.dialogs.landmark_map import LandmarkMapDialog
from annotator.ui.dialogs.new_project import SUFFIX, NewProjectDialog
from annotator.ui.dialogs.rig.import_rig import ImportRigDialog
from annotator.ui.dialogs.rig.rigs import RigsDialog

_LAYERS = {"Annotations": False, "Proposals": True}  # what a file's landmarks are: do they become proposals


def new_project(desk: Desk, captures: Path | None = None, then_import: bool = True) -> bool:
    """Asks for file, scheme and captures (those that are given stand there), makes the project and goes on to the import."""
    dialog = NewProjectDialog(desk.window, captures)
    if not dialog.exec():
        return False
    wanted = dialog.result_value()
    close_present(desk)
    desk.session.create_project(wanted.path, wanted.scheme, wanted.capture_root)
    if then_import:
        import_captures(desk)
    return True


def open_project(desk: Desk) -> None:
    """Asks for a project file and opens it."""
    start = saved_text(desk.settings, "project/last") or str(Path.home())
    chosen = QFileDialog.getOpenFileName(desk.window, "Open project", start, f"Projects (*{SUFFIX})")[0]
    if chosen:
        open_path(desk, Path(chosen))


def open_samples(desk: Desk) -> None:
    """Opens the sample project, which is made at its first use."""
    open_path(desk, ensure_sample_project())


def _save_copy(desk: Desk) -> None:
    """Asks for a file and begins to write a whole copy there; the window stays in the project."""
    chosen = _ask_file(desk, "Save a copy", "-copy")
    if chosen is not None:
        desk.session.jobs.start_copy(chosen)


def _save_as(desk: Desk) -> None:
    """Asks for a file, writes all that the window has of the project there and goes on in it."""
    chosen = _ask_file(desk, "Save as", "")
    if chosen is not None:
        desk.session.keeper.save_as(chosen)


def _ask_file(desk: Desk, title: str, tail: str) -> Path | None:
    path = desk.session.path
    start = str(path.with_name(f"{path.stem}{tail}{SUFFIX}"))
    chosen = QFileDialog.getSaveFileName(desk.window, title, start, f"Projects (*{SUFFIX})")[0]
    if not chosen:
        return None
    return Path(chosen) if chosen.endswith(SUFFIX) else Path(chosen + SUFFIX)


def relink(desk: Desk) -> None:
    """Asks where the captures are now."""
    start = str(desk.session.store.frames.capture_root)
    chosen = QFileDialog.getExistingDirectory(desk.window, "Where are the captures now?", start)
    if chosen:
        desk.session.message.emit("info", desk.session.relink(Path(chosen)))


def import_captures(desk: Desk, folder: Path | None = None) -> None:
    """Asks for folder (the one that is given stands there) and pattern and starts the import."""
    dialog = ImportCapturesDialog(folder or desk.session.store.frames.capture_root, desk.window)
    if dialog.exec():
        desk.session.jobs.start_import_captures(dialog.chosen_folder, dialog.chosen_pattern)


def import_annotations(desk: Desk) -> None:
    """Asks for a file of a known format and starts the import."""
    endings = " ".join(
        dict.fromkeys(f"*{ending}" for each in formats().values() for ending in each.extensions)
    )
    start = str(desk.session.store.frames.capture_root)
    chosen = QFileDialog.getOpenFileName(
        desk.window, "Import annotations", start, f"Annotations ({endings});;All files (*)"
    )[0]
    if chosen:
        ask_layer(desk, Path(chosen))


def ask_layer(desk: Desk, path: Path) -> None:
    """Asks, without stopping the window, what a file's landmarks are, and goes on once that is answered."""
    box = QMessageBox(desk.window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("Import annotations")
    box.setText("What are the landmarks in this file?")
    box.setInformativeText(
        "Annotations count as a person's, and what you set stays. Proposals are shown when you choose them as the model."
    )
    choices = {box.addButton(text, QMessageBox.ButtonRole.AcceptRole): text for text in _LAYERS}
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(next(iter(choices)))
    always = QCheckBox("Show which landmark each &point of the file is")
    box.setCheckBox(always)

    def answered(button: QAbstractButton) -> None:
        text = next((known for choice, known in choices.items() if choice is button), None)
        if text is not None:
            ask_names(desk, path, _LAYERS[text], always.isChecked())

    box.buttonClicked.connect(answered)
    box.open()


def ask_names(desk: Desk, path: Path, as_proposals: bool, always: bool = False) -> None:
    """Starts an import, after a question which landmark each point is where that is not known (`always`: in any case)."""

    asked = desk.session.store

    def start(names: dict[str, str] | None = None) -> None:
        if not desk.session.is_open or desk.session.store is not asked:
            return  # another project came in its place, and nobody asked about that one
        desk.guarded(
            lambda: desk.session.jobs.start_import_annotations(path, None, as_proposals, names=names)
        )

    def looked(preview: MapPreview | None) -> None:
        if preview is None or not (preview.needed or always):
            start()
            return
        dialog = LandmarkMapDialog(preview, desk.session.scheme, path.name, desk.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: start(dialog.names()))
        dialog.open()

    desk.session.read_beside("map of names", lambda store: preview_map(store, path), looked)


def import_rig(desk: Desk) -> None:
    """Asks for a calibration, shows what fits, and imports it."""
    ask = partial(desk.session.read_beside, "rig preview")
    dialog = ImportRigDialog(ask, desk.session.store.frames.facets()["camera"], desk.window)
    if dialog.exec() and dialog.path is not None:
        report = import_rigs(desk.session.store, dialog.path, dialog.wishes())
        desk.session.rigs_changed.emit()
        desk.session.message.emit("info", report.text)


def export(desk: Desk) -> None:
    """Asks for format, file and filters and starts the export."""
    store = desk.session.store
    dialog = ExportDialog(store.frames.facets(), desk.window, store.path, partial(_count_export, desk))
    if dialog.exec():
        desk.session.jobs.start_export(dialog.path, dialog.format_name, dialog.filters(), dialog.options())


def _count_export(
    desk: Desk, filters: ExportFilter, options: WriteOptions, told: Callable[[int, str], None]
) -> None:
    def count(store: ProjectStore) -> tuple[int, str]:
        try:
            return exportable(store, filters, options)
        except AnnotatorError as error:
            return 0, str(error)

    desk.session.read_beside("export count", count, lambda found: told(*found))


FILE: tuple[Command, ...] = (
    Command("new_project", "File", "New project…", ("Ctrl+N",), "plus", run=new_project),
    Command("open_project", "File", "Open project…", ("Ctrl+O",), "folder-open", run=open_project),
    *RECENT,
    Command("open_samples", "File", "Open the sample project", run=open_samples),
    Command(
        "import_captures",
        "File",
        "Import captures…",
        ("Ctrl+I",),
        "download-simple",
        run=import_captures,
        project=True,
        before=True,
    ),
    Command(
        "import_annotations",
        "File",
        "Import annotations…",
        ("Ctrl+Shift+I",),
        run=import_annotations,
        project=True,
    ),
    Command(
        "import_rig",
        "File",
        "Import rig…",
        run=import_rig,
        project=True,
        tip="Calibrated cameras of these captures",
    ),
    Command(
        "rigs",
        "File",
        "Rigs…",
        run=lambda desk: RigsDialog(desk.session, desk.window).exec(),
        project=True,
        tip="Calibrated cameras: versions, refine, solve, export",
    ),
    Command("export", "File", "Export…", ("Ctrl+E",), "export", run=export, project=True),
    Command(
        "relink",
        "File",
        "Relink captures…",
        run=relink,
        project=True,
        before=True,
        tip="Point the project at captures that moved",
    ),
    Command(
        "update_sizes",
        "File",
        "Update picture sizes",
        run=lambda desk: desk.shell.look_for_sizes(),
        project=True,
        tip="Look for pictures that were replaced by others of another size",
    ),
    Command(
        "save_copy",
        "File",
        "Save a copy…",
        run=_save_copy,
        project=True,
        before=True,
        tip="A whole copy of the project; you stay in this one",
    ),
    Command(
        "save_as",
        "File",
        "Save as…",
        ("Ctrl+Shift+S",),
        run=_save_as,
        project=True,
        tip="Save the project as another file and go on there",
    ),
    Command(
        "close_project",
        "File",
        "Close project",
        ("Ctrl+W",),
        run=close_present,
        project=True,
    ),
    Command("quit", "File", "Quit", ("Ctrl+Q",), run=lambda desk: desk.window.close(), before=True),
)

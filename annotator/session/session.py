"""The one state object of the window: project, current frame, selection, proposals, jobs and undo.

Views take the session, read from it, call its methods and listen to its signals; they never call each other.
The only way to change an annotation is `Session.submit(edit)`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame
from annotator.domain.edits import Edit
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.session.frame_loader import LoadedFrame
from annotator.session.jobs import Job
from annotator.session.selection import Selection
from annotator.store.frames import FrameFilter, FrameSummary
from annotator.store.ledger import LedgerEntry
from annotator.store.models import ModelActivation, ProjectModel


class Session(QObject):
    """Project, frames, current frame, selection, proposals, jobs and the undo stack of one window."""

    project_opened = Signal()
    project_closed = Signal()
    frames_changed = Signal()  # the listed frames changed (import, filter): re-read `frames`
    frame_changed = Signal(int)  # id of the new current frame, 0 = none
    summary_changed = Signal(int)  # the frame-list row of this frame id has new counts or review state
    selection_changed = Signal()
    hover_changed = Signal(int)  # landmark under the pointer in any view, -1 = none
    cursor_moved = Signal(float, float)  # pointer in frame px in any view; NaN, NaN = left
    annotation_changed = Signal(int)  # frame id: re-read `annotation(frame_id)`
    proposal_arrived = Signal(int)  # frame id: re-read `proposal(frame_id)` (annotation_changed follows)
    proposal_failed = Signal(int, str)
    image_loaded = Signal(int)  # frame id: `image(frame_id)` has pixels, or better ones than before
    image_failed = Signal(int, str)
    models_changed = Signal()  # known models or the active one changed
    job_changed = Signal(object)  # a Job snapshot (new, progressed, ended)
    pending_changed = Signal(int)  # number of edits not yet on disk (0: all is saved)
    save_state_changed = Signal(str)  # one line for the status bar: "All changes saved", "2 edits not saved: ..."
    training_event = Signal(dict)  # one event of the running training, as in run/events.jsonl
    message = Signal(str, str)  # level "info" | "warning" | "error", text for the artist

    # ---- project
    def create_project(self, path: Path, scheme: str, capture_root: Path) -> None:
        """Make a new project file and open it. Raises ProjectError, SchemeError."""

    def open_project(self, path: Path, read_only: bool = False) -> None:
        """Open a project. Raises ProjectError with a message for the artist (also: open in another window)."""

    def close_project(self, discard_pending: bool = False) -> bool:
        """Close; False (and nothing closed) when edits are pending that could not be written and not discard_pending."""

    def shutdown(self) -> None:
        """Stop all workers (call once, before the application quits)."""

    @property
    def is_open(self) -> bool: ...
    @property
    def read_only(self) -> bool: ...
    @property
    def path(self) -> Path: ...
    @property
    def title(self) -> str: ...
    @property
    def scheme(self) -> LandmarkScheme: ...
    @property
    def capture_root(self) -> Path: ...
    def relink(self, new_root: Path) -> int:
        """Point the project at captures that moved; returns how many frames were found there."""

    # ---- frames
    @property
    def frames(self) -> Sequence[FrameSummary]:
        """The listed frames (after the filter), in capture order. Cheap to index by row, 100k rows are fine."""

    @property
    def filter(self) -> FrameFilter: ...
    def set_filter(self, frame_filter: FrameFilter) -> None: ...
    def facets(self) -> Mapping[str, Sequence[str]]:
        """{"subject": [...], "take": [...], "camera": [...]} for the filter boxes."""

    def row_of(self, frame_id: int) -> int:
        """Row in `frames`, -1 if it is filtered out."""

    @property
    def current_id(self) -> int:
        """Id of the current frame, 0 = none."""

    @property
    def current_row(self) -> int: ...
    @property
    def current_frame(self) -> Frame | None: ...
    def frame_path(self, frame_id: int) -> Path: ...
    def go_to(self, frame_id: int) -> None: ...
    def go_to_row(self, row: int) -> None: ...
    def next_frame(self) -> bool: ...
    def previous_frame(self) -> bool: ...
    def next_by_state(self, state: str, backwards: bool = False) -> bool:
        """Go to the next frame (wrapping round) in a state: "unreviewed", "needs_work", "approved", "rejected",
        "untouched" (no human point), "unfinished" (some landmark not human), "uncertain" (least confident proposal)."""

    # ---- pixels
    def image(self, frame_id: int) -> LoadedFrame | None:
        """Pixels in memory now (levels[0] is the finest; .is_preview tells a 1024 px stand-in), else None and loading starts."""

    def preview(self, frame_id: int) -> bytes | None:
        """Stored preview JPEG (longest side 1024) for thumbnails; None while it is not made yet."""

    # ---- annotations, proposals, edits
    def annotation(self, frame_id: int) -> Annotation:
        """What to display: human points over the active model's proposal (state PROPOSED); not yet saved edits included."""

    def human_annotation(self, frame_id: int) -> Annotation:
        """What people set, alone."""

    def proposal(self, frame_id: int, model_id: str | None = None) -> Proposal | None:
        """The finished proposal of a model (None: the active one); with heatmaps when they are still in memory."""

    def request_proposal(self, frame_id: int, rois: object = None, force: bool = False) -> None:
        """Ask the inference process; `proposal_arrived` follows. Newest request first; the current frame is asked by itself."""

    def new_stroke(self) -> int:
        """Token for Edit.stroke: the edits of one gesture that share it are one undo step."""

    def start_stopwatch(self) -> None:
        """Call at press; the seconds until `submit` go into the ledger (selecting a landmark starts it too)."""

    def submit(self, edit: Edit) -> None:
        """Apply an edit to the current frame: undoable, on disk when this returns (else pending and visible)."""

    @property
    def undo_stack(self) -> QUndoStack: ...
    def ledger(self, frame_id: int | None = None) -> Sequence[LedgerEntry]:
        """History, newest first."""

    def revert_to(self, frame_id: int, ledger_id: int) -> None:
        """One undoable edit that brings a frame back to what it was just after that entry (0: before all)."""

    @property
    def pending_count(self) -> int: ...
    @property
    def save_state(self) -> str: ...
    def retry_pending(self) -> bool: ...

    # ---- selection, hover, cursor (shared by frame view and panes)
    @property
    def selection(self) -> Selection: ...
    @property
    def hover(self) -> int: ...
    def set_hover(self, landmark: int) -> None: ...
    def set_cursor(self, x: float, y: float) -> None: ...
    def clear_cursor(self) -> None: ...

    # ---- models
    def models(self) -> Sequence[ProjectModel]: ...
    @property
    def active_model(self) -> ProjectModel | None: ...
    def set_active_model(self, model_id: str) -> None: ...
    def model_history(self) -> Sequence[ModelActivation]: ...

    # ---- jobs
    @property
    def jobs(self) -> Sequence[Job]: ...
    def cancel_job(self, job_id: int) -> None: ...
    def start_propose_all(self, frame_ids: Sequence[int] | None = None, redo: bool = False) -> Job: ...
    def start_training(self, options: Mapping[str, object]) -> Job:
        """Keys: recipe, steps, minutes, device, from_model (all optional)."""

    @property
    def training_events(self) -> Sequence[dict[str, object]]:
        """All events of the running or last training (for the curves, also after the window was restarted)."""

    def start_export(self, path: Path, format_name: str, options: Mapping[str, object]) -> Job: ...
    def start_import_captures(self, folder: Path, pattern: str) -> Job: ...
    def start_import_annotations(self, path: Path, format_name: str, as_proposals: bool = False) -> Job: ...

"""A project as one object: everything that is kept on disk, asked for and changed by plain domain values."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.store.changes import Change, Settled
from annotator.store.coverage import CoverageTable
from annotator.store.database import Database
from annotator.store.findings import FindingTable
from annotator.store.frame_filter import FrameFilter
from annotator.store.frame_list import FrameList, FrameSummary
from annotator.store.frames import FrameTable
from annotator.store.ledger import Ledger, LedgerEntry
from annotator.store.models import ModelActivation, ModelTable, ProjectModel
from annotator.store.paths import confined
from annotator.store.project_file import ProjectFile
from annotator.store.proposals import ProposalTable


class ProjectStore(ProjectFile):
    """One project file, for one thread: open another store of the same path in another thread or process.

    Use `create` or `open`. Every method that changes something has it on disk when it returns, and raises
    `StoreWriteError` (leaving the project as it was) where that cannot be.

    Attributes:
        findings: what the queues show. coverage: how the work is spread over subjects, takes and cameras.
    """

    def __init__(self, database: Database, backup: Path | None = None) -> None:
        super().__init__(database, backup)
        self._frames = FrameTable(database, self.scheme.size)
        self.findings = FindingTable(database, self.scheme)
        self.coverage = CoverageTable(database)
        self._ledger = Ledger(database, self.scheme, self.findings)
        self._proposals = ProposalTable(database, self.scheme, self.findings)
        self._models = ModelTable(database, self.scheme)

    # ---- frames

    def add_frames(self, frames: Iterable[Frame]) -> int:
        """Add frames whose path is new, all or none; returns how many were new. Their `id` is ignored."""
        return self._frames.add(frames)

    def frames(
        self,
        *,
        subject: str | None = None,
        take: str | None = None,
        camera: str | None = None,
        review: ReviewState | None = None,
        where: FrameFilter | None = None,
    ) -> FrameList:
        """The frames that match, in capture order; `where` holds every condition and replaces the others."""
        wanted = where or FrameFilter(subject=subject, take=take, camera=camera, review=review)
        return self._frames.listed(wanted, self._models.active_id())

    def summary(self, frame_id: int) -> FrameSummary:
        """One frame's row of the list; raises `ProjectError` if there is no such frame."""
        found = self._frames.summaries([frame_id], self._models.active_id())
        if not found:
            raise ProjectError(f"the project has no frame {frame_id}")
        return found[frame_id]

    def frame_count(self) -> int:
        """All frames of the project."""
        return self._frames.count()

    def frame(self, frame_id: int) -> Frame:
        """One frame; raises `ProjectError` if there is no such frame."""
        return self._frames.get(frame_id)

    def frames_of(self, frame_ids: Sequence[int]) -> Iterator[Frame]:
        """The frames of some ids, in no order."""
        return self._frames.of_ids(frame_ids)

    def frame_ids_by_path(self) -> dict[str, int]:
        """Path relative to the capture root -> frame id, of all frames."""
        return self._frames.by_path()

    def frame_path(self, frame_id: int) -> Path:
        """Absolute path of a frame's image (it need not exist: see `relink`)."""
        return confined(self.capture_root, self.frame(frame_id).path)

    def facets(self) -> dict[str, list[str]]:
        """`{"subject": [...], "take": [...], "camera": [...]}`: the tokens that occur."""
        return self._frames.facets()

    # ---- human layer and its ledger

    def annotation(self, frame_id: int) -> Annotation:
        """What people set on a frame; all missing where nobody did anything yet."""
        return self._ledger.annotation(frame_id)

    def annotations(self, frame_ids: Sequence[int] | None = None) -> Iterator[tuple[int, Annotation]]:
        """(frame id, annotation) of every frame that has one, or of those given."""
        return self._ledger.annotations(frame_ids)

    def commit_edit(
        self,
        frame_id: int,
        before: Annotation,
        after: Annotation,
        label: str,
        seconds: float = 0.0,
        model_id: str | None = None,
        user: str | None = None,
    ) -> int:
        """Write the landmarks that differ between `before` and `after`, with their ledger entry, in one transaction.

        Landmarks that do not differ keep what the project holds. On disk when this returns.

        Args:
            before: what the person saw. model_id: whose proposal was shown.
            seconds: time that the edit took. user: None for the OS user.

        Returns:
            The ledger id (the frame's newest one, or 0, where nothing differs).

        Raises:
            StoreWriteError: it could not be written; the project is as it was. ProjectError: no such frame.
        """
        return self.commit_edits([Change(frame_id, before, after, label, seconds, model_id, user)])[0]

    def commit_edits(self, changes: Iterable[Change]) -> list[int]:
        """As `commit_edit`, many at once, all or none."""
        return self._ledger.commit(changes)

    def commit_guarded(self, changes: Iterable[Change]) -> list[Settled]:
        """As `commit_edits`, but a landmark that somebody else set since the person looked is left as it is, and told."""
        return self._ledger.commit_guarded(changes)

    def ledger(self, frame_id: int | None = None, newest: int | None = None) -> list[LedgerEntry]:
        """The history of a frame or of the project, oldest first; `newest` keeps only the last so many."""
        return self._ledger.entries(frame_id, newest)

    def ledger_entries(self, ledger_ids: Sequence[int]) -> list[LedgerEntry]:
        """Those entries of the ledger that there are, oldest first."""
        return self._ledger.of_ids(ledger_ids)

    def revert_to(self, frame_id: int, ledger_id: int) -> Annotation:
        """The annotation as it was just after a ledger entry (0: before all). A value: commit it to go back to it."""
        return self._ledger.at(frame_id, ledger_id)

    # ---- model layer

    def save_proposal(self, frame_id: int, proposal: Proposal) -> None:
        """Keep a model's proposal (without heatmaps); it never touches an annotation."""
        self._proposals.save([(frame_id, proposal)])

    def save_proposals(self, proposals: Iterable[tuple[int, Proposal]]) -> None:
        """As `save_proposal`, many in one transaction."""
        self._proposals.save(proposals)

    def proposal(self, frame_id: int, model_id: str) -> Proposal | None:
        """A model's proposal without heatmaps, None if it has not made one."""
        return self._proposals.get(frame_id, model_id)

    def proposals(self, frame_ids: Sequence[int], model_id: str) -> Iterator[tuple[int, Proposal]]:
        """(frame id, proposal) of those frames that a model has proposed, in no order."""
        return self._proposals.of_frames(frame_ids, model_id)

    def proposed_frame_ids(self, model_id: str) -> set[int]:
        """The frames that a model has proposed."""
        return self._proposals.frame_ids(model_id)

    def has_proposals(self, model_id: str, least: int = 1) -> bool:
        """Whether a model has proposed at least so many frames."""
        return self._proposals.has(model_id, least)

    def proposers(self, frame_id: int) -> list[str]:
        """The model ids that have a proposal of a frame."""
        return self._proposals.model_ids(frame_id)

    def confidences(self, model_id: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Frame ids [N], and mean and least confidence [N, 2] of a model's proposals."""
        return self._proposals.confidences(model_id)

    def models(self) -> list[ProjectModel]:
        """The models that the project knows, oldest first."""
        return self._models.all()

    def add_model(self, card: ModelCard, folder: Path) -> None:
        """Make a model known; raises `ModelError` if it is of another scheme."""
        self._models.add(card, folder)

    def active_model(self) -> ProjectModel | None:
        """The model whose proposals are shown, None where none was chosen."""
        return self._models.active()

    def set_active_model(self, model_id: str, user: str | None = None) -> None:
        """Choose the active model (a rollback is the same call); raises `ModelError` if it is unknown."""
        self._models.activate(model_id, user)

    def model_history(self) -> list[ModelActivation]:
        """Every change of the active model, oldest first."""
        return self._models.history()

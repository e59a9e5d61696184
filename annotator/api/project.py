"""A project as a script has it: a door to the services that the commands use, too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from annotator.api.frames import Frame, Frames, review_state
from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.services.models.known.delete_model import delete_model
from annotator.services.models.known.known_models import KnownModel, known_models
from annotator.services.project.copies.merge_copies import MergeSummary, merge_copies
from annotator.services.project.copies.merge_record import MergeConflict, merge_conflicts
from annotator.services.project.find_frames import FrameQuery, find_frames
from annotator.services.project.people.agreement import Agreement, agreement_of_copies, agreements
from annotator.services.project.people.assign import ShareRow, assign, share_rows
from annotator.services.project.queue.queues import all_queues, parse_queue, read_queue
from annotator.services.project.queue.refresh_queues import needs_refresh, refresh_queues
from annotator.services.project.status import ProjectStatus, project_status
from annotator.services.rigs.consensus import MomentConsensus, consensus_of
from annotator.services.rigs.moments import Moment, moments
from annotator.store.history.ledger import LedgerEntry
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig

if TYPE_CHECKING:  # these load torch
    from annotator.services.models.propose import ProposeSummary
    from annotator.services.models.training.train import TrainOutcome
    from annotator.services.rigs.agreement_summary import AgreementSummary
    from annotator.training.events import OnEvent

Names = str | Sequence[str]


@dataclass(frozen=True)
class QueueEntry:
    """A frame that deserves a look: why, which landmarks are in question (the worst first), and what the queue is sorted by."""

    frame: Frame
    reason: str
    landmarks: tuple[str, ...]
    score: float


def open_project(path: str | Path, *, read_only: bool = False) -> "Project":
    """Open a project for a script, beside whatever else has it open; use it in one thread, and close it (`with` does).

    Raises:
        ProjectError: no such file, no project, damaged, or made by a newer version.
    """
    return Project(ProjectStore.open(Path(path), read_only=read_only))


class Project:
    """An open project. `annotator.open` makes one.

    Attributes:
        path: its file. landmarks, regions: names of its scheme, in order. queues: names of the queues.
        read_only: whether it refuses writes.
    """

    def __init__(self, store: ProjectStore) -> None:
        self._store = store
        self.path, self.read_only = store.path, store.read_only
        self.scheme = store.scheme
        self.landmarks = store.scheme.names
        self.regions = tuple(region.name for region in store.scheme.regions)
        self.queues = tuple(all_queues())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def frames(
        self,
        *,
        subject: Names = (),
        take: Names = (),
        camera: Names = (),
        review: Names = (),
        text: str = "",
        touched: bool | None = None,
        person: str | None = None,
        region: Names = (),
        landmark: Names = (),
        confidence_below: float | None = None,
    ) -> Frames:
        """The frames that all conditions let through, in capture order; each may be one name or several.

        Args:
            text: part of the path. touched: whether a person set some landmark. person: assigned to them; "" to nobody.
            confidence_below: some landmark that nobody set (of `region` and `landmark` where they are given) is proposed by the
                active model with less than this, 0..1.

        Raises:
            AnnotatorError: a name that the scheme lacks, or a confidence where no model is active.
        """
        query = FrameQuery(
            _names(subject),
            _names(take),
            _names(camera),
            text=text,
            reviews=tuple(review_state(name) for name in _names(review)),
            touched=touched,
            person=person,
            regions=_names(region),
            landmarks=_names(landmark),
            confidence_below=confidence_below,
        )
        return Frames(self._store, find_frames(self._store, query))

    def frame(self, which: int | str) -> Frame:
        """One frame by its id, or by its path below the capture root; raises `AnnotatorError` where there is none."""
        if isinstance(which, int):
            return Frame(self._store, which)
        found = self._store.frames.by_path().get(which)
        if found is None:
            raise AnnotatorError(f"The project has no frame {which!r}.")
        return Frame(self._store, found)

    def status(self) -> ProjectStatus:
        """Counts over the whole project."""
        return project_status(self._store)

    def ledger(self, newest: int | None = None) -> list[LedgerEntry]:
        """Who changed what and when, oldest first; only the `newest` so many where that is given."""
        return self._store.ledger.entries(newest=newest)

    def queue(self, name: str, limit: int = 20) -> list[QueueEntry]:
        """The frames to look at next, the one that deserves it most first; names are in `queues`."""
        queue, store = parse_queue(name), self._store
        if queue.question is not None and not self.read_only and needs_refresh(store):
            refresh_queues(store)
        return [
            QueueEntry(
                Frame(store, item.frame.id),
                item.reason,
                tuple(self.landmarks[i] for i in item.landmarks),
                item.score,
            )
            for item in read_queue(store, queue, limit).items
        ]

    def merge(self, copy: str | Path) -> MergeSummary:
        """Take over what was done in a copy of this project; conflicts are in `conflicts`, and doing it again changes nothing.

        Raises:
            ProjectError: it is no copy of this project; nothing was changed.
        """
        with ProjectStore.open(Path(copy), read_only=True) as other:
            return merge_copies(self._store, other)

    def assign(
        self,
        people: Names,
        *,
        subject: Names = (),
        take: Names = (),
        frames: Frames | None = None,
        user: str | None = None,
    ) -> list[ShareRow]:
        """Say who works on subjects, takes and frames (`people=()`: nobody any more); returns all assignments.

        Args: as of `annotator assign`; the narrowest assignment of a frame counts.

        Raises:
            AnnotatorError: no such subject or take, or nothing named; nothing was changed.
        """
        ids = () if frames is None else frames.ids
        assign(
            self._store, _names(people), subjects=_names(subject), takes=_names(take), frames=ids, user=user
        )
        return share_rows(self._store)

    def agreement(self, people: Names = (), *, copy: str | Path | None = None) -> list[Agreement]:
        """How far people are apart where they placed the same landmarks by hand, each pair of them; or this project and a `copy`
        that was marked apart."""
        if copy is None:
            return agreements(self._store, _names(people))
        with ProjectStore.open(Path(copy), read_only=True) as other:
            found = agreement_of_copies(self._store, other)
        return [] if found is None else [found]

    def conflicts(self) -> list[MergeConflict]:
        """What this project and merged copies both changed, in frames that nobody decided yet, with both places."""
        return merge_conflicts(self._store)

    def propose(
        self,
        frames: Frames | None = None,
        *,
        model: str | None = None,
        device: str = "auto",
        again: bool = False,
        rig: bool | None = None,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> "ProposeSummary":
        """Let a model place landmarks (None: on all frames); what people set is never touched.

        Args:
            model: id or folder; None takes the active one, or the shipped one, which then becomes active.
            again: also frames that it has proposed. rig: whether the cameras of each moment then agree (None: the project's
                setting).
            progress: called with (done, total, text). stop: asked between frames; what is done stays.

        Raises:
            ModelError: no such model, or it cannot be used here.
        """
        from annotator.services.models.loaded_model import ModelUse, loaded_model
        from annotator.services.models.propose import propose_project

        ids = None if frames is None else frames.ids
        with loaded_model(self._store, ModelUse(model, device)) as predictor:
            return propose_project(self._store, predictor, ids, progress, stop, again, rig=rig)

    def train(
        self,
        *,
        minutes: float | None = None,
        steps: int | None = None,
        recipe: str = "finetune",
        model: str | None = None,
        device: str = "auto",
        seed: int = 1,
        from_consensus: bool = False,
        activate: bool = False,
        on_event: "OnEvent | None" = None,
        stop: Stop = never,
    ) -> "TrainOutcome":
        """Teach a model what people set here; the new one is known to the project, and active where `activate` says so.

        Args: as of `annotator train`; `on_event` is called with each of its events (a dict).
        """
        from annotator.services.models.training.train import TrainOptions, train_project

        options = TrainOptions(recipe, model, minutes, steps, device, seed, from_consensus=from_consensus)
        outcome = train_project(self._store, options, on_event or (lambda event: None), stop)
        if activate:
            self.activate(outcome.card.id)
        return outcome

    @property
    def models(self) -> tuple[str, ...]:
        """Ids of the models that the project knows, oldest first."""
        return tuple(model.id for model in self._store.models.all())

    @property
    def active_model(self) -> str | None:
        """Id of the model whose proposals are shown."""
        return self._store.models.active_id()

    def activate(self, model: str, user: str | None = None) -> None:
        """Choose the model whose proposals are shown; raises `ModelError` if the project knows none of that id."""
        self._store.models.activate(model, user)

    def registry(self) -> list[KnownModel]:
        """What is known of each model, newest first: its line of parents, its errors on frozen frames, what is noted."""
        return known_models(self._store)

    def note_model(self, model: str, text: str) -> None:
        """Note something of a model; raises `ModelError` if the project knows none of that id."""
        self._store.models.set_note(model, text)

    def import_model(self, folder: str | Path, id: str | None = None) -> str:
        """Bring a model that was made elsewhere into the project, after checking it; returns its id. It is not active.

        Raises:
            ModelError: what is wrong with it; nothing was changed.
        """
        from annotator.services.models.known.carry_model import import_model

        return import_model(self._store, Path(folder), id).id

    def export_model(self, model: str, folder: str | Path) -> Path:
        """Copy a model into a new folder, which `import_model` reads."""
        from annotator.services.models.known.carry_model import export_model

        return export_model(self._store, model, Path(folder))

    def delete_model(self, model: str, force: bool = False) -> None:
        """Delete a model; without `force` neither the active one nor one that others were taught from (`ModelError`)."""
        delete_model(self._store, model, force)

    def rigs(self) -> list[ProjectRig]:
        """The calibrated cameras in use, every rig in its newest version."""
        return list(self._store.rigs.list())

    def moments(self, frames: Frames | None = None) -> Iterator[Moment]:
        """What two or more calibrated cameras saw at once, in capture order; `moment.frames` has a frame by camera."""
        return moments(self._store, None if frames is None else frames.ids)

    def consensus(self, moment: Moment, model: str | None = None) -> MomentConsensus:
        """Where all views of a moment together place its landmarks in space, from people's points and a model's."""
        return consensus_of(self._store, moment, model or self.active_model)

    def agree(self, frames: Frames | None = None, model: str | None = None) -> "AgreementSummary":
        """Let the cameras of each moment agree, and propose what they say; raises `AnnotatorError` where no model is active."""
        from annotator.services.rigs.agreement import agree

        chosen = model or self.active_model
        if chosen is None:
            raise AnnotatorError("No model is active, so there is nothing to agree on; propose first.")
        return agree(self._store, chosen, None if frames is None else frames.ids)


def _names(value: Names) -> tuple[str, ...]:
    """One name or several, as several."""
    return (value,) if isinstance(value, str) else tuple(value)

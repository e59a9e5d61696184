"""Proposals for many frames of a project: resumable, cancellable, and never touching what a person set."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.frame_key import FrameKey
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.proposal import Proposal
from annotator.imaging.frame_pixels import pixels_of
from annotator.services.rigs.agreement import agree, proposals_agree
from annotator.services.rigs.agreement_summary import AgreementSummary
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore


class Proposer(Protocol):
    """What this service needs of `annotator.inference.predictor.Predictor`."""

    @property
    def card(self) -> ModelCard:
        """The model's card."""
        ...

    @property
    def batch(self) -> int:
        """Frames that it takes at a time with profit."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What went otherwise than asked for, such as a fall back to the CPU."""
        ...

    def propose_many(self, images: Sequence[NDArray[Any]], heatmaps: bool = False) -> list[Proposal]:
        """Proposals of several frames, in order."""
        ...


@dataclass(frozen=True)
class FrameFailure:
    """A frame that got no proposal, and why."""

    frame_id: int
    path: str
    message: str


@dataclass
class ProposeSummary:
    """What a run did: counts of frames, failures, the predictor's notes, whether it was stopped before the end, and what the
    cameras of the frames' moments say together, where they were asked."""

    model_id: str
    proposed: int = 0
    skipped: int = 0
    doubtful: int = 0
    failures: list[FrameFailure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    stopped: bool = False
    agreement: AgreementSummary | None = None

    @property
    def finished(self) -> int:
        """Frames that are through, with a proposal or a failure."""
        return self.proposed + len(self.failures)

    def text(self) -> str:
        """For people: one line, and what the cameras say where they were asked."""
        parts = [f"{self.proposed} proposed by {self.model_id}", f"{self.skipped} already there"]
        if self.doubtful:
            parts.append(f"{self.doubtful} of them doubtful")
        if self.failures:
            parts.append(f"{len(self.failures)} failed")
        lines = [", ".join(parts) + (" (stopped)" if self.stopped else "")]
        return "\n".join(lines + ([self.agreement.text()] if self.agreement is not None else []))


def propose_project(
    store: ProjectStore,
    predictor: Proposer,
    frame_ids: Sequence[int] | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    again: bool = False,
    saved: Callable[[list[int]], object] | None = None,
    rig: bool | None = None,
) -> ProposeSummary:
    """Propose landmarks for `frame_ids` (None: all frames) and keep them in the project's model layer.

    Frames that this model has proposed already are skipped, so a stopped run goes on where it was (`again` does
    them anew). Annotations are never written. A frame that cannot be read or understood, whose file has another size
    than the project knows, or was replaced meanwhile, is reported in the summary and the rest goes on. Each batch is
    on disk before the next begins, and `saved` is called with the ids of its frames. After a run that was not stopped the cameras
    of the moments of `frame_ids` are asked, where `rig` or the project's setting (None) says so; `saved` tells of them too.

    Raises:
        ModelError: the model places another scheme. StoreWriteError: the project cannot be written; what was
        saved before stays.
    """
    card = predictor.card
    card.check_scheme(store.scheme.id)
    wanted = [int(i) for i in (store.frames.list().ids if frame_ids is None else frame_ids)]
    done = set() if again else store.proposals.frame_ids(card.id)
    todo = [frame_id for frame_id in wanted if frame_id not in done]
    summary = ProposeSummary(card.id, skipped=len(wanted) - len(todo))
    progress(0, len(todo), "starting")
    for found in proposals_of([frame_key(store, frame_id) for frame_id in todo], predictor, summary, stop):
        proposals = [(key.frame_id, proposal) for key, proposal in found]
        store.proposals.save_all(proposals)
        if saved is not None:
            saved([frame_id for frame_id, _ in proposals])
        summary.proposed += len(proposals)
        summary.doubtful += sum(bool(proposal.message) for _, proposal in proposals)
        progress(summary.finished, len(todo), found[-1][0].path if found else "")
    summary.stopped = summary.finished < len(todo)
    summary.notes = list(predictor.notes)
    if not summary.stopped and (proposals_agree(store) if rig is None else rig):
        summary.agreement = agree(store, card.id, wanted, progress, stop, saved=saved)
    return summary


def sized(proposal: Proposal, image: NDArray[Any]) -> Proposal:
    """The proposal with the size of the image that it was made of."""
    return replace(proposal, width=int(image.shape[1]), height=int(image.shape[0]))


def proposals_of(
    todo: Sequence[FrameKey], predictor: Proposer, summary: ProposeSummary, stop: Stop
) -> Iterator[list[tuple[FrameKey, Proposal]]]:
    """Proposals of frames, a batch at a time, each with the file that it was made of; what fails goes into the summary.

    Nothing is written. Ends early when asked to stop.
    """
    for batch in _batches(todo, max(1, predictor.batch), summary, stop):
        keys = {item.key.frame_id: item.key for item in batch}
        proposals = _still_true(batch, _propose(predictor, batch, summary), summary)
        yield [(keys[frame_id], proposal) for frame_id, proposal in proposals]


@dataclass(frozen=True)
class _Loaded:
    key: FrameKey
    image: NDArray[Any]


def _batches(
    todo: Sequence[FrameKey], size: int, summary: ProposeSummary, stop: Stop
) -> Iterator[list[_Loaded]]:
    """Decoded frames in batches; those that cannot be read go into the summary. Ends early when asked to stop."""
    batch: list[_Loaded] = []
    for key, image in _decoded(todo, stop):
        if isinstance(image, Exception):
            summary.failures.append(FrameFailure(key.frame_id, key.path, str(image)))
            continue
        batch.append(_Loaded(key, image))
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _decoded(keys: Sequence[FrameKey], stop: Stop) -> Iterator[tuple[FrameKey, NDArray[Any] | Exception]]:
    """Pixels of each file as it was when it was read, or the error that it gave; the next one is decoded meanwhile."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="decode") as pool:
        ahead = pool.submit(_read, keys[0]) if keys else None
        for position in range(len(keys)):
            if ahead is None or stop():
                return
            read = ahead.result()
            ahead = pool.submit(_read, keys[position + 1]) if position + 1 < len(keys) else None
            yield read


def _read(key: FrameKey) -> tuple[FrameKey, NDArray[Any] | Exception]:
    key = key.now()
    try:
        return key, pixels_of(key)
    except (AnnotatorError, OSError, MemoryError) as error:
        return key, error


def _still_true(
    batch: Sequence[_Loaded], proposals: list[tuple[int, Proposal]], summary: ProposeSummary
) -> list[tuple[int, Proposal]]:
    """Those whose file is still the one that was read; the others go into the summary."""
    replaced = {item.key.frame_id: item.key for item in batch if not item.key.is_current}
    for frame_id, _ in proposals:
        if frame_id in replaced:
            text = "the file was replaced while it was being proposed; propose it again"
            summary.failures.append(FrameFailure(frame_id, replaced[frame_id].path, text))
    return [pair for pair in proposals if pair[0] not in replaced]


def _propose(
    predictor: Proposer, batch: Sequence[_Loaded], summary: ProposeSummary
) -> list[tuple[int, Proposal]]:
    """Proposals of a batch; if it fails, its frames one by one, so that a bad one does not take the others along."""
    try:
        found = predictor.propose_many([item.image for item in batch], heatmaps=False)
        return [
            (item.key.frame_id, sized(proposal, item.image))
            for item, proposal in zip(batch, found, strict=True)
        ]
    except (AnnotatorError, RuntimeError, ValueError, TypeError, MemoryError) as error:
        if len(batch) == 1:
            summary.failures.append(FrameFailure(batch[0].key.frame_id, batch[0].key.path, str(error)))
            return []
    return [pair for item in batch for pair in _propose(predictor, [item], summary)]

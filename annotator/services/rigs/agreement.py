"""Proposals that agree: the cameras of each moment are asked, and what they say together stands in for the model's points."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from annotator.domain.capture import Frame
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.services.rigs.agreement_summary import AgreementSummary, AgreementTally
from annotator.services.rigs.consensus import consensus_of
from annotator.services.rigs.frame_consensus import frame_consensus
from annotator.services.rigs.moments import moment_of, moments
from annotator.store.project_store import ProjectStore

_SETTING = "proposals_agree"
_BATCH = 8  # moments in one transaction: others wait no longer than some tenths of a second


def proposals_agree(store: ProjectStore) -> bool:
    """Whether the project wants its cameras asked whenever proposals or people's points of a moment are new."""
    return store.settings.get(_SETTING, False) is True


def set_proposals_agree(store: ProjectStore, on: bool) -> None:
    """Say whether it does. What was taken so far stays, and what was not stays so, until the cameras are asked."""
    store.settings.set(_SETTING, on)


def agree(
    store: ProjectStore,
    model_id: str,
    frame_ids: Sequence[int] | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    taken: bool = True,
    saved: Callable[[list[int]], object] | None = None,
) -> AgreementSummary:
    """Ask the cameras of every moment that these frames belong to (None: of all), and keep what they say.

    The model's own proposals stay, and are what is asked: asking again changes nothing. Annotations are never written. Each batch
    of moments is on disk, whole, before the next begins.

    Args:
        taken: whether it takes the place of the model's points; False: it only tells which cameras disagree.
        saved: called with the ids of each batch's frames, once they are on disk.

    Raises:
        StoreWriteError: the project cannot be written; what was written before stays.
    """
    summary, tally = AgreementSummary(model_id, taken), AgreementTally()
    wanted = store.frames.list().ids.tolist() if frame_ids is None else [int(i) for i in frame_ids]
    found = [(m.name, next(iter(m.frames.values()))) for m in moments(store, frame_ids)]
    inside: set[int] = set()
    progress(0, len(found), "starting")
    for start in range(0, len(found), _BATCH):
        batch = found[start : start + _BATCH]
        if stop():
            summary.stopped = True
            break
        asked: set[int] = set()
        rows = ask(store, model_id, [frame for _, frame in batch], taken, tally, asked)
        summary.frames += store.consensus.save_all(rows)
        summary.moments += len(batch)
        inside |= asked
        if saved is not None:
            saved(sorted(asked))
        progress(summary.moments, len(found), batch[-1][0])
    if not summary.stopped:
        outside = set(wanted) - inside
        summary.without_rig = len(outside)
        known = store.consensus.frame_ids(model_id, stale=True) & outside
        if known:
            store.consensus.remove(known, model_id)  # what they said before they lost their rig
    summary.points, summary.moved = tally.points, tally.moved()
    summary.disagreeing = dict(tally.disagreeing.most_common())
    return summary


def ask(
    store: ProjectStore,
    model_id: str,
    frames: Iterable[Frame],
    taken: bool,
    tally: AgreementTally | None = None,
    inside: set[int] | None = None,
) -> Iterator[tuple[int, FrameConsensus]]:
    """(frame id, consensus) of the moments that these frames belong to, for `store.consensus.save_all`: it reads the project as
    it is when an answer is asked for. `inside` gets the ids of the moments' frames."""
    soft = view_dependent(store.scheme)
    for frame in frames:
        moment = moment_of(store, frame)
        if moment is None:
            continue
        found = consensus_of(store, moment, model_id)
        rows = frame_consensus(found, model_id, soft, taken)
        if tally is not None:
            tally.add(store, found, rows)
        if inside is not None:
            inside.update(own.id for own in moment.frames.values())
        yield from rows.items()

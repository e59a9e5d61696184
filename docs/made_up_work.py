"""Projects in which a made-up artist has worked, for the guide's pictures: places and proposals are real, times are made up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import simplejpeg

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame
from annotator.domain.edits import Edit
from annotator.domain.layers import displayed
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.metrics import Normaliser, normaliser_lengths
from annotator.imaging.reader import read_frame
from annotator.imaging.sampling import sample
from annotator.inference.predictor import Predictor
from annotator.research.correction_loop import corrected_project
from annotator.services.models.active_model import ensure_active_model
from annotator.services.models.evaluation_sets import COMPARABLE_IBUG, load_set
from annotator.services.models.propose import propose_project
from annotator.services.project.sample_project import sample_folder, sample_frames
from annotator.services.takes.sequences import sequences
from annotator.services.takes.track import TrackWishes, track_sequence
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

_START = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
_BY_HAND, _FRAMES, _CORRECTED = 5, 42, 20
_NOISE, _WRONG = 0.002, 0.015  # shares of the eye distance: the artist's hand, what the artist moves
_SECONDS_A_POINT, _SECONDS_A_LOOK = 3.0, 5.0
_AT_ONCE = 15
"""Points by hand in one edit, so that none comes after more than a pause."""


def worked_project(path: Path, renders: Path) -> None:
    """A project of renders, all proposed: on some frames every point set by hand, on most what was wrong corrected and
    the rest accepted; on the first the corners of the mouth changed places."""
    scheme = load_scheme("studio-89")
    data, rng = load_set(renders, scheme), np.random.default_rng(1)
    lengths = normaliser_lengths(data.truth.xy, scheme, Normaliser.INTER_OCULAR)
    swapped = [scheme.index("mouth_left"), scheme.index("mouth_right")]
    with ProjectStore.create(path, scheme, renders) as store:
        store.frames.add(sample_frames(renders))
        entry = ensure_active_model(store)
        assert entry is not None
        propose_project(store, Predictor(entry.folder))
        ids, clock = store.frames.by_path(), _START
        for turn, number in enumerate(rng.permutation(len(data.paths))[:_FRAMES]):
            frame_id = ids[data.paths[number].relative_to(renders).as_posix()]
            true = data.truth.xy[number] + rng.normal(0, _NOISE * lengths[number], (scheme.size, 2))
            if turn == 0:
                true[swapped] = true[swapped[::-1]]
            proposal = None if turn < _BY_HAND else store.proposals.get(frame_id, entry.id)
            shown = displayed(store.annotations.get(frame_id), proposal)
            for edit, seconds in _work(shown, proposal, true, _WRONG * lengths[number]):
                after, _ = edits.apply(edit, shown)
                clock += timedelta(seconds=seconds)
                model = entry.id if proposal else None
                at = clock.isoformat(timespec="milliseconds")
                store.annotations.commit_all(
                    [Change(frame_id, shown, after, edit.label, seconds, model, at=at)]
                )
                shown = after


def _work(
    shown: Annotation, proposal: Proposal | None, true: np.ndarray, wrong: float
) -> Iterator[tuple[Edit, float]]:
    """The edits of one frame and the seconds that each took."""
    if proposal is None:
        for part in np.array_split(np.arange(len(true)), len(true) // _AT_ONCE):
            yield edits.move(part, true[part]), _SECONDS_A_POINT * len(part)
        return
    for landmark in np.flatnonzero(np.linalg.norm(shown.xy - true, axis=1) > wrong):
        yield edits.move([landmark], true[[landmark]]), _SECONDS_A_POINT
        shown, _ = edits.apply(edits.move([landmark], true[[landmark]]), shown)
    yield edits.accept(shown), _SECONDS_A_LOOK


def portrait_project(path: Path, photographs: Path) -> None:
    """A project of photographs with the shipped model, every second of the first forty corrected by the markup beside it."""
    data = load_set(photographs, load_scheme("studio-89")).only_ibug(COMPARABLE_IBUG)
    corrected_project(path, data.subset(range(0, 2 * _CORRECTED, 2)), _NOISE, 1)
    with ProjectStore.open(path) as store:
        store.frames.add(sample_frames(photographs))
        ensure_active_model(store)


def moved_take(path: Path, captures: Path, frames: int = 36) -> None:
    """A take of a sample that sways, turns a little and comes closer, proposed by the shipped model, with a key near each end and
    the frames between them tracked; frame 20 is missing."""
    still = read_frame(sample_folder() / sample_frames(sample_folder())[2].path)
    scale = 1024 / max(still.shape[:2])
    scheme, side = load_scheme("studio-89"), 1024
    captures.mkdir()
    numbers = [number for number in range(1, frames + 1) if number != 20]
    for number in numbers:
        time = number / frames * 2 * np.pi
        turn, grow = 0.10 * np.sin(time), scale * (1 + 0.06 * np.cos(time))
        cos, sin = np.cos(turn) / grow, np.sin(turn) / grow
        middle = np.array([still.shape[1], still.shape[0]]) / 2
        shift = np.array([side / 2 + 70 * np.sin(time), side / 2 + 24 * np.sin(2 * time)])
        rotation = np.array([[cos, -sin], [sin, cos]])
        frame_from_still = np.column_stack([rotation, middle - rotation @ shift])
        picture = sample(still, frame_from_still, side, side)
        (captures / f"talk_{number:04d}.jpg").write_bytes(simplejpeg.encode_jpeg(picture, quality=92))
    with ProjectStore.create(path, scheme, captures) as store:
        store.frames.add(
            Frame(0, f"talk_{n:04d}.jpg", "anna", "talk", "front", f"{n:04d}", side, side) for n in numbers
        )
        entry = ensure_active_model(store)
        assert entry is not None
        propose_project(store, Predictor(entry.folder))
        ids = store.frames.by_path()
        for number in (5, 31):
            frame_id = ids[f"talk_{number:04d}.jpg"]
            proposal = store.proposals.get(frame_id, entry.id)
            assert proposal is not None
            shown = displayed(store.annotations.get(frame_id), proposal)
            after, _ = edits.apply(edits.move(range(scheme.size), shown.xy + (1.5, -2.0)), shown)
            store.annotations.commit(Change(frame_id, shown, after, "Move"))
        (own,) = sequences(store)
        track_sequence(store, own, TrackWishes(None, 4, 33))

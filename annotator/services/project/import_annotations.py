"""Brings the landmarks of a file onto frames that a project has: as annotations, or as proposals of a model `import:<format>`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.errors import FormatError
from annotator.domain.faces.wild_points import typical_size
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.registry import format_named, format_of
from annotator.services.project.match_frames import Pair, match_frames
from annotator.services.project.wild_landmarks import checked
from annotator.store.history.changes import Change, Origin
from annotator.store.project_store import ProjectStore

_BATCH: Final = 200
_CONFIDENCE: Final = np.float32(0.5)
_SPREAD: Final = 0.02
"""Standard deviation of an imported proposal as a share of the face's size: what annotators and models differ by."""


@dataclass(frozen=True)
class ImportAnnotationsReport:
    """What an import did.

    Attributes:
        format: its name. model_id: whose proposals they became, None for annotations.
        matched: frames of the file that the project has. changed: frames that got a landmark. landmarks: that
        were set. kept: landmarks that a person had set before and that were left alone.
        proposed: landmarks that the file marks as proposals of a model, left out of the annotations.
        unmatched: path in the file (or a place in it) -> why nothing was set. notes: from the format.
        warnings: coordinates that a person should look at.
    """

    format: str
    model_id: str | None
    matched: int
    changed: int
    landmarks: int
    kept: int
    proposed: int
    unmatched: Mapping[str, str]
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """One line for people, with what they should look at."""
        return "; ".join((self.summary, *self.warnings))

    @property
    def summary(self) -> str:
        """One line for people."""
        parts = [f"{self.landmarks} landmarks of {self.changed} frames set"]
        if self.kept:
            parts.append(f"{self.kept} that a person had set were kept")
        if self.proposed:
            parts.append(f"{self.proposed} are proposals and were left out (import them as proposals)")
        if self.unmatched:
            parts.append(f"{len(self.unmatched)} of the file's frames or entries could not be taken")
        return "; ".join(parts)


def import_annotations(
    store: ProjectStore,
    path: str | Path,
    format_name: str | None = None,
    as_proposals: bool = False,
    overwrite: bool = False,
    user: str | None = None,
    progress: Progress = silent,
    stop: Stop = never,
    written: list[int] | None = None,
) -> ImportAnnotationsReport:
    """Reads a file (or a folder of .pts) and sets the landmarks of the frames that it names; frames are never added.

    As annotations: a landmark becomes confirmed (or what a file of ours says), with an entry in the ledger
    for each frame, by which it can be taken back. What a person set stays, unless `overwrite`; what the file
    lacks is never cleared; a review state is taken over where the frame has none. As proposals: kept as those
    of the model `import:<format>`, which can then be chosen like any other; no annotation changes.
    `written`, where it is given, gets the ids of the ledger's entries as they are made, by which `take_back` undoes an import.

    Raises FormatError (a file that cannot be read, or that names no frame of this project), StoreWriteError,
    and Cancelled on stop; frames finished before stay set.
    """
    path = Path(path).absolute()
    wanted = format_named(format_name) if format_name else format_of(path)
    dataset = wanted.read(path, store.scheme)
    frames = [summary.frame for summary in store.frames.list()]
    matches = match_frames(frames, dataset.frames, named_without_ending=wanted.writes_folder)
    unmatched = {**dataset.left_out, **matches.unmatched}
    if not matches.pairs:
        raise FormatError(_no_match(path, unmatched))
    sane = checked(matches.pairs, store.scheme)
    unmatched |= sane.left_out
    if not sane.pairs:
        name, reason = next(iter(sane.left_out.items()))
        raise FormatError(f"{path}: {name}: {reason}. Nothing was changed")
    model_id = None
    if as_proposals:
        card = ModelCard.imported(wanted.name, store.scheme.id)
        store.models.add(card, path)
        model_id = card.id
    tally = _Tally()
    known = {} if as_proposals else dict(store.annotations.items([frame.id for frame, _ in sane.pairs]))
    for start in range(0, len(sane.pairs), _BATCH):
        if stop():
            raise Cancelled(f"import stopped; {tally.changed} frames were set")
        batch = sane.pairs[start : start + _BATCH]
        if model_id is not None:
            store.proposals.save_all(_proposals(batch, store.scheme, model_id, tally))
        else:
            label = f"Import {wanted.name} annotations"
            changes = _changes(batch, store.scheme, known, overwrite, label, user, tally)
            made = (
                store.annotations.commit_all(changes) if overwrite else _commit_kindly(store, changes, tally)
            )
            if written is not None:
                written += made
        progress(start + len(batch), len(sane.pairs), batch[-1][0].path)
    counts = (tally.changed, tally.landmarks, tally.kept, tally.proposed)
    notes = (*dataset.notes, *matches.notes)
    return ImportAnnotationsReport(
        wanted.name, model_id, len(sane.pairs), *counts, unmatched, notes, sane.warnings
    )


@dataclass
class _Tally:
    """What was set so far."""

    changed: int = 0
    landmarks: int = 0
    kept: int = 0
    proposed: int = 0


def _changes(
    pairs: Sequence[Pair],
    scheme: LandmarkScheme,
    known: Mapping[int, Annotation],
    overwrite: bool,
    label: str,
    user: str | None,
    tally: _Tally,
) -> list[Change]:
    """One ledger entry a frame that changes."""
    changes = []
    nothing = Annotation.empty(scheme)
    for frame, item in pairs:
        before = known.get(frame.id, nothing)
        imported = item.annotation(scheme)
        placed = imported.state != LandmarkState.MISSING
        human = placed & imported.is_human
        kept = before.is_human & human & np.bool_(not overwrite)
        take = human & ~kept
        after = _merged(before, imported, take, overwrite)
        tally.kept += int(kept.sum())
        tally.proposed += int((placed & ~human).sum())
        if after != before:
            tally.changed += 1
            tally.landmarks += int(take.sum())
            changes.append(Change(frame.id, before, after, label, user=user, origin=Origin.IMPORT))
    return changes


def _commit_kindly(store: ProjectStore, changes: Sequence[Change], tally: _Tally) -> list[int]:
    """What a person set while the import ran stays, too."""
    settled = store.annotations.commit_guarded(changes)
    kept = sum(len(each.lost) for each in settled)
    tally.kept += kept
    tally.landmarks -= kept
    return [each.ledger_id for each in settled if each.ledger_id]


def _merged(before: Annotation, imported: Annotation, take: NDArray[np.bool_], overwrite: bool) -> Annotation:
    review = before.review
    if imported.review != ReviewState.UNREVIEWED and (overwrite or review == ReviewState.UNREVIEWED):
        review = imported.review
    return replace(
        before,
        xy=np.where(take[:, None], imported.xy, before.xy),
        state=np.where(take, imported.state, before.state),
        flags=np.where(take, imported.flags, before.flags),
        review=review,
    )


def _proposals(
    pairs: Sequence[Pair], scheme: LandmarkScheme, model_id: str, tally: _Tally
) -> list[tuple[int, Proposal]]:
    """The file's points. It tells neither confidence nor spread, so neither certainty nor doubt is claimed for them."""
    proposals = []
    for frame, item in pairs:
        sigma = _SPREAD * (typical_size(item.xy) or max(frame.width, frame.height, 1))
        spread = np.tile(np.float32(sigma**2) * np.eye(2, dtype=np.float32), (scheme.size, 1, 1))
        rois = np.zeros((0, 4), np.float32)
        confidence = np.where(item.placed, _CONFIDENCE, np.float32(0))
        value = Proposal(model_id, scheme.id, item.xy, spread, confidence, rois, item.xy, spread)
        proposals.append((frame.id, value))
        tally.changed += 1
        tally.landmarks += int(item.placed.sum())
    return proposals


def _no_match(path: Path, unmatched: Mapping[str, str]) -> str:
    if not unmatched:
        return f"{path} names no frames; nothing was changed"
    name, reason = next(iter(unmatched.items()))
    return (
        f"none of the {len(unmatched)} frames of {path.name} is in this project, for example {name}: {reason}. "
        "Import the captures first; nothing was changed"
    )

"""Frames as a script has them: one to read and to set, and many as the answer to a query."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, overload

import numpy as np

from annotator.api.points import Points
from annotator.domain import edits
from annotator.domain.annotation import Annotation, Flag, ReviewState
from annotator.domain.errors import AnnotatorError
from annotator.domain.layers import displayed
from annotator.formats.base import WriteOptions
from annotator.services.project.edit_frame import Edited, edit_frame
from annotator.services.project.export_dataset import ExportReport, export_dataset
from annotator.services.project.export_filter import ExportFilter
from annotator.services.project.find_frames import landmark_mask
from annotator.services.project.people.approval import refusal
from annotator.store.history.ledger import LedgerEntry
from annotator.store.paths import located
from annotator.store.project_store import ProjectStore

Layer = Literal["shown", "human", "proposed", "tracked"]
_CHUNK = 500


class Frame:
    """One frame of a project. What is read is what the project holds at that moment; what is set is on disk, with its entry in
    the ledger, when the call returns.

    Attributes:
        id: its number in the project. name: its path below the capture root. path: of the image file, which need not be there.
        subject, take, camera, index: what was filmed. width, height: px.
    """

    def __init__(self, store: ProjectStore, frame_id: int) -> None:
        self._store = store
        found = store.frames.get(frame_id)
        self.id, self.name = found.id, found.path
        self.path: Path = located(store.frames.capture_root, found.path)
        self.subject, self.take, self.camera, self.index = (
            found.subject,
            found.take,
            found.camera,
            found.index,
        )
        self.width, self.height = found.width, found.height

    def __repr__(self) -> str:
        return f"<Frame {self.id} {self.name}>"

    def shown(self) -> Points:
        """What an artist sees: people's points, where nobody set one what was tracked, else the active model's."""
        return self._read("shown")

    def human(self) -> Points:
        """What people set, alone."""
        return self._read("human")

    def proposed(self, model: str | None = None) -> Points:
        """What a model says (None: the active one), alone; no points where it has not proposed the frame."""
        return self._read("proposed", model)

    def tracked(self) -> Points:
        """What was carried here through the take, alone."""
        return self._read("tracked")

    @property
    def review(self) -> str:
        """`unreviewed`, `needs_work`, `approved` or `rejected`."""
        return self._store.annotations.get(self.id).review.name.lower()

    def history(self) -> list[LedgerEntry]:
        """Who changed what and when, oldest first."""
        return self._store.ledger.entries(self.id)

    def set(
        self,
        points: Mapping[str, tuple[float, float]],
        *,
        overwrite: bool = False,
        label: str = "",
        user: str | None = None,
    ) -> Edited:
        """Place landmarks at (x, y) in frame pixels; they become corrected. Those that a person set stay, unless `overwrite`.

        Args:
            label: what the ledger shows. user: who did it; None for the one at the machine.

        Raises:
            AnnotatorError: no such landmark, or a place that is none; nothing was changed.
        """
        at = self._indices(points)
        places = np.array([points[name] for name in points], np.float32).reshape(-1, 2)
        if not np.isfinite(places).all():
            raise AnnotatorError(
                "A place is two finite numbers; nothing was changed. Take points away by clear()."
            )
        return self._edit(lambda _: edits.move(at, places), label, user, moves=True, overwrite=overwrite)

    def accept(
        self, names: Sequence[str] | None = None, *, label: str = "", user: str | None = None
    ) -> Edited:
        """Confirm landmarks (None: all) where they are shown."""
        at = None if names is None else self._indices(names)
        return self._edit(lambda shown: edits.accept(shown, at), label, user)

    def clear(
        self, names: Sequence[str], *, overwrite: bool = False, label: str = "", user: str | None = None
    ) -> Edited:
        """Take landmarks away, those that a person set only with `overwrite`; a proposal shows through again."""
        at = self._indices(names)
        return self._edit(lambda _: edits.clear(at), label, user, moves=True, overwrite=overwrite)

    def flag(
        self,
        names: Sequence[str],
        flag: Literal["occluded", "out_of_frame"],
        on: bool = True,
        *,
        label: str = "",
        user: str | None = None,
    ) -> Edited:
        """Mark landmarks, or with `on=False` unmark them."""
        at, wanted = self._indices(names), Flag[flag.upper()]
        return self._edit(lambda shown: edits.set_flags(shown, at, wanted, on), label, user)

    def set_review(self, review: str, *, user: str | None = None) -> Edited:
        """Decide of the whole frame: `unreviewed`, `needs_work`, `approved` or `rejected`.

        Raises:
            AnnotatorError: the project keeps approval apart, and this person placed points here; nothing was changed.
        """
        state = review_state(review)
        is_refused, why = (
            refusal(self._store, self.id, user=user) if state is ReviewState.APPROVED else (False, "")
        )
        if is_refused:
            raise AnnotatorError(why)
        return self._edit(lambda _: edits.set_review(state), "", user)

    def _edit(self, make: Any, label: str, user: str | None, **options: bool) -> Edited:
        return edit_frame(self._store, self.id, make, label=label, user=user, **options)

    def _read(self, layer: Layer, model: str | None = None) -> Points:
        return _points(self._store, (self.id,), layer, model)[self.id]

    def _indices(self, names: Sequence[str] | Mapping[str, Any]) -> list[int]:
        if isinstance(names, str):
            names = [names]
        landmark_mask(self._store.scheme, (), tuple(names))  # refuses names that there are not
        return [self._store.scheme.index(name) for name in names]


class Frames(Sequence[Frame]):
    """The frames that a query found, in capture order. The list stays as it was found; what its frames hold is read anew."""

    def __init__(self, store: ProjectStore, ids: Sequence[int]) -> None:
        self._store, self.ids = store, tuple(int(i) for i in ids)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, row: int) -> Frame: ...
    @overload
    def __getitem__(self, row: slice) -> "Frames": ...
    def __getitem__(self, row: int | slice) -> "Frame | Frames":
        if isinstance(row, slice):
            return Frames(self._store, self.ids[row])
        return Frame(self._store, self.ids[row])

    def __repr__(self) -> str:
        return f"<{len(self)} frames>"

    def points(self, layer: Layer = "shown", model: str | None = None) -> Iterator[tuple[Frame, Points]]:
        """Each frame with its points of a layer, read many at a time; `model` as in `Frame.proposed`."""
        for start in range(0, len(self.ids), _CHUNK):
            some = self.ids[start : start + _CHUNK]
            found = _points(self._store, some, layer, model)
            for frame_id in some:
                yield Frame(self._store, frame_id), found[frame_id]

    def export(
        self,
        path: str | Path,
        format: str | None = None,
        *,
        region: str | Sequence[str] = (),
        confidence_below: float | None = None,
        confidence_from: float = 0.0,
        proposals: bool = False,
        tracks: bool = False,
        confirmed_only: bool = False,
        overwrite: bool = False,
    ) -> ExportReport:
        """Write what these frames hold to a file of a format (None: by the path's ending), with a manifest beside it.

        Args:
            region: only landmarks of these regions. proposals: also what the active model says where nobody set a point, from
                `confidence_from` on. confidence_below: only what is proposed with less than this (it includes proposals).
            tracks: also what was tracked. confirmed_only: of people's points only those that are confirmed.
            overwrite: replace a file that is there.

        Raises:
            FormatError: see `services.project.export_dataset`; nothing was written.
        """
        regions = (region,) if isinstance(region, str) else tuple(region)
        mask = landmark_mask(self._store.scheme, regions, ())
        wanted = ExportFilter(
            include="confirmed" if confirmed_only else "human",
            proposals=proposals or confidence_below is not None,
            min_confidence=confidence_from,
            tracks=tracks,
            reviews=tuple(ReviewState),
            frames=frozenset(self.ids),
            only=None if mask.all() else tuple(np.flatnonzero(mask).tolist()),
            confidence_below=confidence_below,
        )
        return export_dataset(self._store, path, format, wanted, WriteOptions(overwrite=overwrite))


def review_state(name: str) -> ReviewState:
    """The review state of that name; raises `AnnotatorError` that tells which there are."""
    try:
        return ReviewState[name.upper()]
    except KeyError:
        known = ", ".join(state.name.lower() for state in ReviewState)
        raise AnnotatorError(f"There is no review state {name!r}; there are {known}.") from None


def _points(
    store: ProjectStore, frame_ids: Sequence[int], layer: Layer, model: str | None
) -> dict[int, Points]:
    """The points of some frames in a layer, by frame."""

    def wanted(own: Layer) -> bool:
        return layer in ("shown", own)

    model_id = (model or store.models.active_id()) if wanted("proposed") else None
    human = dict(store.annotations.items(frame_ids)) if wanted("human") else {}
    proposed = {} if model_id is None else dict(store.proposals.items(frame_ids, model_id))
    tracked = dict(store.tracks.items(frame_ids)) if wanted("tracked") else {}
    nobody = Annotation.empty(store.scheme)
    return {
        i: Points(
            store.scheme,
            displayed(human.get(i, nobody), proposed.get(i), tracked.get(i)),
            proposed.get(i),
            tracked.get(i),
        )
        for i in frame_ids
    }

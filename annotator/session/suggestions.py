"""The suggestions of the current frame: a correction carried on to the rest of its region, to accept or to ignore."""

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from annotator.domain.annotation import Annotation
from annotator.domain.edits import move
from annotator.domain.faces.error_correlation import ErrorPrior
from annotator.domain.faces.propagation import NO_SUGGESTIONS, Suggestions, suggest
from annotator.domain.frame_key import FrameKey
from annotator.domain.words import counted
from annotator.services.models.error_correlation import learned_prior, shipped_prior
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore


class SuggestionDesk(QObject):
    """Follows corrections and keeps the suggestions up to date; nothing of it is in the project until it is accepted.

    A region gets suggestions when what people set of it changes while its frame is shown; coming to a frame raises none.
    Accepting or dismissing settles the region until it is corrected again.
    """

    changed = Signal()  # `current` is another

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._enabled = True
        self._prior: ErrorPrior | None = None
        self._settled: dict[int, bytes] = {}
        self._key: FrameKey | None = None  # the frame and file that they are of
        self._current = NO_SUGGESTIONS
        session.frames.current_changed.connect(self._turned_to)
        session.annotations.changed.connect(self._on_change)
        session.proposals.arrived.connect(self._on_change)
        session.project_opened.connect(self._learn)
        session.models.changed.connect(self._learn)

    @property
    def current(self) -> Suggestions:
        """The suggestions of the current frame, perhaps none."""
        return self._current

    @property
    def enabled(self) -> bool:
        """Whether corrections are carried on at all."""
        return self._enabled

    def set_enabled(self, on: bool) -> None:
        """Switch suggestions on or off."""
        self._enabled = on
        self.refresh()

    def accept(self, indices: Iterable[int] | None = None) -> int:
        """Take suggestions over (None: all) as one undoable edit, and settle their regions; returns how many were taken."""
        wanted = self._current if indices is None else self._current.only(list(indices))
        if not len(wanted) or self._key is None or not self._session.keys.fits(self._key):
            return 0
        regions = self._regions_of(wanted)
        count = len(wanted)
        edit = move(wanted.indices, wanted.xy)
        self._session.annotations.submit(
            self._key.frame_id, replace(edit, label=f"Accept {counted(count, 'suggestion')}")
        )
        if indices is None:
            self._settle(regions)
        self.refresh()
        return count

    def dismiss(self) -> bool:
        """Ignore the suggestions that are shown; False where there were none."""
        shown = len(self._current) > 0
        self._settle(self._regions_of(self._current))
        self.refresh()
        return shown

    def refresh(self) -> None:
        """Work the suggestions out anew."""
        found = self._work_out() if self._enabled else NO_SUGGESTIONS
        if len(found) or len(self._current):
            self._current = found
            self.changed.emit()

    def _work_out(self) -> Suggestions:
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        self._key = self._session.keys.of(frame_id) if frame_id else None
        proposal = self._session.proposals.get(frame_id) if frame_id else None
        if proposal is None:
            return NO_SUGGESTIONS
        human = self._session.annotations.human(frame_id)
        open_regions = [
            number for number, mark in self._marks(human).items() if self._settled.get(number) != mark
        ]
        return suggest(self._session.scheme, proposal, human, self._prior, open_regions)

    def _on_change(self, frame_id: int) -> None:
        if frame_id == self._session.frames.current_id:
            self.refresh()

    def _turned_to(self, frame_id: int) -> None:
        self._settled = self._marks(self._session.annotations.human(frame_id)) if frame_id else {}
        self.refresh()

    def _settle(self, regions: Iterable[int]) -> None:
        if self._session.is_open and self._session.frames.current_id:
            marks = self._marks(self._session.annotations.human(self._session.frames.current_id))
            self._settled.update({number: marks[number] for number in regions})

    def _marks(self, human: Annotation) -> dict[int, bytes]:
        """What people set of each region, as bytes to compare; -1 stands for the landmarks outside all regions."""
        region_of = self._session.scheme.region_of
        marks = {}
        for number in range(-1, len(self._session.scheme.regions)):
            members = region_of == number
            marks[number] = human.xy[members].tobytes() + human.state[members].tobytes()
        return marks

    def _regions_of(self, wanted: Suggestions) -> set[int]:
        return (
            {int(number) for number in self._session.scheme.region_of[wanted.indices]}
            if len(wanted)
            else set()
        )

    def _learn(self) -> None:
        """Shipped knowledge at once; the project's own is read in a thread."""
        if not self._session.is_open:
            return
        self._prior = shipped_prior(self._session.scheme)
        active = self._session.models.active
        if active is not None:
            model_id = active.id

            def read(store: ProjectStore) -> ErrorPrior | None:
                return learned_prior(store, model_id)

            self._session.read_beside("error prior", read, self._take_prior)

    def _take_prior(self, prior: ErrorPrior | None) -> None:
        self._prior = prior
        self.refresh()

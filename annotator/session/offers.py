"""What is worth doing next, offered once it can be done: proposals after an import or another model, work that was broken off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal

from annotator.domain.annotation import ReviewState
from annotator.domain.words import counted
from annotator.session.job.job_board import Job
from annotator.session.session import Session
from annotator.session.unfinished import Unfinished
from annotator.store.project_store import ProjectStore

_SETTLED = (ReviewState.APPROVED, ReviewState.REJECTED)


@dataclass(frozen=True)
class Offer:
    """One offer: a sentence, what its button says, what accepting and declining it do."""

    text: str
    button: str
    accept: Callable[[], object]
    decline: Callable[[], object] = lambda: None


class Offers(QObject):
    """At most one offer at a time; it is withdrawn where the artist does it otherwise."""

    changed = Signal(object)  # Offer, or None

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.unfinished = Unfinished(session, self)
        self.offer: Offer | None = None
        session.jobs.changed.connect(self._on_job)
        session.jobs.ended.connect(self._on_end)
        session.models.activated.connect(self._on_model)
        session.project_opened.connect(self._on_opened)
        session.project_closed.connect(self._withdraw)

    def accept(self) -> None:
        """Do it. Raises `AnnotatorError` as the work's start does; the offer is gone in any case."""
        if (offer := self._taken()) is not None:
            offer.accept()

    def decline(self) -> None:
        """Not now."""
        if (offer := self._taken()) is not None:
            offer.decline()

    def _on_end(self, job: Job) -> None:
        session = self._session
        if job.kind == "import" and session.is_open and job.project == session.store.identity:
            self._look(open_only=False)

    def _on_job(self, job: Job) -> None:
        if job.kind in ("propose", "train") and job.is_active and not job.done:
            self._withdraw()

    def _on_model(self) -> None:
        self._withdraw()
        self._look(open_only=True)

    def _look(self, open_only: bool) -> None:
        session = self._session
        active = session.models.active
        if active is None or active.card.is_imported or session.store.read_only:
            return
        title = active.card.title or active.id
        session.read_beside(
            "frames without a proposal",
            lambda store: _without_proposal(store, open_only),
            lambda frames: self._offer_proposals(frames, title, open_only),
        )

    def _offer_proposals(self, frames: list[int], title: str, open_only: bool) -> None:
        session = self._session
        if not frames or not session.is_open or session.jobs.active("propose", session.store.identity):
            return
        count = counted(len(frames), "open frame" if open_only else "frame")
        what = f"{title} has not seen {count} yet." if open_only else f"{count} without a proposal."
        button = f"Propose the {count} with it" if open_only else "Propose all"
        self._show(Offer(what, button, lambda: session.jobs.start_propose_all(frames)))

    def _on_opened(self) -> None:
        session, unfinished = self._session, self.unfinished
        self._withdraw()
        if session.store.read_only:
            return
        if unfinished.training():
            self._show(
                Offer(
                    "A training was broken off when the window closed.",
                    "Go on training",
                    lambda: session.jobs.start_training({"resume": True}),
                    lambda: unfinished.forget("train"),
                )
            )
        elif (wanted := unfinished.frames()) is not None:
            session.read_beside(
                "frames without a proposal",
                _without_proposal,
                lambda lacking: self._offer_rest(wanted, lacking),
            )

    def _offer_rest(self, wanted: list[int], lacking: list[int]) -> None:
        asked = set(wanted)
        rest = [frame_id for frame_id in lacking if not asked or frame_id in asked]
        if not rest:
            self.unfinished.forget("propose")
            return
        self._show(
            Offer(
                f"Proposing was broken off when the window closed: {counted(len(rest), 'frame')} left.",
                "Go on proposing",
                lambda: self._session.jobs.start_propose_all(rest),
                lambda: self.unfinished.forget("propose"),
            )
        )

    def _taken(self) -> Offer | None:
        offer = self.offer
        self._withdraw()
        return offer

    def _withdraw(self) -> None:
        self._show(None)

    def _show(self, offer: Offer | None) -> None:
        if offer is not self.offer:
            self.offer = offer
            self.changed.emit(offer)


def _without_proposal(store: ProjectStore, open_only: bool = False) -> list[int]:
    """Frames without a proposal of the active model, in capture order (`open_only`: nobody approved or rejected them)."""
    listed = store.frames.list()
    lacking = np.isnan(listed.confidence)
    if open_only:
        lacking &= ~np.isin(listed.reviews, [int(state) for state in _SETTLED])
    return [int(frame_id) for frame_id in listed.ids[lacking]]

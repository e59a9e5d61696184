"""Proposals and trainings that ended with the window: remembered in the project while they run, offered at its next opening."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from PySide6.QtCore import QObject

from annotator.domain.errors import AnnotatorError
from annotator.services.models.training.training_run import last_unfinished_run
from annotator.session.job.job_board import Job
from annotator.session.session import Session
from annotator.store.file.errors import StoreWriteError

_KEY = "jobs.unfinished"


class Unfinished(QObject):
    """A job that ends while its project is open is forgotten; one that goes with the window, or with the power, is not."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        session.jobs.changed.connect(self._take)

    def forget(self, kind: str) -> None:
        """The artist does not go on with it."""
        kept = self._kept()
        if kept.pop(kind, None) is not None:
            self._keep(kept)

    def training(self) -> bool:
        """Whether a training was broken off that can go on."""
        session = self._session
        if "train" not in self._kept() or session.jobs.active("train", session.store.identity) is not None:
            return False
        try:
            last_unfinished_run(session.path)
        except AnnotatorError:
            return False
        return True

    def frames(self) -> list[int] | None:
        """Which frames were being proposed (empty: all of them); None where nothing was broken off."""
        session = self._session
        kept = self._kept().get("propose")
        if not isinstance(kept, dict) or session.jobs.active("propose", session.store.identity) is not None:
            return None
        frames = kept.get("frames") or []
        return [each for each in frames if isinstance(each, int)] if isinstance(frames, list) else []

    def _take(self, job: Job) -> None:
        session = self._session
        if job.anew is None or not session.is_open or job.project != session.store.identity:
            return
        if job.is_active and not job.done:
            kept = self._kept()
            if kept.get(job.kind) != job.anew:
                self._keep({**kept, job.kind: dict(job.anew)})
        elif not job.is_active:
            self.forget(job.kind)

    def _kept(self) -> dict[str, Any]:
        kept = self._session.store.settings.get(_KEY, {})
        return kept if isinstance(kept, dict) else {}

    def _keep(self, kept: dict[str, Any]) -> None:
        if not self._session.store.read_only:
            with suppress(StoreWriteError):  # only a convenience
                self._session.store.settings.set(_KEY, kept)

"""Queues that installed packages add, by the entry points `annotator.queues`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from annotator.domain.errors import AnnotatorError
from annotator.domain.extensions import extension_objects
from annotator.domain.uncertainty import Question
from annotator.store.project_store import ProjectStore

_PARTS = ("heading", "how", "frames")
_LONGEST = 500


@dataclass(frozen=True)
class QueueWords:
    """What people read of a queue.

    Attributes:
        question: asked of every frame, None where the queue comes from something else. how: what it is sorted by, in a sentence.
        none_asked: what an empty queue means where no frame could be asked. all_well: where all were asked.
    """

    heading: str
    question: Question | None
    how: str
    none_asked: str
    all_well: str


class QueueFrame(NamedTuple):
    """A frame of an added queue: its id, why it is there, names of the landmarks in question, the worst first, and a score."""

    frame_id: int
    reason: str
    landmarks: tuple[str, ...] = ()
    score: float = 0.0


class QueueSource(Protocol):
    """What a package gives: a class or an object.

    Attributes:
        heading: the queue's name in the window. how: what it is sorted by, in a sentence.
    """

    heading: str
    how: str

    def frames(self, store: ProjectStore) -> Iterable[QueueFrame]:
        """The frames, the one that deserves a look most first; nothing may be written. `annotator.Project(store)` is what
        scripts know. It is asked in a thread, each time that the queue is read."""
        ...


@dataclass(frozen=True)
class AddedQueue:
    """A queue of a package, by its entry point's name; two of one name are one."""

    value: str
    heading: str
    how: str

    @property
    def question(self) -> None:
        """It asks none of the questions of which the project keeps the answers."""
        return

    @property
    def words(self) -> QueueWords:
        """What people read of it."""
        none = "No frame is in this queue."
        return QueueWords(self.heading, None, self.how, none, none)

    def entries(self, store: ProjectStore, frame_ids: Collection[int]) -> list[QueueFrame]:
        """What the package says of the project's frames, whose ids these are; others, and names of no landmark, are left out.

        Raises:
            AnnotatorError: the package failed, with what it said.
        """
        known, names = set(frame_ids), set(store.scheme.names)
        found: dict[int, QueueFrame] = {}
        try:
            for frame_id, reason, landmarks, score in added_sources()[self.value].frames(store):
                if frame_id in known and frame_id not in found:
                    own = tuple(name for name in landmarks if name in names)
                    found[frame_id] = QueueFrame(int(frame_id), str(reason)[:_LONGEST], own, float(score))
        except Exception as error:  # the code of others, which may fail in any way
            raise AnnotatorError(
                f"The queue {self.heading} of an installed package failed: {type(error).__name__}: {error}"
            ) from error
        return list(found.values())


def added_sources() -> dict[str, QueueSource]:
    """Name -> what installed packages give; what is no queue is left out, and told."""
    return {name.lower(): made for name, made in extension_objects("queues", _PARTS).items()}


def added_queues() -> dict[str, AddedQueue]:
    """Name -> queue."""
    return {
        name: AddedQueue(name, str(source.heading), str(source.how))
        for name, source in added_sources().items()
    }

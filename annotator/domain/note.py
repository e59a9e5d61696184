"""What people tell each other of a frame or of a landmark in it."""

from dataclasses import dataclass
from enum import IntEnum

MOST = 2000
"""Characters of a note."""


class NoteKind(IntEnum):
    """What a note is for."""

    NOTE = 0
    REJECTED = 1
    """Why the frame was rejected."""
    NEEDS_WORK = 2
    """What is to be done to it."""


@dataclass(frozen=True)
class Note:
    """One note; it is open until somebody settles it.

    Attributes:
        id: the project's number, 0 for one that it does not hold yet. landmark: a name of the scheme, empty for the frame.
        at: when, ISO 8601 in UTC. user: who wrote it. assignee: who is asked to see to it, empty for nobody.
        settled: when, empty while it is open.
    """

    frame_id: int
    text: str
    landmark: str = ""
    kind: NoteKind = NoteKind.NOTE
    assignee: str = ""
    id: int = 0
    at: str = ""
    user: str = ""
    settled: str = ""

    @property
    def line(self) -> str:
        """For lists: `for Ben · lip_top: too high (Ann)`."""
        whom = f"for {self.assignee}" if self.assignee else ""
        said = ": ".join(part for part in (self.landmark, self.text) if part)
        return " · ".join(part for part in (whom, said) if part) + (f" ({self.user})" if self.user else "")

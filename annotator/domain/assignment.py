"""Who is to work on which subjects, takes and frames."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from annotator.domain.capture import Frame

MOST_CHARACTERS = 100
"""Of a person's name."""


class Span(StrEnum):
    """What is assigned, from the widest to the narrowest; the words are stored, and never change."""

    SUBJECT = "subject"
    TAKE = "take"
    FRAME = "frame"


@dataclass(frozen=True, slots=True)
class Share:
    """Frames that are assigned as one: all of a subject, all of a subject's take, or a single frame.

    Attributes:
        take: empty of a whole subject. frame_id: 0 but of a single frame, which needs no names.
    """

    span: Span
    subject: str = ""
    take: str = ""
    frame_id: int = 0

    @classmethod
    def of(cls, span: Span, frame: Frame) -> "Share":
        """The share of that kind in which a frame lies."""
        if span is Span.FRAME:
            return cls(span, frame_id=frame.id)
        return cls(span, frame.subject, frame.take if span is Span.TAKE else "")


@dataclass(frozen=True, slots=True)
class Assignment:
    """A share and the people who work on it (none: it is no longer assigned).

    Attributes:
        people: names, sorted. at: when, ISO 8601 in UTC. user: who assigned it.
    """

    share: Share
    people: tuple[str, ...]
    at: str = ""
    user: str = ""


def cleaned(names: Iterable[str]) -> tuple[str, ...]:
    """Names without blanks at their ends, each once, sorted; raises ValueError for one that is empty, too long or unprintable."""
    found = {name.strip() for name in names}
    for name in found:
        if not name or len(name) > MOST_CHARACTERS or not name.isprintable():
            raise ValueError(f"a name is one to {MOST_CHARACTERS} characters of text, not {name!r:.60}")
    return tuple(sorted(found))

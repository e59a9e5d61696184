"""One line of the doctor's report."""

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """How a finding bears on work."""

    OK = "ok"
    """As it should be."""
    NOTE = "note"
    """Works without it; worth knowing."""
    PROBLEM = "problem"
    """Something will not work until the advice is followed."""


@dataclass(frozen=True)
class Finding:
    """What was looked at and what it means.

    Attributes:
        area: heading of the report, such as `graphics`.
        name: what was looked at, such as `EGL`.
        status: whether it is as it should be.
        value: what was found, such as a version.
        advice: a command or a sentence that helps; empty only where all is well.
    """

    area: str
    name: str
    status: Status
    value: str
    advice: str = ""

    def __post_init__(self) -> None:
        if self.status is Status.PROBLEM and not self.advice:
            raise ValueError(f"a problem without advice helps nobody: {self.area} / {self.name}")

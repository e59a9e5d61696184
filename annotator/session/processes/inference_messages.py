"""What the window and its inference process say to each other: plain tuples, and proposals whose heatmaps travel apart."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import Any

from numpy.typing import NDArray

from annotator.domain.proposal import Heatmap, Proposal


class Ask(Enum):
    """First item of a message from the window."""

    MODEL = auto()  # folder
    PROJECT = auto()  # its identity, its path or None, whether proposals are saved there
    PROPOSE = auto()  # ticket, frame key, region name, its box or None: the whole frame
    BULK = auto()  # job id, the project's identity, frame ids or None for all, whether to propose again
    CANCEL = auto()  # job id
    RELEASE = auto()  # name of a shared block that was taken
    QUIT = auto()


class Tell(Enum):
    """First item of a message from the inference process."""

    LOADING = auto()  # folder
    READY = auto()  # model id, device
    NOTE = auto()  # text for the artist
    PROPOSAL = auto()  # ticket, frame key, proposal without heatmaps, their names, block name, layout
    OUTDATED = auto()  # ticket, frame key: its file was replaced before there was an answer
    FAILED = auto()  # ticket, frame key, text
    SAVED = auto()  # job id, the project's identity, frame ids
    PROGRESS = auto()  # job id, done, total, text
    ENDED = auto()  # job id, "done" | "failed" | "cancelled", text


_PARTS = 5


def heatmap_arrays(heatmaps: Iterable[Heatmap]) -> list[NDArray[Any]]:
    """The arrays of the heatmaps one after the other, for shared memory."""
    arrays: list[NDArray[Any]] = []
    for item in heatmaps:
        arrays += [item.indices, item.logits, item.frame_from_heatmap, item.crop, item.frame_from_crop]
    return arrays


def with_heatmaps(proposal: Proposal, names: Sequence[str], arrays: Sequence[NDArray[Any]]) -> Proposal:
    """The inverse of `heatmap_arrays`: the proposal with its heatmaps, of these names, back in place."""
    groups = [arrays[i : i + _PARTS] for i in range(0, len(arrays), _PARTS)]
    heatmaps = tuple(Heatmap(name, *group) for name, group in zip(names, groups, strict=True))
    return replace(proposal, heatmaps=heatmaps)

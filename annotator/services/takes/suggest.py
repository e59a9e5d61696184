"""Which frames of a take a person should set next: those that teach most of all others."""

from annotator.domain.takes.take import FrameSequence
from annotator.services.takes.track import observe
from annotator.store.project_store import ProjectStore
from annotator.takes.fuse import best_keys


def suggested_keys(store: ProjectStore, sequence: FrameSequence, count: int) -> list[int]:
    """Frame numbers, the most worthwhile first; by the active model's proposals, frames with people's points count as set.

    At most `count`; none where the take is not proposed.
    """
    return [int(sequence.numbers[place]) for place in best_keys(observe(store, sequence), count)]

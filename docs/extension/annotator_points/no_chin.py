"""A queue of frames in which nobody has set the chin. The example of a queue of your own."""

from collections.abc import Iterable
from typing import Any

import annotator
from annotator.services.project.queue.added_queues import QueueFrame


class NoChin:
    """The queue; `annotator/services/project/queue/added_queues.py` says what each part is for."""

    heading = "Chin not set"
    how = "Frames whose chin nobody placed, in capture order."

    def frames(self, store: Any) -> Iterable[QueueFrame]:
        """One entry a frame."""
        for frame in annotator.Project(store).frames():
            if "chin" not in frame.human():
                yield QueueFrame(frame.id, "nobody set the chin", ("chin",))

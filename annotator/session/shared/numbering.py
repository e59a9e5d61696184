"""The numbers by which frames of several cameras are one moment, as the window changes them: each change is an undo step."""

from annotator.domain.takes.take import FrameSequence
from annotator.services.takes.renumber import Renumbering, renumbering
from annotator.session.shared.project_steps import ProjectSteps


class Numbering(ProjectSteps):
    """Numbers the frames of a camera of a take."""

    def renumber(self, sequence: FrameSequence, first: str) -> Renumbering | None:
        """Number a sequence's frames from `first` on, with as many digits; returns what is meant, None without a project.

        Raises:
            TakeError: it is no number.
        """
        store = self._store
        if store is None:
            return None
        wanted = renumbering(store, sequence.subject, sequence.take, sequence.camera, first)
        if wanted.new:
            self._push(
                f"Number {wanted.name} from {first}",
                lambda own: own.frames.renumber(wanted.new),
                lambda own: own.frames.renumber(wanted.old),
            )
        return wanted

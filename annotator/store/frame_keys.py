"""The key of a project's frame: what goes with every question about it, see `domain.frame_key`."""

from annotator.domain.frame_key import FrameKey
from annotator.store.paths import located
from annotator.store.project_store import ProjectStore


def frame_key(store: ProjectStore, frame_id: int) -> FrameKey:
    """A frame whose file nobody has looked at yet (`now` does); raises `ProjectError` if there is no such frame."""
    frame = store.frames.get(frame_id)
    return FrameKey.unseen(store.identity, frame, located(store.frames.capture_root, frame.path))

"""What the artist is told when a project opens."""

from collections.abc import Iterator

from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.scheme_file import newer_scheme
from annotator.services.models.registry import damaged_models
from annotator.store.project_store import ProjectStore


def opening_remarks(store: ProjectStore, asked_to_read: bool) -> Iterator[tuple[str, str]]:
    """Level (as of `Session.message`) and text of each remark on a project that was just opened.

    `asked_to_read`: it was to be opened for reading only, so that this needs no word.
    """
    if store.read_only and not asked_to_read:
        yield "warning", f"{store.path.name} cannot be written: edits will not be saved."
    if store.backup is not None:
        yield "info", f"The project was brought up to date; the old one is {store.backup.name}."
    newer = newer_scheme(store.scheme.id)
    if newer == DEFAULT_SCHEME:  # what new projects take: a model of it ships
        yield (
            "info",
            f"This project keeps its landmarks, {store.scheme.id}. New ones take {newer}: annotator convert",
        )
    for text in damaged_models(store.path):
        yield "warning", f"A model is left out: {text}"
    root = store.frames.capture_root
    if not root.is_dir():
        yield "warning", f"The captures are not at {root}. Relink them to where they are now."

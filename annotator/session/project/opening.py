"""What the artist is told when a project opens."""

from collections.abc import Iterator

from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.schemes.scheme_file import newer_scheme
from annotator.services.models.registry import damaged_models
from annotator.store.file.network_drive import network_drive
from annotator.store.paths import has_other_names
from annotator.store.project_store import ProjectStore


def opening_remarks(store: ProjectStore, asked_to_read: bool) -> Iterator[tuple[str, str]]:
    """Level (as of `Session.message`) and text of each remark on a project that was just opened.

    `asked_to_read`: it was to be opened for reading only, so that this needs no word.
    """
    if store.read_only and not asked_to_read:
        why = "cannot be written"
        if has_other_names(store.path):
            why = "has a second name on the drive (a hard link), and would be destroyed if it was written under both"
        yield (
            "warning",
            f"{store.path.name} {why}: edits will not be saved. File > Save a copy makes one that takes them.",
        )
    network = network_drive(store.path)
    if network and not asked_to_read:
        yield (
            "warning",
            f"{store.path.name} lies on a network drive ({network}), where SQLite's log is not safe. Keep the project on a "
            "drive of this machine, and the captures where they are; let nobody else open it meanwhile.",
        )
    if store.backup is not None:
        yield "info", f"The project was brought up to date; the old one is {store.backup.name}."
    if store.stray_log is not None:
        yield (
            "warning",
            f"Another file was put in the place of {store.path.name} while a program was at work in it. What was left of that "
            f"work lies in {store.stray_log.name}; this file is as it was put there.",
        )
    newer = newer_scheme(store.scheme.id)
    if newer == DEFAULT_SCHEME:  # what new projects take: a model of it ships
        yield (
            "info",
            f"This project keeps its landmarks, {store.scheme.id}, and its model. New ones take {newer}, which lie nearer to "
            f"where people place them: annotator convert {store.path.name} NEW.annotator makes a project of those.",
        )
    for text in damaged_models(store.path):
        yield "warning", f"A model is left out: {text}"
    root = store.frames.capture_root
    if not root.is_dir():
        yield "warning", f"The captures are not at {root}. Relink them to where they are now."

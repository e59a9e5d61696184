"""Which frames of a project a command shall work on."""

from typing import TYPE_CHECKING

import typer

from annotator.cli.console import in_shell
from annotator.domain.errors import AnnotatorError

if TYPE_CHECKING:  # the store is loaded only when a command runs
    from annotator.store.project_store import ProjectStore


def chosen_frames(
    store: "ProjectStore", wanted: list[int] | None, subjects: list[str] | None, cameras: list[str] | None
) -> list[int]:
    """Ids of the frames that all given conditions let through, in capture order.

    Raises:
        typer.BadParameter: none is left. AnnotatorError: the project is empty.
    """
    if not store.frames.count():
        raise AnnotatorError(f"The project has no frames yet: annotator import {in_shell(store.path)} FOLDER")
    ids = [
        summary.frame.id
        for summary in store.frames.list()
        if (not wanted or summary.frame.id in wanted)
        and (not subjects or summary.frame.subject in subjects)
        and (not cameras or summary.frame.camera in cameras)
    ]
    if not ids:
        facets = store.frames.facets()
        raise typer.BadParameter(
            "No frame is left. Subjects: "
            + (", ".join(facets["subject"][:20]) or "none")
            + "; cameras: "
            + (", ".join(facets["camera"][:20]) or "none")
            + "."
        )
    return ids

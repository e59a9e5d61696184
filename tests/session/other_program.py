"""What another program does to an open project: the real command line, in a process of its own."""

import csv
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.formats.base import DatasetFrame, DatasetView
from annotator.formats.registry import format_named
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

Places = Mapping[int, Mapping[int, tuple[float, float]]]
"""Frame id -> landmark -> place."""


def import_places(project: Path, places: Places) -> None:
    """`annotator import-annotations --overwrite` with a CSV that places some landmarks of some frames."""
    file = project.parent / "vendor.csv"
    with ProjectStore.open(project, read_only=True) as store:
        frames = []
        for frame_id, points in places.items():
            value = Annotation.empty(store.scheme)
            xy, state = value.xy.copy(), value.state.copy()
            for landmark, place in points.items():
                xy[landmark], state[landmark] = place, 3
            placed = Annotation(store.scheme.id, xy, state, value.flags.copy())
            frames.append(DatasetFrame(store.frames.get(frame_id), placed))
        format_named("csv").write(DatasetView(store.scheme, frames), file)
    with file.open() as lines:
        assert len(list(csv.reader(lines))) > 1
    run("import-annotations", str(project), str(file), "--overwrite", "--user", "vendor", "--quiet")


def run(*arguments: str) -> None:
    """A command of ours in a process of its own, to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "annotator", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def on_disk(session: Session, frame_id: int = 1) -> Annotation:
    """The human layer as the project file holds it."""
    with ProjectStore.open(session.path, read_only=True) as store:
        return store.annotations.get(frame_id)


def chain_is_true(session: Session, frame_id: int = 1) -> None:
    """Of each landmark, every entry of the ledger begins where the one before it ended."""
    last: dict[int, list[float]] = {}
    for entry in reversed(session.annotations.history(frame_id)):
        for k, landmark in enumerate(entry.indices.tolist()):
            human = entry.from_state[k] in (LandmarkState.CORRECTED, LandmarkState.CONFIRMED)
            was = entry.from_xy[k].tolist() if human else [np.nan, np.nan]
            np.testing.assert_array_equal(was, last.get(landmark, [np.nan, np.nan]), entry.label)
            last[landmark] = entry.to_xy[k].tolist()

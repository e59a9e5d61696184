"""Patches of the contact sheet belong to the project and the file that they were asked of."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from session_files import write_frame

from annotator.domain.faces.face_frame import frame_from_patch
from annotator.imaging.pyramid import preview_jpeg
from annotator.services.models.farm.patch_file import SIDE, PatchRow, patches_folder, write_patches
from annotator.session.pixels.patches import Cut, PatchJob, PatchLoader
from annotator.session.session import Session
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore

WAIT = 60_000


def file_of(project: Path, frame_id: int) -> Path:
    with ProjectStore.open(project, read_only=True) as store:
        return store.frames.path(frame_id)


@pytest.fixture
def patches(qtbot: QtBot) -> Iterator[PatchLoader]:
    made = PatchLoader()
    yield made
    made.shutdown()


def wanted(project: Path, frame_id: int) -> tuple[PatchJob, Cut]:
    with ProjectStore.open(project, read_only=True) as store:
        key = frame_key(store, frame_id).now()
    cut = ((key, 0), np.array([[1.0, 0, 10], [0, 1, 10]]))
    return PatchJob(key, (cut,), 16), cut


def test_patches_are_of_the_file_that_is_there(patches: PatchLoader, project: Path, qtbot: QtBot) -> None:
    job, (name, _) = wanted(project, 1)
    with qtbot.waitSignal(patches.ready, timeout=WAIT):
        patches.want(project, [job])
    write_frame(file_of(project, 1), 9)
    again, (other, _) = wanted(project, 1)
    assert patches.get(other) is None, "the old file's patch is not the new one's"
    with qtbot.waitSignal(patches.ready, timeout=WAIT):
        patches.want(project, [again])
    found = patches.get(other)
    assert found is not None
    assert int(found.pixels.max()) == 9
    with qtbot.waitSignal(patches.failed, timeout=WAIT) as told:
        patches.clear()
        patches.want(project, [job])
    assert told.args[0] == 1
    assert "replaced" in told.args[1]
    assert patches.get(name) is None


def test_a_patch_of_a_file_of_another_size_is_refused(
    patches: PatchLoader, project: Path, qtbot: QtBot
) -> None:
    write_frame(file_of(project, 1), 9, (160, 120))
    job, (name, _) = wanted(project, 1)
    with qtbot.waitSignal(patches.failed, timeout=WAIT) as told:
        patches.want(project, [job])
    assert "160 x 120 now" in told.args[1]
    assert patches.get(name) is None


def test_a_patch_never_comes_from_the_preview_of_another_project(
    patches: PatchLoader, session: Session, project: Path, other: Path, qtbot: QtBot
) -> None:
    session.open_project(project)
    qtbot.waitUntil(lambda: session.frames.preview(1) is not None, timeout=WAIT)
    job, (name, _) = wanted(other, 1)
    gone = replace(job, key=replace(job.key, path="gone.jpg").now())
    with qtbot.waitSignal(patches.failed, timeout=WAIT):
        patches.want(project, [gone])
    patches._coarse.submit(lambda: None).result()
    assert patches.get(name) is None


def test_a_patch_that_was_cut_ahead_is_seen_before_the_frame_is_read(
    patches: PatchLoader, project: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    job, (name, _) = wanted(project, 1)
    with ProjectStore.open(project, read_only=True) as store:
        scheme, path = store.scheme, store.frames.get(1).path
    wide = frame_from_patch(np.array([18.0, 18.0]), 0.0, 80.0, SIDE)
    grey = np.full((SIDE, SIDE, 3), 200, np.uint8)
    row = PatchRow(path, job.key.nbytes, job.key.mtime_ns, scheme.names[0], wide, preview_jpeg(grey, SIDE))
    write_patches(patches_folder(project) / "one.patches", scheme, [row])
    monkeypatch.setattr(patches, "_run_frame", lambda *_: None)
    with qtbot.waitSignal(patches.ready, timeout=WAIT):
        patches.want(project, [job])
    found = patches.get(name)
    assert found is not None
    assert found.coarse, "the frame's own patch replaces it"
    assert abs(int(found.pixels.mean()) - 200) < 3
    assert found.pixels.shape == (16, 16, 3)
    monkeypatch.undo()
    with qtbot.waitSignal(patches.ready, timeout=WAIT):
        patches.want(project, [job])
    found = patches.get(name)
    assert found is not None
    assert not found.coarse


def test_patches_that_are_merged_while_the_project_is_open_are_found(
    patches: PatchLoader, session: Session, project: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First there are none, then those of one file, then others in its place."""
    pytest.importorskip("pyarrow")
    session.open_project(project)
    job, (name, _) = wanted(project, 1)
    scheme, path = session.scheme, session.store.frames.get(1).path
    wide = frame_from_patch(np.array([18.0, 18.0]), 0.0, 80.0, SIDE)
    monkeypatch.setattr(patches, "_run_frame", lambda *_: None)
    patches.want(project, [job])
    patches._coarse.submit(lambda: None).result()
    file = patches_folder(project) / "one.patches"
    for grey in (200, 90):
        pixels = preview_jpeg(np.full((SIDE, SIDE, 3), grey, np.uint8), SIDE)
        row = PatchRow(path, job.key.nbytes, job.key.mtime_ns, scheme.names[0], wide, pixels)
        with qtbot.waitSignal(session.side_files_changed, timeout=WAIT):
            write_patches(file, scheme, [row])
        patches.clear()
        with qtbot.waitSignal(patches.ready, timeout=WAIT):
            patches.want(project, [job])
        found = patches.get(name)
        assert found is not None
        assert abs(int(found.pixels.mean()) - grey) < 3

"""`annotator update`, and the exit codes of commands that meet a picture of another size."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import simplejpeg
from spots import spotted_project

from annotator.domain import edits
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

Runner = Callable[..., Any]


def _replace(captures: Path, width: int, height: int) -> None:
    pixels = np.zeros((height, width, 3), np.uint8)
    (captures / "anna/smile/c1.jpg").write_bytes(simplejpeg.encode_jpeg(pixels))


def _correct(project: Path) -> None:
    with ProjectStore.open(project) as store:
        for summary in store.frames.list():
            before = store.annotations.get(summary.frame.id)
            after, _ = edits.apply(edits.move([0], [[32.0, 24.0]]), before)
            store.annotations.commit(Change(summary.frame.id, before, after, "Move"))


def test_frames_are_named_and_then_taken(annotator: Runner, project: Path, captures: Path) -> None:
    _correct(project)
    assert annotator("update", project).code == 0
    _replace(captures, 128, 96)
    told = annotator("update", project)
    assert told.code == 3
    assert "anna/smile/c1.jpg: 64 x 48 px when it was imported, 128 x 96 now" in told.err.replace("\n", " ")
    assert json.loads(annotator("update", project, "--json").out)["changed"][0]["width"] == 128
    assert annotator("update", project, "--points", "larger").code == 2
    assert annotator("update", project, "--points", "scale").code == 0
    with ProjectStore.open(project) as store:
        frame = store.frames.by_path()["anna/smile/c1.jpg"]
        assert store.annotations.get(frame).xy[0].tolist() == [64.0, 48.0]
    assert annotator("update", project).code == 0


def test_a_crop_stays_until_needs_work_is_chosen(annotator: Runner, project: Path, captures: Path) -> None:
    _correct(project)
    _replace(captures, 64, 40)
    refused = annotator("update", project, "--points", "scale")
    assert refused.code == 3
    assert "another shape" in refused.err
    assert annotator("update", project, "--points", "needs-work").code == 0


def test_an_export_with_such_a_frame_ends_with_code_3(
    annotator: Runner, project: Path, captures: Path, tmp_path: Path
) -> None:
    _correct(project)
    _replace(captures, 128, 96)
    told = annotator("export", project, tmp_path / "out.json", "--format", "coco")
    assert told.code == 3
    assert "annotator update" in told.err.replace("\n", " ")
    assert len(json.loads((tmp_path / "out.json").read_text())["images"]) == 3


def test_evaluating_and_proposing_end_with_code_3(annotator: Runner, tmp_path: Path) -> None:
    with spotted_project(tmp_path) as store:
        project, path = store.path, store.frames.path(1)
    path.unlink()
    assert cv2.imwrite(str(path), np.zeros((90, 120, 3), np.uint8))
    model = tmp_path / "blank"
    told = annotator("evaluate", model, "--data", project, "--device", "cpu", "-q")
    assert told.code == 3
    assert "120 x 90 now" in told.err.replace("\n", " ")
    told = annotator("propose", project, "--all", "--model", model, "--device", "cpu", "-q")
    assert told.code == 3
    assert "120 x 90 now" in told.err.replace("\n", " ")

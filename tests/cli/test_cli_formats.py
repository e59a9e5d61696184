"""`annotator export` and `annotator import-annotations`: round trips, filters, refusals."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotator.domain import edits
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

Runner = Callable[..., Any]


@pytest.fixture
def corrected(project: Path) -> Path:
    """The project with landmarks of frame 1 corrected and of frame 4 confirmed."""
    with ProjectStore.open(project) as store:
        for frame, confirmed in ((1, False), (4, True)):
            empty = store.annotations.get(frame)
            places = np.stack([np.arange(89) * 0.5 + 1.25, np.full(89, 20.5)], 1)
            after = edits.apply(edits.move(range(89), places), empty)[0]
            if confirmed:
                after = edits.apply(edits.accept(after, range(89)), after)[0]
            store.annotations.commit(Change(frame, empty, after, "Move 89 landmarks"))
    return project


@pytest.mark.parametrize(("name", "tolerance"), [("out.json", 0.0), ("out.csv", 1e-3)])
def test_what_is_exported_comes_back(
    annotator: Runner, corrected: Path, captures: Path, tmp_path: Path, name: str, tolerance: float
) -> None:
    assert annotator("export", corrected, tmp_path / name).code == 0
    copy = tmp_path / "copy.annotator"
    assert annotator("import", copy, captures, "-p", "{subject}/{take}/{camera}.jpg").code == 0
    run = annotator("import-annotations", copy, tmp_path / name, "--user", "vendor")
    assert run.code == 0
    with ProjectStore.open(corrected) as one, ProjectStore.open(copy) as two:
        for frame in range(1, 5):
            np.testing.assert_allclose(
                one.annotations.get(frame).xy, two.annotations.get(frame).xy, atol=tolerance, equal_nan=True
            )
        assert {entry.user for entry in two.ledger.entries()} == {"vendor"}


def test_filters(annotator: Runner, corrected: Path, tmp_path: Path) -> None:
    only = json.loads(annotator("export", corrected, tmp_path / "a.json", "--confirmed-only", "--json").out)
    assert only["written"]["frames"] == 1
    of = json.loads(annotator("export", corrected, tmp_path / "b.json", "--subject", "anna", "--json").out)
    assert (of["written"]["frames"], of["empty_frames"]) == (1, 1)
    none = annotator("export", corrected, tmp_path / "c.json", "--review", "approved")
    assert none.code == 1
    assert not (tmp_path / "c.json").exists()


def test_an_existing_file_is_kept_unless_asked(annotator: Runner, corrected: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    file.write_text("mine")
    assert annotator("export", corrected, file).code == 1
    assert file.read_text() == "mine"
    assert annotator("export", corrected, file, "--overwrite").code == 0
    assert json.loads(file.read_text())["images"]


def test_wrong_words_are_refused(annotator: Runner, corrected: Path, tmp_path: Path) -> None:
    assert annotator("export", corrected, tmp_path / "a.json", "--review", "soon").code == 2
    assert "coco" in annotator("export", corrected, tmp_path / "a.json", "--format", "gif").err


def test_what_a_person_set_stays(annotator: Runner, corrected: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    annotator("export", corrected, file)
    with ProjectStore.open(corrected) as store:
        before = store.annotations.get(1)
        moved = edits.apply(edits.move([0], [[60.0, 40.0]]), before)[0]
        store.annotations.commit(Change(1, before, moved, "Move"))
    annotator("import-annotations", corrected, file)
    with ProjectStore.open(corrected) as store:
        assert store.annotations.get(1).xy[0].tolist() == [60.0, 40.0]
    annotator("import-annotations", corrected, file, "--overwrite")
    with ProjectStore.open(corrected) as store:
        assert store.annotations.get(1).xy[0].tolist() == [1.25, 20.5]


def test_as_proposals_no_annotation_changes(annotator: Runner, corrected: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    annotator("export", corrected, file, "--subject", "anna")
    told = json.loads(annotator("import-annotations", corrected, file, "--as-proposals", "--json").out)
    assert told["model_id"] == "import:coco"
    with ProjectStore.open(corrected) as store:
        assert store.proposals.get(1, "import:coco") is not None
        assert len(store.ledger.entries()) == 2


def test_frames_that_the_project_lacks_are_named(
    annotator: Runner, corrected: Path, captures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "out.json"
    annotator("export", corrected, file)
    shutil.rmtree(captures / "ben")
    other = tmp_path / "other.annotator"
    annotator("import", other, captures, "-p", "{subject}/{take}/{camera}.jpg")
    run = annotator("import-annotations", other, file)
    assert run.code == 3
    assert "ben/smile/c2.jpg" in run.err
    with ProjectStore.open(other) as store:
        assert not store.annotations.get(2).is_human.any(), "another subject's frame of the same file name"

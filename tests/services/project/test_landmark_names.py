"""Maps of names in a project: remembered for the next file of a format, suggested by name and by place on the face."""

import json
from pathlib import Path

import numpy as np
import pytest
from project_files import IBUG, project

from annotator.domain import edits
from annotator.domain.errors import FormatError
from annotator.formats.name_map import read_map
from annotator.services.project.export_dataset import export_dataset
from annotator.services.project.import_annotations import import_annotations
from annotator.services.project.landmark_names import suggest_names, write_suggested
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore


def placed(store: ProjectStore) -> None:
    turn = np.linspace(0, 2 * np.pi, IBUG.size, endpoint=False)
    for frame in store.frames.by_path().values():
        xy = np.stack([np.cos(turn), np.sin(turn)], 1) * (80 + frame) + [200, 150]
        before = store.annotations.get(frame)
        after = edits.apply(edits.move(range(IBUG.size), xy), before)[0]
        store.annotations.commit(Change(frame, before, after, "Place all"))


def renamed(folder: Path) -> Path:
    """A COCO file of another program, in which three landmarks are called otherwise."""
    with project(folder, "full") as store:
        placed(store)
        export_dataset(store, folder / "a.json")
    document = json.loads((folder / "a.json").read_text())
    names = document["categories"][0]["keypoints"]
    names[0], names[1], names[2] = "right_8_jaw", "P77", "ear"
    for entry in document["annotations"]:
        del entry["annotator"]
        entry["keypoints"][6:9] = [1, 1, 2]
    del document["info"]
    (folder / "a.json").write_text(json.dumps(document))
    return folder / "a.json"


def test_a_map_is_suggested_by_name_and_by_place(tmp_path: Path) -> None:
    file = renamed(tmp_path)
    with project(tmp_path) as store:
        placed(store)
        suggested = suggest_names(store, file)
        assert suggested.frames == 4
        assert suggested.names["right_8_jaw"] == IBUG.names[0]
        assert suggested.reasons["right_8_jaw"] == "by the words of its name"
        assert suggested.names["P77"] == IBUG.names[1]
        assert suggested.reasons["P77"].startswith("by place: 0.")
        assert suggested.names["ear"] == ""
        write_suggested(suggested, tmp_path / "m.toml", file)
        assert read_map(tmp_path / "m.toml", IBUG) == suggested.names
        with pytest.raises(FormatError, match="exists already"):
            write_suggested(suggested, tmp_path / "m.toml", file)


def test_a_map_is_kept_for_the_next_file_of_the_format(tmp_path: Path) -> None:
    file = renamed(tmp_path)
    with project(tmp_path) as store:
        first = import_annotations(store, file)
        assert first.landmarks == 4 * 65
        assert any("ear" in note and "P77" in note for note in first.notes)
        second = import_annotations(store, file, names={"P77": IBUG.names[1], "right_8_jaw": IBUG.names[0]})
        assert second.landmarks == 4 * 2
        third = import_annotations(store, file, overwrite=True)
        assert third.matched == 4
        assert any("the project keeps for coco" in note for note in third.notes)
        assert (store.annotations.get(1).state[:2] > 0).all()
        assert store.annotations.get(1).state[2] == 0

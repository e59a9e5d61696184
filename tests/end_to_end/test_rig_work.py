"""A shoot with four cameras from its calibration to landmarks in space: import, propose, correct two views, take, export."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rigged_spots import CAMERAS, NOISE, face, proposal, rig, rigged_project, truth
from spots import COLOURS, SCHEME

from annotator.cli.main import main
from annotator.domain import edits
from annotator.domain.model_card import read_card
from annotator.domain.proposal import Proposal
from annotator.rigs.files.registry import write_rig
from annotator.services.models.propose import propose_project
from annotator.services.rigs.consensus import consensus_of
from annotator.services.rigs.moments import moments
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore


class SpotFinder:
    """Finds each coloured spot, and misses it by a few pixels as a model does."""

    batch, notes = 2, ()

    def __init__(self, folder: Path) -> None:
        self.card = read_card(folder)
        self._rng = np.random.default_rng(3)

    def propose_many(self, images: Sequence[Any], heatmaps: bool = False) -> list[Proposal]:
        return [proposal(self._found(image)) for image in images]

    def _found(self, image: np.ndarray) -> np.ndarray:
        places = []
        for colour in COLOURS:
            rows, columns = np.nonzero(np.abs(image.astype(int) - colour).max(-1) < 60)
            places.append([columns.mean() + 0.5, rows.mean() + 0.5])
        return (np.array(places) + self._rng.normal(0, NOISE, (5, 2))).astype(np.float32)


def test_two_corrected_views_of_four_put_the_other_two_right(tmp_path: Path, capsys) -> None:
    with rigged_project(tmp_path, 2) as store:
        store.rigs.remove("arc")
        path, blank = store.path, tmp_path / "blank"
        store.models.activate("blank")
    calibration = tmp_path / "calibration.toml"
    write_rig(rig(), calibration)
    assert main(["rig", "import", str(path), str(calibration)]) == 0
    with ProjectStore.open(path) as store:
        assert propose_project(store, SpotFinder(blank), again=True).proposed == 8
        before = errors(store, (1, 2))
        for view in (0, 3):
            move(store, 0, view, truth(0)[view], SCHEME.size)
        moment = next(moments(store))
        together = consensus_of(store, moment, "blank")
        for view in (1, 2):  # a person takes what the cameras agree on
            move(store, 0, view, together.consensus.xy[view], SCHEME.size)
        after = errors(store, (1, 2))
        assert after < 0.25 * before
        assert len(list(store.ledger.entries(store.frames.by_path()["s0/t/b/1.png"]))) == 1
    out, views = tmp_path / "points.csv", tmp_path / "views.csv"
    assert main(["rig", "points", str(path), "--out", str(out), "--views", str(views), "--quiet"]) == 0
    assert "10 points of 2 moments" in capsys.readouterr().out.replace("\n", " ")
    rows = [row for row in csv.DictReader(io.StringIO(out.read_text("utf-8"))) if row["subject"] == "s0"]
    found = np.array([[float(row[axis]) for axis in "xyz"] for row in rows])
    assert np.linalg.norm(found - face(0), axis=1).max() < 1.5
    seen = list(csv.DictReader(io.StringIO(views.read_text("utf-8"))))
    assert {row["source"] for row in seen if row["subject"] == "s0"} == {"person"}
    assert {row["source"] for row in seen if row["subject"] == "s1"} == {"proposal"}


def move(store: ProjectStore, subject: int, view: int, xy: np.ndarray, count: int) -> None:
    frame = store.frames.by_path()[f"s{subject}/t/{CAMERAS[view]}/1.png"]
    before = store.annotations.get(frame)
    after = edits.apply(edits.move(range(count), xy), before)[0]
    store.annotations.commit(Change(frame, before, after, "Move"))


def errors(store: ProjectStore, views: Sequence[int]) -> float:
    """Mean distance in pixels of what is shown of the first subject from the truth."""
    found = []
    for view in views:
        frame = store.frames.by_path()[f"s0/t/{CAMERAS[view]}/1.png"]
        human = store.annotations.get(frame)
        shown = human.xy if human.is_human.all() else store.proposals.get(frame, "blank").xy
        found.append(np.linalg.norm(shown - truth(0)[view], axis=-1).mean())
    return float(np.mean(found))

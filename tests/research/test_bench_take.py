"""`bench take` on made-up takes: proposals that are off alike are put right by keys, in space by keys of two views."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rig_worlds import dome, face, seen_by

from annotator.domain.errors import AnnotatorError
from annotator.domain.rigs.rig import Rig
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.truth import GroundTruth
from annotator.research.bench.take import rig as in_space
from annotator.research.bench.take import run, sequences
from annotator.rigs.files.own import OwnJson
from annotator.services.models.evaluation_sets import EvaluationSet

SCHEME = load_scheme("studio-89")
FRAMES, SIDE, OFF = 30, 256, 6.0
RIG: Rig = dome(3, 22000 * SIDE / 4096, size=SIDE)


@dataclass(frozen=True)
class Grey(EvaluationSet):
    """Pictures in which nothing can be followed."""

    def picture(self, number: int) -> np.ndarray[Any, Any]:
        return np.full((SIDE, SIDE, 3), 128, np.uint8)


@pytest.fixture
def data(monkeypatch: pytest.MonkeyPatch) -> EvaluationSet:
    """A head that nods before three cameras, 30 frames; each view's proposals are off by 6 px, alike in all frames."""
    rest = face(np.random.default_rng(3), SCHEME.size) * 0.6
    moments = [seen_by(RIG, rest + [4 * np.sin(n / 9), 3 * np.sin(n / 5), 0]) for n in range(FRAMES)]
    names = [f"ada/talking_{n:04d}/{camera}.jpg" for n in range(FRAMES) for camera in RIG.cameras]
    xy = np.concatenate(moments)
    truth = GroundTruth(SCHEME, tuple(names), ("ada",) * len(names), xy, np.zeros(xy.shape[:2], np.bool_))
    angles = 2 * np.pi * (np.arange(len(names)) % 3) / 3
    proposed = xy + OFF * np.stack([np.cos(angles), np.sin(angles)], -1)[:, None]
    covariance = np.tile(OFF**2 * np.eye(2), (*xy.shape[:2], 1, 1))
    monkeypatch.setattr(sequences, "_proposals", lambda *_: (proposed, covariance))
    return Grey("made up", truth, tuple(Path(name) for name in names))


def scores(figures: dict[str, Any], share: float) -> dict[str, float]:
    """NME by method, of evenly chosen keys."""
    return {
        row["method"]: row["nme"]
        for row in figures["scores"]
        if row["share"] == share and row["keys"] != "suggested"
    }


def test_a_key_puts_right_what_is_off_alike(data: EvaluationSet, tmp_path: Path) -> None:
    figures = run.bench_take(tmp_path, data, tmp_path / "none.npz")
    assert figures["sequences"] == {"ada": FRAMES}
    without, with_keys = scores(figures, 0.0), scores(figures, 0.10)
    assert without["tracked"] == pytest.approx(without["proposals"], rel=0.05)
    assert with_keys["tracked"] < 0.2 * with_keys["proposals"]
    assert with_keys["tracked"] < with_keys["straight"]
    keys = {row["share"]: row["number"] for row in figures["scores"] if row["method"] == "tracked"}
    assert keys == {0.0: 0, 0.03: 3, 0.05: 6, 0.10: 9}  # one, two and three frames of each camera


@pytest.mark.slow
def test_keys_in_two_views_put_the_third_right(data: EvaluationSet, tmp_path: Path) -> None:
    OwnJson().write(RIG, tmp_path / "rig.json")
    figures = in_space.bench_take_in_space(tmp_path, data, tmp_path, tmp_path / "none.npz")
    assert figures["sequences"] == {"ada x 3 views": FRAMES}
    found = scores(figures, 0.03)
    assert found["in space"] < 0.5 * found["each view alone"]
    assert found["in space"] < 0.5 * found["moment by moment"]
    assert {row["number"] for row in figures["scores"] if row["share"] == 0.03} == {2}


def test_what_cannot_be_measured_is_told(data: EvaluationSet, tmp_path: Path) -> None:
    with pytest.raises(AnnotatorError, match="--fixed-rig"):
        in_space.bench_take_in_space(tmp_path, data, tmp_path, tmp_path / "none.npz")
    cameras = {name: replace(camera, name=name) for name, camera in RIG.cameras.items()}
    more = replace(cameras["cam_00"], name="roof")
    OwnJson().write(replace(RIG, cameras={**cameras, "roof": more}), tmp_path / "rig.json")
    with pytest.raises(AnnotatorError, match="4 cameras"):
        in_space.bench_take_in_space(tmp_path, data, tmp_path, tmp_path / "none.npz")
    with pytest.raises(AnnotatorError, match="24 frames"):
        run.bench_take(tmp_path, data.subset(range(9)), tmp_path / "none.npz")

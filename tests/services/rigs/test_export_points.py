"""Landmarks in space as files: what is read back is what the views say together."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import trimesh
from rigged_spots import CAMERAS, correct, face, rigged_project, truth
from spots import SCHEME

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled
from annotator.services.rigs.consensus import consensus_of
from annotator.services.rigs.moments import moments
from annotator.services.rigs.points.export import PointsWishes, export_points
from annotator.store.project_store import ProjectStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    with rigged_project(tmp_path, 2) as opened:
        opened.models.activate("blank")
        yield opened


def test_points_of_a_csv_are_those_in_space(store: ProjectStore, tmp_path: Path) -> None:
    correct(store, "s0/t/a/1.png", truth(0)[0])
    correct(store, "s0/t/d/1.png", truth(0)[3])
    report = export_points(store, PointsWishes(tmp_path / "p.csv"))
    assert (report.moments, report.points, report.model) == (2, 10, "blank")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "p.csv").read_text("utf-8"))))
    first = [row for row in rows if row["subject"] == "s0"]
    assert [row["landmark"] for row in first] == list(SCHEME.names)
    own = consensus_of(store, next(moments(store)), "blank").consensus
    np.testing.assert_array_equal(numbers(first, "x", "y", "z"), own.points)
    np.testing.assert_array_equal(
        numbers(first, "xx", "yy", "zz"), np.diagonal(own.covariance, axis1=1, axis2=2)
    )
    assert np.linalg.norm(numbers(first, "x", "y", "z") - face(0), axis=1).max() < 2.0
    assert first[0]["voted"] == "a;b;c;d"
    assert (first[0]["rig"], first[0]["version"]) == ("arc", "1")
    np.testing.assert_array_equal(numbers(first, "residual c")[:, 0], own.residuals[2])


def test_views_of_a_csv_say_who_placed_each(store: ProjectStore, tmp_path: Path) -> None:
    correct(store, "s0/t/a/1.png", truth(0)[0])
    report = export_points(store, PointsWishes(views=tmp_path / "v.csv"))
    assert (report.points, report.view_points) == (0, 40)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "v.csv").read_text("utf-8"))))
    own = consensus_of(store, next(moments(store)), "blank").consensus
    for view, camera in enumerate(CAMERAS):
        mine = [row for row in rows if row["frame"] == f"s0/t/{camera}/1.png"]
        np.testing.assert_array_equal(numbers(mine, "x", "y"), own.xy[view])
        np.testing.assert_array_equal(numbers(mine, "xy")[:, 0], own.xy_covariance[view, :, 0, 1])
        assert {row["source"] for row in mine} == {"person" if camera == "a" else "proposal"}
        assert {row["voted"] for row in mine} == {"1"}


def test_json_holds_the_same_and_null_where_nothing_is_known(store: ProjectStore, tmp_path: Path) -> None:
    ids = store.frames.by_path()
    for camera in CAMERAS[:3]:  # one view alone has the chin
        own = store.proposals.get(ids[f"s1/t/{camera}/1.png"], "blank")
        xy = own.xy.copy()
        xy[4] = np.nan
        store.proposals.save(ids[f"s1/t/{camera}/1.png"], type(own)(**{**vars(own), "xy": xy}))
    export_points(store, PointsWishes(tmp_path / "p.json"))
    values = json.loads((tmp_path / "p.json").read_text("utf-8"))
    assert (values["kind"], values["scheme"], values["landmarks"]) == (
        "annotator-points", SCHEME.id, list(SCHEME.names),
    )  # fmt: skip
    first, second = values["moments"]
    own = consensus_of(store, next(moments(store)), "blank").consensus
    np.testing.assert_array_equal(first["points"], own.points)
    np.testing.assert_array_equal(first["covariance"], own.covariance)
    np.testing.assert_array_equal(first["views"]["b"]["xy"], own.xy[1])
    assert first["unit_mm"] == 1.0
    assert second["points"][4] is None
    assert second["views"]["d"]["source"][4] == "proposal"
    assert second["views"]["a"]["source"][4] == ""


def test_a_glb_is_read_again_by_its_library(store: ProjectStore, tmp_path: Path) -> None:
    export_points(store, PointsWishes(tmp_path / "p.glb"))
    scene = trimesh.load(tmp_path / "p.glb")
    own = consensus_of(store, next(moments(store)), "blank").consensus
    cloud = scene.geometry["s0/t/1"]
    np.testing.assert_allclose(cloud.vertices, own.points / 1000, atol=1e-7)
    assert cloud.colors[0].tolist() == [255, 0, 0, 255]
    content = (tmp_path / "p.glb").read_bytes()
    nodes = json.loads(content[20 : 20 + int.from_bytes(content[12:16], "little")])["nodes"]
    told = next(node["extras"] for node in nodes if node["name"] == "s0/t/1")
    assert told["landmarks"] == list(SCHEME.names)
    assert (told["subject"], told["rig"], told["unit_mm"]) == ("s0", "arc", 1000.0)
    np.testing.assert_allclose(np.array(told["covariance"])[:, 0], own.covariance[:, 0, 0] / 1e6)


def test_only_people_only_some_takes(store: ProjectStore, tmp_path: Path) -> None:
    for view in (0, 2):
        correct(store, f"s0/t/{CAMERAS[view]}/1.png", truth(0)[view])
    report = export_points(store, PointsWishes(tmp_path / "p.csv", people=True))
    assert (report.points, report.model) == (5, None)
    with pytest.raises(AnnotatorError, match="name other takes"):
        export_points(store, PointsWishes(tmp_path / "q.csv", takes=("zoe/*",)))
    wishes = PointsWishes(tmp_path / "r.csv", takes=("s1/*",))
    assert export_points(store, wishes).points == 5


def test_what_cannot_be_is_refused_and_leaves_nothing(store: ProjectStore, tmp_path: Path) -> None:
    there = tmp_path / "there.csv"
    there.write_text("mine", encoding="utf-8")
    picture = tmp_path / "picture.csv"
    picture.write_bytes(store.frames.path(1).read_bytes())
    (tmp_path / "folder.csv").mkdir()
    for wishes, why in (
        (PointsWishes(), "--out"),
        (PointsWishes(there), "exists already"),
        (PointsWishes(picture, overwrite=True), "is a picture"),
        (PointsWishes(tmp_path / "folder.csv", overwrite=True), "is a folder"),
        (PointsWishes(tmp_path / "p.csv", tmp_path / "p.csv"), "two files"),
        (PointsWishes(tmp_path / "p.usd"), "must end in"),
        (PointsWishes(views=tmp_path / "v.json"), "must end in"),
        (PointsWishes(tmp_path / "p.csv", model="nobody"), "knows blank"),
    ):
        with pytest.raises(AnnotatorError, match=why):
            export_points(store, wishes)
    with pytest.raises(Cancelled):
        export_points(store, PointsWishes(there, overwrite=True), stop=lambda: True)
    assert there.read_text("utf-8") == "mine"
    assert not list(tmp_path.glob("p.*"))


def test_without_trimesh_it_says_what_to_install(
    store: ProjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "trimesh", None)
    with pytest.raises(AnnotatorError, match="gltf"):
        export_points(store, PointsWishes(tmp_path / "p.glb"))


def numbers(rows: list[dict[str, str]], *names: str) -> np.ndarray:
    return np.array([[float(row[name]) for name in names] for row in rows])

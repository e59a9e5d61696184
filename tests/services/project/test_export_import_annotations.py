"""From a project to a file and back: filters, manifest, matching, the ledger, and what a person set."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from project_files import IBUG, L, project

from annotator.domain import edits
from annotator.domain.annotation import Annotation, Flag, LandmarkState, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError, ModelError
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.formats.base import WriteOptions
from annotator.formats.coco import Coco
from annotator.formats.csv import Csv
from annotator.services.models.active_model import choose_model
from annotator.services.project.export_dataset import export_dataset
from annotator.services.project.export_filter import ExportFilter
from annotator.services.project.import_annotations import import_annotations
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    """anna/left: 0..9 confirmed, 10..19 corrected; anna/right: all confirmed, approved; bo/left: 0 corrected, rejected.

    The active model has proposals for anna/left and bo/right, of confidence 0.00, 0.01, 0.02, ...
    """
    with project(tmp_path) as store:
        ids = store.frames.by_path()
        put(
            store,
            ids["anna/left.jpg"],
            {i: LandmarkState.CONFIRMED if i < 10 else LandmarkState.CORRECTED for i in range(20)},
        )
        put(
            store,
            ids["anna/right.jpg"],
            dict.fromkeys(range(L), LandmarkState.CONFIRMED),
            ReviewState.APPROVED,
        )
        put(store, ids["bo/left.jpg"], {0: LandmarkState.CORRECTED}, ReviewState.REJECTED)
        card = ModelCard("m@1", IBUG.id, {}, sha256="ab" * 32)
        store.models.add(card, tmp_path)
        store.models.activate("m@1")
        for path in ("anna/left.jpg", "bo/right.jpg"):
            store.proposals.save(ids[path], proposal("m@1", 100))
        yield store


def put(
    store: ProjectStore,
    frame: int,
    states: dict[int, LandmarkState],
    review: ReviewState = ReviewState.UNREVIEWED,
) -> None:
    xy, state = np.full((L, 2), np.nan, np.float32), np.zeros(L, np.uint8)
    for index, value in states.items():
        xy[index], state[index] = (index + 0.25, index + 20.5), value
    flags = np.where(state > 0, np.arange(L) % 4, 0).astype(np.uint8)
    store.annotations.commit(
        Change(frame, store.annotations.get(frame), Annotation(IBUG.id, xy, state, flags, review), "set")
    )


def proposal(model_id: str, at: float) -> Proposal:
    xy = np.full((L, 2), at, np.float32)
    spread = np.zeros((L, 2, 2), np.float32)
    confidence = np.arange(L, dtype=np.float32) / 100
    return Proposal(model_id, IBUG.id, xy, spread, confidence, np.zeros((0, 4), np.float32), xy, spread)


def exported(path: Path) -> dict[str, Annotation]:
    return {frame.path: frame.annotation(IBUG) for frame in Coco().read(path, IBUG)}


@pytest.mark.parametrize(
    ("filters", "placed"),
    [
        (ExportFilter(), {"anna/left.jpg": 20, "anna/right.jpg": L}),
        (ExportFilter(include="confirmed"), {"anna/left.jpg": 10, "anna/right.jpg": L}),
        (ExportFilter(complete=True), {"anna/right.jpg": L}),
        (ExportFilter(subjects=("bo",), reviews=(ReviewState.REJECTED,)), {"bo/left.jpg": 1}),
        (ExportFilter(cameras=("left",)), {"anna/left.jpg": 20}),
        (ExportFilter(reviews=(ReviewState.APPROVED, ReviewState.NEEDS_WORK)), {"anna/right.jpg": L}),
        (ExportFilter(proposals=True), {"anna/left.jpg": L, "anna/right.jpg": L, "bo/right.jpg": L}),
        (
            ExportFilter(proposals=True, min_confidence=0.4),
            {"anna/left.jpg": 20 + L - 40, "anna/right.jpg": L, "bo/right.jpg": L - 40},
        ),
        (
            ExportFilter(include="confirmed", proposals=True, subjects=("anna",)),
            {"anna/left.jpg": L - 10, "anna/right.jpg": L},
        ),
    ],
)
def test_filters(store: ProjectStore, tmp_path: Path, filters: ExportFilter, placed: dict[str, int]) -> None:
    report = export_dataset(store, tmp_path / "out.json", "coco", filters)
    found = exported(tmp_path / "out.json")
    assert {path: int((value.state > 0).sum()) for path, value in found.items()} == placed
    assert report.written.landmarks == sum(placed.values())


def test_a_person_is_never_replaced_by_a_proposal(store: ProjectStore, tmp_path: Path) -> None:
    export_dataset(store, tmp_path / "out.json", filters=ExportFilter(include="confirmed", proposals=True))
    left = exported(tmp_path / "out.json")["anna/left.jpg"]
    assert (left.state[:10] == LandmarkState.CONFIRMED).all()
    assert (left.state[10:20] == LandmarkState.MISSING).all()  # corrected, not wanted: a gap and no proposal
    assert (left.state[20:] == LandmarkState.PROPOSED).all()
    np.testing.assert_array_equal(left.xy[3], [3.25, 23.5])


def test_the_manifest_says_what_was_written(store: ProjectStore, tmp_path: Path) -> None:
    report = export_dataset(
        store, tmp_path / "out.csv", filters=ExportFilter(proposals=True, subjects=("anna", "bo"))
    )
    assert report.manifest == tmp_path / "out.manifest.json"
    manifest = json.loads(report.manifest.read_text())
    assert manifest["format"] == "csv"
    assert manifest["scheme"] == IBUG.id
    assert "(0.5, 0.5)" in manifest["convention"]
    assert manifest["counts"]["frames"] == 3
    states = {"missing": 0, "proposed": L - 20 + L, "corrected": 10, "confirmed": 10 + L, "tracked": 0}
    assert manifest["counts"]["states"] == states
    active = {"id": "m@1", "sha256": "ab" * 32}
    assert manifest["models"] == {"active": active, "proposals": ["m@1"], "frames_agreed_by_cameras": 0}
    assert manifest["filters"]["subjects"] == ["anna", "bo"]
    assert manifest["subjects"] == ["anna", "bo"]
    assert manifest["project"] == "p.annotator"
    assert manifest["application"].startswith("annotator ")


def test_pts_leaves_incomplete_frames_out_and_says_so(store: ProjectStore, tmp_path: Path) -> None:
    report = export_dataset(store, tmp_path / "points", "pts")
    assert [path.relative_to(tmp_path).as_posix() for path in report.written.files] == [
        "points/anna/right.pts"
    ]
    manifest = json.loads((tmp_path / "points/manifest.json").read_text())
    assert manifest["left_out"] == {"anna/left.jpg": "lacks 48 of 68 points"}
    assert manifest["counts"]["states"]["confirmed"] == L


def test_refusals_leave_everything_as_it_was(store: ProjectStore, tmp_path: Path) -> None:
    before = store.path.read_bytes()
    (tmp_path / "out.json").write_text("precious")
    (tmp_path / "photo.jpg").write_text("a frame")
    cases: list[tuple[Path, str | None, ExportFilter, str]] = [
        (store.path, "coco", ExportFilter(), "looks like an image or a project"),
        (tmp_path / "photo.jpg", "csv", ExportFilter(), "looks like an image"),
        (tmp_path / "out.xml", None, ExportFilter(), "cannot be told"),
        (tmp_path / "out.json", "xml", ExportFilter(), "choose one of coco"),
        (tmp_path, "coco", ExportFilter(), "is a folder"),
        (tmp_path / "out.json", "pts", ExportFilter(), "is a file"),
        (tmp_path / "out.json", None, ExportFilter(subjects=("cy",)), "no frame passes"),
        (tmp_path / "out.json", None, ExportFilter(subjects=("bo",)), "none of the 1 frames"),
    ]
    for path, name, filters, words in cases:
        with pytest.raises(FormatError, match=words):
            export_dataset(store, path, name, filters)
    with pytest.raises(Cancelled):
        export_dataset(store, tmp_path / "out.json", stop=lambda: True)
    with pytest.raises(FormatError, match="exists already"):
        export_dataset(store, tmp_path / "out.json", options=WriteOptions(overwrite=False))
    with pytest.raises(FormatError, match="human"):
        ExportFilter(include="all")  # type: ignore[arg-type]
    assert (tmp_path / "out.json").read_text() == "precious"
    assert (tmp_path / "photo.jpg").read_text() == "a frame"
    assert store.path.read_bytes() == before
    assert not list(tmp_path.glob("*manifest*"))


def test_proposals_need_a_model(tmp_path: Path) -> None:
    with project(tmp_path) as empty, pytest.raises(FormatError, match="no model is active"):
        export_dataset(empty, tmp_path / "out.json", filters=ExportFilter(proposals=True))


@pytest.mark.parametrize("name", ["out.json", "out.csv"])
def test_another_project_gets_the_same_annotations(store: ProjectStore, tmp_path: Path, name: str) -> None:
    everything = ExportFilter(reviews=tuple(ReviewState))
    export_dataset(store, tmp_path / name, filters=everything)
    with project(tmp_path, "second") as second:
        report = import_annotations(second, tmp_path / name, user="tester")
        assert (report.matched, report.changed, report.landmarks) == (3, 3, 20 + L + 1)
        assert report.unmatched == {}
        for path, frame in second.frames.by_path().items():
            assert second.annotations.get(frame) == store.annotations.get(store.frames.by_path()[path])
        entries = second.ledger.entries()
        assert [entry.user for entry in entries] == ["tester"] * 3
        assert "Import" in entries[0].label
        assert second.annotations.at(entries[0].frame_id, 0) == Annotation.empty(IBUG)
        assert import_annotations(second, tmp_path / name).changed == 0


def test_what_a_person_set_stays_unless_asked(store: ProjectStore, tmp_path: Path) -> None:
    export_dataset(store, tmp_path / "out.json", filters=ExportFilter(cameras=("left",)))
    frame = store.frames.by_path()["anna/left.jpg"]
    before = store.annotations.get(frame)
    xy, state, flags = before.xy.copy(), before.state.copy(), before.flags.copy()
    xy[5], flags[5] = (300, 200), Flag.OCCLUDED
    xy[7], state[7] = np.nan, 0
    xy[30], state[30] = (9, 9), LandmarkState.CORRECTED
    moved = Annotation(IBUG.id, xy, state, flags, ReviewState.APPROVED)
    store.annotations.commit(Change(frame, before, moved, "work"))
    report = import_annotations(store, tmp_path / "out.json")
    assert (report.changed, report.landmarks, report.kept) == (1, 1, 19)
    after = store.annotations.get(frame)
    np.testing.assert_array_equal(after.xy[5], [300, 200])
    np.testing.assert_array_equal(after.xy[7], before.xy[7])
    assert after.review == ReviewState.APPROVED
    import_annotations(store, tmp_path / "out.json", overwrite=True)
    over = store.annotations.get(frame)
    np.testing.assert_array_equal(over.xy[:20], before.xy[:20])
    assert over.flags[5] == before.flags[5]
    np.testing.assert_array_equal(over.xy[30], [9, 9])  # the file lacks it: never cleared


def test_proposals_of_a_file_do_not_become_annotations(store: ProjectStore, tmp_path: Path) -> None:
    export_dataset(store, tmp_path / "out.json", filters=ExportFilter(proposals=True))
    with project(tmp_path, "second") as second:
        report = import_annotations(second, tmp_path / "out.json")
        assert report.proposed == L - 20 + L
        assert not second.annotations.get(second.frames.by_path()["bo/right.jpg"]).is_human.any()


def test_as_proposals_no_annotation_changes(store: ProjectStore, tmp_path: Path) -> None:
    export_dataset(store, tmp_path / "out.csv")
    with project(tmp_path, "second") as second:
        report = import_annotations(second, tmp_path / "out.csv", as_proposals=True)
        assert report.model_id == "import:csv"
        frame = second.frames.by_path()["anna/left.jpg"]
        found = second.proposals.get(frame, "import:csv")
        assert found is not None
        np.testing.assert_array_equal(
            found.xy[:20], store.annotations.get(store.frames.by_path()["anna/left.jpg"]).xy[:20]
        )
        assert found.confidence[:20].tolist() == [0.5] * 20
        assert found.confidence[20:].tolist() == [0] * (L - 20)
        assert second.ledger.entries() == []
        second.models.activate("import:csv")
        with pytest.raises(ModelError, match="a model with a network"):
            choose_model(second, "import:csv")


def test_pts_beside_images(store: ProjectStore, tmp_path: Path) -> None:
    export_dataset(store, tmp_path / "points", "pts")
    with project(tmp_path, "second") as second:
        report = import_annotations(second, tmp_path / "points")
        assert (report.format, report.changed) == ("pts", 1)
        annotation = second.annotations.get(second.frames.by_path()["anna/right.jpg"])
        assert (annotation.state == LandmarkState.CONFIRMED).all()
        np.testing.assert_array_equal(
            annotation.xy, store.annotations.get(store.frames.by_path()["anna/right.jpg"]).xy
        )


def test_a_broken_file_or_a_stop_changes_nothing(store: ProjectStore, tmp_path: Path) -> None:
    export_dataset(store, tmp_path / "out.json")
    text = (tmp_path / "out.json").read_text()
    (tmp_path / "broken.json").write_text(text[: len(text) // 2])
    with project(tmp_path, "second") as second:
        with pytest.raises(FormatError, match="cut short"):
            import_annotations(second, tmp_path / "broken.json")
        with pytest.raises(Cancelled):
            import_annotations(second, tmp_path / "out.json", stop=lambda: True)
        assert second.ledger.entries() == []
    with (
        project(tmp_path, "third", ("zoe/a.jpg",)) as third,
        pytest.raises(FormatError, match="none of the 2 frames"),
    ):
        import_annotations(third, tmp_path / "out.json")


def test_csv_with_points_of_another_scheme_names_the_line(store: ProjectStore, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("frame,landmark,x,y\nanna/left.jpg,snout,1,2\n")
    with pytest.raises(FormatError, match="line 2: 'snout'"):
        import_annotations(store, tmp_path / "a.csv", Csv.name)


@pytest.mark.parametrize("name", ["studio-89@1", "studio-89@2"])
@pytest.mark.parametrize(("file", "format_name"), [("o.json", "coco"), ("o.csv", "csv"), ("pts", "pts")])
def test_the_manifest_counts_what_was_written(tmp_path: Path, name: str, file: str, format_name: str) -> None:
    """With --ibug68 some landmarks stay behind, and some points follow from others."""
    scheme = load_scheme(name)
    outside = next(i for i in range(scheme.size) if i not in scheme.ibug68.values())
    with ProjectStore.create(tmp_path / "p.annotator", scheme, tmp_path) as store:
        store.frames.add(Frame(0, f"{n}.jpg", "a", "", "", str(n), 400, 300) for n in range(3))
        for frame_id, landmarks in ((1, range(scheme.size)), (2, [outside])):
            before = store.annotations.get(frame_id)
            places = np.random.default_rng(0).uniform(10, 290, (len(landmarks), 2))
            after, _ = edits.apply(edits.move(landmarks, places), before)
            store.annotations.commit(Change(frame_id, before, after, "Mark"))
        if format_name == "pts" and name == "studio-89@1":
            with pytest.raises(FormatError, match="studio-89@2"):
                export_dataset(store, tmp_path / file, format_name, options=WriteOptions(ibug68=True))
            return
        report = export_dataset(store, tmp_path / file, format_name, options=WriteOptions(ibug68=True))
    counts = json.loads(report.manifest.read_text(encoding="utf-8"))["counts"]
    assert (counts["frames"], counts["frames_without_landmarks"]) == (1, 2)
    assert counts["states"]["corrected"] == len(scheme.ibug68)
    assert counts["states"]["missing"] == 0
    assert counts["landmarks"] == len(scheme.ibug68) + counts["derived"]
    assert counts["derived"] == (len(scheme.derived) if format_name == "pts" else 0)

"""Numbered files and movies come in as takes: ranges, gaps, rates, and every use of a frame that lies in a movie."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from movie_files import SIDE, number_in, write_movie

from annotator.domain import edits
from annotator.domain.errors import ProjectError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.formats.base import WriteOptions
from annotator.services.project.captures.import_captures import import_captures, preview_import
from annotator.services.project.captures.path_pattern import PathPattern, PatternError
from annotator.services.project.captures.picture_sizes import PointsRule, changed_sizes, take_sizes
from annotator.services.project.captures.relink import check_root, relink
from annotator.services.project.export_dataset import export_dataset
from annotator.services.project.export_filter import ExportFilter
from annotator.services.project.import_annotations import import_annotations
from annotator.services.takes.sequences import sequences
from annotator.session.processes.decode_process import decode
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

PIXELS = cv2.imencode(".png", np.zeros((3, 5, 3), np.uint8))[1].tobytes()
SCHEME = load_scheme("ibug-68")


def numbered(folder: Path, name: str, *numbers: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (folder / name.format(number)).write_bytes(PIXELS)
    return folder


@pytest.fixture
def store(tmp_path: Path):
    (tmp_path / "captures").mkdir()
    with ProjectStore.create(tmp_path / "p.annotator", SCHEME, tmp_path / "captures") as store:
        yield store


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ("frame.####.png", [998, 1001, 1002, 1005, 1010]),
        ("frame.%04d.png", [998, 1001, 1002, 1005, 1010]),
        ("frame.1001-1005#.png", [1001, 1002, 1005]),
        ("frame.1001-1005%04d.png", [1001, 1002, 1005]),
        ("frame.1001-1010x4,998#.png", [998, 1001, 1005]),
        ("frame.998-1001@.png", [998, 1001]),
    ],
)
def test_patterns_name_the_frames_of_one_take(tmp_path: Path, pattern: str, taken: list[int]) -> None:
    preview = preview_import(numbered(tmp_path, "frame.{:04d}.png", 998, 1001, 1002, 1005, 1010), pattern)
    assert [int(match.frame) for match in preview.matched] == taken
    assert {(match.subject, match.take) for match in preview.matched} == {("", "frame")}
    assert preview.unmatched_count == 5 - len(taken)
    assert all("does not ask for" in miss.reason for miss in preview.unmatched)


def test_digits_before_a_number_are_a_range_only_where_they_are_one() -> None:
    assert PathPattern("cam2-####.png").match("cam2-0001.png")["frame"] == "0001"
    for pattern, words in (
        ("a.1-2#.b.3-4#.png", "several ranges"),
        ("a.1-3000000#.png", "are enough"),
        ("a.1-2-3#.png", "is none"),
    ):
        with pytest.raises(PatternError, match=words):
            PathPattern(pattern)


def test_gaps_are_told_and_even_steps_are_none(tmp_path: Path) -> None:
    numbered(tmp_path / "anna" / "talk" / "left", "f_{:03d}.png", 1, 2, 5, 6, 9)
    numbered(tmp_path / "anna" / "talk" / "right", "f_{:03d}.png", 10, 20, 30, 40)
    numbered(tmp_path / "anna" / "still" / "left", "f_{:03d}.png", 1, 900)
    assert preview_import(tmp_path).gaps == ("anna / talk / left: 4 frames are missing (3-4,7-8)",)
    asked = preview_import(tmp_path / "anna" / "talk" / "left", "f_1-10%03d.png")
    assert asked.gaps == ("f: 5 frames are missing (3-4,7-8,10)",)


def test_several_sequences_in_a_folder_are_takes_of_their_own(tmp_path: Path) -> None:
    numbered(tmp_path / "plates", "a.{:04d}.png", 1, 2)
    numbered(tmp_path / "plates", "b.{:04d}.png", 1, 2)
    numbered(tmp_path / "anna" / "talk", "left_{:04d}.png", 1, 2)
    numbered(tmp_path / "anna" / "talk", "right_{:04d}.png", 1, 2)
    numbered(tmp_path / "alone", "c.{:04d}.png", 1, 2)
    found = {(m.subject, m.take, m.camera) for m in preview_import(tmp_path).matched}
    assert found == {
        ("plates", "a", ""),
        ("plates", "b", ""),
        ("anna", "talk", "left"),
        ("anna", "talk", "right"),
        ("alone", "", ""),
    }


def test_a_movie_is_a_take_of_numbered_frames_with_its_rate(store: ProjectStore) -> None:
    pytest.importorskip("av")
    root = store.frames.capture_root
    (root / "anna" / "smile").mkdir(parents=True)
    write_movie(root / "anna" / "talk.mp4", 5, lasting=(1001,))
    write_movie(root / "anna" / "smile" / "left.mov", 3, "png", "rgb24")
    write_movie(root / "anna" / "uneven.mkv", 4, lasting=(2000, 1000, 1000))
    (root / "anna" / "broken.mov").write_bytes(b"none")
    preview = preview_import(root)
    assert (preview.counts, preview.movies) == ("4 movies", 4)
    summary = import_captures(store, root)
    assert (summary.added, summary.known) == (12, 0)
    assert [error.path.name for error in summary.failures] == ["broken.mov"]
    assert list(summary.notes) == ["anna/uneven.mkv"]
    found = {(s.subject, s.take, s.camera): s for s in sequences(store)}
    talk, smile = found["anna", "talk", ""], found["anna", "smile", "left"]
    assert talk.numbers.tolist() == [1, 2, 3, 4, 5]
    assert float(talk.settings.rate) == pytest.approx(24 / 1.001, rel=1e-3)
    assert smile.settings.rate == 24
    again = import_captures(store, root)
    assert (again.added, again.known) == (0, 12)
    by_pattern = preview_import(root, "{subject}/{take}.mp4")
    assert [(m.path, m.take, m.frame) for m in by_pattern.matched] == [("anna/talk.mp4", "talk", "")]


def test_a_rate_that_somebody_told_stays(store: ProjectStore) -> None:
    from dataclasses import replace

    pytest.importorskip("av")
    write_movie(store.frames.capture_root / "talk.mp4", 3, lasting=(2000,))
    told = replace(store.takes.get("captures", "talk"), rate=25)
    store.takes.set("captures", "talk", told)
    import_captures(store, store.frames.capture_root)
    assert store.takes.get("captures", "talk").rate == 25


@pytest.fixture
def filmed(store: ProjectStore) -> ProjectStore:
    """`talk.mov`, six frames without loss; in the third all landmarks are set."""
    pytest.importorskip("av")
    write_movie(store.frames.capture_root / "talk.mov", 6, "png", "rgb24")
    import_captures(store, store.frames.capture_root)
    frame_id = store.frames.by_path()["talk.mov/000003"]
    before = store.annotations.get(frame_id)
    xy = np.random.default_rng(0).uniform(10, 50, (SCHEME.size, 2))
    store.annotations.commit(
        Change(frame_id, before, edits.apply(edits.move(range(SCHEME.size), xy), before)[0], "Set")
    )
    return store


def test_pixels_and_previews_are_those_of_the_number(filmed: ProjectStore) -> None:
    ids = filmed.frames.by_path()
    for number in (5, 1, 6, 2):
        levels, preview = decode(filmed.frames.path(ids[f"talk.mov/{number:06d}"]))
        assert number_in(levels[0]) == number
        assert preview.startswith(b"\xff\xd8")


def test_a_movie_is_found_again_where_it_was_moved(filmed: ProjectStore, tmp_path: Path) -> None:
    (tmp_path / "moved").mkdir()
    (tmp_path / "captures" / "talk.mov").rename(tmp_path / "moved" / "talk.mov")
    assert check_root(filmed, tmp_path / "captures").found == 0
    with pytest.raises(ProjectError):
        relink(filmed, tmp_path / "captures")
    assert relink(filmed, tmp_path / "moved").found == 6
    frame_id = filmed.frames.by_path()["talk.mov/000004"]
    assert number_in(decode(filmed.frames.path(frame_id))[0][0]) == 4


def test_a_movie_in_another_size_is_told_and_taken(filmed: ProjectStore) -> None:
    wide = (SIDE[0] * 2, SIDE[1] * 2)
    write_movie(filmed.frames.capture_root / "talk.mov", 5, "png", "rgb24", size=wide)
    report = changed_sizes(filmed)
    assert len(report.changes) == 5
    assert ["no frame 6" in why for why in report.unreadable.values()] == [True]
    frame_id = filmed.frames.by_path()["talk.mov/000003"]
    before = filmed.annotations.get(frame_id).xy
    take_sizes(filmed, report.changes, PointsRule.SCALE)
    assert np.allclose(filmed.annotations.get(frame_id).xy, before * 2)


@pytest.mark.parametrize("wanted", ["coco", "csv", "coco-dataset", "yolo", "pts"])
def test_what_was_exported_comes_back_to_its_frame(filmed: ProjectStore, tmp_path: Path, wanted: str) -> None:
    out = tmp_path / {"coco": "o.json", "csv": "o.csv"}.get(wanted, "out")
    export_dataset(filmed, out, wanted, ExportFilter(), options=WriteOptions(pictures="link"))
    pictures = list(tmp_path.glob("out/**/*.png"))
    if wanted in ("coco-dataset", "yolo"):
        assert [number_in(cv2.imread(str(path))[..., ::-1]) for path in pictures] == [3]
        assert not pictures[0].is_symlink()
    frame_id = filmed.frames.by_path()["talk.mov/000003"]
    before = filmed.annotations.get(frame_id)
    gone = edits.apply(edits.clear(range(SCHEME.size)), before)[0]
    filmed.annotations.commit(Change(frame_id, before, gone, "Clear"))
    report = import_annotations(filmed, out, wanted)
    assert not report.unmatched
    assert np.allclose(filmed.annotations.get(frame_id).xy, before.xy, atol=0.01)

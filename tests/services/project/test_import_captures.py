"""Captures come in by pattern: what is matched, what is not and why, and that nothing is copied or escapes."""

import os
import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from annotator.domain.errors import ProjectError
from annotator.domain.progress import Cancelled
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.project.captures.import_captures import import_captures, preview_import
from annotator.services.project.captures.path_pattern import PathPattern, PatternError
from annotator.services.project.captures.relink import check_root, relink
from annotator.store.project_store import ProjectStore

PIXELS = cv2.imencode(".png", np.zeros((3, 5, 3), np.uint8))[1].tobytes()


def tree(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(PIXELS)
    return root


@pytest.fixture
def store(tmp_path: Path):
    (tmp_path / "captures").mkdir()
    with ProjectStore.create(
        tmp_path / "p.annotator", load_scheme("ibug-68"), tmp_path / "captures"
    ) as store:
        yield store


@pytest.mark.parametrize(
    ("pattern", "path", "fields"),
    [
        ("{subject}/{take}/{camera}/{frame}.jpg", "anna/t1/left/0007.jpg", ("anna", "t1", "left", "0007")),
        ("{subject}_{camera}_####.exr", "anna_left_0101.exr", ("anna", "", "left", "0101")),
        ("{subject}_{camera}_####.exr", "anna_left_10101.exr", ("anna", "", "left", "10101")),
        ("{subject}_{camera}_%04d.EXR", "anna_left_0101.exr", ("anna", "", "left", "0101")),
        ("*/{camera}.tif", "whatever/top.tif", ("", "", "top", "")),
        ("**/{camera}_#.png", "a/b/c/top_12.png", ("", "", "top", "12")),
        ("**/{camera}_#.png", "top_12.png", ("", "", "top", "12")),
        ("{subject}/{subject}_{cam}.png", "bo/bo_l.png", ("bo", "", "l", "")),
        ("{subject}/{camera}", "bo/l.jpeg", ("bo", "", "l", "")),
        ("v?.(x)[1]/{camera}.png", "v2.(x)[1]/l.png", ("", "", "l", "")),
        (".\\{subject}\\{index}.png", "bo/3.png", ("bo", "", "", "3")),
    ],
)
def test_patterns_read_paths(pattern: str, path: str, fields: tuple[str, ...]) -> None:
    assert PathPattern(pattern).match(path) == dict(
        zip(("subject", "take", "camera", "frame"), fields, strict=True)
    )


@pytest.mark.parametrize(
    ("pattern", "path", "reason"),
    [
        ("{subject}/{camera}.jpg", "anna/t1/left.jpg", "1 folder(s) deeper than the pattern expects; `**/`"),
        (
            "{subject}/{camera}.jpg",
            "left.jpg",
            "1 folder(s) higher than the pattern expects; the pattern has 1",
        ),
        ("{subject}/{camera}.jpg", "anna/left.png", "ends in .png"),
        ("{camera}_####.jpg", "left_012.jpg", "3 digits (012)"),
        ("{camera}_####.jpg", "left.jpg", "`left.jpg` does not fit"),
        ("take*/{camera}.jpg", "shot1/left.jpg", "`shot1` does not fit `take*`"),
        ("{subject}/{subject}_{camera}.jpg", "anna/bo_left.jpg", "two different values"),
        ("**/cam_{camera}.jpg", "anna/left.jpg", "does not fit the pattern"),
    ],
)
def test_near_misses_say_why(pattern: str, path: str, reason: str) -> None:
    rule = PathPattern(pattern)
    assert rule.match(path) is None
    assert reason in rule.why_not(path)


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{who}/{camera}.jpg", "unknown field {who}"),
        ("{who}/{camera}.jpg", "{take} (or {shot}, {expression})"),
        ("{subject/x.jpg", "brace"),
        ("%0999d.jpg", "999"),
        (" / ", "empty"),
    ],
)
def test_senseless_patterns_are_refused(pattern: str, words: str) -> None:
    with pytest.raises(PatternError, match=re.escape(words)):
        PathPattern(pattern)


def test_preview_tells_what_matches_and_what_does_not(tmp_path: Path) -> None:
    tree(
        tmp_path,
        "anna/left/frame_2.jpg",
        "anna/left/frame_10.jpg",
        "bo/left/frame_1.jpg",
        "bo/odd.jpg",
        "bo/left/x.png",
    )
    (tmp_path / "notes.txt").write_text("no image")
    (tmp_path / ".hidden.jpg").write_bytes(PIXELS)
    preview = preview_import(tmp_path, "{subject}/{camera}/frame_#.jpg")
    assert [match.path for match in preview.matched] == [
        "anna/left/frame_2.jpg",
        "anna/left/frame_10.jpg",
        "bo/left/frame_1.jpg",
    ]
    assert preview.values("subject") == ["anna", "bo"]
    assert preview.values("frame") == ["1", "10", "2"]
    assert {(miss.path, miss.reason.split(",")[0]) for miss in preview.unmatched} == {
        ("bo/odd.jpg", "lies 1 folder(s) higher than the pattern expects; the pattern has 2"),
        ("bo/left/x.png", "ends in .png"),
    }
    assert (preview.unmatched_count, preview.other_files) == (2, 1)


def test_bare_words_are_fields_where_no_file_is_called_so(tmp_path: Path) -> None:
    tree(tmp_path, "anna_left_0001.exr")
    preview = preview_import(tmp_path, "subj_cam_####.exr")
    assert (preview.matched[0].subject, preview.matched[0].camera, preview.matched[0].frame) == (
        "anna",
        "left",
        "0001",
    )
    assert "{subject}_{camera}_####.exr" in preview.note
    tree(tmp_path, "subj_cam_0001.exr")
    literal = preview_import(tmp_path, "subj_cam_####.exr")
    assert [match.path for match in literal.matched] == ["subj_cam_0001.exr"]
    assert literal.note == ""


def test_without_a_pattern_the_folders_speak(tmp_path: Path) -> None:
    tree(tmp_path / "show", "anna/t1/left/f_0003.jpg", "anna/t1/front.jpg", "anna/t1/f_07.jpg", "top.png")
    by_path = {match.path: match for match in preview_import(tmp_path / "show").matched}
    named, numbered = by_path["anna/t1/front.jpg"], by_path["anna/t1/f_07.jpg"]
    assert (named.subject, named.take, named.camera, named.frame) == ("anna", "t1", "front", "")
    assert (numbered.camera, numbered.frame) == ("", "07")
    deep, top = by_path["anna/t1/left/f_0003.jpg"], by_path["top.png"]
    assert (deep.subject, deep.take, deep.camera, deep.frame) == ("anna", "t1", "left", "0003")
    assert (top.subject, top.take, top.camera, top.frame) == ("show", "", "", "top")


def test_import_keeps_relative_paths_and_changes_no_file(store: ProjectStore) -> None:
    root = tree(store.frames.capture_root, "day1/anna/left.png", "day1/bo/left.png")
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    calls: list[tuple[int, int, str]] = []
    summary = import_captures(
        store, root / "day1", "{subject}/{camera}.png", lambda *call: calls.append(call)
    )
    assert (summary.added, summary.known, summary.failures) == (2, 0, ())
    frames = [entry.frame for entry in store.frames.list()]
    assert [(f.path, f.subject, f.camera, f.width, f.height) for f in frames] == [
        ("day1/anna/left.png", "anna", "left", 5, 3),
        ("day1/bo/left.png", "bo", "left", 5, 3),
    ]
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before
    assert calls[-1][:2] == (2, 2)
    tree(root, "day1/cy/left.png")
    again = import_captures(store, root / "day1", "{subject}/{camera}.png")
    assert (again.added, again.known) == (1, 2)


def test_files_that_cannot_be_used_are_reported(store: ProjectStore) -> None:
    root = tree(store.frames.capture_root, "a/good.png", "a/back\\slash.png")
    (root / "a/bad.png").write_bytes(b"not an image")
    (root / "a/empty.png").touch()
    summary = import_captures(store, root, "{subject}/{camera}.png")
    assert summary.added == 1
    assert sorted(str(failure.path and failure.path.name) for failure in summary.failures) == [
        "back\\slash.png",
        "bad.png",
        "empty.png",
    ]


def test_links_are_followed_but_never_in_circles(store: ProjectStore, tmp_path: Path) -> None:
    published = tree(tmp_path / "published", "v3/x.png", "v3/y.png")
    root = tree(store.frames.capture_root, "a/real.png")
    (root / "a/latest.png").symlink_to(published / "v3/x.png")
    (root / "b").symlink_to(published, target_is_directory=True)
    (root / "c").symlink_to(published / "v3", target_is_directory=True)
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "up").symlink_to(tmp_path, target_is_directory=True)
    (published / "v3/back").symlink_to(root, target_is_directory=True)
    (published / "v3/again").symlink_to(published, target_is_directory=True)
    (root / "nowhere.png").symlink_to(tmp_path / "gone.png")
    (root / "itself.png").symlink_to(root / "itself.png")
    summary = import_captures(store, root, "**/*.png")
    paths = ["a/latest.png", "a/real.png", "b/v3/x.png", "b/v3/y.png"]
    assert sorted(entry.frame.path for entry in store.frames.list()) == paths
    reasons = {miss.path: miss.reason for miss in summary.preview.unmatched}
    twice = {"c", "loop", "up", "b/v3/back", "b/v3/again"}
    assert twice == {path for path, reason in reasons.items() if "searched anyway" in reason}
    assert {"nowhere.png", "itself.png"} == {
        path for path, reason in reasons.items() if "leads nowhere" in reason
    }


def test_a_folder_outside_the_root(store: ProjectStore, tmp_path: Path) -> None:
    outside = tree(tmp_path / "elsewhere", "a.png")
    assert import_captures(store, outside).added == 1  # a project without frames takes it as its root
    assert store.frames.capture_root == outside
    tree(tmp_path / "third", "b.png")
    with pytest.raises(ProjectError, match="outside this project's captures"):
        import_captures(store, tmp_path / "third")
    with pytest.raises(ProjectError, match="outside"):
        import_captures(store, outside / ".." / "third")
    assert store.frames.count() == 1


def test_the_root_may_be_reached_through_a_link(store: ProjectStore, tmp_path: Path) -> None:
    tree(store.frames.capture_root, "anna/1.png")
    (tmp_path / "mount").symlink_to(store.frames.capture_root, target_is_directory=True)
    import_captures(store, tmp_path / "mount" / "anna")
    assert [entry.frame.path for entry in store.frames.list()] == ["anna/1.png"]


def test_nothing_matched_says_why(store: ProjectStore) -> None:
    with pytest.raises(ProjectError, match="holds no images"):
        import_captures(store, store.frames.capture_root)
    tree(store.frames.capture_root, "anna/left.png")
    with pytest.raises(ProjectError, match=r"matches none of 1 images.*ends in \.png"):
        import_captures(store, store.frames.capture_root, "{subject}/{camera}.jpg")
    with pytest.raises(ProjectError, match="not a folder"):
        import_captures(store, store.frames.capture_root / "gone")


def test_stop_ends_the_import(store: ProjectStore) -> None:
    tree(store.frames.capture_root, *(f"a/{i}.png" for i in range(5)))
    asked = iter([False, False, True])
    with pytest.raises(Cancelled):
        import_captures(store, store.frames.capture_root, None, stop=lambda: next(asked, True))
    assert store.frames.count() == 0


def test_thousands_of_frames_come_in_order(store: ProjectStore) -> None:
    first = store.frames.capture_root / "anna" / "0000.png"
    tree(store.frames.capture_root, "anna/0000.png")
    for i in range(1, 4100):
        os.link(first, first.with_name(f"{i:04d}.png"))
    assert import_captures(store, store.frames.capture_root, "{subject}/####.png").added == 4100
    assert [entry.frame.index for entry in store.frames.list()] == [f"{i:04d}" for i in range(4100)]


def test_relinking_a_moved_drive(store: ProjectStore, tmp_path: Path) -> None:
    tree(store.frames.capture_root, "anna/1.png", "anna/2.png", "bo/1.png")
    import_captures(store, store.frames.capture_root)
    frame = store.frames.list()[0].frame.id
    moved = tmp_path / "new drive" / "captures"
    moved.parent.mkdir()
    store.frames.capture_root.rename(moved)
    (moved / "bo/1.png").unlink()
    with pytest.raises(ProjectError, match=f"did you mean {moved}"):
        relink(store, moved.parent)
    with pytest.raises(ProjectError, match=f"did you mean {moved}"):
        relink(store, moved / "anna")
    with pytest.raises(ProjectError, match="not a folder"):
        relink(store, tmp_path / "nowhere")
    assert check_root(store, moved).found == 2
    report = relink(store, moved)
    assert (report.checked, report.found, report.missing) == (3, 2, ("bo/1.png",))
    assert store.frames.path(frame).is_file()

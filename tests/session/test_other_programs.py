"""Another program writes to the open project: the window notices and shows it."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from hurried import looked
from other_program import import_places, on_disk, run
from pytestqt.qtbot import QtBot
from session_files import HEIGHT, WIDTH, write_frame

from annotator.domain import edits
from annotator.domain.annotation import LandmarkState
from annotator.domain.model_card import ModelCard
from annotator.domain.uncertainty import Question
from annotator.imaging.pyramid import preview_jpeg
from annotator.session.session import Session
from annotator.store.history.changes import Change
from annotator.store.people.decisions import Took
from annotator.store.project_store import ProjectStore

WAIT = 30_000


def test_the_window_shows_what_another_program_imported(placed: Session, qtbot: QtBot) -> None:
    told: list[str] = []
    placed.message.connect(lambda _level, text: told.append(text))
    import_places(placed.path, {1: {0: (100, 101)}, 2: {3: (5, 6)}})
    qtbot.waitUntil(lambda: placed.annotations.shown(1).xy[0].tolist() == [100, 101], timeout=WAIT)
    assert placed.annotations.human(2).xy[3].tolist() == [5, 6]
    assert placed.frames.listed[placed.frames.listed.row_of(2)].counts.human == 1
    assert told == ["Another program changed 2 frames"]


def test_frames_of_another_program_are_listed(placed: Session, qtbot: QtBot) -> None:
    write_frame(placed.store.frames.capture_root / "ada/left/7.jpg", 7)
    with qtbot.waitSignal(placed.frames.list_changed, timeout=WAIT):
        run("import", str(placed.path), str(placed.store.frames.capture_root), "--quiet")
    assert len(placed.frames.listed) == 7


def test_numbers_that_another_program_gave_are_shown(placed: Session, qtbot: QtBot) -> None:
    placed.frames.go_to(1)
    looked(placed, qtbot)
    frame = placed.store.frames.get(1)
    take = "/".join(part for part in (frame.subject, frame.take) if part)
    told: list[str] = []
    placed.message.connect(lambda _level, text: told.append(text))
    run("takes", str(placed.path), "--take", take, "--camera", frame.camera, "--number-from", "0501")
    qtbot.waitUntil(
        lambda: placed.frames.current is not None and placed.frames.current.index == "0501", timeout=WAIT
    )
    assert placed.frames.listed[placed.frames.listed.row_of(1)].frame.index == "0501"
    qtbot.waitUntil(lambda: told == ["Another program numbered frames anew"], timeout=WAIT)


def test_a_size_that_another_program_took_is_taken_over(placed: Session, qtbot: QtBot) -> None:
    """Nothing that was read in the old size is shown or edited any more, also where no landmark was set."""
    picture = placed.store.frames.capture_root / "ada/left/2.jpg"
    placed.frames.go_to(2)
    qtbot.waitUntil(lambda: placed.proposals.get(2) is not None, timeout=WAIT)
    looked(placed, qtbot)
    cv2.imwrite(str(picture), np.full((HEIGHT // 2, WIDTH // 2, 3), 9, np.uint8))
    run("update", str(placed.path), "--points", "scale")
    placed.annotations.submit(2, edits.accept(placed.annotations.shown(2)))
    assert not on_disk(placed, 2).is_human.any(), "its places were seen in the old size"
    qtbot.waitUntil(lambda: placed.keys.of(2).width == WIDTH // 2, timeout=WAIT)
    assert placed.frames.current is not None
    assert placed.frames.current.width == WIDTH // 2
    assert not placed.annotations.undo_stack.canUndo(), "steps were made in the old size"
    qtbot.waitUntil(
        lambda: (found := placed.proposals.get(2)) is not None and found.width == WIDTH // 2, timeout=WAIT
    )
    qtbot.waitUntil(
        lambda: (seen := placed.frames.image(2)) is not None and seen.width == WIDTH // 2, timeout=WAIT
    )
    placed.annotations.submit(2, edits.accept(placed.annotations.shown(2)))
    assert on_disk(placed, 2).is_human.all()


def test_a_folder_that_another_program_named_is_taken_over(placed: Session, qtbot: QtBot) -> None:
    new = placed.path.parent / "moved"
    shutil.copytree(placed.store.frames.capture_root, new)
    told: list[str] = []
    placed.message.connect(lambda _level, text: told.append(text))
    run("relink", str(placed.path), str(new))
    qtbot.waitUntil(lambda: placed.keys.of(1).path == str(new / "ada/left/1.jpg"), timeout=WAIT)
    qtbot.waitUntil(lambda: placed.frames.image(1) is not None, timeout=WAIT)
    assert told == [f"Another program says that the captures are in {new}"]
    placed.relink(placed.path.parent / "captures")
    looked(placed, qtbot)
    assert len(told) == 1, "the window's own is no news"


def test_models_of_another_program_are_known_and_followed(placed: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(placed.models.changed, timeout=WAIT), ProjectStore.open(placed.path) as store:
        store.models.add(ModelCard("three", store.scheme.id, {}), placed.path.parent / "three")
    assert [model.id for model in placed.models.all()] == ["one", "two", "three"]
    with qtbot.waitSignal(placed.models.changed, timeout=WAIT), ProjectStore.open(placed.path) as store:
        store.models.activate("two")
    qtbot.waitUntil(
        lambda: (found := placed.proposals.get(1)) is not None and found.model_id == "two", timeout=WAIT
    )


def test_queues_follow_what_another_program_found_right(placed: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: placed.store.findings.count(Question.UNCERTAIN, "one") > 0, timeout=WAIT)
    frame_id = placed.store.findings.top(Question.UNCERTAIN, "one", 1)[0].frame.id
    looked(placed, qtbot)
    with qtbot.waitSignal(placed.queues.changed, timeout=WAIT), ProjectStore.open(placed.path) as store:
        store.findings.set_dismissed(frame_id, "one", Question.UNCERTAIN)


def test_proposals_of_another_program_are_shown(opened: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: opened.proposals.get(2) is not None, timeout=WAIT)
    base = opened.proposals.get(1)
    assert base is not None
    assert opened.proposals.get(4) is None
    looked(opened, qtbot)
    with ProjectStore.open(opened.path) as store:
        store.proposals.save(4, base.without_heatmaps())
    proposed = [LandmarkState.PROPOSED] * 5
    qtbot.waitUntil(lambda: opened.annotations.shown(4).state.tolist() == proposed, timeout=WAIT)
    assert opened.frames.listed[opened.frames.listed.row_of(4)].mean_confidence == 0.5


def test_own_work_is_no_news(placed: Session, qtbot: QtBot) -> None:
    told: list[str] = []
    placed.message.connect(lambda _level, text: told.append(text))
    placed.annotations.submit(placed.frames.current_id, edits.move([0], [[3, 3]]))
    placed.annotations.undo_stack.undo()
    import_places(placed.path, {2: {0: (1, 1)}})
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT)
    assert told == ["Another program changed 1 frame"]
    import_places(placed.path, {3: {0: (1, 1)}})
    file = placed.path.parent / "vendor.csv"
    file.write_text(file.read_text().replace("3.jpg", "4.jpg").replace("left,3,", "left,4,"))
    with qtbot.waitSignal(placed.jobs.ended, timeout=WAIT) as ended:
        placed.jobs.start_import_annotations(file, overwrite=True)
    assert "1 landmarks of 1 frames set" in ended.args[0].message
    with qtbot.waitSignal(placed.jobs.ended, timeout=WAIT):
        write_frame(placed.store.frames.capture_root / "new" / "8.jpg", 8)
        placed.jobs.start_import_captures(placed.store.frames.capture_root)
    with qtbot.waitSignal(placed.jobs.ended, timeout=WAIT):
        placed.annotations.undo_stack.undo()
    looked(placed, qtbot)
    assert set(told) == {"Another program changed 1 frame"}
    assert len(told) == 2, "frames 2 and 3, and nothing of our own"


def test_a_project_that_is_only_looked_at_follows_too(session: Session, project: Path, qtbot: QtBot) -> None:
    session.open_project(project, read_only=True)
    import_places(project, {1: {0: (100, 101)}})
    qtbot.waitUntil(lambda: session.annotations.human(1).xy[0].tolist() == [100, 101], timeout=WAIT)


def test_closing_leaves_no_log_behind(placed: Session) -> None:
    path = placed.path
    assert placed.close_project()
    assert not Path(f"{path}-wal").exists()


@pytest.mark.parametrize("count", [250])
def test_many_frames_at_once_are_read_anew(placed: Session, qtbot: QtBot, count: int) -> None:
    from annotator.domain.capture import Frame
    from annotator.store.history.changes import Change

    with ProjectStore.open(placed.path) as store:
        store.frames.add(Frame(0, f"more/{i}.jpg", "", "", "", str(i), 320, 240) for i in range(count))
    qtbot.waitUntil(lambda: len(placed.frames.listed) == 6 + count, timeout=WAIT)
    with ProjectStore.open(placed.path) as store:
        empty = store.annotations.get(2)
        after = edits.apply(edits.move([0], [[1, 2]]), empty)[0]
        store.annotations.commit_all([Change(7 + i, empty, after, "Vendor") for i in range(count)])
    row = placed.frames.listed.row_of(7 + count - 1)
    qtbot.waitUntil(lambda: placed.frames.listed[row].counts.human == 1, timeout=WAIT)


def test_a_preview_that_another_program_brought_is_shown(placed: Session, qtbot: QtBot) -> None:
    """As a farm's, where the pictures themselves are away."""
    picture = placed.store.frames.capture_root / "ada/left/5.jpg"
    picture.unlink()
    placed.keys.forget()
    assert placed.frames.preview(5) is None
    placed.frames.request_previews([5])
    looked(placed, qtbot)
    jpeg = preview_jpeg(np.full((HEIGHT, WIDTH, 3), 77, np.uint8))
    told: list[int] = []
    placed.frames.preview_ready.connect(told.append)
    with ProjectStore.open(placed.path) as store:
        store.previews.save(5, jpeg)
    qtbot.waitUntil(lambda: 5 in told, timeout=WAIT)
    assert placed.frames.preview(5) == jpeg


def test_a_copy_that_another_program_merged_is_told_with_its_conflicts(placed: Session, qtbot: QtBot) -> None:
    """The real command, while the project is open: places come, conflicts can be decided, and undo asks."""
    copy, told = placed.path.parent / "of-bo.annotator", list[str]()
    placed.message.connect(lambda _level, text: told.append(text))
    placed.store.copy_to(copy)
    with ProjectStore.open(copy) as of_bo:
        before = of_bo.annotations.get(1)
        after, _ = edits.apply(edits.move([2], [[70.0, 80.0]]), before)
        of_bo.annotations.commit(
            Change(1, before, after, "Move", user="bo", at="2030-01-01T11:00:00.000+00:00")
        )
    placed.annotations.submit(1, edits.move([2], [[33.0, 44.0]]))
    run("merge", str(placed.path), str(copy), "--quiet")
    qtbot.waitUntil(lambda: placed.annotations.shown(1).xy[2].tolist() == [70, 80], timeout=WAIT)
    qtbot.waitUntil(lambda: bool(told), timeout=WAIT)
    assert told == [
        "Another program changed 1 frame; 1 conflict of copies to decide: Frame > Conflicts of copies"
    ]
    (conflict,) = placed.merged.of_frame(1)
    placed.merged.take(1, [conflict], Took.MINE)
    assert placed.annotations.shown(1).xy[2].tolist() == [33, 44]
    assert not placed.merged.of_frame(1)

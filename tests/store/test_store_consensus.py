"""What cameras say together: shown in place of the model's points, never of an older state, and taken back without a trace."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from consensus_values import own_proposal, rig, together
from hypothesis import given
from hypothesis import strategies as st
from store_helpers import SCHEME, frame

from annotator.domain import edits
from annotator.domain.annotation import Flag, ReviewState
from annotator.domain.errors import ProjectError
from annotator.domain.model_card import ModelCard
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import parse_scheme
from annotator.domain.uncertainty import Question
from annotator.store.change_log import ChangeLog
from annotator.store.consensus_rows import from_row, to_blob
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

MOMENT = (2, 3)
"""ada/left/9 and ada/right/9; frame 1 is another moment of the same take."""


@pytest.fixture
def asked(store: ProjectStore, scheme: LandmarkScheme) -> ProjectStore:
    """All four frames are proposed, and the cameras of one moment were asked."""
    (added,) = store.rigs.add(rig("ada/*"))
    store.proposals.save_all((i, own_proposal(scheme)) for i in (1, 2, 3, 4))
    store.consensus.save_all((i, together(scheme, rig_id=added.id)) for i in MOMENT)
    return store


def first_x(store: ProjectStore, frame_id: int) -> float:
    found = store.proposals.get(frame_id, "m")
    assert found is not None
    return float(found.xy[0, 0])


def edit(store: ProjectStore, frame_id: int, change: edits.Edit) -> None:
    before = store.annotations.get(frame_id)
    store.annotations.commit(Change(frame_id, before, edits.apply(change, before)[0], "Edit"))


def test_every_reader_of_proposals_sees_what_the_cameras_say(asked: ProjectStore) -> None:
    for frame_id, x, sure, variance in ((1, 100, 0.5, 4), (2, 105, 0.9, 1), (3, 105, 0.9, 1)):
        read = [
            asked.proposals.get(frame_id, "m"),
            asked.proposals.usable(frame_id, "m"),
            dict(asked.proposals.items([1, 2, 3], "m"))[frame_id],
        ]
        for found in read:
            assert found is not None
            assert found.xy[0, 0] == x
            assert found.confidence.tolist() == pytest.approx([sure] * 5)
            assert found.covariance[0, 0, 0] == variance
            assert found.global_xy[0, 0] == 100
    ids, confidences = asked.proposals.confidences("m")
    assert dict(zip(ids.tolist(), confidences[:, 0].tolist(), strict=True)) == pytest.approx(
        {1: 0.5, 2: 0.9, 3: 0.9, 4: 0.5}
    )
    assert asked.findings.get(2, "m", Question.UNCERTAIN).score == pytest.approx(5 * 0.1, rel=1e-5)
    assert asked.findings.get(1, "m", Question.UNCERTAIN).score == pytest.approx(5 * 0.5, rel=1e-5)


def test_what_the_model_itself_said_stays(asked: ProjectStore) -> None:
    own = dict(asked.proposals.own_items([1, 2, 3, 4], "m"))
    assert {frame_id: float(value.xy[0, 0]) for frame_id, value in own.items()} == dict.fromkeys(own, 100.0)
    assert asked.consensus.remove() == 2
    assert [first_x(asked, frame_id) for frame_id in MOMENT] == [100, 100]
    assert asked.proposals.confidences("m")[1][:, 0].tolist() == pytest.approx([0.5] * 4)
    assert asked.findings.get(2, "m", Question.UNCERTAIN).score == pytest.approx(5 * 0.5, rel=1e-5)


def test_one_that_is_not_taken_is_kept_beside(asked: ProjectStore, scheme: LandmarkScheme) -> None:
    asked.consensus.save_all([(2, together(scheme, taken=False, off=(1,)))])
    assert first_x(asked, 2) == 100
    assert asked.proposals.confidences("m")[1][:, 0].tolist() == pytest.approx([0.5, 0.5, 0.9, 0.5])
    found = asked.consensus.get(2, "m")
    assert found is not None
    assert (found.taken, float(found.xy[0, 0])) == (False, 105.0)
    assert found.at
    assert asked.consensus.frame_ids("m", taken=True) == {3}
    assert asked.consensus.frame_ids("m", taken=False) == {2}
    assert asked.findings.get(2, "m", Question.CAMERAS).score == pytest.approx(7)


def test_it_stands_in_only_where_it_says_so(asked: ProjectStore, scheme: LandmarkScheme) -> None:
    asked.consensus.save_all([(2, together(scheme, stands_in=(0, 4)))])
    found = asked.proposals.get(2, "m")
    assert (found.xy[:, 0] - 20 * np.arange(5)).tolist() == [105, 100, 100, 100, 105]
    assert found.confidence.tolist() == pytest.approx([0.9, 0.5, 0.5, 0.5, 0.9])


def _moved(store: ProjectStore) -> None:
    edit(store, 3, edits.move([1], np.array([[30.0, 40.0]])))


def _hidden(store: ProjectStore) -> None:
    before = store.annotations.get(2)
    edit(store, 2, edits.set_flags(before, [1], Flag.OCCLUDED, True))


def _proposed(store: ProjectStore) -> None:
    store.proposals.save(3, own_proposal(store.scheme, 101))


def _calibrated(store: ProjectStore) -> None:
    store.rigs.add(rig("ada/*"))


def _uncalibrated(store: ProjectStore) -> None:
    store.rigs.remove("dome")


def _another_camera(store: ProjectStore) -> None:
    store.frames.add([frame("ada/top/9.jpg", "ada", "top", "9")])


def _another_size(store: ProjectStore) -> None:
    store.annotations.resize(3, (320, 240), lambda value: value, "Resize", None)


@pytest.mark.parametrize(
    "change", [_moved, _hidden, _proposed, _calibrated, _uncalibrated, _another_camera, _another_size]
)
def test_what_it_follows_from_changed_then_it_counts_no_longer(
    asked: ProjectStore, change: Callable[[ProjectStore], None]
) -> None:
    change(asked)
    assert first_x(asked, 2) == 100
    assert list(asked.consensus.items(MOMENT, "m")) == []
    assert asked.consensus.get(2, "m") is None
    assert 2 in asked.consensus.frame_ids("m", taken=True, stale=True)
    assert dict(zip(*(part.tolist() for part in _first_confidences(asked)), strict=True))[2] == pytest.approx(
        0.5
    )
    assert asked.findings.get(2, "m", Question.UNCERTAIN).score > 1


def _first_confidences(store: ProjectStore) -> tuple[np.ndarray, np.ndarray]:
    ids, both = store.proposals.confidences("m")
    return ids, both[:, 0]


def _reviewed(store: ProjectStore) -> None:
    edit(store, 2, edits.set_review(ReviewState.NEEDS_WORK))


def _moved_elsewhere(store: ProjectStore) -> None:
    edit(store, 1, edits.move([1], np.array([[30.0, 40.0]])))


def _proposed_elsewhere(store: ProjectStore) -> None:
    store.proposals.save(1, own_proposal(store.scheme, 1))


def _proposed_by_another(store: ProjectStore) -> None:
    store.proposals.save(2, own_proposal(store.scheme, 1, model="n"))


def _calibrated_elsewhere(store: ProjectStore) -> None:
    store.rigs.add(rig("bob/*", name="other"))


@pytest.mark.parametrize(
    "change",
    [_reviewed, _moved_elsewhere, _proposed_elsewhere, _proposed_by_another, _calibrated_elsewhere],
)
def test_what_it_does_not_follow_from_leaves_it(
    asked: ProjectStore, change: Callable[[ProjectStore], None]
) -> None:
    change(asked)
    assert [first_x(asked, frame_id) for frame_id in MOMENT] == [105, 105]


def test_asking_again_makes_it_count_again(asked: ProjectStore, scheme: LandmarkScheme) -> None:
    _moved(asked)
    asked.consensus.save_all([(2, together(scheme, 110))])
    assert (first_x(asked, 2), first_x(asked, 3)) == (110, 100)


def test_all_of_a_moment_is_written_or_nothing(asked: ProjectStore, scheme: LandmarkScheme) -> None:
    def answers() -> Iterator[tuple[int, object]]:
        yield 2, together(scheme, 200)
        raise RuntimeError("the lights went out")

    with pytest.raises(RuntimeError):
        asked.consensus.save_all(answers())  # type: ignore[arg-type]
    assert first_x(asked, 2) == 105


def test_nobody_changes_what_is_read_until_the_answers_are_written(
    asked: ProjectStore, scheme: LandmarkScheme
) -> None:
    with asked.again(busy_ms=1) as other:

        def answers() -> Iterator[tuple[int, object]]:
            with pytest.raises(ProjectError):
                edit(other, 3, edits.move([1], np.array([[1.0, 2.0]])))
            yield 2, together(scheme, 200)

        asked.consensus.save_all(answers())  # type: ignore[arg-type]
    assert first_x(asked, 2) == 200


def test_another_scheme_is_refused(asked: ProjectStore, scheme: LandmarkScheme) -> None:
    value = together(scheme)
    with pytest.raises(ValueError, match="must be"):
        replace(value, disagrees=np.zeros(3, bool))


def test_frames_and_models_are_forgotten_apart(asked: ProjectStore, scheme: LandmarkScheme) -> None:
    asked.proposals.save(2, own_proposal(scheme, model="n"))
    asked.consensus.save_all([(2, together(scheme, model="n"))])
    assert asked.consensus.remove([3], "m") == 1
    assert asked.consensus.frame_ids("m") == {2}
    assert asked.consensus.remove(model_id="n") == 1
    assert asked.consensus.frame_ids("n") == set()
    assert first_x(asked, 2) == 105


def test_a_damaged_row_shows_the_models_points_and_is_told(asked: ProjectStore) -> None:
    with closing(sqlite3.connect(asked.path)) as raw, raw:
        raw.execute("UPDATE consensus SET arrays = x'0102' WHERE frame_id = 2")
    assert (first_x(asked, 2), first_x(asked, 3)) == (100, 105)
    assert asked.consensus.get(2, "m") is None
    assert any("cameras say together is damaged" in text for text in asked.left_out.texts)
    _moved(asked)  # an edit goes on


def test_a_window_beside_sees_that_the_proposals_are_others(
    asked: ProjectStore, scheme: LandmarkScheme
) -> None:
    asked.models.add(ModelCard("m", scheme.id, {}), asked.path.parent)
    asked.models.activate("m")
    log = ChangeLog(asked.path)
    log.look()
    asked.consensus.save_all((i, together(scheme, 120, 0.8)) for i in MOMENT)
    assert log.look().proposed >= set(MOMENT)
    log.close()


def test_an_older_project_has_the_table_after_its_migration(tmp_path: Path) -> None:
    path, data = tmp_path / "old.annotator", Path(__file__).parent / "data"
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript((data / "version_4.sql").read_text(encoding="utf-8"))
    with ProjectStore.open(path) as store:
        store.consensus.save_all([(2, together(store.scheme, model="first"))])
        assert store.proposals.get(2, "first").xy[0, 0] == 105
        made = _layout(store.path)
        fresh = ProjectStore.create(tmp_path / "new.annotator", store.scheme, tmp_path)
    fresh.close()
    assert made == _layout(fresh.path)


def _layout(path: Path) -> str:
    with closing(sqlite3.connect(path)) as raw:
        columns = raw.execute("PRAGMA table_info(consensus)").fetchall()
        indices = raw.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' AND name LIKE '%moment%' OR name LIKE 'consensus%'"
        ).fetchall()
    return json.dumps([columns, sorted(indices)])


@given(st.integers(0, 2**32 - 1))
def test_a_row_is_read_as_it_was_written(seed: int) -> None:
    random, scheme = np.random.default_rng(seed), parse_scheme(SCHEME)
    unknown = random.random(scheme.size) < 0.3
    value = replace(
        together(scheme, random.normal(0, 1e4), random.random()),
        residuals=np.where(unknown, np.nan, random.exponential(3, scheme.size)).astype(np.float32),
        disagrees=random.random(scheme.size) < 0.5,
        predicted=random.integers(0, 4, scheme.size).astype(np.uint8),
        stands_in=random.random(scheme.size) < 0.5,
    )
    again = from_row("m", (to_blob(value), value.rig_id, 1, "now"), scheme)
    for name in (
        "xy",
        "covariance",
        "confidence",
        "residuals",
        "apart",
        "disagrees",
        "predicted",
        "stands_in",
    ):
        np.testing.assert_array_equal(getattr(again, name), getattr(value, name))

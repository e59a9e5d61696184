"""A picture that was replaced by one of another size: refused wherever it is read, until its new size is taken."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from spots import QUICK, SCHEME, options, paint, spotted_project

from annotator.domain.annotation import ReviewState
from annotator.domain.errors import AnnotatorError, FormatError
from annotator.domain.frame_key import FrameKey
from annotator.domain.proposal import Proposal
from annotator.services.models.evaluate import evaluate
from annotator.services.models.propose import propose_project
from annotator.services.models.training import train as train_module
from annotator.services.models.training.learn_convention import ConventionOptions, learn_convention
from annotator.services.models.training.train import train_project
from annotator.services.models.training.training_source import ProjectSource, human_labels
from annotator.services.project.captures.import_captures import import_captures
from annotator.services.project.captures.picture_sizes import PointsRule, changed_sizes, take_sizes
from annotator.services.project.export_dataset import export_dataset
from annotator.store.frame_keys import frame_key
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from tests.services.models.test_propose import FakePredictor


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ProjectStore]:
    with spotted_project(tmp_path) as opened:
        yield opened


def _replace(store: ProjectStore, frame_id: int, width: int, height: int) -> Path:
    """Another picture under the frame's name."""
    path = store.frames.path(frame_id)
    path.unlink()
    assert cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))
    return path


def _first(store: ProjectStore) -> int:
    return store.frames.list()[0].frame.id


@pytest.mark.parametrize("size", [(400, 400), (100, 100), (200, 150), (199, 200)])
def test_proposing_exporting_and_evaluating_refuse_it(
    store: ProjectStore, tmp_path: Path, size: tuple[int, int]
) -> None:
    frame_id = _first(store)
    path = store.frames.get(frame_id).path
    _replace(store, frame_id, *size)
    report = export_dataset(store, tmp_path / "out.json")
    assert (report.written.frames, list(report.written.skipped)) == (14, [path])
    assert f"{size[0]} x {size[1]}" in report.written.skipped[path]
    evaluation = evaluate([str(tmp_path / "blank")], store.path, device="cpu")
    assert list(evaluation.predictions[0].left_out) == [path]
    assert np.isnan(evaluation.predictions[0].xy[0]).all()
    summary = propose_project(store, _predictor(), [frame_id])
    assert [failure.path for failure in summary.failures] == [str(store.frames.path(frame_id))]


def _predictor() -> FakePredictor:
    predictor = FakePredictor(SCHEME.id)

    def make(value: float) -> Proposal:
        xy, spread = np.zeros((SCHEME.size, 2), np.float32), np.zeros((SCHEME.size, 2, 2), np.float32)
        sure = np.ones(SCHEME.size, np.float32)
        return Proposal("fake", SCHEME.id, xy, spread, sure, np.zeros((0, 4), np.float32), xy, spread)

    predictor._proposal = make  # type: ignore[method-assign]
    return predictor


def test_training_leaves_it_out_and_tells(store: ProjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_module, "recipe", lambda name, own: QUICK)
    frame_id = _first(store)
    _replace(store, frame_id, 400, 400)
    events: list[dict[str, object]] = []
    outcome = train_project(store, options(store, steps=2), events.append)
    assert list(outcome.left_out) == [store.frames.get(frame_id).path]
    assert events[0]["left_out"] == outcome.left_out
    assert "1 frame took no part" in str(events[-1]["message"])
    assert events[0]["frames"] + events[0]["validation_frames"] == 14  # type: ignore[operator]


def test_a_picture_that_is_replaced_during_a_training_is_refused(store: ProjectStore) -> None:
    frame_id = _first(store)
    source = ProjectSource(store, human_labels(store, [frame_id]), {})
    _replace(store, frame_id, 400, 400)
    with pytest.raises(AnnotatorError, match="400 x 400"):
        source[0]


@pytest.mark.parametrize("learn", ["train", "convention"])
@pytest.mark.parametrize("how", ["gone", "replaced"])
def test_no_model_comes_of_no_frames(store: ProjectStore, learn: str, how: str) -> None:
    for summary in store.frames.list():
        if how == "gone":
            store.frames.path(summary.frame.id).unlink()
        else:
            _replace(store, summary.frame.id, 50, 50)
    folder = store.path.parent / "blank"
    lessons = {
        "train": lambda: train_project(store, options(store, steps=2), lambda _: None),
        "convention": lambda: learn_convention(store, ConventionOptions(str(folder), "cpu"), lambda _: None),
    }
    with pytest.raises(AnnotatorError, match="None of the 15 frames"):
        lessons[learn]()
    assert [model.id for model in store.models.all()] == ["blank"]
    assert not [*store.path.parent.glob("*.models/*/model.toml")]
    with pytest.raises(AnnotatorError, match="None of the 15 pictures"):
        evaluate([str(store.path.parent / "blank")], store.path, device="cpu")


def test_all_replaced_exports_nothing(store: ProjectStore, tmp_path: Path) -> None:
    for summary in store.frames.list():
        _replace(store, summary.frame.id, 50, 50)
    with pytest.raises(FormatError, match="50 x 50"):
        export_dataset(store, tmp_path / "out.json")
    assert not (tmp_path / "out.json").exists()


def test_pictures_that_are_away_export_as_ever(store: ProjectStore, tmp_path: Path) -> None:
    for summary in store.frames.list():
        store.frames.path(summary.frame.id).unlink()
    report = export_dataset(store, tmp_path / "out.json")
    assert (report.written.frames, dict(report.written.skipped)) == (15, {})


def test_scaling_moves_the_landmarks_with_the_picture(store: ProjectStore) -> None:
    frame_id = _first(store)
    before = store.annotations.get(frame_id)
    proposal = _predictor()._proposal(0.0)
    store.proposals.save(frame_id, proposal)
    _replace(store, frame_id, 500, 500)
    found = changed_sizes(store)
    assert [(c.frame.id, c.width, c.height) for c in found.changes] == [(frame_id, 500, 500)]
    taken = take_sizes(store, found.changes, PointsRule.SCALE, user="ada")
    after = store.annotations.get(frame_id)
    assert (taken.taken, dict(taken.left)) == ((found.changes[0].frame.path,), {})
    np.testing.assert_allclose(after.xy, before.xy * 2.5, rtol=1e-6)
    assert (after.state == before.state).all()
    entry = store.ledger.entries(frame_id)[-1]
    assert (entry.label, entry.user) == ("Take new picture size", "ada")
    assert (store.frames.get(frame_id).width, store.frames.get(frame_id).height) == (500, 500)
    assert store.proposals.get(frame_id, "fake") is None
    assert not changed_sizes(store).changes
    assert not _refusal(store, frame_id, 500, 500)


def test_an_earlier_state_lies_in_the_picture_as_it_is_now(store: ProjectStore) -> None:
    """Also where nothing was set any more when the picture grew, and over several sizes."""
    frame_id = _first(store)
    before = store.annotations.get(frame_id)
    old = store.ledger.entries(frame_id)[-1].id
    for side, factor in ((500, 2.5), (200, 1.0), (100, 0.5)):
        _replace(store, frame_id, side, side)
        take_sizes(store, changed_sizes(store).changes, PointsRule.SCALE)
        np.testing.assert_allclose(store.annotations.at(frame_id, old).xy, before.xy * factor, rtol=1e-5)
        now = store.annotations.get(frame_id)
        newest = store.ledger.entries(frame_id)[-1].id
        np.testing.assert_array_equal(store.annotations.at(frame_id, newest).xy, now.xy)
    empty = replace(now, xy=np.full_like(now.xy, np.nan), state=np.zeros_like(now.state))
    store.annotations.commit(Change(frame_id, now, empty, "Clear"))
    _replace(store, frame_id, 200, 200)
    take_sizes(store, changed_sizes(store).changes, PointsRule.SCALE)
    np.testing.assert_allclose(store.annotations.at(frame_id, old).xy, before.xy, rtol=1e-5)


def _refusal(store: ProjectStore, frame_id: int, width: int, height: int) -> str:
    key: FrameKey = frame_key(store, frame_id)
    return key.refusal(width, height)


def test_a_crop_is_not_scaled_but_set_to_needs_work(store: ProjectStore) -> None:
    frame_id = _first(store)
    before = store.annotations.get(frame_id)
    _replace(store, frame_id, 200, 120)
    change = changed_sizes(store, [frame_id]).changes[0]
    refused = take_sizes(store, [change], PointsRule.SCALE)
    assert not refused.taken
    assert "another shape" in refused.left[change.frame.path]
    assert store.frames.get(frame_id).height == 200
    take_sizes(store, [change], PointsRule.NEEDS_WORK)
    after = store.annotations.get(frame_id)
    assert after.review == ReviewState.NEEDS_WORK
    np.testing.assert_array_equal(after.xy, before.xy)
    assert store.frames.get(frame_id).height == 120


def test_a_frame_that_nobody_touched_just_takes_its_size(tmp_path: Path) -> None:
    paint(tmp_path / "captures/a.png", 1)
    with ProjectStore.create(tmp_path / "p.annotator", SCHEME, tmp_path / "captures") as store:
        import_captures(store, tmp_path / "captures")
        frame_id = _first(store)
        _replace(store, frame_id, 100, 60)
        take_sizes(store, changed_sizes(store).changes, PointsRule.NEEDS_WORK)
        assert store.frames.get(frame_id).width == 100
        assert store.annotations.get(frame_id).review == ReviewState.UNREVIEWED
        assert not store.ledger.entries(frame_id)


def test_damaged_and_missing_pictures_are_told_apart(store: ProjectStore) -> None:
    first, second = (summary.frame for summary in list(store.frames.list())[:2])
    store.frames.path(first.id).write_bytes(b"no picture")
    store.frames.path(second.id).unlink()
    found = changed_sizes(store)
    assert (found.frames, found.changes) == (15, ())
    assert set(found.unreadable) == {first.path, second.path}

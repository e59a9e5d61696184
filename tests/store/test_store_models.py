"""Proposals, models, and the history of which was active."""

from pathlib import Path

import numpy as np
import pytest
from store_helpers import make_proposal

from annotator.domain.assets import asset
from annotator.domain.errors import ModelError, ProjectError
from annotator.domain.model_card import ModelCard
from annotator.store.project_store import ProjectStore

ARRAYS = ("xy", "covariance", "confidence", "rois", "global_xy", "global_covariance")


def test_a_proposal_comes_back_bit_by_bit(store: ProjectStore) -> None:
    kept = {(i, m): make_proposal(store.scheme, m, seed=10 * i) for i in (1, 2) for m in ("a", "b")}
    store.proposals.save_all((i, value) for (i, _), value in kept.items())
    for (frame_id, model_id), value in kept.items():
        again = store.proposals.get(frame_id, model_id)
        assert again is not None
        assert (again.model_id, again.scheme_id, again.message) == (model_id, "five@1", value.message)
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(again, name), getattr(value, name))
    assert store.proposals.get(3, "a") is None
    assert store.proposals.frame_ids("a") == {1, 2}


def test_a_new_proposal_replaces_the_old_and_touches_no_annotation(store: ProjectStore) -> None:
    before = store.annotations.get(1)
    store.proposals.save(1, make_proposal(store.scheme, "a", confidence=0.25))
    store.proposals.save(1, make_proposal(store.scheme, "a", confidence=0.75))
    ids, confidence = store.proposals.confidences("a")
    assert (ids.tolist(), confidence.tolist()) == ([1], [[0.75, 0.75]])
    assert store.annotations.get(1) == before
    assert store.ledger.entries() == []


def test_a_damaged_proposal_is_named(store: ProjectStore) -> None:
    store.proposals.save(1, make_proposal(store.scheme, "a"))
    with store._database.write() as connection:
        connection.exec_driver_sql("UPDATE proposal SET arrays = substr(arrays, 1, 50)")
    with pytest.raises(ProjectError, match="Propose this frame again"):
        store.proposals.get(1, "a")


def test_a_holistic_model_has_no_rois(store: ProjectStore) -> None:
    value = make_proposal(store.scheme, "holistic")
    object.__setattr__(value, "rois", np.zeros((0, 4), np.float32))
    store.proposals.save(1, value)
    again = store.proposals.get(1, "holistic")
    assert again is not None
    assert again.rois.shape == (0, 4)


def test_a_proposal_of_another_scheme_is_refused(store: ProjectStore) -> None:
    value = make_proposal(store.scheme, "a")
    object.__setattr__(value, "scheme_id", "ibug-68@1")
    with pytest.raises(ProjectError, match="ibug-68@1"):
        store.proposals.save(1, value)


def test_the_active_model_and_going_back(store: ProjectStore, tmp_path: Path) -> None:
    assert store.models.active() is None
    first = ModelCard("first", "five@1", {"kind": "adc", "stacks": 2}, metrics={"nme": 2.5}, parent=None)
    second = ModelCard("second", "five@1", {"kind": "adc"}, parent="first", sha256="cd" * 32)
    store.models.add(first, tmp_path / "models" / "first")
    store.models.add(second, asset("models") / "second")
    store.models.activate("first", "ann")
    store.models.activate("second", "ben")
    active = store.models.active()
    assert active is not None
    assert (active.card, active.folder) == (second, asset("models") / "second")
    store.models.activate("first", "ann")
    assert [(a.model_id, a.user) for a in store.models.history()] == [
        ("first", "ann"),
        ("second", "ben"),
        ("first", "ann"),
    ]
    with ProjectStore.open(store.path) as again:
        assert again.models.active() == store.models.all()[0]
        assert [model.id for model in again.models.all()] == ["first", "second"]


def test_a_models_folder_moves_with_the_project(store: ProjectStore, tmp_path: Path) -> None:
    store.models.add(ModelCard("first", "five@1", {}), tmp_path / "models" / "first")
    store.close()
    moved = tmp_path.rename(tmp_path.with_name(tmp_path.name + "-moved"))
    with ProjectStore.open(moved / "show.annotator") as again:
        assert again.models.all()[0].folder == moved / "models" / "first"


def test_unknown_and_foreign_models_are_refused(store: ProjectStore, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="knows no model"):
        store.models.activate("nobody")
    with pytest.raises(ModelError, match="ibug-68@1"):
        store.models.add(ModelCard("foreign", "ibug-68@1", {}), tmp_path)
    assert store.models.all() == []

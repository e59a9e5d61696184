"""A project of the first version goes on with the model that it had: the shipped one of that version."""

import json
from pathlib import Path

import numpy as np
import pytest

from annotator.domain.assets import DEFAULT_SCHEME, asset
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard, read_card
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.inference.predictor import Predictor
from annotator.services.models.active_model import choose_model, ensure_active_model
from annotator.services.models.registry import DEFAULT_MODEL, default_model
from annotator.services.project.copies.convert_project import convert_project
from annotator.services.project.sample_project import PROJECT_NAME, ensure_sample_project, sample_folder
from annotator.store.project_store import ProjectStore

V1 = load_scheme("studio-89@1")
OLDER, NEWER = asset("models/starter@1"), asset("models/starter")
PICTURE = "subject_03030/neutral/front.jpg"


@pytest.fixture
def store(tmp_path: Path):
    """A project as the release before left it: `starter` was `models/starter`, by a card that is no longer there."""
    with ProjectStore.create(tmp_path / "old.annotator", V1, sample_folder()) as made:
        made.frames.add([Frame(0, PICTURE, "s", "neutral", "front", "", 4096, 4096)])
        card = read_card(OLDER)
        made.models.add(ModelCard("starter", V1.id, card.architecture, sha256="0" * 64), NEWER)
        made.models.activate("starter")
        yield made


def test_both_versions_ship(store: ProjectStore) -> None:
    assert {default_model(V1.id).folder, default_model(DEFAULT_SCHEME).folder} == {OLDER, NEWER}
    assert {read_card(folder).id for folder in (OLDER, NEWER)} == {DEFAULT_MODEL}


def test_an_older_project_is_served_by_the_model_of_its_version(store: ProjectStore) -> None:
    for name in (None, "starter"):
        assert choose_model(store, name).folder == OLDER
    ensure_active_model(store)
    (known,) = store.models.all()
    assert (known.folder, known.card) == (OLDER, read_card(OLDER))
    assert store.models.active() == known


def test_a_project_that_knows_no_model_finds_the_one_of_its_version_by_name(tmp_path: Path) -> None:
    with ProjectStore.create(tmp_path / "bare.annotator", V1, sample_folder()) as bare:
        assert choose_model(bare, "starter").folder == OLDER


def test_the_converted_project_takes_the_newer_model(store: ProjectStore, tmp_path: Path) -> None:
    convert_project(store, tmp_path / "new.annotator")
    with ProjectStore.open(tmp_path / "new.annotator") as new:
        active = new.models.active()
        assert active is not None
        assert active.folder == NEWER
        assert active.card.scheme == DEFAULT_SCHEME


def test_the_sample_project_of_an_earlier_release_goes_on(tmp_path: Path) -> None:
    with ProjectStore.create(tmp_path / PROJECT_NAME, V1, sample_folder()) as made:
        made.models.add(read_card(OLDER), NEWER)
        made.models.activate("starter")
    with ProjectStore.open(ensure_sample_project(tmp_path)) as store:
        assert store.scheme == V1
        assert store.frames.count() == 6
        assert [model.folder for model in store.models.all()] == [OLDER]


def test_each_places_the_truth_of_its_own_version() -> None:
    """On a shipped sample: the corners of the eyes, which the two versions place apart, within a percent of the eye distance."""
    from annotator.imaging.reader import read_frame

    image = read_frame(sample_folder() / PICTURE)
    images = json.loads((sample_folder() / "annotations.json").read_text("utf-8"))
    number = next(own["id"] for own in images["images"] if own["file_name"] == PICTURE)
    marked = next(own for own in images["annotations"] if own["image_id"] == number)
    truth = np.array(marked["keypoints"]).reshape(-1, 3)[:, :2] + 0.5
    scheme = load_scheme(images["info"]["scheme"])
    corners = [scheme.index(f"eye_{side}_inner") for side in ("left", "right")]
    width = np.linalg.norm(np.subtract(*(truth[scheme.index(f"eye_{s}_outer")] for s in ("left", "right"))))
    off = {
        folder: np.linalg.norm(
            Predictor(folder).propose(image, heatmaps=False).xy[corners] - truth[corners], axis=1
        ).mean()
        for folder in (OLDER, NEWER)
    }
    assert scheme.id == DEFAULT_SCHEME
    assert off[NEWER] < 0.01 * width < 0.02 * width < off[OLDER]

"""Finding shipped and project models."""

from pathlib import Path

import pytest

from annotator.domain.errors import ModelError
from annotator.domain.model_card import ModelCard, read_card
from annotator.services.models import registry as models
from annotator.services.models.registry import (
    available_models,
    default_model,
    find_model,
    project_models_folder,
)


def _model(parent: Path, name: str, created: str = "", scheme: str = "five@1", folder_name: str = "") -> Path:
    folder = parent / (folder_name or name)
    folder.mkdir(parents=True)
    card = ModelCard(name, scheme, {"name": "tiny"}, created=created, metrics={"nme": 3.0})
    (folder / "model.toml").write_text(card.to_toml(), encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two models of its own beside two shipped ones, one of them damaged."""
    shipped = tmp_path / "shipped"
    monkeypatch.setattr(
        models, "asset", lambda relative: shipped if relative == "models" else tmp_path / relative
    )
    _model(shipped, "another")
    _model(shipped, "starter")
    (_model(shipped, "damaged") / "model.toml").write_text("schema = ", encoding="utf-8")
    path = tmp_path / "shots.annotator"
    _model(project_models_folder(path), "tuned-1", "2026-01-01T00:00:00Z")
    _model(project_models_folder(path), "tuned-2", "2026-02-01T00:00:00Z")
    return path


def test_own_models_newest_first_then_the_shipped_ones(project: Path) -> None:
    assert [entry.id for entry in available_models(project)] == ["tuned-2", "tuned-1", "starter", "another"]
    assert [entry.origin for entry in available_models()] == ["shipped", "shipped"]
    assert project_models_folder(project).name == "shots.models"


def test_found_by_id_or_folder_and_described(project: Path, tmp_path: Path) -> None:
    assert find_model("tuned-1", project).origin == "project"
    outside = _model(tmp_path / "elsewhere", "mine")
    entry = find_model(str(outside), project)
    assert (entry.id, entry.origin) == ("mine", "folder")
    assert entry.describe()["metrics"] == {"nme": 3.0}


def test_unknown_model_names_those_that_there_are(project: Path) -> None:
    with pytest.raises(ModelError, match="tuned-2, tuned-1, starter, another"):
        find_model("nothing", project)


def test_default_is_the_starter_of_the_scheme(project: Path) -> None:
    assert default_model("five@1", project).id == "starter"
    _model(project_models_folder(project), "other-scheme", scheme="six@1")
    assert default_model("six@1", project).id == "other-scheme"
    with pytest.raises(ModelError, match="six@2"):
        default_model("six@2", project)


def test_a_shipped_model_has_one_id_in_all_versions_of_its_scheme(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "DEFAULT_SCHEME", "five@2")
    newer = tmp_path / "shipped" / "starter"
    newer.rename(newer.with_name("starter@1"))
    _model(tmp_path / "shipped", "starter", scheme="five@2")
    assert [entry.folder.name for entry in available_models()] == ["starter", "starter@1", "another"]
    assert find_model("starter", project).card.scheme == "five@2"
    assert find_model("starter", project, "five@1").folder.name == "starter@1"
    assert [default_model(f"five@{version}").folder.name for version in (1, 2)] == ["starter@1", "starter"]
    with pytest.raises(ModelError, match="tuned-2, tuned-1, starter, another"):
        find_model("nothing", project)


def test_damaged_card_says_which_file(project: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.toml"):
        read_card(tmp_path / "shipped" / "damaged")
    with pytest.raises(ModelError, match="no model folder"):
        read_card(tmp_path)

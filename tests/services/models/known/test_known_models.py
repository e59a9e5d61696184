"""Models of a project: lines, notes, deleting with what hangs on them, export and a checked import, measured side by side."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
import torch
from blank_model import blank_model
from project_files import IBUG, L
from safetensors.torch import load_file, save

from annotator.domain import edits
from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError, ModelError
from annotator.domain.model_card import WEIGHTS, ModelCard, read_card
from annotator.nn.checkpoint import load_model, save_model
from annotator.services.models.known.carry_model import export_model, import_model
from annotator.services.models.known.delete_model import delete_model
from annotator.services.models.known.known_models import known_model, known_models
from annotator.services.models.known.measure_models import measure_models
from annotator.services.models.known.measured import measured_models
from annotator.services.models.registry import write_card
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SIDE = 64


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return blank_model(tmp_path_factory.mktemp("made"), IBUG)


@pytest.fixture
def store(tmp_path: Path, blank: Path) -> Iterator[ProjectStore]:
    """Four frames with pictures; models `one`, its child `two` and `two`'s child `three`, all the project's own."""
    pixels = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
    paths = [f"{subject}/1.jpg" for subject in ("anna", "ben", "cem", "dora")]
    for path in paths:
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_bytes(simplejpeg.encode_jpeg(pixels, colorspace="RGB"))
    with ProjectStore.create(tmp_path / "show.annotator", IBUG, tmp_path) as made:
        made.frames.add(Frame(0, path, path.split("/")[0], "", "", "1", SIDE, SIDE) for path in paths)
        parent = None
        for name in ("one", "two", "three"):
            add(made, blank, name, parent)
            parent = name
        made.models.activate("one")
        made.models.activate("two")
        yield made


def add(store: ProjectStore, blank: Path, name: str, parent: str | None) -> None:
    folder = store.path.with_suffix(".models") / name
    shutil.copytree(blank, folder)
    write_card(folder, replace(read_card(folder), id=name, parent=parent))
    store.models.add(read_card(folder), folder)


def test_a_model_is_told_with_its_line(store: ProjectStore) -> None:
    store.models.set_note("three", "weak on profiles")
    newest, middle, first = known_models(store)
    assert [each.id for each in (newest, middle, first)] == ["three", "two", "one"]
    assert (newest.version, newest.line, newest.note) == (2, ("one", "two", "three"), "weak on profiles")
    assert (middle.active, middle.activations, middle.children) == (True, 1, ("three",))
    assert (first.version, first.active, first.own, first.there) == (0, False, True, True)
    with pytest.raises(ModelError, match="knows no model 'nine'; it knows: three, two, one"):
        known_model(store, "nine")
    store.models.add(ModelCard("round", IBUG.id, {}, parent="round"), store.path.parent / "gone")
    assert known_model(store, "round").line == ("round",)
    assert not known_model(store, "round").there


def test_a_model_that_something_hangs_on_is_not_deleted_without_saying_so(store: ProjectStore) -> None:
    told = "it is the active model and it is the parent of three"
    with pytest.raises(ModelError, match=told):
        delete_model(store, "two")
    folder = known_model(store, "two").folder
    assert (store.models.active_id(), folder.is_dir()) == ("two", True)
    done = delete_model(store, "two", force=True)
    assert (done.folder, done.active, folder.exists()) == (folder, "one", False)
    active = store.models.active()
    assert active is not None
    assert active.id == "one", "the one before it"
    assert [entry.model_id for entry in store.models.history()] == ["one", "two"], "history stays"
    with pytest.raises(ModelError):
        store.models.activate("two")
    assert "Active now: one" in delete_model(store, "three").text


def test_a_folder_that_is_not_the_projects_stays(store: ProjectStore, blank: Path) -> None:
    store.models.add(read_card(blank), blank)
    assert delete_model(store, "blank").folder is None
    assert (blank / WEIGHTS).is_file()
    store.models.add(read_card(blank), blank)
    assert known_model(store, "blank").there, "it can be added again"


def test_an_exported_model_can_be_imported(store: ProjectStore, tmp_path: Path) -> None:
    out = export_model(store, "two", tmp_path / "out")
    with pytest.raises(FormatError, match="is there already"):
        export_model(store, "one", out)
    with pytest.raises(ModelError, match="There is a model two with the same weights already"):
        import_model(store, out)
    (out / "odd.txt").write_text("of somebody")
    card = import_model(store, out, "two-again")
    place = store.path.with_suffix(".models") / "two-again"
    assert (card.id, read_card(place)) == ("two-again", card)
    assert sorted(path.name for path in place.iterdir()) == ["model.toml", WEIGHTS]
    assert known_model(store, "two-again").line == ("one", "two-again")
    assert store.models.active_id() == "two"
    load_model(place)


def _other_scheme(folder: Path) -> None:
    write_card(folder, replace(read_card(folder), scheme="studio-89@2"))


def _other_weights(folder: Path) -> None:
    data = bytearray((folder / WEIGHTS).read_bytes())
    data[-1] ^= 255
    (folder / WEIGHTS).write_bytes(data)


def _no_numbers(folder: Path) -> None:
    module, card = load_model(folder)
    with torch.no_grad():
        next(module.parameters()).fill_(float("nan"))
    save_model(folder, module, card)


def _other_architecture(folder: Path) -> None:
    import hashlib

    tensors = load_file(folder / WEIGHTS)
    tensors.pop(sorted(tensors)[0])
    blob = save(tensors)
    (folder / WEIGHTS).write_bytes(blob)
    write_card(folder, replace(read_card(folder), sha256=hashlib.sha256(blob).hexdigest()))


def _pickle(folder: Path) -> None:
    import hashlib

    blob = b"\x80\x04K\x01."
    (folder / WEIGHTS).write_bytes(blob)
    write_card(folder, replace(read_card(folder), sha256=hashlib.sha256(blob).hexdigest()))


def _no_card(folder: Path) -> None:
    (folder / "model.toml").unlink()


def _endless_shapes(folder: Path) -> None:
    with (folder / "shapes.safetensors").open("wb") as file:
        file.truncate(65 << 20)


def _linked_readme(folder: Path) -> None:
    (folder.parent / "letter").write_text("mine")
    (folder / "README.md").symlink_to(folder.parent / "letter")


def _linked_weights(folder: Path) -> None:
    (folder / WEIGHTS).rename(folder.parent / "weights")
    (folder / WEIGHTS).symlink_to(folder.parent / "weights")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_other_scheme, "places studio-89@2, the project holds ibug-68"),
        (_other_weights, "its hash differs"),
        (_no_numbers, "weights that are no numbers"),
        (_other_architecture, "does not fit the architecture"),
        (_pickle, "is no safetensors file"),
        (_no_card, "is no model folder"),
        (_endless_shapes, "more than 64 MiB"),
        (_linked_readme, r"README.md cannot be used: it is a link"),
        (_linked_weights, "cannot be used: it is a link"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_and_all_stays_as_it_was(
    store: ProjectStore, blank: Path, tmp_path: Path, spoil: object, told: str
) -> None:
    folder = tmp_path / "elsewhere"
    shutil.copytree(blank, folder)
    spoil(folder)
    before, there = store.models.all(), sorted(store.path.with_suffix(".models").rglob("*"))
    with pytest.raises(ModelError, match=told):
        import_model(store, folder)
    assert store.models.all() == before
    assert sorted(store.path.with_suffix(".models").rglob("*")) == there


@pytest.mark.parametrize("name", ["../out", "a/b", "", ".hidden", "x" * 101, "CON", "nul.1", "Lpt1", "a."])
def test_a_name_that_leads_astray_is_refused(store: ProjectStore, blank: Path, name: str) -> None:
    with pytest.raises(ModelError, match="cannot be a model's name"):
        import_model(store, blank, name)


def test_models_are_measured_on_the_same_frozen_frames(store: ProjectStore) -> None:
    for frame_id in range(1, 5):
        before = store.annotations.get(frame_id)
        places = np.random.default_rng(frame_id).uniform(4, SIDE - 4, (L, 2))
        after, _ = edits.apply(edits.move(range(L), places), before)
        store.annotations.commit(Change(frame_id, before, after, "Move"))
    found = measure_models(store, ["one", "two"], device="cpu")
    assert list(found) == ["one", "two"]
    assert found["one"].frames == 1, "the one that is kept back"
    assert found["one"].held_out
    assert found["one"].points == L
    assert found["one"].regions["all"] > 0
    assert known_model(store, "one").measured == found["one"]
    assert measure_models(store, ["one"], device="cpu")["one"].at == found["one"].at, "not measured twice"
    kept_back = store.settings.get("training.split")["sides"]
    subject = next(key for key, side in kept_back.items() if side == "validation").partition(":")[2]
    frame_id = next(row.frame.id for row in store.frames.list() if row.frame.subject == subject)
    before = store.annotations.get(frame_id)
    after, _ = edits.apply(edits.move([0], [[1, 1]]), before)
    store.annotations.commit(Change(frame_id, before, after, "Move"))
    again = measure_models(store, ["two"], device="cpu")["two"]
    assert again.regions["all"] != found["two"].regions["all"], "the points are others by now"
    assert [own.model_id for own in measured_models(store).values()] == ["two"]

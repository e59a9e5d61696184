"""Model folders: round trips, half precision, and every way in which one can be wrong."""

import os
from pathlib import Path

import pytest
import torch

from annotator.domain.errors import FormatError, ModelError
from annotator.domain.model_card import CARD, WEIGHTS, ModelCard, read_card
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn.adc import AttentionDrivenCropping
from annotator.nn.checkpoint import load_model, save_model
from annotator.nn.zoo import ARCHITECTURES, architecture, build


@pytest.fixture
def saved(tmp_path: Path) -> tuple[Path, AttentionDrivenCropping]:
    description = architecture("tiny", load_scheme("studio-89"))
    torch.manual_seed(2)
    module = build(description)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    card = ModelCard("mine", "studio-89@1", description, metrics={"nme": {"all": 3.5}})
    save_model(tmp_path / "mine", module, card)
    return tmp_path / "mine", module


def test_round_trip(saved: tuple[Path, AttentionDrivenCropping]) -> None:
    folder, module = saved
    again, card = load_model(folder)
    assert card == read_card(folder)
    assert card.metrics == {"nme": {"all": 3.5}}
    assert len(card.sha256) == 64
    assert card.created.endswith("+00:00")
    assert not again.training
    source = torch.randint(0, 256, (1, 3, 64, 64), dtype=torch.uint8)
    with torch.inference_mode():
        torch.testing.assert_close(again(source).xy_BL2, module.eval()(source).xy_BL2)
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_half_precision_is_half_as_large_and_loads_as_float32(
    saved: tuple[Path, AttentionDrivenCropping],
) -> None:
    folder, module = saved
    full = (folder / WEIGHTS).stat().st_size
    (folder / "README.md").write_text("kept")
    save_model(folder, module, read_card(folder), half=True)
    assert (folder / WEIGHTS).stat().st_size < 0.65 * full
    assert (folder / "README.md").read_text() == "kept"
    again, _ = load_model(folder)
    assert {p.dtype for p in again.parameters()} == {torch.float32}
    torch.testing.assert_close(
        dict(again.named_parameters()), dict(module.named_parameters()), atol=2e-3, rtol=1e-3
    )


def test_a_failed_save_leaves_the_old_model(
    saved: tuple[Path, AttentionDrivenCropping], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, module = saved
    before = read_card(folder)

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(FormatError, match="No space"):
        save_model(folder, module, before)
    monkeypatch.undo()
    load_model(folder)
    assert read_card(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_missing_folder_card_and_weights(tmp_path: Path, saved: tuple[Path, AttentionDrivenCropping]) -> None:
    folder, _ = saved
    with pytest.raises(ModelError, match=r"no model\.toml"):
        load_model(tmp_path / "nowhere")
    (folder / WEIGHTS).unlink()
    with pytest.raises(ModelError, match=r"lacks weights\.safetensors"):
        load_model(folder)


@pytest.mark.parametrize("damage", ["truncated", "flipped", "foreign"])
def test_damaged_weights(saved: tuple[Path, AttentionDrivenCropping], damage: str) -> None:
    folder, _ = saved
    data = bytearray((folder / WEIGHTS).read_bytes())
    if damage == "truncated":
        data = data[: len(data) // 2]
    elif damage == "flipped":
        data[-3] ^= 1
    else:
        data = bytearray(b"PK\x03\x04 a pickle")
    (folder / WEIGHTS).write_bytes(data)
    with pytest.raises(ModelError, match="damaged or belongs to another"):
        load_model(folder)


def _rewrite(folder: Path, old: str, new: str) -> None:
    text = (folder / CARD).read_text()
    assert old in text
    (folder / CARD).write_text(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("schema = 1", "schema = 99", "Update Annotator"),
        ('backbone = "hourglass"', 'backbone = "transformer"', "no network 'transformer'"),
        ("stride = 4", "stride = 4\nmagic = 1", "does not know magic"),
        ("landmarks = 89", "landmarks = 40", "does not fit"),
        ("landmarks = 89", "", "cannot be built"),
        ("channels = 16", "channels = 24", "does not fit"),
        ("schema = 1", "schema = [", "not valid TOML"),
    ],
)
def test_cards_that_are_newer_foreign_or_do_not_fit(
    saved: tuple[Path, AttentionDrivenCropping], old: str, new: str, message: str
) -> None:
    folder, _ = saved
    _rewrite(folder, old, new)
    with pytest.raises(ModelError, match=message):
        load_model(folder)


@pytest.mark.parametrize("name", [name for name in ARCHITECTURES if "paper" not in name])
def test_every_architecture_builds_for_both_schemes(name: str) -> None:
    for scheme in ("studio-89", "ibug-68"):
        description = architecture(name, load_scheme(scheme))
        module = build(description)
        assert module.landmarks == load_scheme(scheme).size


def test_changes_are_merged_and_unknown_names_refused() -> None:
    scheme = load_scheme("studio-89")
    description = architecture("tiny", scheme, crop=64, regional={"channels": 8})
    assert description["crop"] == 64
    assert description["regional"] == {"backbone": "hourglass", "channels": 8, "depth": 2, "stride": 2}
    assert architecture("tiny", scheme)["regional"]["channels"] == 16
    with pytest.raises(ModelError, match="no architecture 'huge'"):
        architecture("huge", scheme)

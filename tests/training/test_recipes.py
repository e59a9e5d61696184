"""Recipe files: what the shipped ones say is what it was, a studio's own build on them, and mistakes are named by their line."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from annotator.domain.errors import AnnotatorError
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.nn import losses
from annotator.nn.zoo import architecture
from annotator.training import recipes
from annotator.training.config import ImpossibleValue, LossName, Phase, TrainingConfig
from annotator.training.recipes import read_recipe, recipe, recipe_files
from annotator.training.run_state import fingerprint

LATER = ("inherit", "clips", "neighbours")
"""Keys that recipes learnt since."""
PINNED: dict[str, Any] = json.loads(Path(__file__).with_name("recipes_of_0_1.json").read_text())


@pytest.fixture(autouse=True)
def _no_recipes_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(recipes, "own_folder", lambda: tmp_path / "settings" / "recipes")


@pytest.mark.parametrize("name", PINNED["recipes"])
def test_a_recipe_is_what_it_was_when_it_was_code(name: str) -> None:
    """Checkpoints of runs begun then must fit, so values, their types and the order of the losses count."""
    pinned = PINNED["recipes"][name]
    config = recipe(name)
    expected = {**PINNED["default"], **pinned["differs"], "name": name}
    plain = {key: value for key, value in config.plain().items() if key not in LATER}
    assert json.dumps(plain) == json.dumps(expected)
    assert fingerprint(config, {"name": "x"}) == pinned["fingerprint"]
    assert isinstance(config.sizes, tuple)


def test_every_shipped_recipe_tells_what_it_is_for() -> None:
    files = recipe_files()
    assert set(files) >= set(PINNED["recipes"])
    scheme = load_scheme("studio-89")
    for name in files:
        shipped = read_recipe(name, files)
        assert shipped.summary
        assert architecture(shipped.config.architecture, scheme, **shipped.config.changes)["landmarks"] == 89


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_recipe_of_one_s_own_changes_what_it_states(tmp_path: Path) -> None:
    write(tmp_path / "own", "house", 'summary = "Ours"\nbase = "finetune"\nrate = 3e-4\n')
    write(
        tmp_path / "own",
        "night",
        'base = "house"\nminutes = 60\nsizes = [256, 512]\nchanges = { crop = 192, box = { margin = 0.2 } }\n'
        "[augment.geometry]\nrotation = 5\n",
    )
    base, config = recipe("finetune"), recipe("night", tmp_path / "own")
    assert (config.name, config.rate, config.minutes, config.steps) == ("night", 3e-4, 60.0, base.steps)
    assert (config.sizes, config.changes) == ((256, 512), {"crop": 192, "box": {"margin": 0.2}})
    assert config.augment.geometry.rotation == 5.0
    assert config.augment.geometry.extent == base.augment.geometry.extent
    assert config.phases == base.phases
    files = recipe_files(tmp_path / "own")
    assert read_recipe("house", files).summary == "Ours"
    assert "house" in read_recipe("night", files).summary


def test_recipes_in_the_user_s_settings_are_found_without_asking(tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    write(tmp_path / "settings" / "recipes", "mine", 'base = "light"\nbatch = 2\n')
    assert recipe("mine").batch == 2
    assert "mine" not in recipe_files(write(tmp_path / "other", "x", "").parent)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('base = "light"\n\nrat = 1e-3\n', 3, ["'rat'", "did you mean rate", "warmup"]),
        ('base = "light"\nseed = 3\n', 2, ["'seed'"]),
        ('base = "light"\nbatch = "many"\n', 2, ["batch is a whole number", "'many'"]),
        ('base = "light"\nbatch = true\n', 2, ["batch is a whole number"]),
        ('base = "light"\nbatch = 2.5\n', 2, ["batch is a whole number"]),
        ('base = "light"\nsequential = 1\n', 2, ["sequential is true or false"]),
        ('base = "light"\nbatch = 0\n', 2, ["impossible", "1 or more"]),
        ('base = "light"\nblend = 1.5\n', 2, ["0 to 1"]),
        ('base = "light"\nrate = nan\n', 2, ["0 or more"]),
        ('base = "light"\nschedule = "linear"\n', 2, ["'cosine', 'drop'"]),
        ('base = "light"\narchitecture = "adc-huge"\n', 2, ["adc-light"]),
        ('base = "dark"\n', 1, ["'dark'", "light"]),
        ('steps = 3\nbase = "bad"\n', 2, ["'bad'"]),
        ('base = "light"\nsizes = [\n  256,\n  "big",\n]\n', 2, ["a whole number", "'big'"]),
        ('base = "light"\n[changes]\ncrop = 128\ncorp = 128\n', 4, ["'corp'", "crop"]),
        ('base = "light"\n[augment.geometry]\nflip = 0.5\n# a face\nextent = [0.2]\n', 5, ["2 values"]),
        ('base = "light"\n[augment.geometry]\nextent = [0.9, 0.2]\n', 3, ["least size comes first"]),
        ('base = "light"\naugment = 3\n', 2, ["augment is a table"]),
        (
            'base = "light"\n[[phases]]\nuntil = 1\nlosses = { ce = 1, no_such_loss = 1 }\n',
            4,
            ["'no_such_loss'", "'wing'"],
        ),
        ('base = "light"\n[[phases]]\nuntil = 0.5\nlosses = { ce = 1 }\n', 2, ["until 1"]),
        ('base = "light"\n\n[[phases]]\nuntil = 1\n', 3, ["losses is missing"]),
        ('base = "light"\nrate = \n', 2, ["no TOML"]),
    ],
)
def test_a_mistake_is_refused_with_its_line_and_what_is_allowed(
    tmp_path: Path, text: str, line: int, words: list[str]
) -> None:
    file = write(tmp_path / "own", "bad", text)
    with pytest.raises(AnnotatorError) as caught:
        recipe("bad", file.parent)
    assert f"{file}, line {line}: " in str(caught.value)
    for word in words:
        assert word in str(caught.value)


def test_a_mistake_in_a_base_names_the_base_s_file(tmp_path: Path) -> None:
    base = write(tmp_path / "own", "first", 'base = "light"\nrate = -1\n')
    write(tmp_path / "own", "second", 'base = "first"\n')
    with pytest.raises(AnnotatorError) as caught:
        recipe("second", base.parent)
    assert f"{base}, line 2: " in str(caught.value)


def test_what_cannot_be_found_or_told_apart_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnnotatorError, match=r"choose one of .*finetune"):
        recipe("magic")
    with pytest.raises(AnnotatorError, match="no folder of recipes"):
        recipe("light", tmp_path / "none")
    one = write(tmp_path / "own", "light", "")
    with pytest.raises(AnnotatorError, match="same name"):
        recipe("finetune", one.parent)
    one.with_name("odd.toml").write_bytes(b"\xff")
    one.unlink()
    with pytest.raises(AnnotatorError, match="cannot be read"):
        recipe("odd", one.parent)


def test_phases_that_do_not_follow_one_another_are_refused_in_code_too() -> None:
    with pytest.raises(ImpossibleValue, match="follow one another"):
        TrainingConfig("x", phases=(Phase(0.8, {}), Phase(0.2, {}), Phase(1.0, {})))


def test_every_loss_that_a_recipe_may_name_is_there() -> None:
    assert set(get_args(LossName)) == losses.MAP_LOSSES.keys() | losses.POINT_LOSSES.keys()

"""What installed packages add: the example of the documentation, and packages that are broken."""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from annotator.domain.extensions import extensions, faults, look_again
from annotator.domain.schemes.scheme_file import available_schemes, load_scheme
from annotator.formats.registry import format_in, format_named, formats
from annotator.services.doctor import diagnose
from annotator.services.models.registry import available_models
from annotator.training.recipes import recipe
from tests.formats.test_tools import view

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "extension"


def install(folder: Path, name: str, points: dict[str, dict[str, str]]) -> None:
    """What an installer leaves of a package: its metadata with the entry points."""
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in own.items())
        for group, own in points.items()
    ]
    (about / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of installed packages, which Python looks into."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    look_again()
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.partition(".")[0] in ("annotator_points", "broken"):
            del sys.modules[name]
    look_again()


def test_the_example_adds_a_format_a_scheme_a_recipe_and_models(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE))
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    install(site, project["name"], project["entry-points"])
    look_again()
    eyes = load_scheme("eyes-4@1")
    assert "eyes-4@1" in available_schemes()
    dataset = view(eyes, missing=False)
    format_named("points").write(dataset, site / "a.txt")
    assert format_in(site / "a.txt").name == "points"
    read = format_in(site / "a.txt").read(site / "a.txt", eyes)
    assert [frame.path for frame in read.frames] == [item.frame.path for item in dataset.frames]
    assert abs(read.frames[0].xy - dataset.frames[0].annotation.xy).max() < 1e-3
    assert recipe("points-quick").steps == 200
    assert available_models()
    assert faults() == {}


def test_a_broken_package_is_left_out_and_told(site: Path) -> None:
    (site / "broken.py").write_text("there = 'nowhere'\nnothing = 3\n\ndef recipes():\n    return '.'\n")
    install(
        site,
        "broken",
        {
            "annotator.formats": {
                "gone": "not_there:Format",
                "nothing": "broken:nothing",
                "coco": "broken:nothing",
            },
            "annotator.schemes": {"nowhere": "broken:there"},
            "annotator.models": {"number": "broken:nothing"},
        },
    )
    look_again()
    assert "gone" not in formats()
    assert format_named("coco").title == "COCO keypoints"
    assert load_scheme("ibug-68").size == 68
    assert available_models()
    assert set(faults()) == {
        "formats: gone",
        "formats: nothing",
        "formats: coco",
        "schemes: nowhere",
        "models: number",
    }
    told = {check.name: check.value for check in diagnose() if check.area == "extensions"}
    assert "ModuleNotFoundError" in told["formats: gone"]
    assert "not there" in told["schemes: nowhere"]


def test_a_recipe_of_a_package_replaces_none(site: Path) -> None:
    (site / "own").mkdir()
    (site / "own" / "default.toml").write_text("steps = 1\n")
    (site / "broken.py").write_text(f"folder = {str(site / 'own')!r}\n")
    install(site, "broken", {"annotator.recipes": {"own": "broken:folder"}})
    look_again()
    assert recipe("default").steps != 1
    assert "recipes: own" in faults()
    assert extensions("recipes") == {}

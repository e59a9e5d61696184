"""Display transforms: the baked cube against OpenColorIO itself; clear words where it is missing or its config is broken."""

import sys
from pathlib import Path

import numpy as np
import pytest

from annotator.imaging import ocio
from annotator.imaging.ocio import DisplayTransformError, DisplayView, converter, display_views


@pytest.fixture(autouse=True)
def _own_config(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("OCIO", raising=False)
    yield
    ocio._config.cache_clear()
    converter.cache_clear()


def direct(view: DisplayView, source: str, light: np.ndarray) -> np.ndarray:
    """float32 [N, 3] in 0..1: what OpenColorIO makes of linear light."""
    library = pytest.importorskip("PyOpenColorIO")
    config = library.Config.CreateFromFile("ocio://default")
    seen = library.DisplayViewTransform(src=source, display=view.display, view=view.view)
    out = np.ascontiguousarray(light, np.float32)
    config.getProcessor(seen).getDefaultCPUProcessor().applyRGB(out)
    return out.clip(0, 1)


@pytest.mark.parametrize("number", [0, 1])
def test_scene_linear_halves_look_as_opencolorio_has_them(number: int) -> None:
    pytest.importorskip("PyOpenColorIO")
    view = display_views()[number]
    rng = np.random.default_rng(3)
    grey = 2.0 ** rng.uniform(-8, 1.5, (40, 50, 1))
    pixels = (grey * rng.uniform(0.6, 1.4, (40, 50, 3))).astype(np.float16)  # as strong as skin and lips
    for exposure in (0.0, -1.5):
        shown = converter(view, "float16", exposure)(pixels)
        wanted = direct(view, "scene_linear", pixels.reshape(-1, 3).astype(np.float32) * 2.0**exposure)
        off = np.abs(shown.reshape(-1, 3) - 255 * wanted)
        assert np.percentile(off, 99) < 8  # where a view clips, within a cell of the cube
        assert np.median(off) < 0.8


def test_eight_and_sixteen_bits_count_as_srgb() -> None:
    pytest.importorskip("PyOpenColorIO")
    view = next(each for each in display_views() if each.view == "Un-tone-mapped" and "sRGB" in each.display)
    codes = np.random.default_rng(4).integers(0, 256, (30, 30, 3)).astype(np.uint8)
    shown = converter(view, "uint8")(codes)  # an sRGB picture on an sRGB screen, not tone-mapped: itself
    assert np.abs(shown.astype(int) - codes).max() <= 3
    np.testing.assert_array_equal(converter(view, "uint16")(codes.astype(np.uint16) * 257), shown)
    darker = converter(view, "uint8", gamma=0.5)(codes)
    assert darker.mean() < shown.mean()


def test_without_opencolorio_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    with pytest.raises(DisplayTransformError, match=r"annotator-landmarks\[ocio\]"):
        display_views()


def test_the_config_of_the_environment_is_taken_and_a_broken_one_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pytest.importorskip("PyOpenColorIO")
    broken = tmp_path / "studio.ocio"
    broken.write_text("no config", encoding="utf-8")
    monkeypatch.setenv("OCIO", str(broken))
    with pytest.raises(DisplayTransformError, match=r"studio\.ocio"):
        display_views()


def test_a_view_that_the_config_lacks_is_named() -> None:
    pytest.importorskip("PyOpenColorIO")
    with pytest.raises(DisplayTransformError, match="Nowhere"):
        converter(DisplayView("Nowhere", "None"), "uint8")

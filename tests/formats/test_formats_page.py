"""Every cell of the table in docs/formats.md is as the formats are."""

import re
from pathlib import Path

import numpy as np
import pytest

from annotator.formats.registry import format_named, formats
from tests.formats.format_data import IBUG
from tests.formats.test_tools import needs, target, view

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
LIBRARIES = {
    "pycocotools": "pycocotools.coco",
    "sleap-io": "sleap_io",
    "dlib": "dlib",
    "pandas": "pandas",
    "datumaro": "datumaro",
}


def rows() -> dict[str, list[str]]:
    found = re.findall(r"^\| `([\w-]+)` \|(.*)\|$", PAGE.split("## Pixels")[0], re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in found}


def test_every_format_has_its_row() -> None:
    assert list(rows()) == list(formats())


@pytest.mark.parametrize("name", list(formats()))
def test_a_row_says_what_the_format_does(name: str) -> None:
    known, (_, reads, writes, _, occlusion, confidence) = format_named(name), rows()[name]
    word = {True: "yes", False: "no"}
    assert (reads, writes) == ("yes", word[known.writes])
    assert (occlusion, confidence) == (word[known.occlusion], word[known.confidence])


@pytest.mark.parametrize("name", list(formats()))
def test_a_library_that_is_named_has_a_test_with_the_format(name: str) -> None:
    text = (ROOT / "tests/formats/test_other_libraries.py").read_text(encoding="utf-8")
    tests = text.split("\ndef test_")[1:]
    checking = {
        library
        for library, module in LIBRARIES.items()
        if any(f'importorskip("{module}")' in test and f'"{name}"' in test for test in tests)
    }
    assert checking == set(filter(None, rows()[name][3].split(", ")))


@pytest.mark.parametrize("name", [name for name, known in formats().items() if known.writes])
def test_the_pixels_of_the_page_are_those_in_the_file(tmp_path: Path, name: str) -> None:
    """The first coordinates of the file, as they stand in it, are ours and the shift that the page tells."""
    shifts = {}
    for centre, names in re.findall(r"^\| \(([\d.]+), [\d.]+\)[^|]*\|(.*)\|$", PAGE, re.MULTILINE):
        for each in re.findall(r"`([\w-]+)`", names):
            shifts[each] = float(centre) - 0.5
    assert shifts.keys() == formats().keys()
    known, dataset = format_named(name), view(IBUG, missing=False)
    path = target(tmp_path, known)
    if name == "sleap":
        sio = pytest.importorskip("sleap_io")
        known.write(dataset, path)
        labels = sio.load_slp(str(path), open_videos=False)
        numbers = labels[0].instances[0].points["xy"].ravel()
    elif name == "deeplabcut-h5":
        needs(name)
        known.write(dataset, path)
        import pandas

        numbers = pandas.read_hdf(path).to_numpy().ravel()
    else:
        known.write(dataset, path)
        texts = (
            [file.read_text() for file in sorted(path.rglob("*")) if file.is_file()]
            if path.is_dir()
            else [path.read_text()]
        )
        numbers = np.array(
            [float(found) for text in texts for found in re.findall(r"-?\d+\.?\d*(?:e-\d+)?", text)]
        )
    size = np.array([400, 300])
    x, y = dataset.frames[0].annotation.xy[20].astype(float) + shifts[name]
    scale = {"labelstudio": 100 / size, "yolo": 1 / size}.get(name, np.ones(2))
    near = {"imglab": 0.501, "yolo": 1e-6}.get(name, 2e-3)
    for value in np.array([x, y]) * scale:
        assert np.abs(numbers - value).min() <= near

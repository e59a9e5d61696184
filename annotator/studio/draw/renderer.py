"""Draws a capture from a camera: depth pass, solids, hair, then lens and sensor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.studio.draw.gl_device import GlDevice, set_uniforms
from annotator.studio.draw.lens import lens_values, sensor_values, unfocused
from annotator.studio.draw.uploads import UploadedHair, UploadedSolid, Uploads
from annotator.studio.geometry.camera import Camera
from annotator.studio.hair.hair_order import Cover
from annotator.studio.scene.capture import Capture
from annotator.studio.scene.looks import Exposure
from annotator.studio.scene.surfaces import Solid

Window = tuple[float, float, float, float]
Area = tuple[int, int, int, int]
"""Left, top, width, height in the pixels of a target."""
LEAST_OPACITY = 0.4
"""Strands that are fainter leave no depth."""
LEAST_PIXELS = 0.55
"""Half the width of the thinnest strand that `hair.vert` draws."""
NOSE_MM = 110.0
"""The skin nearest to the camera is this far before the middle of the face."""
GRANULE = 256
"""Targets of several windows have sides of whole granules, so that few are needed."""


class Renderer:
    """Renders frames or windows of frames; keeps its targets and the last capture's buffers.

    Each drawing makes the renderer's own context current: names of buffers mean others in the context of another renderer.
    """

    def __init__(self) -> None:
        self.device = GlDevice()
        self._targets: dict[tuple[int, int], dict[str, Any]] = {}
        self._uploads: Uploads | None = None

    def frame(
        self, capture: Capture, camera: Camera, backdrop: NDArray[np.float32], exposure: Exposure,
        window: Window | None = None, pixels: tuple[int, int] | None = None,
    ) -> NDArray[np.generic]:  # fmt: skip
        """The picture (H, W, 3): uint8 sRGB, or float32 linear for a linear exposure.

        `window` x0 y0 x1 y1 in frame pixels renders a part of the frame into `pixels` (width, height).
        """
        size = pixels or (camera.size, camera.size)
        box = window or (0.0, 0.0, float(camera.size), float(camera.size))
        whole = (0, 0, *size)
        with self.device.context:
            target = self._target(size)
            self._scene(capture, camera, backdrop, exposure, box, size, target, (whole,))
            return self._develop(camera, exposure, box, size, target, whole)

    def windows(
        self, capture: Capture, camera: Camera, backdrop: NDArray[np.float32], exposure: Exposure, boxes: Sequence[Window],
        block: int = 1,
    ) -> list[NDArray[np.generic]]:  # fmt: skip
        """The parts `boxes` (x0 y0 x1 y1, whole frame pixels) of the frame: as `frame` draws them, yet the scene is drawn
        once for all and what they share is shaded once. A pixel is `block` frame pixels wide, which the boxes' edges
        are multiples of."""
        low, high = np.min(boxes, 0)[:2], np.max(boxes, 0)[2:]
        width, height = (int(np.ceil(side / block / GRANULE) * GRANULE) for side in high - low)
        around = (float(low[0]), float(low[1]), float(low[0] + block * width), float(low[1] + block * height))
        pixels = (np.subtract(boxes, (*low, *low)) / block).astype(int).tolist()
        areas = [(left, top, right - left, bottom - top) for left, top, right, bottom in pixels]
        with self.device.context:
            target = self._target((width, height))
            self._scene(capture, camera, backdrop, exposure, around, (width, height), target, areas)
            return [self._develop(camera, exposure, around, (width, height), target, area) for area in areas]

    def named_solids(self, capture: Capture) -> Iterator[tuple[Solid, Any]]:
        """The surfaces of a capture, each with its vertices bound to the identity program."""
        return ((drawn.solid, drawn.named) for drawn in self._upload(capture).solids)

    def _target(self, size: tuple[int, int]) -> dict[str, Any]:
        if size not in self._targets:
            context, gl = self.device.context, self.device.gl
            for old in self._targets.values():
                for piece in old.values():
                    piece.release()
            self._targets.clear()
            light, lens = context.texture(size, 4, dtype="f2"), context.texture(size, 4, dtype="f2")
            depth = context.depth_texture(size)
            depth.compare_func = ""
            depth.filter = (gl.NEAREST, gl.NEAREST)
            self._targets[size] = {
                "light": light, "lens": lens, "depth": depth,
                "scene": context.framebuffer([light], depth), "to_lens": context.framebuffer([lens]),
                "deep": context.framebuffer([], depth),
            }  # fmt: skip
        return self._targets[size]

    def _output(self, size: tuple[int, int], target: dict[str, Any], linear: bool) -> Any:
        """Where the sensor writes: 8 bit, or float for linear light."""
        name = "float" if linear else "bytes"
        if f"to_{name}" not in target:
            target[name] = self.device.context.texture(size, 4, dtype="f4" if linear else "f1")
            target[f"to_{name}"] = self.device.context.framebuffer([target[name]])
        return target[f"to_{name}"]

    def _upload(self, capture: Capture) -> Uploads:
        if self._uploads is None or self._uploads.capture is not capture:
            if self._uploads is not None:
                self._uploads.release()
            self._uploads = Uploads(self.device, capture)
        return self._uploads

    def _scene(
        self,
        capture: Capture,
        camera: Camera,
        backdrop: NDArray[np.float32],
        exposure: Exposure,
        box: Window,
        size: tuple[int, int],
        target: dict[str, Any],
        areas: Sequence[Area],
    ) -> None:
        context, gl = self.device.context, self.device.gl
        shared = {
            "clip_from_head": camera.clip_matrix(box),
            "eye_point": camera.position,
            **_light_values(capture),
        }
        scale = size[0] / (box[2] - box[0])
        shared["pixels_per_mm"] = float(camera.pixels_per_mm * scale)
        for program in self.device.programs.values():
            set_uniforms(program, shared)
        target["scene"].use()
        context.viewport = (0, 0, *size)
        context.clear(0.0, 0.0, 0.0, 1.0, depth=0.0)
        for area in areas:  # what lies outside is hidden from the start
            context.clear(0.0, 0.0, 0.0, 1.0, depth=1.0, viewport=area)
        context.enable(gl.DEPTH_TEST)
        context.depth_func = "<="
        context.disable(gl.BLEND)
        self._backdrop(camera, unfocused(backdrop, camera, exposure, scale) / exposure.gain, box)
        uploads = self._upload(capture)
        self._draw_solids(
            uploads, shared["pixels_per_mm"] * camera.distance / (camera.distance - NOSE_MM), target["scene"]
        )
        self._draw_hair(uploads.hair, camera, box, size, target)
        self._draw_lenses(uploads.solids, target["scene"])

    def _draw_solids(self, uploads: Uploads, scale: float, scene: Any) -> None:
        """Depth of what hides others, then all surfaces but lenses; the body of hair first, as it hides skin."""
        scene.color_mask = (False,) * 4
        for drawn in uploads.solids:
            if drawn.solid.depth:
                drawn.arrays(scale)[1].render()
        scene.color_mask = (True,) * 4
        for drawn in sorted(uploads.solids, key=lambda each: each.solid.shader != "fuzz"):
            if drawn.solid.shader == "lens_glass":
                continue
            program = self.device.programs[drawn.solid.shader]
            set_uniforms(program, drawn.solid.values)
            if drawn.solid.shader == "skin":
                self.device.pores.use(0)
                program["pores"].value = 0
            drawn.arrays(scale)[0].render()

    def _draw_hair(
        self,
        hair: Sequence[UploadedHair],
        camera: Camera,
        box: Window,
        size: tuple[int, int],
        target: dict[str, Any],
    ) -> None:
        """Strands from back to front over what is there; their depth is written after all are blended."""
        context, gl, scene = self.device.context, self.device.gl, target["scene"]
        if not hair:
            return
        scale = camera.pixels_per_mm * size[0] / (box[2] - box[0])
        depth = np.frombuffer(scene.read(components=1, attachment=-1, dtype="f4"), np.float32)
        cover = Cover(depth.reshape(size[1], size[0]), camera.clip_matrix(box), scale)
        program, counts = self.device.programs["hair"], []
        set_uniforms(program, {"least_opacity": 0.0})
        context.enable(gl.BLEND)
        context.blend_func = (gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA)
        scene.depth_mask = False
        for drawn in hair:
            group = drawn.group
            indices = group.ribbons.far_first(camera.position, cover)
            counts.append(len(indices))
            if len(indices):
                drawn.faces.write(indices.tobytes())
                values = {"hair_colour": group.colour, "shine": group.shine, "grey": group.grey}
                set_uniforms(program, values)
                drawn.array_lit.render(vertices=len(indices))
        scene.depth_mask = True
        context.disable(gl.BLEND)
        target["deep"].use()
        set_uniforms(self.device.programs["hair_depth"], {"least_opacity": LEAST_OPACITY})
        for drawn, count in zip(hair, counts, strict=True):
            widest = float(drawn.group.ribbons.vertices[:, 7].max(initial=0.0))
            if count and widest * scale > LEAST_OPACITY * LEAST_PIXELS:
                drawn.deep.render(vertices=count)
        scene.use()

    def _draw_lenses(self, solids: Sequence[UploadedSolid], scene: Any) -> None:
        """Reflections of glasses, over what lies behind them."""
        context, gl = self.device.context, self.device.gl
        context.enable(gl.BLEND)
        context.blend_func = (gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
        scene.depth_mask = False
        for drawn in solids:
            if drawn.solid.shader == "lens_glass":
                set_uniforms(self.device.programs["lens_glass"], drawn.solid.values)
                drawn.arrays(1.0)[0].render()
        scene.depth_mask = True
        context.disable(gl.BLEND)

    def _backdrop(self, camera: Camera, backdrop: NDArray[np.float32], box: Window) -> None:
        picture = np.concatenate([backdrop, np.ones((*backdrop.shape[:2], 1), np.float32)], -1).astype(
            np.float16
        )
        texture = self.device.context.texture(backdrop.shape[1::-1], 4, picture.tobytes(), dtype="f2")
        texture.repeat_x = texture.repeat_y = False
        texture.use(0)
        program = self.device.programs["backdrop"]
        program["backdrop"].value = 0
        set_uniforms(program, {"window": np.array(box) / camera.size})
        self.device.quads["backdrop"].render(self.device.gl.TRIANGLE_STRIP)
        texture.release()

    def _develop(
        self, camera: Camera, exposure: Exposure, box: Window, size: tuple[int, int], target: dict[str, Any], area: Area
    ) -> NDArray[np.generic]:  # fmt: skip
        """The picture of an area of what is drawn."""
        context, gl = self.device.context, self.device.gl
        width, height = area[2:]
        context.disable(gl.DEPTH_TEST)
        scale = size[0] / (box[2] - box[0])
        lens, sensor = self.device.programs["lens"], self.device.programs["sensor"]
        target["light"].use(0)
        target["depth"].use(1)
        target["to_lens"].use()
        target["to_lens"].scissor = area
        lens["picture"].value, lens["depth_map"].value = 0, 1
        set_uniforms(lens, lens_values(camera, exposure, scale, size, area))
        self.device.quads["lens"].render(gl.TRIANGLE_STRIP)
        target["lens"].use(0)
        output = self._output(size, target, exposure.linear)
        output.use()
        output.scissor = area
        sensor["picture"].value = 0
        if "grain_seed" in sensor:
            sensor["grain_seed"].value = exposure.seed
        set_uniforms(sensor, sensor_values(camera, exposure, box))
        self.device.quads["sensor"].render(gl.TRIANGLE_STRIP)
        kind = np.float32 if exposure.linear else np.uint8
        raw = output.read(area, components=3, dtype="f4" if exposure.linear else "f1", alignment=1)
        return np.frombuffer(raw, kind).reshape(height, width, 3)


@lru_cache(maxsize=1)
def shared_renderer() -> Renderer:
    """The renderer of this process, made when first asked for; `StudioError` names what is missing."""
    return Renderer()


def _light_values(capture: Capture) -> dict[str, Any]:
    lights = capture.lighting.lights
    return {
        "light_centre": np.array([light.centre for light in lights]), "light_u": np.array([light.u for light in lights]),
        "light_v": np.array([light.v for light in lights]),
        "light_normal": np.array([np.cross(light.u, light.v) for light in lights]),
        "light_half": np.array([light.half for light in lights]),
        "light_colour": np.array([light.colour for light in lights]), "sky": capture.lighting.sky,
        "ground": capture.lighting.ground, "gloss": capture.lighting.gloss, "lights_on": capture.lighting.lights_on,
    }  # fmt: skip

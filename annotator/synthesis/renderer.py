"""Draws a capture from a camera: depth pass, solids, hair, then lens and sensor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.synthesis.camera import Camera
from annotator.synthesis.capture import Capture
from annotator.synthesis.gl_device import GlDevice, set_uniforms
from annotator.synthesis.hair_order import Cover
from annotator.synthesis.looks import Exposure
from annotator.synthesis.surfaces import Solid

_SOLID_LAYOUT = {
    "in_position": 3, "in_normal": 3, "in_rest": 3, "in_field": 4, "in_light": 4, "in_seen": 4, "in_paint": 4,
}  # fmt: skip
_HAIR_LAYOUT = {"in_position": 3, "in_tangent": 3, "in_shape": 4, "in_tone": 4}
"""Floats of the attributes of a vertex, in their order."""
Window = tuple[float, float, float, float]
Area = tuple[int, int, int, int]
"""Left, top, width, height in the pixels of a target."""
LEAST_OPACITY = 0.4
"""Strands that are fainter leave no depth."""
LEAST_PIXELS = 0.55
"""Half the width of the thinnest strand that `hair.vert` draws."""
GRANULE = 256
"""Targets of several windows have sides of whole granules, so that few are needed."""


class Renderer:
    """Renders frames or windows of frames; keeps its targets and the last capture's buffers."""

    def __init__(self, device: GlDevice | None = None) -> None:
        self.device = device or GlDevice()
        self._targets: dict[tuple[int, int], dict[str, Any]] = {}
        self._capture: Capture | None = None
        self._held: list[Any] = []
        self._solids: list[tuple[Any, Any, Any, Any]] = []
        self._hair: list[tuple[Any, Any, Any, Any]] = []
        self._named_hair: list[Any] = []

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
        target = self._target(size)
        self._upload(capture)
        self._scene(capture, camera, backdrop / exposure.gain, box, size, target, (whole,))
        return self._develop(camera, exposure, box, size, target, whole)

    def windows(
        self, capture: Capture, camera: Camera, backdrop: NDArray[np.float32], exposure: Exposure, boxes: Sequence[Window]
    ) -> list[NDArray[np.generic]]:  # fmt: skip
        """The parts `boxes` (x0 y0 x1 y1, whole frame pixels) of the frame: as `frame` draws them, yet the scene is drawn
        once for all and what they share is shaded once."""
        low, high = np.min(boxes, 0)[:2], np.max(boxes, 0)[2:]
        width, height = (int(np.ceil(side / GRANULE) * GRANULE) for side in high - low)
        around = (float(low[0]), float(low[1]), float(low[0] + width), float(low[1] + height))
        areas = [(int(x0 - low[0]), int(y0 - low[1]), int(x1 - x0), int(y1 - y0)) for x0, y0, x1, y1 in boxes]
        target = self._target((width, height))
        self._upload(capture)
        self._scene(capture, camera, backdrop / exposure.gain, around, (width, height), target, areas)
        return [self._develop(camera, exposure, around, (width, height), target, area) for area in areas]

    def named_solids(self, capture: Capture) -> Iterator[tuple[Solid, Any]]:
        """The surfaces of a capture, each with its vertices bound to the identity program."""
        self._upload(capture)
        return ((solid, named) for solid, _, _, named in self._solids)

    def named_hair(self, capture: Capture) -> list[Any]:
        """The strands of a capture bound to the identity program of hair."""
        self._upload(capture)
        return list(self._named_hair)

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
            }  # fmt: skip
        return self._targets[size]

    def _output(self, size: tuple[int, int], target: dict[str, Any], linear: bool) -> Any:
        """Where the sensor writes: 8 bit, or float for linear light."""
        name = "float" if linear else "bytes"
        if f"to_{name}" not in target:
            target[name] = self.device.context.texture(size, 4, dtype="f4" if linear else "f1")
            target[f"to_{name}"] = self.device.context.framebuffer([target[name]])
        return target[f"to_{name}"]

    def _upload(self, capture: Capture) -> None:
        if capture is self._capture:
            return
        context = self.device.context
        for piece in self._held:
            piece.release()
        self._held, self._solids, self._hair, self._named_hair = [], [], [], []
        for solid in capture.solids:
            vertices = context.buffer(np.ascontiguousarray(solid.vertices).tobytes())
            faces = context.buffer(np.ascontiguousarray(solid.faces, np.uint32).tobytes())
            array, deep, named = (
                self._array(name, vertices, _SOLID_LAYOUT, faces)
                for name in (solid.shader, "depth", "identity")
            )
            self._held += [vertices, faces, array, deep, named]
            self._solids.append((solid, array, deep, named))
        for group in capture.hair:
            vertices = context.buffer(group.ribbons.vertices.tobytes())
            faces = context.buffer(group.ribbons.indices.tobytes(), dynamic=True)
            array, deep, named = (
                self._array(name, vertices, _HAIR_LAYOUT, faces)
                for name in ("hair", "hair_depth", "identity_hair")
            )
            self._held += [vertices, faces, array, deep, named]
            self._hair.append((group, array, deep, faces))
            self._named_hair.append(named)
        self._capture = capture

    def _array(self, name: str, vertices: Any, attributes: Mapping[str, int], faces: Any) -> Any:
        """Vertices bound to a program; attributes that it does not read are stepped over."""
        program = self.device.programs[name]
        layout = [f"{size}f" if part in program else f"{4 * size}x" for part, size in attributes.items()]
        used = [part for part in attributes if part in program]
        return self.device.context.vertex_array(program, [(vertices, " ".join(layout), *used)], faces)

    def _scene(
        self,
        capture: Capture,
        camera: Camera,
        backdrop: NDArray[np.float32],
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
        self._backdrop(camera, backdrop, box)
        target["scene"].color_mask = (False,) * 4
        for solid, _, deep, _ in self._solids:
            if solid.prepass:
                deep.render()
        target["scene"].color_mask = (True,) * 4
        for solid, array, _, _ in self._solids:
            if solid.shader == "lens_glass":
                continue
            program = self.device.programs[solid.shader]
            set_uniforms(program, solid.values)
            if solid.shader == "skin":
                self.device.pores.use(0)
                program["pores"].value = 0
            array.render()
        self._draw_hair(camera, box, size, target["scene"])
        self._draw_lenses(target["scene"])

    def _draw_hair(self, camera: Camera, box: Window, size: tuple[int, int], scene: Any) -> None:
        """Strands from back to front over what is there; their depth is written after all are blended."""
        context, gl = self.device.context, self.device.gl
        if not self._hair:
            return
        scale = camera.pixels_per_mm * size[0] / (box[2] - box[0])
        depth = np.frombuffer(scene.read(components=1, attachment=-1, dtype="f4"), np.float32)
        cover = Cover(depth.reshape(size[1], size[0]), camera.clip_matrix(box), scale)
        program, counts = self.device.programs["hair"], []
        set_uniforms(program, {"least_opacity": 0.0})
        context.enable(gl.BLEND)
        context.blend_func = (gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA)
        scene.depth_mask = False
        for group, array, _, faces in self._hair:
            indices = group.ribbons.far_first(camera.position, cover)
            counts.append(len(indices))
            if len(indices):
                faces.write(indices.tobytes())
                values = {"hair_colour": group.colour, "shine": group.shine, "grey": group.grey}
                set_uniforms(program, values)
                array.render(vertices=len(indices))
        scene.depth_mask = True
        context.blend_func = (gl.ZERO, gl.ONE)  # a colour mask would leave garbage on Mesa
        set_uniforms(self.device.programs["hair_depth"], {"least_opacity": LEAST_OPACITY})
        for (group, _, deep, _), count in zip(self._hair, counts, strict=True):
            widest = float(group.ribbons.vertices[:, 7].max(initial=0.0))
            if count and widest * scale > LEAST_OPACITY * LEAST_PIXELS:
                deep.render(vertices=count)
        context.disable(gl.BLEND)

    def _draw_lenses(self, scene: Any) -> None:
        """Reflections of glasses, over what lies behind them."""
        context, gl = self.device.context, self.device.gl
        context.enable(gl.BLEND)
        context.blend_func = (gl.ONE, gl.ONE_MINUS_SRC_ALPHA)
        scene.depth_mask = False
        for solid, array, _, _ in self._solids:
            if solid.shader == "lens_glass":
                set_uniforms(self.device.programs["lens_glass"], solid.values)
                array.render()
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
        x, y, width, height = area
        context.disable(gl.DEPTH_TEST)
        scale = size[0] / (box[2] - box[0])
        lens, sensor = self.device.programs["lens"], self.device.programs["sensor"]
        target["light"].use(0)
        target["depth"].use(1)
        target["to_lens"].use()
        target["to_lens"].scissor = area
        lens["picture"].value, lens["depth_map"].value = 0, 1
        set_uniforms(lens, {
            "pixel": 1 / np.array(size), "depth_planes": np.array(camera.depth_range), "focus_mm": camera.distance - 62.0,
            "aperture": exposure.aperture * scale * camera.face, "softness": max(0.5, exposure.softness * min(1.0, scale)),
            "motion": np.array(exposure.motion) * scale,
            "bounds": np.array([x, y, x + width, y + height]) / (*size, *size),
        })  # fmt: skip
        self.device.quads["lens"].render(gl.TRIANGLE_STRIP)
        target["lens"].use(0)
        output = self._output(size, target, exposure.linear)
        output.use()
        output.scissor = area
        sensor["picture"].value = 0
        if "grain_seed" in sensor:
            sensor["grain_seed"].value = exposure.seed
        set_uniforms(sensor, {
            "exposure": exposure.gain, "balance": exposure.balance, "saturation": exposure.saturation,
            "contrast": exposure.contrast, "lift": exposure.lift, "shoulder": exposure.shoulder, "vignette": exposure.vignette,
            "grain": exposure.grain, "encode": 0.0 if exposure.linear else 1.0, "window": np.array(box) / camera.size,
        })  # fmt: skip
        self.device.quads["sensor"].render(gl.TRIANGLE_STRIP)
        kind = np.float32 if exposure.linear else np.uint8
        raw = output.read(area, components=3, dtype="f4" if exposure.linear else "f1", alignment=1)
        return np.frombuffer(raw, kind).reshape(height, width, 3)


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

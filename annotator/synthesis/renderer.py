"""Draws a capture from a camera: depth pass, solids, hair, then lens and sensor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.synthesis.camera import Camera
from annotator.synthesis.capture import Capture
from annotator.synthesis.gl_device import GlDevice, set_uniforms
from annotator.synthesis.looks import Exposure
from annotator.synthesis.surfaces import Solid

_SOLID_NAMES = ("in_position", "in_normal", "in_rest", "in_field", "in_light", "in_seen", "in_paint")
_SOLID_SIZES = (3, 3, 3, 4, 4, 4, 4)
_HAIR_LAYOUT = ("3f 3f 4f 4f", "in_position", "in_tangent", "in_shape", "in_tone")
Window = tuple[float, float, float, float]


class Renderer:
    """Renders frames or windows of frames; keeps its targets and the last capture's buffers."""

    def __init__(self, device: GlDevice | None = None) -> None:
        self.device = device or GlDevice()
        self._targets: dict[tuple[int, int], dict[str, Any]] = {}
        self._capture: Capture | None = None
        self._held: list[Any] = []
        self._solids: list[tuple[Any, Any, Any, Any]] = []
        self._hair: list[tuple[Any, Any, Any]] = []
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
        target = self._target(size)
        self._upload(capture)
        self._scene(capture, camera, backdrop / exposure.gain, box, size, target)
        return self._develop(camera, exposure, box, size, target)

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
            out, out_float = context.texture(size, 4, dtype="f1"), context.texture(size, 4, dtype="f4")
            self._targets[size] = {
                "light": light, "lens": lens, "depth": depth, "out": out, "out_float": out_float,
                "scene": context.framebuffer([light], depth), "to_lens": context.framebuffer([lens]),
                "to_out": context.framebuffer([out]), "to_float": context.framebuffer([out_float]),
            }  # fmt: skip
        return self._targets[size]

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
            program = self.device.programs[solid.shader]
            programs = (program, self.device.depth_program, self.device.programs["identity"])
            array, deep, named = (self._solid_array(p, vertices, faces) for p in programs)
            self._held += [vertices, faces, array, deep, named]
            self._solids.append((solid, array, deep, named))
        for group in capture.hair:
            vertices = context.buffer(group.ribbons.vertices.tobytes())
            faces = context.buffer(group.ribbons.indices.tobytes(), dynamic=True)
            array = context.vertex_array(self.device.programs["hair"], [(vertices, *_HAIR_LAYOUT)], faces)
            named = context.vertex_array(
                self.device.programs["identity_hair"], [(vertices, *_HAIR_LAYOUT)], faces
            )
            self._held += [vertices, faces, array, named]
            self._hair.append((group, array, faces))
            self._named_hair.append(named)
        self._capture = capture

    def _solid_array(self, program: Any, vertices: Any, faces: Any) -> Any:
        layout, names = [], []
        for name, size in zip(_SOLID_NAMES, _SOLID_SIZES, strict=True):
            used = name in program
            layout.append(f"{size}f" if used else f"{4 * size}x")
            names += [name] if used else []
        return self.device.context.vertex_array(program, [(vertices, " ".join(layout), *names)], faces)

    def _scene(
        self,
        capture: Capture,
        camera: Camera,
        backdrop: NDArray[np.float32],
        box: Window,
        size: tuple[int, int],
        target: dict[str, Any],
    ) -> None:
        context, gl = self.device.context, self.device.gl
        shared = {
            "clip_from_head": camera.clip_matrix(box),
            "eye_point": camera.position,
            **_light_values(capture),
        }
        scale = size[0] / (box[2] - box[0])
        shared["pixels_per_mm"] = float(camera.pixels_per_mm * scale)
        for program in (*self.device.programs.values(), self.device.depth_program):
            set_uniforms(program, shared)
        target["scene"].use()
        context.viewport = (0, 0, *size)
        context.clear(0.0, 0.0, 0.0, 1.0, depth=1.0)
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
        self._draw_hair(camera, target["scene"])
        self._draw_lenses(target["scene"])

    def _draw_hair(self, camera: Camera, scene: Any) -> None:
        """Strands from back to front over what is there; their depth is written after all are blended."""
        context, gl = self.device.context, self.device.gl
        program = self.device.programs["hair"]
        context.enable(gl.BLEND)
        context.blend_func = (gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA)
        for group, array, faces in self._hair:
            faces.write(group.ribbons.far_first(camera.position).tobytes())
            values = {
                "hair_colour": group.colour,
                "shine": group.shine,
                "grey": group.grey,
                "least_opacity": 0.0,
            }
            set_uniforms(program, values)
            scene.depth_mask = False
            array.render()
        scene.depth_mask = True
        context.blend_func = (gl.ZERO, gl.ONE)  # a colour mask would leave garbage on Mesa
        set_uniforms(program, {"least_opacity": 0.4})
        for _, array, _ in self._hair:
            array.render()
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
        self, camera: Camera, exposure: Exposure, box: Window, size: tuple[int, int], target: dict[str, Any]
    ) -> NDArray[np.generic]:
        context, gl = self.device.context, self.device.gl
        context.disable(gl.DEPTH_TEST)
        scale = size[0] / (box[2] - box[0])
        lens, sensor = self.device.programs["lens"], self.device.programs["sensor"]
        target["light"].use(0)
        target["depth"].use(1)
        target["to_lens"].use()
        lens["picture"].value, lens["depth_map"].value = 0, 1
        set_uniforms(lens, {
            "pixel": 1 / np.array(size), "depth_planes": np.array(camera.depth_range), "focus_mm": camera.distance - 62.0,
            "aperture": exposure.aperture * scale * camera.face, "softness": max(0.5, exposure.softness * min(1.0, scale)),
            "motion": np.array(exposure.motion) * scale,
        })  # fmt: skip
        self.device.quads["lens"].render(gl.TRIANGLE_STRIP)
        target["lens"].use(0)
        target["to_float" if exposure.linear else "to_out"].use()
        sensor["picture"].value = 0
        if "grain_seed" in sensor:
            sensor["grain_seed"].value = exposure.seed
        set_uniforms(sensor, {
            "exposure": exposure.gain, "balance": exposure.balance, "saturation": exposure.saturation,
            "contrast": exposure.contrast, "lift": exposure.lift, "shoulder": exposure.shoulder, "vignette": exposure.vignette,
            "grain": exposure.grain, "encode": 0.0 if exposure.linear else 1.0, "window": np.array(box) / camera.size,
        })  # fmt: skip
        self.device.quads["sensor"].render(gl.TRIANGLE_STRIP)
        width, height = size
        if exposure.linear:
            raw = target["to_float"].read(components=3, dtype="f4")
            return np.frombuffer(raw, np.float32).reshape(height, width, 3)
        return np.frombuffer(target["to_out"].read(components=3), np.uint8).reshape(height, width, 3)


def _light_values(capture: Capture) -> dict[str, Any]:
    lights = capture.lighting.lights
    return {
        "light_centre": np.array([light.centre for light in lights]), "light_u": np.array([light.u for light in lights]),
        "light_v": np.array([light.v for light in lights]),
        "light_normal": np.array([np.cross(light.u, light.v) for light in lights]),
        "light_half": np.array([light.half for light in lights]),
        "light_colour": np.array([light.colour for light in lights]), "sky": capture.lighting.sky,
        "ground": capture.lighting.ground, "gloss": capture.lighting.gloss,
    }  # fmt: skip

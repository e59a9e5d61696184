"""Draws what is where instead of how it looks: kinds of surface, shares of colour at borders, resting places, depth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.studio.draw.gl_device import set_uniforms
from annotator.studio.draw.renderer import Renderer, Window
from annotator.studio.geometry.camera import Camera
from annotator.studio.scene.capture import Capture

Field = NDArray[np.float32]
LEFT_OUT = ("lens_glass", "fuzz")
"""Shaders of clear glass, which hides nothing, and of the body of hair."""


@dataclass(frozen=True)
class IdentityFields:
    """Pictures (H, W, ...) of a window: `surface` (kind of surface, then the shares of `borders.glsl`), `origin` (resting
    place in mm, then the lip: 1 upper, -1 lower, 0 none), `depth` in mm along the camera's axis, infinite where nothing is.
    """

    surface: Field
    origin: Field
    depth: Field


def draw_identity(
    renderer: Renderer, capture: Capture, camera: Camera, window: Window, pixels: tuple[int, int]
) -> IdentityFields:
    """The surfaces in a window x0 y0 x1 y1 of the frame, drawn into `pixels` (width, height); no hair."""
    context, gl = renderer.device.context, renderer.device.gl
    with context:
        surface, origin = context.texture(pixels, 4, dtype="f4"), context.texture(pixels, 4, dtype="f4")
        depth = context.depth_texture(pixels)
        buffer = context.framebuffer([surface, origin], depth)
        solids = renderer.named_solids(capture)
        buffer.use()
        context.viewport = (0, 0, *pixels)
        context.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        context.enable(gl.DEPTH_TEST)
        context.disable(gl.BLEND)
        context.depth_func = "<"
        program = renderer.device.programs["identity"]
        set_uniforms(program, {"clip_from_head": camera.clip_matrix(window)})
        for solid, array in solids:
            if solid.shader not in LEFT_OUT:
                set_uniforms(program, {**solid.values, "kind": float(solid.identity)})
                array.render()
        shape = (pixels[1], pixels[0])
        found = IdentityFields(
            np.frombuffer(surface.read(), np.float32).reshape(*shape, 4),
            np.frombuffer(origin.read(), np.float32).reshape(*shape, 4),
            depth_mm(np.frombuffer(depth.read(), np.float32).reshape(shape), camera),
        )
        for piece in (buffer, surface, origin, depth):
            piece.release()
    return found


def depth_mm(buffer: Field, camera: Camera) -> Field:
    """Distance along the camera's axis for values 0..1 of a depth buffer; infinite at the far plane."""
    near, far = camera.depth_range
    device = 2 * buffer.astype(np.float64) - 1
    distance = 2 * near * far / (far + near - device * (far - near))
    return np.where(buffer < 1.0, distance, np.inf).astype(np.float32)

"""Maya: a MEL script that makes a moving locator for each landmark, in a group for each camera; run it by `source` or drop it.

Convention: the picture is 10 units wide and stands in the plane of x and y, its lower left corner at 0, 0; z is 0. Keys lie at
the frames' own numbers.
"""

from collections.abc import Iterator

import numpy as np

from annotator.formats.takes.by_camera import CameraPaths
from annotator.formats.takes.one_file import TakeFile

WIDTH = 10.0
"""Units that a picture is wide."""


class Maya(TakeFile):
    """Locators by MEL."""

    name = "maya"
    title = "Maya, locators (MEL)"
    extensions: tuple[str, ...] = (".mel",)
    convention = (
        "the picture is 10 units wide, its lower left corner at 0, 0, y upwards; frames by their numbers"
    )

    def head(self, cameras: list[CameraPaths]) -> str:
        """Tells what it is."""
        names = ", ".join(camera.name for camera in cameras)
        return f"// Facial landmarks exported by Annotator: {names}\n"

    def parts(self, camera: CameraPaths) -> Iterator[str]:
        """A plane where the picture stands, then a locator a landmark; those that are placed nowhere have none."""
        factor = WIDTH / camera.width
        high = camera.height * factor
        group = f"annotator_{camera.name}"
        yield f'group -empty -name "{group}";\n'
        yield f'polyPlane -name "{group}_picture" -axis 0 0 1 -width {WIDTH:.6f} -height {high:.6f};\n'
        yield f'move -absolute {WIDTH / 2:.6f} {high / 2:.6f} 0 "{group}_picture";\n'
        yield f'parent "{group}_picture" "{group}";\n'
        for landmark in np.flatnonzero(camera.placed.any(0)).tolist():
            there = camera.placed[:, landmark]
            name = f"{camera.name}_{camera.landmarks[landmark]}"
            lines = [f'spaceLocator -name "{name}" -position 0 0 0;', f'parent "{name}" "{group}";']
            for number, (x, y) in zip(
                camera.numbers[there].tolist(), camera.xy[there, landmark].tolist(), strict=True
            ):
                place = {"tx": x * factor, "ty": (camera.height - y) * factor}
                lines += [
                    f'setKeyframe -time {number} -value {value:.6f} "{name}.{axis}";'
                    for axis, value in place.items()
                ]
            yield "\n".join(lines) + "\n"

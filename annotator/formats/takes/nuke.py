"""Nuke: a script with a Tracker4 node for each camera, to be pasted or imported; a track for each landmark.

Convention: Nuke counts from the lower left corner of the picture, so y is the picture's height minus ours. Frames are the frames'
own numbers.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from annotator.formats.takes.by_camera import CameraPaths
from annotator.formats.takes.one_file import TakeFile, number_text

_SOME = "{ 1 31 %d }"  # a table of 31 columns
_COLUMNS = (
    *("5 1 20 enable e 1", "3 1 75 name name 1", "2 1 58 track_x track_x 1", "2 1 58 track_y track_y 1"),
    *(
        "2 1 63 offset_x offset_x 1",
        "2 1 63 offset_y offset_y 1",
        "4 1 27 T T 1",
        "4 1 27 R R 1",
        "4 1 27 S S 1",
    ),
    *("2 0 45 error error 1", "1 1 0 error_min error_min 1", "1 1 0 error_max error_max 1"),
    *(
        f"1 1 0 {name} {name} 1"
        for box in ("pattern", "search")
        for name in (f"{box}_{side}" for side in "xyrt")
    ),
    *(
        f"2 1 0 {name} {name} 1"
        for name in (
            *("key_track", "key_search_x", "key_search_y", "key_search_r", "key_search_t"),
            *(
                "key_track_x",
                "key_track_y",
                "key_track_r",
                "key_track_t",
                "key_centre_offset_x",
                "key_centre_offset_y",
            ),
        )
    ),
)
_REST = "1 0 0 {curve x1 0} 1 0 -32 -32 32 32 -22 -22 22 22" + " {}" * 11


class Nuke(TakeFile):
    """Nuke's Tracker4."""

    name = "nuke"
    title = "Nuke, Tracker nodes"
    extensions: tuple[str, ...] = (".nk",)
    convention = (
        "from the lower left corner: y is the picture's height minus Annotator's; frames by their numbers"
    )

    def head(self, cameras: list[CameraPaths]) -> str:
        """Says nothing of a version: any that has the node reads it."""
        del cameras
        return ""

    def parts(self, camera: CameraPaths) -> Iterator[str]:
        """The node; landmarks that are placed nowhere have no track."""
        used = np.flatnonzero(camera.placed.any(0))
        columns = " \n".join(f"{{ {each} }}" for each in _COLUMNS)
        yield f"Tracker4 {{\n inputs 0\n tracks {{ {_SOME % len(used)} \n{{ {columns} \n}} \n{{\n"
        for landmark in used.tolist():
            there = camera.placed[:, landmark]
            numbers, xy = camera.numbers[there], camera.xy[there, landmark]
            x, y = (curve(numbers, values) for values in (xy[:, 0], camera.height - xy[:, 1]))
            nothing = "{curve K x1 0}"
            yield f' {{ {{curve K x1 1}} "{camera.landmarks[landmark]}" {x} {y} {nothing} {nothing} {_REST} }}\n'
        first = int(camera.numbers[0])
        yield f'}} \n}}\n\n reference_frame {first}\n label "{camera.width} x {camera.height}"\n name {camera.name}\n}}\n'


def curve(numbers: NDArray[np.int64], values: NDArray[np.float64]) -> str:
    """Keys as Nuke writes them: `xN` and the values from frame N on.

    Behind a gap the second frame is named as well, as readers take the last two names for the distance of what follows.
    """
    parts = ["{curve"]
    before, step = None, 1
    for number, value in zip(numbers.tolist(), values.tolist(), strict=True):
        if before is None or number - before != 1 or step != 1:
            parts.append(f"x{number}")
            step = 1 if before is None else number - before
        parts.append(number_text(value))
        before = number
    return " ".join(parts) + "}"

"""MediaPipe's face mesh as a child process, run by an interpreter that has `mediapipe` (which needs NumPy below 2).

It imports nothing of this package, whose folder it takes off the path so that no module here hides one of its own.
Protocol, on stdin and stdout: it says {"ready": VERSION} or {"error": TEXT} once. Then for each picture it gets a line
{"width": W, "height": H} and W x H x 3 bytes of RGB, and answers with a line {"faces": [[[x, y], ...], ...]}: 478 points a
face, in pixels of the picture, widest face first. It ends with its input.
"""

import json
import os
import sys
from pathlib import Path

_MOST_FACES = 4


def main() -> int:
    """Answer pictures until stdin ends; returns the exit code."""
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # the library prints on stdout; only answers may go there
    sys.path[:] = [path for path in sys.path if path != str(Path(__file__).resolve().parent)]
    try:
        import mediapipe
        import numpy

        mesh = mediapipe.solutions.face_mesh.FaceMesh(
            static_image_mode=True, refine_landmarks=True, max_num_faces=_MOST_FACES
        )
    except Exception as error:  # whatever is wrong with that installation, the parent tells the user
        _say(channel, {"error": f"{type(error).__name__}: {error}"})
        return 1
    _say(channel, {"ready": mediapipe.__version__})
    while True:
        header = sys.stdin.buffer.readline()
        if not header:
            return 0
        size = json.loads(header)
        width, height = int(size["width"]), int(size["height"])
        data = sys.stdin.buffer.read(width * height * 3)
        if len(data) < width * height * 3:
            return 0
        picture = numpy.frombuffer(data, numpy.uint8).reshape(height, width, 3)
        found = mesh.process(picture).multi_face_landmarks or []
        faces = [[[p.x * width, p.y * height] for p in face.landmark] for face in found]
        faces.sort(key=_extent, reverse=True)
        _say(channel, {"faces": faces})


def _extent(face: "list[list[float]]") -> float:
    xs = [point[0] for point in face]
    return max(xs) - min(xs)


def _say(channel, message) -> None:  # type: ignore[no-untyped-def]
    channel.write(json.dumps(message).encode("utf-8") + b"\n")
    channel.flush()


if __name__ == "__main__":
    sys.exit(main())
